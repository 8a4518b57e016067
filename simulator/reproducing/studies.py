"""An original study made ready to be played here, found again where it was begun, and launched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator import batches
from simulator.changing import merged
from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.designs import Design
from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.records import Run, RunQuery
from simulator.errors import SimulatorError, UsageError
from simulator.files.designs import load_design
from simulator.files.seeds import SEED_DESIGNS
from simulator.kinds.debate.asked import question_count
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.questions import DataSource
from simulator.planning import Plan
from simulator.reproducing.originals import Labels, Original, Part
from simulator.reproducing.sizing import pocket_sized, scaled

if TYPE_CHECKING:
    from simulator.domain.executions import Caps
    from simulator.services import Services

POCKET = "pocket"
MODEL = "model"
"""Name of the axis of models."""
FIRST_SEED = 1
"""Of the first repetition; the next ones count up."""
_BESIDE = ("repeat", "texts")
"""Sizes that are no parameters of a launch."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a study is to be."""

    scale: float = 1.0
    """Over 0 and at most 1, which is as published."""
    pocket: bool = False
    """The pocket-sized version instead."""
    models: tuple[str, ...] = ()
    """Instead of the published ones, or of `pocket`."""
    parts: tuple[str, ...] = ()
    """Names of those that are played; empty for all."""


@dataclass(frozen=True, slots=True)
class StudyPart:
    """A part of a study, with all that is needed to play it."""

    part: Part
    design: Design
    """With its data, unless that could not be had."""
    models: tuple[str, ...]
    plans: tuple[Plan, ...]
    """One for cells that are repeated, one for those that are not; each is a batch."""
    messages: int
    """That models will write, unless something ends their runs earlier."""
    missing: SimulatorError | None = None
    """Why it cannot be played; None where it can."""

    @property
    def runs(self) -> int:
        """How many runs it is."""
        return sum(plan.runs for plan in self.plans)

    @property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """What varies, or is named anyway, with its labels; by the axes' names."""
        found: dict[str, dict[str, None]] = {}
        for plan in self.plans:
            for axis in plan.grid.axes[1:]:
                labels = [option.label for option in axis.options]
                found.setdefault(axis.name, {}).update(dict.fromkeys(labels))
        return {name: tuple(labels) for name, labels in found.items()}


@dataclass(frozen=True, slots=True)
class Study:
    """An original study at a size."""

    original: Original
    size: Size
    parts: tuple[StudyPart, ...]
    left_out: tuple[str, ...]
    """Sentences on what is not played, and why."""

    @property
    def runs(self) -> int:
        """How many runs it is, with those whose data cannot be had."""
        return sum(part.runs for part in self.parts)

    @property
    def messages(self) -> int:
        """That models will write, unless something ends their runs earlier."""
        return sum(part.messages for part in self.parts)


@dataclass(frozen=True, slots=True)
class Played:
    """A run of a study, and which cell it is of."""

    part: str
    labels: Mapping[str, str]
    """By axis."""
    run: Run

    @property
    def model(self) -> str:
        """Of the cell."""
        return self.labels[MODEL]

    def is_of(self, part: str, labels: Labels) -> bool:
        """Whether it is of a part, in a cell with one of the labels on each axis."""
        return self.part == part and all(
            self.labels.get(axis) in own for axis, own in labels.items()
        )


async def study_of(
    services: Services, original: Original, size: Size, *, reads_data: bool = True
) -> Study:
    """A study made ready: its designs read, their data taken in, its grids laid out.

    Nothing is stored. A part whose data cannot be had here stays in it, with the reason.

    Args:
        services: Have kinds and models.
        original: What is to be played again.
        size: How much of it.
        reads_data: Whether questions are read, which may ask the hub; a study without them can
            be counted, not played.

    Raises:
        UsageError: There is no such part, or none is left.
        BackendError: There is no such model.
    """
    known = {part.name for part in original.parts}
    for name in size.parts:
        if name not in known:
            raise UsageError(
                f"{original.name!r} has no part {name!r}.",
                remedy=f"It has {', '.join(part.name for part in original.parts)}.",
            )
    found: list[StudyPart] = []
    left_out: list[str] = []
    without_pocket = [
        repr(part.name) for part in original.parts
        if size.pocket and part.pocket is None and part.name in (size.parts or known)
    ]  # fmt: skip
    if without_pocket:
        left_out.append(f"There is no pocket-sized version of {', '.join(without_pocket)}.")
    for part in original.parts:
        if size.parts and part.name not in size.parts:
            continue
        if (part.pocket is None) if size.pocket else part.toy:
            continue
        if part.models and size.models and not set(part.models) & set(size.models):
            left_out.append(f"The part {part.name!r} is of {', '.join(part.models)} alone.")
        else:
            made, told = await _part(services, original, part, size, reads_data=reads_data)
            found.append(made)
            left_out += told
    if not found:
        raise UsageError(
            " ".join((f"Nothing is left of {original.name!r}.", *left_out)),
            remedy="Name other parts with --part, or none.",
        )
    return Study(original, size, tuple(found), tuple(left_out))


