"""An original study made ready to be played here, found again where it was begun, and launched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from simulator.changing import merged
from simulator.domain.designs import Design
from simulator.domain.grids import Axis, Cell, Grid, Option
from simulator.domain.records import ExperimentQuery, Run, RunQuery
from simulator.errors import SimulatorError, UsageError
from simulator.files.designs import design_hash, load_design
from simulator.files.seeds import SEED_DESIGNS
from simulator.kinds.debate.asked import question_count
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.questions import DataSource
from simulator.reproducing.originals import Labels, Original, Part
from simulator.reproducing.sizing import pocket_sized, scaled

if TYPE_CHECKING:
    from simulator.engine.limits import Limits
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
class Place:
    """A cell in one repetition: what one run is to be."""

    cell: Cell
    seed: int


@dataclass(frozen=True, slots=True)
class StudyPart:
    """A part of a study, with all that is needed to play it."""

    part: Part
    design: Design
    """With its data, unless that could not be had."""
    grid: Grid
    repeat: int
    models: tuple[str, ...]
    places: tuple[Place, ...]
    """What is to be played, repetition after repetition."""
    messages: int
    """That models will write, unless something ends their runs earlier."""
    missing: SimulatorError | None = None
    """Why it cannot be played; None where it can."""

    @property
    def whole_grid(self) -> Grid:
        """Every run as a cell of its own, for estimates."""
        options = [Option(str(n), place.cell.parameters) for n, place in enumerate(self.places)]
        return Grid((Axis("runs", tuple(options)),))


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
        return sum(len(part.places) for part in self.parts)

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
    grid = _grid(services, part, design, size, models, sizes)
    told = [] if missing is None else [f"{part.name!r} cannot be played: {missing.message}"]
    mute = set(map(_key, _without_vectors(services, design, grid)))
    if mute:
        told.append(
            f"Of {part.name!r}, {len(mute)} of {grid.size} conditions are left out: their models "
            "read and write words alone."
        )
    cells = [cell for cell in grid.cells() if _key(cell) not in mute]
    repeat = sizes.get("repeat", 1)
    places = tuple(
        Place(cell, FIRST_SEED + repetition)
        for repetition in range(repeat)
        for cell in cells
        if repetition == 0 or not set(part.once) & set(cell.labels.values())
    )
    kind, counted = services.kind(design.kind), _with_questions(design)
    turns = {
        _key(cell): kind.outlook(kind.resolve(counted, cell.parameters)).turns or 0
        for cell in cells
    }
    messages = sum(turns[_key(place.cell)] for place in places)
    return StudyPart(part, design, grid, repeat, models, places, messages, missing), told


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


def _grid(
    services: Services,
    part: Part,
    design: Design,
    size: Size,
    models: Sequence[str],
    sizes: Mapping[str, int],
) -> Grid:
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
    axes.append(Axis(MODEL, tuple(Option(one, {MODEL: one}) for one in models)))
    return Grid(tuple(axes))


def _without_vectors(services: Services, design: Design, grid: Grid) -> Iterator[Cell]:
    """Cells of debates in vectors whose model knows none."""
    if design.kind != "debate":
        return
    for cell in grid.cells():
        if cell.parameters.get("mode") == "cipher":
            backend = services.backend(str(cell.parameters[MODEL]))
            if "latent" not in backend.abilities:
                yield cell


# ---------------------------------------------------------------- what is there, and what is not


async def found_runs(services: Services, study: Study) -> list[Played]:
    """The runs of a study that are stored already, at most one for each cell and repetition."""
    found: list[Played] = []
    for part in study.parts:
        known = await _known(services, part)
        for place in part.places:
            run = known.get(_run_key(place.cell.parameters, place.seed))
            if run is not None:
                found.append(Played(part.part.name, place.cell.labels, run))
    return found


async def launched(services: Services, study: Study, limits: Limits | None = None) -> list[Played]:
    """All runs of a study: those there are, and new ones that are queued.

    The same study again finds its runs by their designs, parameters and seeds, so that nothing is
    played twice; at another scale it takes over the runs that both have.

    Raises:
        SimulatorError: As `Services.launch_grid`.
    """
    for part in study.parts:
        if part.missing is not None:
            continue
        known = await _known(services, part)
        missing: dict[int, list[Cell]] = {}
        for place in part.places:
            if _run_key(place.cell.parameters, place.seed) not in known:
                missing.setdefault(place.seed, []).append(place.cell)
        for seed, cells in missing.items():
            options = tuple(
                Option(str(number), cell.parameters) for number, cell in enumerate(cells)
            )
            grid = Grid((Axis("cells", options),))
            await services.launch_grid(part.design, grid, seed=seed, limits=limits)
    return await found_runs(services, study)


async def _known(services: Services, part: StudyPart) -> dict[str, Run]:
    """Runs of a part's design by what they set; of several the finished one, else the newest."""
    if part.missing is not None:
        return {}
    query = ExperimentQuery(name=part.design.name, design_hash=design_hash(part.design))
    experiments = await services.store.experiments(query)
    own = [one for one in experiments if one.creator == services.settings.creator]
    known: dict[str, Run] = {}
    for experiment in own or experiments:
        for run in await services.store.runs(RunQuery(experiment_id=experiment.id, order="oldest")):
            key = _run_key(run.parameters, run.seed)
            is_ours = run.forked_from is None and run.status != "cancelled"
            if is_ours and (key not in known or known[key].status != "completed"):
                known[key] = run
    return known


async def as_stored(services: Services, played: Sequence[Played]) -> list[Played]:
    """The same with the runs as they are in the store now."""
    return [replace(one, run=await services.store.run(one.run.id)) for one in played]


def _key(cell: Cell) -> str:
    return json.dumps(cell.parameters, sort_keys=True)


def _run_key(parameters: Mapping[str, JsonValue], seed: int) -> str:
    return json.dumps([parameters, seed], sort_keys=True)
