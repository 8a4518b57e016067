"""`db`: what the store is, and copies of experiments between two stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

import click

from simulator.cli.commands import VerbGroup
from simulator.cli.session import Session, check_store
from simulator.errors import NotFoundError, SimulatorError, UsageError

if TYPE_CHECKING:
    from simulator.domain.ports import ExperimentStore
    from simulator.domain.records import Experiment
    from simulator.library import Library
    from simulator.moving.moved import Moved
    from simulator.services import Services
    from simulator.settings import Settings

Direction = Literal["push", "pull"]

_experiments = click.argument("experiments", nargs=-1, metavar="[EXPERIMENT]...")
_dry_run = click.option("--dry-run", is_flag=True, help="Only tell what would be copied.")


@click.group(cls=VerbGroup)
def db() -> None:
    """Show the store in use, or copy experiments between it and another store.

    A store is mongodb://HOST/DATABASE, sqlite:///PATH or the path of a file.
    """


@db.command(short_help="Show what the store in use is and holds.")
@click.pass_obj
def info(session: Session) -> int:
    """Show what the store in use is, whether you may write, and how much it holds."""

    async def main(services: Services) -> int:
        from simulator.cli.copying import card_facts

        card = await services.store.describe()
        for name, value in card_facts(card).items():
            session.output.line(f"{name:<9}{value}")
        session.output.result(asdict(card))
        return 0

    return session.work(main)


@db.command(short_help="Copy experiments with their runs into another store.")
@click.argument("target", required=False)
@_experiments
@_dry_run
@click.pass_obj
def push(session: Session, target: str | None, experiments: tuple[str, ...], dry_run: bool) -> int:
    """Copy all experiments with their runs, or those named, from the store in use into TARGET.

    What TARGET has is never overwritten or deleted; pushing again goes on where it stopped.
    Without TARGET it is the MongoDB of the settings, where another store is in use.
    """
    return _move(session, "push", target, experiments, dry_run)


@db.command(short_help="Copy experiments with their runs from another store.")
@click.argument("source", required=False)
@_experiments
@_dry_run
@click.pass_obj
def pull(session: Session, source: str | None, experiments: tuple[str, ...], dry_run: bool) -> int:
    """Copy all experiments with their runs, or those named, from SOURCE into the store in use.

    What is here is never overwritten or deleted; pulling again goes on where it stopped. Without
    SOURCE it is the MongoDB of the settings, where another store is in use.
    """
    return _move(session, "pull", source, experiments, dry_run)


def _move(
    session: Session, direction: Direction, address: str | None, names: Sequence[str], dry_run: bool
) -> int:
    settings = _settings_of_other(session, direction, address)

    async def main(services: Services) -> int:
        from simulator.cli.copying import show_moved
        from simulator.library import Library
        from simulator.moving.mover import same_store

        library: Library = services
        # Before the target is made.
        chosen = [await _experiment(library, name) for name in names if direction == "push"]
        async with _opened(session, settings, direction, dry_run) as (other, place):
            if same_store(await services.store.describe(), await other.describe()):
                raise UsageError(
                    f"{place} is the store in use; it cannot be copied to itself.",
                    remedy="Name another store, or choose the one in use with --store.",
                )
            target = other
            if direction == "pull":
                library, target = Library(services.settings, other, services.kinds), services.store
                chosen = [await _experiment(library, name) for name in names]
            moved = await _moved(session, library, target, chosen if names else None, dry_run)
        return show_moved(session.output, moved, direction, place, is_dry=dry_run)

    return session.work(main)


@asynccontextmanager
async def _opened(
    session: Session, settings: Settings, direction: Direction, dry_run: bool
) -> AsyncIterator[tuple[ExperimentStore, str]]:
    """The other store and how it is named; an empty one where a push would make it."""
    from simulator.adapters import open_empty_store, open_second_store
    from simulator.redaction import Redactor

    is_push = direction == "push"
    async with AsyncExitStack() as stack:
        try:
            store = await stack.enter_async_context(
                open_second_store(settings, session.output.warn, may_make=is_push and not dry_run)
            )
            place = (await store.describe()).place
        except NotFoundError:
            if not is_push:
                raise
            store = await stack.enter_async_context(open_empty_store())
            place = Redactor(())(settings.store_url).partition("?")[0]
        yield store, place


def _settings_of_other(session: Session, direction: Direction, address: str | None) -> Settings:
    """The settings with the other store instead of the one in use."""
    if address is not None:
        check_store(address)
        return session.settings_at(address)
    usual = session.settings.model_copy(update={"store": None})
    has_shared = bool(usual.mongodb_uri or usual.db_cluster_url)
    if not has_shared or usual.store_url == session.settings.store_url:
        raise UsageError(
            f"Which store to {direction} {'to' if direction == 'push' else 'from'} is not said.",
            remedy=f"Name one, such as `db {direction} mongodb://HOST/DATABASE`.",
        )
    return session.settings_at(usual.store_url)


async def _experiment(library: Library, name: str) -> Experiment:
    try:
        return await library.find_experiment(name)
    except NotFoundError as error:
        near = error.remedy if error.remedy and error.remedy.startswith("Did you mean") else None
        raise NotFoundError(
            f"There is no experiment {name!r} to copy.", remedy=near or "`ls` lists experiments."
        ) from None


async def _moved(
    session: Session,
    library: Library,
    target: ExperimentStore,
    chosen: Sequence[Experiment] | None,
    dry_run: bool,
) -> Moved:
    """Copy what was chosen, or everything, in front of the user."""
    from simulator.cli.copying import copy_display
    from simulator.domain.records import ExperimentQuery
    from simulator.moving.mover import Mover
    from simulator.process import SystemClock, is_dead, owner_name

    source = library.store
    try:
        with copy_display(session.output) as listener:
            mover = Mover(
                source, target, owner=owner_name(), user=library.settings.creator,
                clock=SystemClock(), is_dead=is_dead, listener=listener, dry_run=dry_run,
            )  # fmt: skip
            if chosen is None:
                chosen = await source.experiments(ExperimentQuery())
            return await mover.move(chosen)
    except (asyncio.CancelledError, SimulatorError):
        session.output.aside(
            "Stopped. What has arrived stays; the same command goes on from there."
        )
        raise
