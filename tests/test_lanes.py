"""Works side by side: so many at a time, in order, and stopped by the first failure."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import StoreError, UsageError
from simulator.importing import import_originals
from simulator.lanes import LANES, in_lanes, lanes
from tests.moving.copying import Watched, stores
from tests.originals.examples import conversation, experiment, messages


class UnderWay:
    """How many calls of a name are under way in a store."""

    def __init__(self, store: Any, name: str) -> None:
        self.most = 0
        self._now = 0
        self._name = name
        self.store = Watched(store)
        self.store.before = lambda name, arguments: self._count(name, 1)
        self.store.after = lambda name, arguments: self._count(name, -1)

    def _count(self, name: str, change: int) -> None:
        self._now += change * (name == self._name)
        self.most = max(self.most, self._now)


async def test_results_are_in_order_and_only_so_many_are_under_way() -> None:
    under_way: list[int] = []
    now = 0

    async def double(number: int) -> int:
        nonlocal now
        now += 1
        under_way.append(now)
        for _ in range(5 - number % 5):
            await asyncio.sleep(0)
        now -= 1
        return 2 * number

    assert await in_lanes(double, range(50)) == [2 * number for number in range(50)]
    assert max(under_way) == LANES


async def test_the_first_failure_stops_the_others_and_is_raised_alone() -> None:
    stopped: list[int] = []

    async def work(number: int) -> None:
        if number == 3:
            raise StoreError("refused")
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(number)

    with pytest.raises(StoreError, match="refused"):
        await in_lanes(work, range(40))
    assert set(stopped) <= set(range(LANES))
    stopped.clear()
    with pytest.raises(UsageError, match="of the block"):
        async with lanes() as start:
            await start(work, 1)
            await asyncio.sleep(0)
            raise UsageError("of the block")
    assert stopped == [1]


async def test_an_import_adds_many_runs_at_once(tmp_path: Path) -> None:
    ids = [f"{number:024x}" for number in range(40)]
    dump = tmp_path / "dump.json"
    documents = {
        "experiments": [experiment(conversation_ids=ids)],
        "conversations": [conversation(_id=id_, messages_ids=[id_]) for id_ in ids],
        "messages": [messages()[0] | {"_id": id_} for id_ in ids],
    }
    dump.write_text(json.dumps(documents), encoding="utf-8")
    async with stores(1) as (store,):
        adding = UnderWay(store, "add_run")
        report = await import_originals(adding.store, [str(dump)])
        assert (report.runs, report.new_runs) == (40, 40)
        assert adding.most == LANES
