from __future__ import annotations

import pytest

from screens.home.empty_shelf import EmptyShelf
from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap
from tests.screens.home.shelves import HOSTILE, add, add_runs, home, plain, ready, settled
from tests.waiting import until

sizes = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


async def full(laboratory: Laboratory) -> None:
    """Experiments of every sort, with relatives, stars, notes and runs."""
    prison = await add(
        laboratory, "01K0AAAAAAAAAAAAAAAAAAAAAA", "Prison: escape", note="Who is hostile first?",
        starred_by=("ada",), roles=[
            {"name": "guard", "starting_prompt": "You are a guard. Keep order in the prison."},
            {"name": "prisoner", "count": 2, "starting_prompt": "You are a prisoner.\nAsk."},
        ],
    )  # fmt: skip
    await add(laboratory, "01K0BBBBBBBBBBBBBBBBBBBBBB", "Prison: yard time", days_old=2,
              creator="bob", parent_id=prison.id, model="openai/gpt-4o-mini")  # fmt: skip
    await add(laboratory, "01K0CCCCCCCCCCCCCCCCCCCCCC", f"{HOSTILE} 日本語 مرحبا", days_old=9,
              creator="cho", messages=4)  # fmt: skip
    runs = await add_runs(
        laboratory, prison, "01K1AAAAAAAAAAAAAAAAAAAAAA", "01K1BBBBBBBBBBBBBBBBBBBBBB",
        "01K1CCCCCCCCCCCCCCCCCCCCCC",
    )  # fmt: skip
    store = laboratory.services.store
    await store.update_run(runs[0].id, status="completed")
    await store.annotate_run(runs[0].id, star="ada", note="odd")
    await store.update_run(runs[1].id, status="failed", error="it broke")


@sizes
async def test_empty(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(HomeScreen(laboratory), size) as pilot:
        await until(lambda: home(pilot).query_one(EmptyShelf).display)
        await settled(pilot)
        snap(pilot)


@sizes
async def test_full(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    await full(laboratory)
    async with open_screen(HomeScreen(laboratory), size) as pilot:
        await ready(pilot)
        snap(pilot)


@sizes
async def test_runs(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    await full(laboratory)
    async with open_screen(HomeScreen(laboratory), size) as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await settled(pilot)
        snap(pilot)


@sizes
async def test_error(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    # The file's folder is another one at each run, so its name must not show.
    store = laboratory.services.store
    store.path = type(store.path)("lab.db")  # type: ignore[attr-defined]
    await store.close()
    async with open_screen(HomeScreen(laboratory), size) as pilot:
        await until(lambda: "r tries again" in plain(pilot))
        snap(pilot)


@sizes
async def test_filtered(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    await full(laboratory)
    async with open_screen(HomeScreen(laboratory), size) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"nothing")
        await settled(pilot)
        home(pilot).bar.query_one("#search").blur()
        await settled(pilot)
        snap(pilot)


async def test_deletion(laboratory: Laboratory, open_screen: OpenScreen, snap: Snap) -> None:
    await full(laboratory)
    async with open_screen(HomeScreen(laboratory), NARROW) as pilot:
        await ready(pilot)
        await pilot.press("delete")
        await settled(pilot)
        snap(pilot)
