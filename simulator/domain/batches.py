"""What the store keeps of a launch: the batch that its runs belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, JsonValue

from simulator.domain.records import SCHEMA_VERSION

BatchOrder = Literal["go", "pause", "cancel"]
"""What whoever plays the runs of a batch shall do."""


class Batch(BaseModel):
    """The runs of one launch, and the grid that they came from.

    Its runs point to it. They keep pointing to it when it was deleted.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    experiment_id: str
    name: str
    specification: dict[str, JsonValue]
    """What was asked for: axes, exclusions, repetitions, seeds, limits."""
    specification_hash: str
    """Of the design's hash and the specification without repetitions and limits."""
    estimate: dict[str, JsonValue] | None = None
    """What was foreseen when it was launched or last amended."""
    order: BatchOrder = "go"
    """Executors look at it every second or so."""
    creator: str
    created_at: datetime
    amended_at: tuple[datetime, ...] = ()
    """When cells or repetitions were added to it, the earliest first."""
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """Which batches to list; None does not restrict."""

    ids: tuple[str, ...] | None = None
    """Only these."""
    experiment_ids: tuple[str, ...] | None = None
    """Only of these experiments."""
    specification_hash: str | None = None
    creator: str | None = None
    id_fragment: str | None = None
    """Beginning or end of the id."""
    limit: int | None = None
    """At most so many, the newest."""


class BatchStore(Protocol):
    """The part of `ExperimentStore` that is about batches."""

    async def add_batch(self, batch: Batch) -> None:
        """Raises ConflictError when the id is taken, NotFoundError without its experiment."""
        ...

    async def batch(self, batch_id: str) -> Batch:
        """Raises NotFoundError."""
        ...

    async def batches(self, query: BatchQuery) -> list[Batch]:
        """The newest first."""
        ...

    async def update_batch(
        self,
        batch_id: str,
        *,
        order: BatchOrder | None = None,
        specification: dict[str, JsonValue] | None = None,
        specification_hash: str | None = None,
        estimate: dict[str, JsonValue] | None = None,
        amended_at: datetime | tuple[datetime, ...] = (),
    ) -> None:
        """Change only what is given, in one atomic step.

        Times in `amended_at` are added to the others, unless they are among them. Raises
        NotFoundError.
        """
        ...

    async def delete_batch(self, batch_id: str) -> None:
        """Delete the record of it; its runs stay as they are. Raises NotFoundError."""
        ...

    async def run_ids(self, batch_id: str) -> set[str]:
        """The ids of a batch's runs."""
        ...
