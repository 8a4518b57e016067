"""Launches batches: what was launched before is found again, and only what is missing is queued."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace

from pydantic import JsonValue

from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.estimates import Estimate
from simulator.domain.executions import Caps
from simulator.domain.grids import Cell, Cells
from simulator.domain.ids import make_id
from simulator.domain.records import Experiment
from simulator.engine.limits import Limits
from simulator.errors import ConflictError, UsageError
from simulator.estimating import Estimator
from simulator.lanes import unhurried
from simulator.launching import Wanted
from simulator.ledgers import Ledger as Ledger
from simulator.ledgers import LedgerRow as LedgerRow
from simulator.ledgers import Sums as Sums
from simulator.ledgers import added_up, estimate_document
from simulator.ledgers import ledger as ledger
from simulator.planning import Plan as Plan
from simulator.planning import amended, plan_in
from simulator.planning import plan_of as plan_of
from simulator.process import SystemClock
from simulator.services import Services

_TIME_DIGITS = 10
"""Of an id: those that are its time."""

Hear = Callable[[int], None]
"""Is told how many runs are stored by now."""


async def launched(
    services: Services,
    plan: Plan,
    caps: Caps | None = None,
    *,
    amend: bool = False,
    name: str = "",
    estimate: Estimate | None = None,
    hear: Hear = lambda stored: None,
) -> Batch:
    """The batch of a plan, with all of its runs in the store.

    The same plan by the same user is the same batch, whatever the number of repetitions and the
    caps: then only runs that are missing are queued. So a launch that was cut off is gone on with
    by launching it again, and two at the same time make one batch.

    Args:
        services: Have the store.
        plan: What it consists of.
        caps: Under which it will be played; those on record are replaced, unless None.
        amend: Whether cells and repetitions that the user's batch lacks are added to it: the one
            of this plan, else the only one of this design. What it has is not changed.
        name: Of a new batch; empty takes the design's.
        estimate: What a new batch will take, if that is known; else it is reckoned.
        hear: Is told how many runs are stored by now.

    Raises:
        UsageError: There is nothing to amend, or several; the batch has fewer repetitions and
            shall not be amended; or as `plan_of`.
        SimulatorError: As `Services.launch_grid`; nothing is stored then.
    """
    experiment = plan.experiment or await services.stored(plan.design)
    batch = None if experiment is None else await _found(services, plan, experiment, amend)
    if batch is not None and experiment is not None:
        old = plan_in(batch, plan.design, experiment)
        if not amend:
            _check_repetitions(services, batch, old, plan)
            return await _completed(services, batch, old, old, caps, hear)
        new = amended(old, plan, await _same(services, old, plan))
        return await _completed(services, batch, old, new, caps, hear)
    if amend:
        raise UsageError(
            f"You have no batch of {plan.design.name!r} to amend.",
            remedy="Launch it without amending.",
        )
    return await _new(services, plan, caps, name, estimate, hear)


async def _new(
    services: Services,
    plan: Plan,
    caps: Caps | None,
    name: str,
    estimate: Estimate | None,
    hear: Hear,
) -> Batch:
    ready = await services.readied(plan.design, list(_wanted(plan)), _limits(caps))
    if estimate is None:
        estimate = await Estimator(services, plan.design).estimate(plan, plan.repeat)
    experiment = plan.experiment or await services.save_design(plan.design)
    creator = services.settings.creator
    batch = Batch(
        id=_batch_id(plan, experiment, creator),
        experiment_id=experiment.id,
        name=name or plan.design.name,
        specification=plan.specification(_caps_document(caps)),
        specification_hash=plan.specification_hash,
        estimate=estimate_document(estimate),
        creator=creator,
        created_at=SystemClock().now(),
    )
    try:
        await services.store.add_batch(batch)
    except ConflictError:
        # The same was launched in the same moment.
        return await launched(services, plan, caps, hear=hear)
    numbered = replace(ready, wanted=[_numbered(one, batch.id, plan) for one in ready.wanted])
    await services.queue(experiment, numbered, batch_id=batch.id, hear=hear)
    return batch


async def _completed(
    services: Services, batch: Batch, old: Plan, new: Plan, caps: Caps | None, hear: Hear
) -> Batch:
    """A batch that was launched before, with the runs that it lacks."""
    assert new.experiment is not None
    there = await services.store.run_ids(batch.id)
    every = [_numbered(one, batch.id, new) async for one in unhurried(_wanted(new))]
    missing = [one for one in every if one.run_id not in there]
    ready = await services.readied(new.design, missing, _limits(caps)) if missing else None
    limits = batch.specification.get("limits") if caps is None else _caps_document(caps)
    specification = new.specification(limits if isinstance(limits, dict) else None)
    if new.specification() != old.specification():
        await services.store.update_batch(
            batch.id, specification=specification, amended_at=SystemClock().now(),
            estimate=await _foreseen(services, batch, old, new),
        )  # fmt: skip
    elif specification != batch.specification:
        await services.store.update_batch(batch.id, specification=specification)
    if ready is not None:
        await services.queue(new.experiment, ready, batch_id=batch.id, hear=hear)
    return await services.store.batch(batch.id)


def _wanted(plan: Plan) -> Iterator[Wanted]:
    for seed, conditions in plan.rounds():
        for condition in conditions:
            yield Wanted(condition, seed)


# ---------------------------------------------------------------- finding and amending


async def _found(
    services: Services, plan: Plan, experiment: Experiment, amend: bool
) -> Batch | None:
    """The user's batch of a plan; to amend it, else the only one of the design.

    Raises UsageError when there are several to amend.
    """
    ours = await services.store.batches(
        BatchQuery(experiment_ids=(experiment.id,), creator=services.settings.creator)
    )
    for batch in ours:
        added = plan_in(batch, plan.design, experiment).added
        if plan.specification_hash in (batch.specification_hash, *(one.hash for one in added)):
            return batch
    if not amend:
        return None
    if plan.first_seed is not None:
        ours = [one for one in ours if one.specification.get("first_seed") == plan.first_seed]
    if len(ours) > 1:
        seeds = [str(batch.specification.get("first_seed")) for batch in ours]
        raise UsageError(
            f"You have {len(ours)} batches of {plan.design.name!r} that could be amended.",
            remedy=f"Give the seed of the one that you mean: {' or '.join(seeds)}.",
        )
    return ours[0] if ours else None


def _check_repetitions(services: Services, batch: Batch, old: Plan, plan: Plan) -> None:
    if plan.repeat > old.repeat:
        raise UsageError(
            f"Batch {batch.id} is of the same cells, with {old.repeat} of {plan.repeat} "
            "repetitions.",
            remedy="Amend it to add the others, or give another seed for another batch.",
        )
    if plan.repeat < old.repeat:
        services.warn(f"Batch {batch.id} has {old.repeat} repetitions; it keeps all of them.")


async def _same(services: Services, old: Plan, plan: Plan) -> set[int]:
    """Places of those cells of a plan that a batch has, whatever they are called."""
    seen = {_resolved(services, old, cell) async for cell in unhurried(old.cells())}
    same: set[int] = set()
    place = 0
    async for cell in unhurried(plan.grid.cells()):
        name = _resolved(services, plan, cell)
        if name in seen:
            same.add(place)
        seen.add(name)
        place += 1
    return same


def _resolved(services: Services, plan: Plan, cell: Cell) -> bytes:
    resolved = services.kind(plan.design.kind).resolve(plan.design, cell.parameters)
    return hashlib.blake2b(resolved.model_dump_json().encode(), digest_size=16).digest()


async def _foreseen(
    services: Services, batch: Batch, old: Plan, new: Plan
) -> dict[str, JsonValue] | None:
    """What was foreseen, with what the added cells and repetitions will take."""
    if batch.estimate is None:
        return None
    estimator = Estimator(services, new.design)
    pieces: list[tuple[Cells, int]] = [(old, new.repeat - old.repeat)]
    pieces += [(part, new.repeat) for part in new.added[len(old.added) :]]
    found = [
        estimate_document(await estimator.estimate(cells, repeat))
        for cells, repeat in pieces
        if repeat and cells.size
    ]
    return added_up([batch.estimate, *found], cells=new.size)


# ---------------------------------------------------------------- names


def _batch_id(plan: Plan, experiment: Experiment, creator: str) -> str:
    """The same for the same plan, so that two who launch it at once make one batch."""
    time_ms = round(experiment.created_at.timestamp() * 1000)
    return make_id(time_ms, _digest(10, plan.specification_hash, experiment.id, creator))


def _numbered(wanted: Wanted, batch_id: str, plan: Plan) -> Wanted:
    """A run with the id that it has in a batch whenever it is queued; later ones sort after."""
    repetition, cell = wanted.seed - plan.seed, wanted.condition.cell
    assert cell is not None
    place = (repetition << 16 | cell).to_bytes(4, "big")
    entropy = place + _digest(6, batch_id, str(repetition), str(cell))
    return replace(wanted, run_id=batch_id[:_TIME_DIGITS] + make_id(0, entropy)[_TIME_DIGITS:])


def _digest(size: int, *parts: str) -> bytes:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=size).digest()


def _limits(caps: Caps | None) -> Limits | None:
    return None if caps is None else Limits(caps.tokens, caps.cost_usd)


def _caps_document(caps: Caps | None) -> dict[str, JsonValue]:
    given: Mapping[str, JsonValue] = {} if caps is None else asdict(caps)
    return {name: value for name, value in given.items() if value is not None}
