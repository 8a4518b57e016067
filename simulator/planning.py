"""What a batch shall consist of: its cells, its repetitions, and how that is written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pydantic import JsonValue

from simulator.domain.batches import Batch
from simulator.domain.designs import Design
from simulator.domain.exclusions import read_exclusion
from simulator.domain.grids import MOST_RUNS, Axis, Cell, Grid, Option, check_runs, merged
from simulator.domain.nearest import nearest
from simulator.domain.parameters import Parameter, axes_of
from simulator.domain.records import Experiment
from simulator.domain.seeds import derive_seed
from simulator.errors import UsageError
from simulator.files.designs import design_hash
from simulator.launching import Condition
from simulator.library import Library
from simulator.specifications import OnRecord, Part, grid_document, option_document

_LISTED = 40


@dataclass(frozen=True)
class Plan:
    """What a batch shall consist of.

    Repetition r of every cell has the seed `seed + r`: cells are blocked by it, so that what
    differs between them is not the draw.
    """

    design: Design
    """With its data."""
    grid: Grid
    repeat: int = 1
    first_seed: int | None = None
    """None takes one that the design and the grid settle."""
    rotation: tuple[Option, ...] = ()
    """What repetitions set, one after another and round again; none sets nothing."""
    most_runs: int = MOST_RUNS
    """How many it may be."""
    experiment: Experiment | None = None
    """Where the design is stored; None stores or finds it."""
    added: tuple[Part, ...] = ()
    """What was added to the batch since it was launched."""

    @property
    def counterbalance(self) -> bool:
        """Whether an order goes round over repetitions."""
        return bool(self.rotation)

    @property
    def exclusions(self) -> tuple[str, ...]:
        """As written."""
        return tuple(map(str, self.grid.exclusions))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The grid and what was added."""
        return (Part(self.grid), *self.added)

    @property
    def size(self) -> int:
        """How many cells."""
        return sum(part.size for part in self.parts)

    @property
    def runs(self) -> int:
        """How many runs."""
        return self.size * self.repeat

    def cells(self) -> Iterator[Cell]:
        """Every cell once; the place of a cell never changes."""
        for part in self.parts:
            yield from part.cells()

    def conditions(self) -> Iterator[str]:
        """What tells each cell apart, in the order of `cells`."""
        for part in self.parts:
            yield from map(part.condition, part.cells())

    def condition(self, cell: Cell) -> str:
        """What tells a cell of the grid apart, such as `days=2, goal=escape`."""
        return self.grid.condition(cell)

    def check_size(self, repeat: int) -> int:
        """How many runs so many repetitions are. Raises UsageError for too many."""
        return check_runs(self.size * repeat, self.most_runs)

    @cached_property
    def design_hash(self) -> str:
        """Names what the design says."""
        known = self.experiment
        return design_hash(self.design) if known is None else known.design_hash

    @cached_property
    def seed(self) -> int:
        """Of the first repetition; six digits where none was given."""
        if self.first_seed is not None:
            return self.first_seed
        return 100_000 + derive_seed("batch", self.design_hash, _canonical(self._asked)) % 900_000

    def rounds(self) -> Iterator[tuple[int, list[Condition]]]:
        """The seed of every repetition, with the conditions of all cells in it."""
        told = list(zip(self.cells(), self.conditions(), strict=True))
        turns = self.rotation or (Option(""),)
        rotated = [
            [
                Condition(merged((cell.parameters, turn.parameters)), text, place)
                for place, (cell, text) in enumerate(told)
            ]
            for turn in turns[: self.repeat]
        ]
        for repetition in range(self.repeat):
            yield self.seed + repetition, rotated[repetition % len(turns)]

    # ------------------------------------------------------------ on record

    def specification(self, limits: Mapping[str, JsonValue] | None = None) -> dict[str, JsonValue]:
        """What was asked for, as a batch keeps it.

        Args:
            limits: Under which it is played, in the names of `Caps`.
        """
        document = {
            **self._asked, "first_seed": self.seed, "repeat": self.repeat,
            "limits": dict(limits or {}),
        }  # fmt: skip
        if self.added:
            document["added"] = [part.document() for part in self.added]
        return document

    @cached_property
    def specification_hash(self) -> str:
        """32 digits that name what was asked for, however often, under whatever limits.

        What was added since does not count.
        """
        text = _canonical([self.design_hash, self._asked, self.seed])
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @cached_property
    def _asked(self) -> dict[str, JsonValue]:
        turns: list[JsonValue] = list(map(option_document, self.rotation))
        return grid_document(self.grid) | {"counterbalance": turns}


