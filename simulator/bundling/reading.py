"""Reads bundles into a store: whole bundles, or nothing of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from simulator.adapters import open_empty_store
from simulator.domain.batches import Batch
from simulator.domain.journal import Step
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, ExperimentQuery, Run
from simulator.errors import (
    BundleDamagedError,
    ConflictError,
    DesignChangedError,
    NotFoundError,
    StoreError,
)
from simulator.files.bundles import layout
from simulator.files.bundles.layout import Manifest
from simulator.files.bundles.lines import records_in
from simulator.files.bundles.reading import (
    Bundle,
    checking,
    manifest_of,
    opened_bundle,
    strangers,
)
from simulator.lanes import lanes
from simulator.moving.moved import Moved
from simulator.moving.mover import Mover
from simulator.process import SystemClock, is_dead, owner_name

Hear = Callable[[float], None]

_NAMED = 3
_CHECKED, _STAGED = 0.2, 0.6
"""Shares of the work that are done once all is checked, and once all is read."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a bundle."""

    manifest: Manifest
    moved: Moved
    """What became of its records; of a dry run, what would."""
    strangers: tuple[str, ...]
    """Files in it that its checksums do not name; they were left alone."""


async def read_bundle(
    store: ExperimentStore,
    path: Path,
    *,
    user: str,
    dry_run: bool = False,
    hear: Hear = lambda share: None,
) -> Imported:
    """Store what a bundle has and the store has not; what is there already is left alone.

    Everything is checked, read and compared before the first record is stored. Cut off after
    that, it leaves whole runs; the same call goes on.

    Args:
        store: Where to.
        path: A folder or a ZIP file.
        user: Who reads it.
        dry_run: Check and compare, but store nothing.
        hear: Told the share that is done, from 0 to 1.

    Raises:
        NotFoundError: There is no bundle.
        BundleDamagedError: A file of it is missing or changed, or cannot be read; it is named.
        DesignChangedError: A later version of the program wrote it.
        ConflictError: The store has something else under an id of the bundle.
    """
    with opened_bundle(path) as bundle:
        checks = checking(bundle)
        while (share := await asyncio.to_thread(next, checks, None)) is not None:
            hear(share * _CHECKED)
        manifest = manifest_of(bundle)
        async with open_empty_store() as staging:
            await _stage(bundle, manifest, staging, hear)
            moved = await _move(staging, store, user, dry_run=True)
            if moved.conflicts:
                raise _conflict(bundle, moved)
            if not dry_run:
                moved = await _move(staging, store, user, dry_run=False, hear=hear)
        return Imported(manifest, moved, tuple(strangers(bundle)))


async def _move(
    source: ExperimentStore,
    target: ExperimentStore,
    user: str,
    *,
    dry_run: bool,
    hear: Hear = lambda share: None,
) -> Moved:
    def listen(moved: Moved) -> None:
        share = moved.runs.total() / max(moved.runs_total, 1)
        hear(_STAGED + (1.0 - _STAGED) * share)

    mover = Mover(
        source, target, owner=owner_name(), user=user, clock=SystemClock(), is_dead=is_dead,
        listener=listen, dry_run=dry_run,
    )  # fmt: skip
    return await mover.move(await source.experiments(ExperimentQuery()))


def _conflict(bundle: Bundle, moved: Moved) -> ConflictError:
    faults = [str(fault) for fault in moved.conflicts]
    more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    return ConflictError(
        f"The store has other records under ids of {bundle.place}, so nothing was imported: "
        f"{'; '.join(faults[:_NAMED])}{more}.",
        remedy="Import it into an empty store to compare both: --store sqlite:///OTHER.db",
    )


# ---------------------------------------------------------------- staging


async def _stage(bundle: Bundle, manifest: Manifest, staging: ExperimentStore, hear: Hear) -> None:
    """Put all records into an empty store, which finds what cannot be together."""
    found = dict.fromkeys(("experiments", "batches", "runs", "steps"), 0)

    async def add_run(run_and_steps: tuple[Run, list[Step]]) -> None:
        await staging.add_run(*run_and_steps)

    try:
        with bundle.open(layout.EXPERIMENTS) as file:
            for experiment in records_in(file, bundle.where(layout.EXPERIMENTS), Experiment):
                await staging.add_experiment(experiment)
                found["experiments"] += 1
        with bundle.open(layout.BATCHES) as file:
            for batch in records_in(file, bundle.where(layout.BATCHES), Batch):
                await staging.add_batch(batch)
                found["batches"] += 1
        async with lanes() as start:
            for run, steps in _journals(bundle):
                await start(add_run, (run, steps))
                found["runs"] += 1
                found["steps"] += len(steps)
                hear(_CHECKED + (_STAGED - _CHECKED) * found["runs"] / max(manifest.runs, 1))
    except (ConflictError, NotFoundError, DesignChangedError) as error:
        raise _unsound(bundle, error.message) from error
    except StoreError as error:
        raise _unsound(bundle, f"a record cannot be stored: {error.message}") from error
    for name, number in found.items():
        if number != (told := getattr(manifest, name)):
            raise _unsound(bundle, f"{layout.MANIFEST} tells of {told} {name}, there are {number}")


def _journals(bundle: Bundle) -> Iterator[tuple[Run, list[Step]]]:
    """The runs with their steps, one at a time."""
    with bundle.open(layout.RUNS) as runs, bundle.open(layout.JOURNALS) as journals:
        steps = records_in(journals, bundle.where(layout.JOURNALS), Step)
        groups = groupby(steps, lambda step: step.run_id)
        group = next(groups, None)
        for run in records_in(runs, bundle.where(layout.RUNS), Run):
            if group is not None and group[0] == run.id:
                yield run, list(group[1])
                group = next(groups, None)
            else:
                yield run, []
        if group is not None:
            raise _unsound(bundle, f"{layout.JOURNALS} has steps that no run has there")


def _unsound(bundle: Bundle, reason: str) -> BundleDamagedError:
    return BundleDamagedError(
        f"{bundle.place} does not fit together: {reason.rstrip('.')}.",
        remedy="Nothing was imported; write it again where it comes from.",
    )
