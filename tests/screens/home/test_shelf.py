from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from screens.home import shelf as shelving
from screens.home.shelf import Shelf
from screens.laboratory import Laboratory
from tests.screens.home.shelves import add, add_runs


async def filled(laboratory: Laboratory, number: int) -> Shelf:
    """A shelf with so many experiments, E00 the newest."""
    for days in range(number):
        await add(laboratory, f"E{days:02}", days_old=days)
    shelf = Shelf(laboratory.services)
    await shelf.read()
    return shelf


async def test_all_are_read_and_the_newest_glanced_at(laboratory: Laboratory) -> None:
    shelf = await filled(laboratory, shelving.NEWEST + 3)
    assert len(shelf.entries) == shelving.NEWEST + 3
    await shelf.glance()
    assert list(shelf.entries)[-1] == f"E{shelving.NEWEST - 1}"


async def test_a_look_sees_what_came_went_and_got_runs(laboratory: Laboratory) -> None:
    shelf = await filled(laboratory, shelving.NEWEST + 3)
    store = laboratory.services.store
    assert not await shelf.look()
    await store.delete_experiment("E00", now=laboratory.now())
    await store.annotate_experiment("E01", note="new", star="ada")
    old = await store.experiment(f"E{shelving.NEWEST + 2}")
    await add_runs(laboratory, old, "R1")
    await add(laboratory, "N", days_old=-1)
    assert await shelf.look()
    assert "E00" not in shelf.entries and "N" in shelf.entries
    assert shelf.entries["E01"].note == "new" and shelf.entries["E01"].is_starred
    assert shelf.entries[old.id].runs == 1
    assert len(shelf.entries) == shelving.NEWEST + 3


async def test_a_look_after_a_flood_reads_all(laboratory: Laboratory) -> None:
    shelf = await filled(laboratory, 2)
    await asyncio.gather(
        *(add(laboratory, f"N{n:03}", days_old=-n - 1) for n in range(shelving.NEWEST + 5))
    )
    assert await shelf.look()
    assert len(shelf.entries) == shelving.NEWEST + 7


async def test_one_is_read_again(laboratory: Laboratory) -> None:
    shelf = await filled(laboratory, 2)
    store = laboratory.services.store
    await store.annotate_experiment("E01", star="ada")
    await shelf.reread("E01")
    assert shelf.entries["E01"].is_starred
    await store.delete_experiment("E01", now=laboratory.now())
    await shelf.reread("E01")
    assert list(shelf.entries) == ["E00"]


@pytest.mark.parametrize("reading", ["read", "look", "glance"])
async def test_what_is_changed_while_all_is_read_is_shown_as_it_is(
    laboratory: Laboratory, reading: str
) -> None:
    shelf = await filled(laboratory, 3)
    store: Any = laboratory.services.store
    count = store.count_runs

    async def meanwhile(ids: Sequence[str]) -> Any:
        """The experiments were read before they are changed."""
        store.count_runs = count
        await store.annotate_experiment("E01", note="new")
        await shelf.reread("E01")
        await store.delete_experiment("E02", now=laboratory.now())
        await shelf.reread("E02")
        await add(laboratory, "N")
        await shelf.reread("N")
        return await count(ids)

    store.count_runs = meanwhile
    await getattr(shelf, reading)()
    assert shelf.entries["E01"].note == "new"
    assert sorted(shelf.entries) == ["E00", "E01", "N"]


async def test_a_look_at_an_emptied_store(laboratory: Laboratory) -> None:
    shelf = await filled(laboratory, 1)
    await laboratory.services.store.delete_experiment("E00", now=laboratory.now())
    assert await shelf.look()
    assert shelf.entries == {}
