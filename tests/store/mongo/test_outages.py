"""The server goes away in the middle of a batch, and the batch ends as if it had not.

These tests kill and stop a server of their own: the stand-in, whatever MONGODB_URI says.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from simulator.domain.events import Event, StepCommitted
from simulator.domain.records import RunQuery
from simulator.engine.runner import Played
from simulator.errors import StoreUnavailableError
from simulator.store import mongo_patience
from simulator.store.mongo import MongoStore
from simulator.store.opening import StoreOptions
from tests.lab import Lab, ScriptedPool, StillClock, design
from tests.servers.mongo.launching import MongoServer
from tests.store.asking import following, next_steps
from tests.store.examples import a_run, a_step, an_experiment
from tests.store.mongo.notices import PATIENCE_S, Notices

TALK = design(days=2, messages=6)
SEEDS = range(6)


@pytest.fixture
async def store(server: MongoServer, heard: Notices) -> AsyncIterator[MongoStore]:
    options = StoreOptions(timeout_s=0.5, patience_s=PATIENCE_S)
    opened = await MongoStore.open(server.uri, options, heard)
    yield opened
    await opened.close()


def a_lab(store: MongoStore) -> Lab:
    lab = Lab(store, ScriptedPool(), StillClock())
    lab.pool.script(lambda request: f"reply {len(request.prompt)} of {request.seed % 1000}")
    return lab


async def batch(lab: Lab, listener: Callable[[Event], None]) -> list[list[tuple[object, ...]]]:
    """Play runs side by side; their transcripts."""
    queued = [await lab.queue(TALK, seed=seed) for seed in SEEDS]
    async with asyncio.timeout(PATIENCE_S):
        played: list[Played] = await asyncio.gather(
            *(lab.play(run, resolved, listener=listener) for run, resolved in queued)
        )
    assert [one.run.status for one in played] == ["completed"] * len(queued)
    return [
        [
            (s.scope, s.index, s.position, s.speaker, s.content, s.prompt_hash)
            for s in await lab.store.steps(run.id)
        ]
        for run, _ in queued
    ]


class Trouble:
    """Calls `begin` once when so many steps are committed."""

    def __init__(self, after: int, begin: Callable[[], None]) -> None:
        self._left = after
        self._begin = begin

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepCommitted):
            self._left -= 1
            if self._left == 0:
                self._begin()


@pytest.fixture
async def undisturbed(lab: Lab) -> list[list[tuple[object, ...]]]:
    lab.pool.script(lambda request: f"reply {len(request.prompt)} of {request.seed % 1000}")
    return await batch(lab, lambda event: None)


@pytest.mark.parametrize("after", [1, 17, 40])
async def test_a_killed_server_that_comes_back_changes_nothing(
    server: MongoServer,
    store: MongoStore,
    heard: Notices,
    undisturbed: list[list[tuple[object, ...]]],
    after: int,
) -> None:
    async def bring_back() -> None:
        await heard.wait_for("cannot be reached")
        await asyncio.to_thread(server.restart)

    saviour = asyncio.ensure_future(bring_back())
    transcripts = await batch(a_lab(store), Trouble(after, server.kill))
    await saviour
    assert transcripts == undisturbed
    assert "Waiting up to 1 min" in heard.sentences[0]
    assert "is back after" in heard.sentences[-1]


async def test_a_server_that_hangs_is_waited_for_and_told(
    server: MongoServer,
    store: MongoStore,
    heard: Notices,
    undisturbed: list[list[tuple[object, ...]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mongo_patience, "_SILENCE_S", 0.2)

    async def wake_up() -> None:
        await heard.wait_for("does not answer")
        server.resume()

    saviour = asyncio.ensure_future(wake_up())
    transcripts = await batch(a_lab(store), Trouble(20, server.pause))
    await saviour
    assert transcripts == undisturbed
    assert "is back after" in heard.sentences[-1]


async def test_who_follows_goes_on_after_an_outage(
    server: MongoServer, store: MongoStore, heard: Notices
) -> None:
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1"), [a_step(0)])
    async with following(store) as steps:
        assert await next_steps(steps, 1) == [a_step(0)]
        rest = asyncio.ensure_future(next_steps(steps, 1))
        server.kill()
        commit = asyncio.ensure_future(store.commit(a_step(1)))
        await heard.wait_for("cannot be reached")
        await asyncio.to_thread(server.restart)
        await commit
        assert await rest == [a_step(1)]


async def test_patience_ends(server: MongoServer, heard: Notices) -> None:
    options = StoreOptions(timeout_s=0.2, patience_s=0.3)
    store = await MongoStore.open(server.uri, options, heard)
    await store.add_experiment(an_experiment())
    server.kill()
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        await store.runs(RunQuery())
    await store.close()


async def test_closing_does_not_wait_for_a_server_that_hangs(
    server: MongoServer, heard: Notices
) -> None:
    store = await MongoStore.open(server.uri, StoreOptions(timeout_s=30.0), heard)
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1"))
    server.pause()
    commit = asyncio.ensure_future(store.commit(a_step(0)))
    question = asyncio.ensure_future(store.runs(RunQuery()))
    await asyncio.wait({commit}, timeout=0.1)
    async with asyncio.timeout(10 * mongo_patience.PARTING_S):
        await store.close()
    server.resume()
    for asked in (commit, question):
        with pytest.raises(StoreUnavailableError):
            await asked


async def test_closing_does_not_wait_for_a_server_that_is_gone(
    server: MongoServer, store: MongoStore, heard: Notices
) -> None:
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1"))
    server.kill()
    commit = asyncio.ensure_future(store.commit(a_step(0)))
    await heard.wait_for("cannot be reached")
    await store.close()
    with pytest.raises(StoreUnavailableError):
        await commit
