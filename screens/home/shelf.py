"""The experiments of the store, as the list keeps them."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

from screens.home.listing import Entry, entry_of
from simulator.domain.records import Experiment, ExperimentQuery
from simulator.errors import NotFoundError
from simulator.services import Services

NEWEST = 50
"""Experiments that are looked at for news."""
AT_ONCE = 100
"""Entries that are made before others on the event loop have their turn."""


class Shelf:
    """Read as a whole once; then only what is new is asked for."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.entries: dict[str, Entry] = {}
        """By id."""
        self._touched: dict[str, Entry | None] = {}
        """What was read by itself since a reading began that may know it as it was before."""

    async def read(self) -> None:
        """Read all of them."""
        self._touched = {}
        found = await self._services.store.experiments(ExperimentQuery())
        counts = await self._services.store.count_runs([one.id for one in found])
        entries: dict[str, Entry] = {}
        # Each design is let go of as soon as it was looked at: all at once, that takes a while.
        waiting = deque(found)
        del found
        while waiting:
            one = waiting.popleft()
            entries[one.id] = self._entry(one, counts[one.id])
            if len(entries) % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._show(entries)

    async def glance(self) -> None:
        """Read the newest only."""
        self._touched = {}
        newest = await self._services.store.experiments(ExperimentQuery(limit=NEWEST))
        counts = await self._services.store.count_runs([one.id for one in newest])
        self._show({one.id: self._entry(one, counts[one.id]) for one in newest})

    async def look(self) -> bool:
        """Ask for what came, changed or went among the newest, and for runs; whether anything did.

        What others change or delete of what is older is seen by `read`.
        """
        self._touched = {}
        before = dict(self.entries)
        newest = await self._services.store.experiments(ExperimentQuery(limit=NEWEST))
        if newest and not any(one.id in before for one in newest):
            await self.read()
            return True
        ids = {one.id for one in newest}
        counts = await self._services.store.count_runs([*{*before, *ids}])
        oldest = newest[-1] if len(newest) == NEWEST else None

        def is_there(entry: Entry) -> bool:
            """Whether nothing says that it is gone: it is no younger than what was asked for."""
            return oldest is not None and entry.created_at <= oldest.created_at

        known = {
            id_: entry if entry.runs == counts[id_] else replace(entry, runs=counts[id_])
            for id_, entry in before.items()
            if id_ not in ids and is_there(entry)
        }
        self._show(known | {one.id: self._entry(one, counts[one.id]) for one in newest})
        return self.entries != before

    async def reread(self, experiment_id: str) -> None:
        """Read one again; it leaves the list when it is gone."""
        try:
            experiment = await self._services.store.experiment(experiment_id)
        except NotFoundError:
            self.drop(experiment_id)
        else:
            counts = await self._services.store.count_runs([experiment_id])
            entry = self._entry(experiment, counts[experiment_id])
            self._touched[experiment_id] = self.entries[experiment_id] = entry

    def drop(self, experiment_id: str) -> None:
        """It is gone."""
        self._touched[experiment_id] = None
        self.entries.pop(experiment_id, None)

    def _show(self, entries: dict[str, Entry]) -> None:
        """Have these from now on."""
        for id_, entry in self._touched.items():
            if entry is None:
                entries.pop(id_, None)
            else:
                entries[id_] = entry
        self.entries = entries

    def _entry(self, experiment: Experiment, runs: int) -> Entry:
        return entry_of(experiment, runs, self._services.settings.creator)
