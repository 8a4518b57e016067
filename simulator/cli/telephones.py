"""Plays games of telephone of the command line, and says what they came to."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.chains import chains_of_runs
from simulator.changing import merged
from simulator.cli.confirming import confirmed
from simulator.cli.finding import design_named
from simulator.cli.foreseeing import estimate_document, show_estimate
from simulator.cli.output import Column
from simulator.cli.playing import Player
from simulator.cli.session import Session
from simulator.cli.telephone_flags import Flags, first_of, flags_of
from simulator.errors import UsageError
from simulator.presentation.notices import short_id
from simulator.presentation.plans import plan_of
from simulator.telephones import (
    as_telephone,
    changed,
    check_cells,
    check_changed,
    form_text,
    in_design,
    initial_texts,
    long_lines,
    path_meant,
    shape_lines,
    shipped,
    sized,
    texts_at,
    texts_named,
    title_of,
)

if TYPE_CHECKING:
    from simulator.cli.wanted import Wanted
    from simulator.domain.estimates import Estimate
    from simulator.domain.grids import Axis, Grid
    from simulator.domain.records import Experiment, Run
    from simulator.kinds.telephone.design import TelephoneDesign
    from simulator.services import Services

MANY_CALLS = 1000
"""Above so many it is asked whether to begin."""


class Game:
    """Does what a command asks for."""

    def __init__(self, session: Session, services: Services, wanted: Wanted) -> None:
        self._session = session
        self._services = services
        self._wanted = wanted

    async def play(self) -> int:
        """Foresee it, and unless that is all, play it and tell of it; the exit code."""
        wanted, services, output = self._wanted, self._services, self._session.output
        design, experiment, grid = await self._design()
        check_cells(services, design, grid)
        runs_foreseen = grid.check_size(wanted.repeat)
        if wanted.is_dry or not output.json:
            found = await self._foresee(design, grid)
            long = long_lines(services, design, grid, found)
            for line in long:
                output.warn(line)
            if wanted.is_dry:
                document = estimate_document(design, runs_foreseen, found)
                cells = [cell.parameters for cell in grid.cells()]
                whole = design.model_dump(mode="json", exclude_unset=True)
                output.result(document | {"cells": cells, "design": whole})
                return 0
            if not await self._agreed(found, is_long=bool(long)):
                output.aside("Nothing was begun.")
                return 0
        with self._session.interrupts.held():
            runs = await services.launch_grid(
                design, grid, seed=wanted.seed, repeat=wanted.repeat, experiment=experiment,
                limits=wanted.limits,
            )  # fmt: skip
            kind = services.kind(design.kind)
            plans = [plan_of(kind, run, kind.resolve(design, run.parameters)) for run in runs]
            player = Player(
                self._session, services, plans, pace_s=wanted.pace_s, limits=wanted.limits
            )
        exit_code = await player.play(announce=True)
        await tell_games(self._session, services, runs)
        return exit_code

    async def _foresee(self, design: Any, grid: Grid) -> Estimate:
        kind = self._services.kind(design.kind)
        first = kind.resolve(design, next(iter(grid.cells())).parameters)
        return await show_estimate(
            self._session.output, self._services, design, grid, self._wanted.repeat,
            lambda: shape_lines(first),
        )  # fmt: skip

    async def _agreed(self, found: Estimate, *, is_long: bool) -> bool:
        """Whether to begin; asked where somebody can answer, and it is much, costs or stops."""
        is_much = found.calls > MANY_CALLS
        is_asked = self._session.output.is_live and sys.stdin.isatty()
        is_doubtful = is_much or is_long or found.cost_usd != 0
        if self._wanted.is_agreed or not is_doubtful or not is_asked:
            return True
        if is_much:
            self._session.output.aside(
                "For fewer: -nt N (generations), -s N (chains of each text), --texts NAME…."
            )
        return await confirmed("Begin?")

    async def _design(self) -> tuple[Any, Experiment | None, Grid]:
        """The design, the experiment if it is stored as it is, and what is set over it."""
        wanted, services = self._wanted, self._services
        base: Any = None
        experiment: Experiment | None = None
        if wanted.named is not None:
            found, experiment = await design_named(services, wanted.named)
            base = as_telephone(found)
            if experiment is None:
                base = as_telephone(await services.completed(base))
        flags = flags_of(
            wanted.options, structure=base.network.structure if base else "sequence",
            is_own=bool(base and base.prompts.first),
            is_base=bool(base and base.prompt_style == "base"),
        )  # fmt: skip
        for note in flags.notes:
            self._session.output.warn(note)
        self._place_texts(flags, base)
        changes = flags.changes
        if base is None:
            set_too = in_design(merged(flags.settings, first_of(flags.axes)))
            if not {"model", "models"} & set_too.keys() and services.settings.model:
                set_too["model"] = services.settings.model
            changes = set_too | changes
        grid = flags.grid(with_settings=base is not None)
        if base is not None and not changes and not wanted.name:
            return base, experiment, grid
        name = wanted.name or ("" if base else _title(flags.axes, changes))
        made = changed(base, changes, name)
        if experiment is not None:
            made = made.model_copy(update={"parent": experiment.id})
        made = as_telephone(await services.completed(made))
        if base is None and not wanted.name:
            made = sized(made)
        check_changed(made, base)
        return made, None, grid

    def _place_texts(self, flags: Flags, base: Any) -> None:
        """Say which texts are played: by a launch where the design has them, else in the design."""
        words, stories = self._wanted.options["texts"], self._wanted.options["stories"]
        if words and stories:
            raise UsageError("--texts and --initial-story say both what chains begin with.",
                             remedy="Leave one out.")  # fmt: skip
        if stories:
            flags.changes["texts"] = initial_texts(stories)
            return
        if not words:
            return
        known = shipped()
        paths = [] if _are_named(words, known) else [path_meant(word) for word in words]
        path = next(filter(None, paths), None)
        if path is not None:
            if sum(map(bool, paths)) > 1:
                raise UsageError(
                    "--texts takes one file or folder.", remedy="Put the texts into one folder."
                )
            names = [word for word, one in zip(words, paths, strict=True) if one is None]
            chosen = texts_named(names, texts_at(path))
            flags.changes["data"] = {"path": str(path)} | ({"names": list(chosen)} if names else {})
            return
        own = {text.name: text.text for text in base.texts} if base else {}
        if own and (_are_named(words, own) or not _are_named(words, known)):
            flags.settings["texts"] = list(texts_named(words, own))
        elif base:
            flags.changes["data"] = {"names": list(texts_named(words, known))}
        else:
            flags.settings["texts"] = list(texts_named(words, known))


async def tell_games(session: Session, services: Services, runs: Sequence[Run]) -> None:
    """Say what runs of games came to, and how to go on.

    Args:
        session: This use of the command line.
        services: Have the runs.
        runs: Of one experiment, as they were before they were played.
    """
    output = session.output
    rows, documents = [], []
    for run in [await services.store.run(run.id) for run in runs]:
        design: Any = await services.resolved(run)
        complete = await _complete(services, run, design)
        values = run.outcome.values if run.outcome else {}
        models = "+".join(design.all_models)
        temperature = design.sampling.temperature
        rows.append(
            [short_id(run.id), design.task_name, models, f"{temperature:.10g}" if temperature
             is not None else "", f"{complete:,} of {design.chain_count:,}", form_text(values)]
        )  # fmt: skip
        documents.append(
            {
                "run": run.id, "task": design.task_name, "models": list(design.all_models),
                "temperature": temperature, "chains": design.chain_count,
                "complete": complete, "wrong_form": values.get("wrong_form"),
            }
        )  # fmt: skip
    if output.json:
        output.event(type="games_told", runs=documents)
        return
    output.line()
    columns = [
        Column("run"), Column("task"), Column("model", flexible=True),
        Column("temperature", right=True, goes=1), Column("chains complete", right=True),
        Column("wrong form", right=True),
    ]  # fmt: skip
    has_form = any(row[-1] for row in rows)
    cut = len(columns) if has_form else len(columns) - 1
    output.table(columns[:cut], [row[:cut] for row in rows])
    named = "last" if len(runs) == 1 else short_id(runs[0].experiment_id)
    output.aside("See where texts went, read them, and take them along, with:")
    output.aside(f"  {session.command('analyse', named)}")
    output.aside(f"  {session.command('report', named)}")
    output.aside(f"  {session.command('export', named, '-o', 'chains.jsonl')}")


async def _complete(services: Services, run: Run, design: TelephoneDesign) -> int:
    """Chains that came to their end; of a network, with all its agents."""
    if run.status == "completed" and run.outcome is not None:
        return design.chain_count
    ended: dict[tuple[str, int], bool] = {}
    for chain in await chains_of_runs(services, [run]):
        is_whole = len(chain.texts) > design.generations
        key = chain.text, chain.seed
        ended[key] = ended.get(key, True) and is_whole
    return sum(ended.values())


def _title(axes: Sequence[Axis], changes: Mapping[str, Any]) -> str:
    """What a game of several tasks or models is called; empty where neither varies."""
    varied = {axis.name: [option.label for option in axis.options] for axis in axes}
    if not {"task", "model"} & varied.keys():
        return ""
    models = changes.get("models") or [changes.get("model", "pocket")]
    return title_of(
        varied.get("task", [changes.get("task", "rephrase")]),
        varied.get("model", ["+".join(models)]),
    )


def _are_named(words: Sequence[str], known: Mapping[str, str]) -> bool:
    try:
        return bool(texts_named(words, known))
    except UsageError:
        return False
