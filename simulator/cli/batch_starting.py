"""Starts batches on the command line: plans, prices, stores and plays them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from simulator.cli.confirming import confirmed
from simulator.cli.grid_options import values_of
from simulator.domain.batches import BatchQuery
from simulator.domain.executions import Caps
from simulator.errors import NotFoundError, UsageError
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.cli.session import Session
    from simulator.domain.batches import Batch
    from simulator.domain.estimates import Estimate
    from simulator.planning import Plan
    from simulator.services import Services
    from simulator.settings import Settings


_Number = TypeVar("_Number", int, float)


def check_ray() -> None:
    """See that runs can be given to Ray.

    Raises:
        NotFoundError: Something for it is missing.
    """
    if find_spec("ray") is None:
        raise NotFoundError(
            "--executor ray needs the package `ray`, which is not installed.",
            remedy="Install it: pip install ray. Without it, several processes can play a batch "
            "with `launch --join BATCH`.",
        )
    raise NotFoundError(
        "--executor ray is not part of this version.",
        remedy="Several processes, on several machines too, can play a batch with "
        "`launch --join BATCH`.",
    )


def caps_of(settings: Settings, options: Mapping[str, Any], batch: Batch | None = None) -> Caps:
    """What ends the playing of a batch.

    Args:
        settings: Have limits of tokens and money for where nothing else says any.
        options: Of the command; they go first.
        batch: That was launched before, with limits of its own.
    """
    kept = Caps() if batch is None else _caps_on_record(batch)
    span = options["time_limit"]
    return Caps(
        tokens=_first(options["token_limit"], kept.tokens, settings.token_limit),
        cost_usd=_first(options["cost_limit"], kept.cost_usd, settings.cost_limit),
        seconds=_first(None if span is None else span.total_seconds(), kept.seconds),
        failures=_first(options["most_failures"], kept.failures),
    )


def _caps_on_record(batch: Batch) -> Caps:
    """Those that a batch was launched with; what is no number limits nothing."""
    written = batch.specification.get("limits")
    limits = written if isinstance(written, dict) else {}
    tokens, failures = limits.get("tokens"), limits.get("failures")
    cost_usd, seconds = limits.get("cost_usd"), limits.get("seconds")
    return Caps(
        tokens=tokens if isinstance(tokens, int) else None,
        cost_usd=float(cost_usd) if isinstance(cost_usd, int | float) else None,
        seconds=float(seconds) if isinstance(seconds, int | float) else None,
        failures=failures if isinstance(failures, int) else None,
    )


def _first(*values: _Number | None) -> _Number | None:
    return next((value for value in values if value is not None), None)


def cap_words(options: Mapping[str, Any]) -> list[str]:
    """The options that set these caps again."""
    words: list[str] = []
    if (cost_usd := options["cost_limit"]) is not None:
        words += ["--cost-limit", f"{cost_usd:.10g}"]
    if (tokens := options["token_limit"]) is not None:
        words += ["--token-limit", str(tokens)]
    if (span := options["time_limit"]) is not None:
        words += ["--time-limit", f"{int(span.total_seconds())}s"]
    if (failures := options["most_failures"]) is not None:
        words += ["--most-failures", str(failures)]
    return words


async def play(
    session: Session,
    services: Services,
    batch: Batch,
    options: Mapping[str, Any],
    *,
    joining: bool = False,
    retry: bool = False,
) -> int:
    """Play what is left of a batch, here or in the background; the exit code."""
    if options["detach"]:
        return _detach(session, batch, options, retry=retry)
    from simulator.cli.batch_playing import BatchPlayer

    caps = caps_of(session.settings, options, batch)
    player = BatchPlayer(session, services, batch, caps, joining=joining, retry=retry)
    return await player.play()


def _detach(session: Session, batch: Batch, options: Mapping[str, Any], *, retry: bool) -> int:
    from simulator.cli.detaching import detach

    words = [*cap_words(options), *(["--retry"] if retry else [])]
    started = detach(session, batch, words)
    output = session.output
    watch = session.command("watch", batch.id)
    if output.json:
        output.event(
            type="batch_detached", batch_id=batch.id, pid=started.pid, log=str(started.log),
            watch=watch,
        )  # fmt: skip
        return 0
    output.line(f"The batch is played in the background, by process {started.pid}. Its log:")
    output.line(f"  {started.log}", wrap=False)
    output.line("Find it again with:")
    output.line(f"  {watch}", wrap=False)
    output.line("Pause it with:")
    output.line(f"  {session.command('batch', batch.id, '--pause')}", wrap=False)
    return 0


async def launch_batch(
    session: Session, services: Services, name: str, options: Mapping[str, Any]
) -> int:
    """Plan a batch of a design, store it and play it, unless that is not wanted; the exit code.

    Raises:
        SimulatorError: As `plan_of` and `launched`; nothing is stored then.
    """
    from simulator.cli.finding import design_named
    from simulator.domain.grids import MOST_RUNS
    from simulator.planning import plan_of

    design, experiment = await design_named(services, name)
    if experiment is None:
        design = await services.completed(design)
    plan = plan_of(
        services, design, values_of(services.kind(design.kind).parameters(design), options),
        exclusions=options["exclusions"], repeat=options["repeat"], first_seed=options["seed"],
        counterbalance=options["counterbalance"], most_runs=options["max_runs"] or MOST_RUNS,
        experiment=experiment,
    )  # fmt: skip
    is_dry = options["dry_run"]
    asks = can_ask(session) and not (options["yes"] or options["queue"])
    asks = asks and (options["amend"] or not await _is_launched(services, plan))
    found = None
    if is_dry or asks:
        found = await _foresee(session, services, plan, is_dry=is_dry)
    if is_dry:
        return 0
    if asks and plan.runs > 1 and not await confirmed(f"Launch {counted(plan.runs, 'run')}?"):
        session.output.line("Nothing was stored.")
        return 0
    batch = await _stored(session, services, plan, options, found)
    _announce(session, batch, is_queued=options["queue"])
    if options["queue"]:
        return 0
    return await play(session, services, batch, options, retry=options["retry"])


async def _is_launched(services: Services, plan: Plan) -> bool:
    """Whether the user has a batch of this plan, so that this launch goes on with it."""
    query = BatchQuery(
        specification_hash=plan.specification_hash, creator=services.settings.creator, limit=1
    )
    return bool(await services.store.batches(query))


async def _stored(
    session: Session,
    services: Services,
    plan: Plan,
    options: Mapping[str, Any],
    found: Estimate | None,
) -> Batch:
    from simulator.batches import launched
    from simulator.cli.progress import progress

    with session.interrupts.held(), progress(session.output, "Storing runs") as hear:
        batch = await launched(
            services, plan, caps_of(session.settings, options), amend=options["amend"],
            name=options["name"], estimate=found,
            hear=lambda stored: hear(stored / max(plan.runs, 1)),
        )  # fmt: skip
        if batch.order != "go" and not options["queue"]:
            await services.store.update_batch(batch.id, order="go")
    return batch


async def _foresee(session: Session, services: Services, plan: Plan, *, is_dry: bool) -> Estimate:
    """Say what a batch will take, and of which cells it consists."""
    from simulator.cli.estimate_tables import estimate_document, show_cells, show_estimate_table
    from simulator.cli.run_tables import SHOWN_ON_A_TERMINAL
    from simulator.estimating import estimate

    output = session.output
    found = await estimate(services, plan.design, plan, plan.repeat)
    output.line(plan.design.name, "bold")
    cells, repetitions = counted(plan.size, "cell"), counted(plan.repeat, "repetition")
    output.line(f"{cells} × {repetitions} = {counted(plan.runs, 'run')}, seeds from {plan.seed}")
    show_estimate_table(output, found)
    if is_dry:
        conditions = list(plan.conditions())
        output.line()
        show_cells(output, conditions, SHOWN_ON_A_TERMINAL if output.is_terminal else None)
        document = estimate_document(found) | {
            "name": plan.design.name, "first_seed": plan.seed, "repeat": plan.repeat,
            "conditions": conditions,
        }  # fmt: skip
        output.result(document)
    return found


def _announce(session: Session, batch: Batch, *, is_queued: bool) -> None:
    """Name the batch, so that it can be found again."""
    from simulator.specifications import OnRecord

    output, told = session.output, OnRecord.of(batch)
    cells = sum(part.size for part in told.parts)
    if output.json:
        output.tell_events()
        output.event(
            type="batch_launched", batch_id=batch.id, name=batch.name,
            experiment_id=batch.experiment_id, cells=cells, repeat=told.repeat,
            runs=cells * told.repeat, first_seed=told.seed,
        )  # fmt: skip
        return
    runs = counted(cells * told.repeat, "run")
    output.line(f"Batch {batch.id}, {one_line(batch.name)}: {runs}")
    if is_queued:
        output.line("Its runs are queued. Play them with:")
        output.line(f"  {session.command('batch', batch.id, '--resume')}", wrap=False)


async def join_batch(
    session: Session, services: Services, name: str, options: Mapping[str, Any]
) -> int:
    """Help with a batch that is stored; the exit code.

    Raises:
        UsageError: Options are given that only a new batch has.
    """
    from simulator.cli.finding_batches import find_batch

    given = [name for name in _OF_NEW if options.get(name)]
    if given:
        raise UsageError(
            f"--join plays a batch as it is stored, so --{given[0].replace('_', '-')} cannot be "
            "given.",
            remedy="Leave it out, or launch a design.",
        )
    batch = await find_batch(services, name)
    session.output.aside(f"Joining batch {batch.id}, {batch.name!r}.")
    return await play(session, services, batch, options, joining=True, retry=options["retry"])


_OF_NEW = (
    "models", "agents", "each_agents", "messages", "days", "each_days", "speaker", "memory",
    "factors", "temperature", "top_p", "top_k", "max_tokens", "context_length",
    "reasoning_effort", "sets", "exclusions", "counterbalance", "max_runs", "name", "amend",
    "dry_run", "queue", "seed",
)  # fmt: skip
"""Options that say what a batch is."""


def can_ask(session: Session) -> bool:
    """Whether somebody at the keyboard can be asked."""
    return not session.output.json and sys.stdin.isatty() and sys.stdout.isatty()
