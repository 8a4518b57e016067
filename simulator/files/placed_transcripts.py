"""What transcripts of kinds whose runs have parts are read from: messages and what they came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from simulator.domain.journal import Step
from simulator.domain.ports import Kind
from simulator.domain.records import Experiment, Run
from simulator.errors import SimulatorError
from simulator.files.designs import read_document

Cell = str | int | float | None
"""What stands in a table."""


class _Following(Protocol):
    def add(self, step: Step, /) -> object: ...


F = TypeVar("F", bound=_Following)


class PlacedTranscript(Generic[F]):
    """The messages of a run by part, with what was found in them."""

    columns: ClassVar[tuple[str, ...]]
    """Of a message: what tables of it have beyond those of other kinds."""

    def __init__(
        self,
        run: Run,
        experiment: Experiment,
        steps: Iterable[Step],
        *,
        kind: Kind,
        follow: Callable[[Any], F],
        order: Callable[[Step], Any],
    ) -> None:
        """Take the steps in, in any order.

        Args:
            run: Whose.
            experiment: The run's; where its design cannot be read any more, only the places of
                messages are known.
            steps: The journal.
            kind: Of the run.
            follow: Keeps count of a run with a resolved design.
            order: Sorts steps as they are read.
        """
        self._steps: Sequence[Step] = sorted(steps, key=order)
        self._models = {agent.name: agent.model for agent in run.agents}
        self._following: F | None = None
        try:
            design = read_document(kind, experiment.design, experiment.name, experiment.note)
            self._following = follow(kind.resolve(design, run.parameters))
        except SimulatorError:
            return
        for step in self._steps:
            self._following.add(step)

    @property
    def messages(self) -> Iterator[Step]:
        """Those of the transcript, in the order in which they are read."""
        return (step for step in self._steps if step.in_transcript)

    def model(self, step: Step) -> str | None:
        """Whose words a message has; None where no model was asked."""
        return step.call.model if step.call is not None else None

    def headings(self, step: Step, before: Step | None) -> Iterator[tuple[int, str]]:
        """Levels and words of what stands above a message: its parts, where they are new."""
        raise NotImplementedError

    def notes(self, step: Step) -> str:
        """What a reader should know of a message; empty where nothing is."""
        raise NotImplementedError

    def cells(self, step: Step) -> list[Cell]:
        """What stands in `columns`."""
        raise NotImplementedError
