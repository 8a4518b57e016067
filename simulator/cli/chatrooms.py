"""Plays chatrooms of the command line, and says what they came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.chatrooms import (
    as_chatroom,
    changed,
    copies_text,
    ended_lines,
    found_in,
    replication_of,
)
from simulator.cli.chatroom_options import design_changes, models_named
from simulator.cli.finding import design_named, find_run
from simulator.cli.foreseeing import estimate_document, show_estimate
from simulator.cli.output import Column
from simulator.cli.playing import Player
from simulator.cli.session import Session
from simulator.domain.grids import Axis, Grid, Option
from simulator.errors import UsageError
from simulator.presentation.notices import short_id
from simulator.presentation.plans import plan_of

if TYPE_CHECKING:
    from simulator.cli.wanted import Wanted
    from simulator.domain.records import Experiment, Run
    from simulator.services import Services


class Room:
    """Does what a command asks for."""

    def __init__(self, session: Session, services: Services, wanted: Wanted) -> None:
        self._session = session
        self._services = services
        self._wanted = wanted

    async def talk(self) -> int:
        """Let them talk; the exit code."""
        design, experiment = await self._design()
        return await self._play(design, experiment)

    async def replicate(self) -> int:
        """Give a text to fresh models; the exit code."""
        options, services = self._wanted.options, self._services
        base, text = changed(None, {}), options["text"]
        models = tuple(models_named(options["models"]))
        if options["replicate"] is not None:
            run = await find_run(self._session, services, options["replicate"])
            if text is None:
                base, texts = await found_in(services, run)
                text = _of_phase(texts, options["phase"])
            else:
                base = as_chatroom(await services.resolved(run))
        elif services.settings.model and not models:
            models = (services.settings.model,)
        overs = {name: options[name] for name in ("temperature", "top_p", "top_k", "max_tokens")}
        cycle = {name: options[name] for name in ("check", "threshold")}
        changes = {"sampling": _given(overs), "cycle": _given(cycle)}
        base = changed(base, {key: value for key, value in changes.items() if value})
        design = replication_of(
            base, text, models=models, copies=options["copies"], name=self._wanted.name
        )
        return await self._play(design, None)

    async def _play(self, design: Any, experiment: Experiment | None) -> int:
        wanted, services = self._wanted, self._services
        services.preview(design, {})
        if wanted.is_dry:
            return await self._foresee(design)
        with self._session.interrupts.held():
            runs = await services.launch(
                design, {}, seed=wanted.seed, repeat=wanted.repeat, experiment=experiment,
                limits=wanted.limits,
            )  # fmt: skip
            kind = services.kind(design.kind)
            plans = [plan_of(kind, run, design) for run in runs]
            player = Player(
                self._session, services, plans, pace_s=wanted.pace_s, limits=wanted.limits
            )
        exit_code = await player.play(announce=True)
        if not self._session.output.json:
            await tell_talks(self._session, services, runs)
        return exit_code

    async def _foresee(self, design: Any) -> int:
        output, repeat = self._session.output, self._wanted.repeat
        grid = Grid((Axis("parameters", (Option("", {}),)),))
        found = await show_estimate(output, self._services, design, grid, repeat)
        output.result(estimate_document(design, repeat, found))
        return 0

    async def _design(self) -> tuple[Any, Experiment | None]:
        """The design, and the experiment if it is stored as it is."""
        wanted, services = self._wanted, self._services
        changes, design, experiment = design_changes(wanted.options), None, None
        if wanted.named is not None:
            named, experiment = await design_named(services, wanted.named)
            design = as_chatroom(named)
        elif "models" not in changes and services.settings.model:
            changes["models"] = [services.settings.model] * 2
        if design is not None and not changes and not wanted.name:
            return design, experiment
        made = changed(design, changes, wanted.name)
        if experiment is not None:
            made = made.model_copy(update={"parent": experiment.id})
        return made, None


async def tell_talks(session: Session, services: Services, runs: Sequence[Run]) -> None:
    """Say what runs of chatrooms came to, for people, and how to go on.

    Args:
        session: This use of the command line.
        services: Have the runs.
        runs: Of the kind chatroom, as they were before they were played.
    """
    output = session.output
    ended = [await services.store.run(run.id) for run in runs]
    found = False
    for run in ended:
        if run.outcome is None:
            continue
        output.line()
        if len(ended) > 1:
            output.line(f"Run {short_id(run.id)}", "bold")
        values = run.outcome.values
        if run.outcome.reason == "replication":
            output.table(
                [Column("model", flexible=True), Column("given", right=True),
                 Column("copies", right=True), Column("of them exact", right=True),
                 Column("share")],
                copies_text(values),
            )  # fmt: skip
            continue
        for line in ended_lines(values):
            output.line(line)
        found = found or bool(values.get("converged"))
    if found:
        run_id = "last" if len(ended) == 1 else "RUN"
        output.aside("See whether fresh models copy it, with:")
        output.aside(f"  {session.command('chatroom', '--replicate', run_id)}")


def _of_phase(texts: Sequence[str], phase: int | None) -> str:
    if phase is not None and phase > len(texts):
        raise UsageError(
            f"--phase {phase}: the cycle has {len(texts)} texts.", remedy="Name one of them."
        )
    return texts[-1 if phase is None else phase - 1]


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