def plan_of(
    services: Library,
    design: Design,
    values: Mapping[str, Sequence[JsonValue]],
    *,
    settings: Mapping[str, JsonValue] | None = None,
    exclusions: Sequence[str] = (),
    repeat: int = 1,
    first_seed: int | None = None,
    counterbalance: bool = False,
    most_runs: int = MOST_RUNS,
    experiment: Experiment | None = None,
) -> Plan:
    """What a launch of a design shall consist of.

    Args:
        services: Know the kinds.
        design: With its data; see `Library.completed`.
        values: What is set and varied, by the names of the design's parameters; several values
            are crossed, in the order of the parameters.
        settings: Set for all, as the kind's `resolve` takes them.
        exclusions: Cells that are left out; see `domain.exclusions`.
        repeat: Runs of each cell.
        first_seed: Of the first repetition, the next ones count up from it; None takes one that
            is the same whenever the same is asked for.
        counterbalance: Whether the order of those who speak goes round over repetitions.
        most_runs: How many they may be.
        experiment: Where the design is stored already.

    Raises:
        UsageError: Something is unknown, has no values or the same twice, or is too much.
    """
    if repeat < 1:
        raise UsageError("Nothing is repeated 0 times.", remedy="Ask for one repetition at least.")
    parameters = services.kind(design.kind).parameters(design)
    _check_names(parameters, values)
    axes = axes_of(parameters, values)
    if settings:
        axes = (Axis("parameters", (Option("", settings),)), *axes)
    bare = Grid(axes)
    if not exclusions:
        check_runs(bare.size * repeat, min(most_runs, MOST_RUNS))
    plan = Plan(
        design,
        Grid(axes, tuple(map(read_exclusion, exclusions))) if exclusions else bare,
        repeat, first_seed, _rotation(parameters, values) if counterbalance else (),
        min(most_runs, MOST_RUNS), experiment,
    )  # fmt: skip
    plan.check_size(repeat)
    return plan


def plan_in(batch: Batch, design: Design, experiment: Experiment) -> Plan:
    """The plan that a batch has on record.

    Args:
        batch: Any.
        design: That of the experiment.
        experiment: Where it is stored.

    Raises as `OnRecord.of`.
    """
    told = OnRecord.of(batch)
    return Plan(
        design, told.parts[0].grid, told.repeat, told.seed, told.rotation,
        experiment=experiment, added=told.parts[1:],
    )  # fmt: skip


def amended(old: Plan, new: Plan, same: Collection[int]) -> Plan:
    """The plan of a batch with what another one asks for added to it.

    Args:
        old: Of the batch.
        new: What it shall have.
        same: Places of those cells of the new one's grid that the batch has already.

    Raises:
        UsageError: It would change what is there, or be too much.
    """
    if new.first_seed not in (None, old.seed):
        raise UsageError(
            f"The batch has the seeds from {old.seed} on; {new.first_seed} would change them.",
            remedy="Leave the seed out, or launch another batch.",
        )
    if new.rotation != old.rotation:
        raise UsageError(
            "The batch "
            + ("has its order counterbalanced." if old.rotation else "has the design's order."),
            remedy="Launch another batch, or ask for the same order.",
        )
    known = {old.specification_hash, *(part.hash for part in old.added)}
    added = Part(new.grid, frozenset(same), new.specification_hash)
    plan = replace(
        old, repeat=max(old.repeat, new.repeat), most_runs=new.most_runs,
        added=old.added if added.hash in known else (*old.added, added),
    )  # fmt: skip
    plan.check_size(plan.repeat)
    return plan


def _check_names(
    parameters: Sequence[Parameter], values: Mapping[str, Sequence[JsonValue]]
) -> None:
    names = [one.name for one in parameters]
    for name, given in values.items():
        if name not in names:
            meant = nearest(name, names)
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            raise UsageError(
                f"A launch of this design cannot set `{name}`.",
                remedy=f"{f'Did you mean `{meant}`? ' if meant else ''}"
                f"It can set {', '.join(names[:_LISTED])}{more}.",
            )
        if not given:
            raise UsageError(
                f"{name!r} has no values.", remedy="Give it one at least, or leave it out."
            )


def _rotation(
    parameters: Sequence[Parameter], values: Mapping[str, Sequence[JsonValue]]
) -> tuple[Option, ...]:
    """What repetitions set so that everybody comes first equally often."""
    turning = [one for one in parameters if one.rotates]
    if not turning:
        raise UsageError(
            "Nothing can be counterbalanced: this design knows no order of speakers, or one only.",
            remedy="Leave that out.",
        )
    for one in turning:
        if one.name in values:
            raise UsageError(
                f"`{one.name}` is set, and it would be counterbalanced.",
                remedy="Leave one of the two out.",
            )
    return turning[0].axis(turning[0].choices).options


def _canonical(document: JsonValue) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