async def _part(
    services: Services, original: Original, part: Part, size: Size, *, reads_data: bool
) -> tuple[StudyPart, list[str]]:
    models = _models(original, part, size)
    design, missing = await _design(services, part, reads_data=reads_data)
    sizes = _sizes(part, size)
    told = [] if missing is None else [f"{part.name!r} cannot be played: {missing.message}"]
    axes = _axes(services, part, design, size, sizes)
    repeat = sizes.get("repeat", 1)
    plans: list[Plan] = []
    for own, times in _blocks(part, axes, repeat):
        able = _able(services, design, own, models)
        if len(able) < len(models):
            mute = ", ".join(one for one in models if one not in able)
            words = ", ".join(set(part.once) & _labels(own))
            told.append(
                f"{part.name!r} is played without {words} by {mute}, which knows words alone."
            )
        if able:
            options = tuple(Option(one, {MODEL: one}) for one in able)
            grid = Grid((*own, Axis(MODEL, options)))
            plans.append(Plan(design, grid, times, FIRST_SEED))
    messages = sum(plan.repeat * _turns(services, plan) for plan in plans)
    return StudyPart(part, design, models, tuple(plans), messages, missing), told


def _blocks(
    part: Part, axes: Sequence[Axis], repeat: int
) -> Iterator[tuple[tuple[Axis, ...], int]]:
    """The axes of cells that are repeated and of those that are not, with how often they are."""
    if not part.once:
        yield tuple(axes), repeat
        return
    for once in (False, True):
        own = [_kept(axis, part.once, once=once) for axis in axes]
        if all(own):
            yield tuple(axis for axis in own if axis is not None), 1 if once else repeat


def _kept(axis: Axis, labels: Collection[str], *, once: bool) -> Axis | None:
    """The axis with these labels alone, or without them; as it is where it has none of them."""
    if not {option.label for option in axis.options} & set(labels):
        return axis
    kept = tuple(option for option in axis.options if (option.label in labels) == once)
    return Axis(axis.name, kept) if kept else None


def _labels(axes: Sequence[Axis]) -> set[str]:
    return {option.label for axis in axes for option in axis.options}


def _able(
    services: Services, design: Design, axes: Sequence[Axis], models: Sequence[str]
) -> tuple[str, ...]:
    """The models that can play such cells: debates in vectors need one that knows vectors."""
    modes = {option.parameters.get("mode") for axis in axes for option in axis.options}
    if design.kind != "debate" or "cipher" not in modes:
        return tuple(models)
    return tuple(one for one in models if "latent" in services.backend(one).abilities)


def _turns(services: Services, plan: Plan) -> int:
    """Messages of one repetition."""
    kind, counted = services.kind(plan.design.kind), _with_questions(plan.design)
    return sum(
        kind.outlook(kind.resolve(counted, cell.parameters)).turns or 0 for cell in plan.cells()
    )


def _models(original: Original, part: Part, size: Size) -> tuple[str, ...]:
    own = part.models or original.models
    if size.models:
        return tuple(dict.fromkeys(one for one in size.models if not part.models or one in own))
    return (POCKET,) if size.pocket else own


async def _design(
    services: Services, part: Part, *, reads_data: bool
) -> tuple[Design, SimulatorError | None]:
    """The design, and why its data cannot be had."""
    seed = load_design(SEED_DESIGNS / f"{part.design}.yaml", services.kinds)
    changed = seed.model_dump(mode="json", exclude_unset=True) | part.changes
    document = {name: value for name, value in changed.items() if value is not None}
    design = type(seed).model_validate(document)
    if not reads_data and isinstance(design, DebateDesign):
        return design, None
    try:
        return await services.completed(design), None
    except SimulatorError as error:
        return design, error


