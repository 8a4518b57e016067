"""Games of telephone read by chain and generation."""

from __future__ import annotations

import time

from textual.widgets import Input, Static

from screens.dialogs import AskText
from screens.laboratory import Laboratory
from screens.transcript.screen import TranscriptScreen
from simulator.domain.records import Lease
from tests import kept_chains as kept
from tests.presentation.test_chain_ordering import journal, telephone
from tests.screens.conftest import WIDE
from tests.screens.host import NOW
from tests.screens.transcript.looking import (
    details,
    dialog,
    header,
    opened,
    pick,
    ready,
    told,
    view,
)
from tests.screens.transcript.test_debates import heads, here, said
from tests.screens.widgets.messages import text_of
from tests.waiting import until


async def test_chains_generations_and_likenesses_are_told(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store, 3)
    async with opened(laboratory, run.id, WIDE) as pilot:
        assert heads(pilot)[:5] == [
            "Chain 1 of 4 · text-20", "Generation 1", "Generation 2", "Generation 3",
            "Chain 2 of 4 · text-40",
        ]  # fmt: skip
        assert "(33 % like the initial text)" in text_of(view(pilot))
        assert "completed: 4 chains of 3 generations" in header(pilot)
        await pilot.press("down", "p")
        await ready(pilot)
        assert "generation 1" in details(pilot)


async def test_keys_go_from_chain_to_chain(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store, 1)
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("right_square_bracket")
        assert here(pilot) == f"Initial text: {'a' * 40}"
        await pilot.press("down", "left_square_bracket", "left_square_bracket")
        assert here(pilot) == f"Initial text: {'a' * 20}"
        await pilot.press("number_sign")
        await dialog(pilot, AskText)
        await pilot.press("5", "enter")
        fault = pilot.app.screen.query_one("#fault", Static)
        assert str(fault.content) == "A number from 1 to 4."
        pilot.app.screen.query_one(Input).value = "4"
        await pilot.press("enter")
        await ready(pilot)
        assert here(pilot) == f"Initial text: {'a' * 160}"
        assert any("Next chain" in one.binding.description
                   for one in pilot.app.screen.active_bindings.values())  # fmt: skip


async def test_a_chain_that_has_not_begun_is_not_gone_to(laboratory: Laboratory) -> None:
    made = kept.design()
    run = await kept.stored(laboratory.services.store, 0, made, steps=kept.journal(made, 0)[:2])
    async with opened(laboratory, run.id) as pilot:
        assert "0 of 4 chains · generation 0 of 3 on average" in header(pilot)
        await pilot.press("number_sign")
        await dialog(pilot, AskText)
        await pilot.press("3", "enter")
        await ready(pilot)
        assert "No message of chain 3 is shown." in told(pilot)
        assert here(pilot) == f"Initial text: {'a' * 20}"


async def test_chains_are_chosen_by_their_end_and_their_text(laboratory: Laboratory) -> None:
    made = kept.design()
    steps = kept.journal(made, 3)[:14]
    run = await kept.stored(laboratory.services.store, 2, made, steps=steps)
    async with opened(laboratory, run.id) as pilot:
        line = pilot.app.screen.query_one("#filters", Static)
        for which, heading in (
            ("not complete", "Chain 3 of 4 · text-80 · 2 of 3 generations"),
            ("text text-40", "Chain 2 of 4 · text-40"),
        ):
            await pilot.press("w")
            await pick(pilot, which)
            await ready(pilot)
            assert heads(pilot)[0] == heading and f"only {which}" in str(line.content)
        await pilot.press("w")
        await pick(pilot, "the last two texts the same")
        await ready(pilot)
        assert text_of(view(pilot)).strip() == "No message is like that."
        await pilot.press("w")
        await pick(pilot, "text text-40")
        await pilot.press("d")
        await pick(pilot, "generation 2")
        await ready(pilot)
        assert heads(pilot) == ["Chain 2 of 4 · text-40 · Generation 2"]
        assert "only generation 2 · only text text-40 · 1 message" in str(line.content)


async def test_texts_that_come_later_go_to_their_chains(laboratory: Laboratory) -> None:
    made = kept.design()
    steps = kept.journal(made, 3)
    run = await kept.stored(laboratory.services.store, 1, made, steps=steps[:6])
    async with opened(laboratory, run.id) as pilot:
        assert heads(pilot)[:3] == [
            "Chain 1 of 4 · text-20 · 1 of 3 generations", "Generation 1",
            "Chain 2 of 4 · text-40 · 1 of 3 generations",
        ]  # fmt: skip
        screen = pilot.app.screen
        assert isinstance(screen, TranscriptScreen) and screen.reading is not None
        screen.reading._arrived += steps[6:]
        screen._draw()
        await ready(pilot)
        assert heads(pilot)[:5] == [
            "Chain 1 of 4 · text-20", "Generation 1", "Generation 2", "Generation 3",
            "Chain 2 of 4 · text-40",
        ]  # fmt: skip
        assert len(said(pilot)) == 16 and "4 chains of 3 generations" in header(pilot)


async def test_many_chains_open_at_once(laboratory: Laboratory) -> None:
    made = telephone(chains=50, generations=49)
    run = await kept.stored(laboratory.services.store, 49, made, steps=journal(made))
    begun = time.process_time()
    async with opened(laboratory, run.id) as pilot:
        assert len(view(pilot).rows) == 5000
        await pilot.press("number_sign")
        await dialog(pilot, AskText)
        await pilot.press(*"99", "enter")
        await ready(pilot)
        assert "Chain 99 of 100 · calm · repetition 49" in text_of(view(pilot))
    assert time.process_time() - begun < 10


async def test_what_was_there_when_reading_began_is_not_new(laboratory: Laboratory) -> None:
    store = laboratory.services.store
    made = kept.design()
    steps = kept.journal(made, 3)
    run = await kept.stored(store, 2, made, steps=steps[:9])
    lease = Lease("lab-3-0a0a0a:4711:8842", NOW.replace(year=NOW.year + 1), "bob")
    await store.acquire(run.id, lease, now=NOW)
    async with opened(laboratory, run.id) as pilot:
        assert len(view(pilot).rows) == 9 and view(pilot).added == 0
        await store.commit(steps[11])
        await until(lambda: len(view(pilot).rows) == 10)
        assert view(pilot).added == 1