def _with_questions(design: Design) -> Design:
    """The same with as many sums in the place of questions that are not read, to be counted."""
    if not isinstance(design, DebateDesign) or question_count(design) is not None:
        return design
    sums = DataSource(dataset="arithmetic", count=design.data.count)
    return design.model_copy(update={"data": sums})


def _sizes(part: Part, size: Size) -> dict[str, int]:
    if not size.pocket:
        return scaled(part.sizes, size.scale)
    assert part.pocket is not None
    return pocket_sized(part.sizes, part.pocket.sizes)


def _axes(
    services: Services, part: Part, design: Design, size: Size, sizes: Mapping[str, int]
) -> list[Axis]:
    """What is set for all, then what varies but the models."""
    pocket = part.pocket if size.pocket and part.pocket is not None else None
    settings: dict[str, Any] = dict(part.launch)
    if pocket is not None:
        settings = merged(settings, pocket.launch)
    settings |= {name: count for name, count in sizes.items() if name not in _BESIDE}
    if sizes.get("texts", len(part.names)) < len(part.names):
        settings["texts"] = list(part.names[: sizes["texts"]])
    parameters = {one.name: one for one in services.kind(design.kind).parameters(design)}
    axes = [Axis("settings", (Option("", settings),))]
    for name, levels in part.axes.items():
        kept = () if pocket is None else pocket.axes.get(name, ())
        if isinstance(levels, dict):
            options = [Option(label, own) for label, own in levels.items()]
            axes.append(Axis(name, tuple(one for one in options if not kept or one.label in kept)))
        else:
            axes.append(parameters[name].axis([one for one in levels if not kept or one in kept]))
    return axes


# ---------------------------------------------------------------- what is there, and what is not


async def found_runs(services: Services, study: Study) -> list[Played]:
    """The runs of a study that are stored already."""
    found: list[Played] = []
    for part in study.parts:
        for plan in part.plans:
            batch = await _batch(services, plan)
            if batch is not None:
                found += await _runs(services, part, plan, batch)
    return found


async def launched(services: Services, study: Study, caps: Caps | None = None) -> list[Batch]:
    """The batches of a study that have something to be played, all of it in the store.

    The same study again is the same batches, so that nothing is played twice. At a larger scale
    repetitions are added to those there are, as far as nothing but repetitions is more.

    Raises:
        UsageError: The study was begun at a larger scale, and is not completed.
        SimulatorError: As `batches.launched`.
    """
    found: list[Batch] = []
    for part in study.parts:
        for plan in part.plans if part.missing is None else ():
            there = await _batch(services, plan)
            if there is not None and await _is_completed(services, part, plan, there):
                continue
            if there is not None and _repeat(there) > plan.repeat:
                raise UsageError(
                    f"{part.part.name!r} was begun with {_repeat(there)} repetitions, and "
                    f"{plan.repeat} of them are not completed yet.",
                    remedy=f"Go on with all of them: `batch {there.id} --resume`, or take the "
                    "larger --scale.",
                )
            is_more = there is not None and _repeat(there) < plan.repeat
            found.append(await batches.launched(services, plan, caps, amend=is_more))
    return found


async def _is_completed(services: Services, part: StudyPart, plan: Plan, batch: Batch) -> bool:
    runs = await _runs(services, part, plan, batch)
    return len(runs) == plan.runs and all(one.run.status == "completed" for one in runs)


def _repeat(batch: Batch) -> int:
    found = batch.specification.get("repeat")
    return found if isinstance(found, int) else 1


async def _batch(services: Services, plan: Plan) -> Batch | None:
    """The user's batch of a plan."""
    query = BatchQuery(
        specification_hash=plan.specification_hash, creator=services.settings.creator, limit=1
    )
    return next(iter(await services.store.batches(query)), None)


async def _runs(services: Services, part: StudyPart, plan: Plan, batch: Batch) -> list[Played]:
    """The runs of a batch that a plan asks for, in the order of repetitions and cells."""
    seeds = range(plan.seed, plan.seed + plan.repeat)
    runs = await services.store.runs(RunQuery(batch_id=batch.id))
    own = [run for run in runs if run.cell is not None and run.seed in seeds]
    own.sort(key=lambda run: (run.seed, run.cell))
    return [
        Played(part.part.name, plan.grid.cell(run.cell).labels, run)
        for run in own
        if run.cell is not None and run.cell < plan.grid.size
    ]
