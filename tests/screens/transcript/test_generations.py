"""Lineages of learners read by generation."""

from __future__ import annotations

from textual.widgets import Static

from screens.laboratory import Laboratory
from simulator.domain.records import Outcome
from tests import kept_lineages as kept
from tests.screens.conftest import WIDE
from tests.screens.transcript.looking import details, header, opened, pick, ready, view
from tests.screens.transcript.test_debates import heads, here
from tests.screens.widgets.messages import text_of


async def test_generations_are_read_with_what_was_found(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store)
    async with opened(laboratory, run.id, WIDE) as pilot:
        assert heads(pilot) == [
            "First data", "Generation 1 · H = 0.87 nats · P(screen off) = 0.03",
            "Generation 2 · H = 1.60 nats · P(screen off) = 0.87",
            "Generation 3 · H = 3.44 nats · P(screen off) = 0.67",
        ]  # fmt: skip
        assert "completed: 3 generations · H = 3.44 nats" in header(pilot)
        shown = " ".join(text_of(view(pilot)).split())
        assert "(rule, 5 of 5 objects right, explains 4 of 4 first examples)" in shown
        assert "[red]I do not know[/]" in shown
        await pilot.press("right_square_bracket", "right_square_bracket")
        assert here(pilot) == f"Learner 1: Rule: {kept.ALTERNATIVE}"
        assert any("Next generation" in one.binding.description
                   for one in pilot.app.screen.active_bindings.values())  # fmt: skip
        await pilot.press("w")
        await pick(pilot, "no rule in the reply")
        await ready(pilot)
        assert heads(pilot)[0].startswith("Generation 3")
        line = pilot.app.screen.query_one("#filters", Static)
        assert "only no rule in the reply · 2 messages" in str(line.content)
        await pilot.press("escape", "a")
        await ready(pilot)
        shown = text_of(view(pilot))
        assert "scored 243 answers" in shown and "(H = 0.87 nats, P(screen off) = 0.03)" in shown
        await pilot.press("home", "right_square_bracket", "p")
        await ready(pilot)
        found = " ".join(details(pilot).split())
        assert "likeliest of 243 answers" in found and f"90.0 % Rule: {kept.TRUTH}" in found
        assert "233 others" in found and len(found) < 3000, "no wall of text"


async def test_a_lineage_that_ended_early_says_why(laboratory: Laboratory) -> None:
    made = kept.Journal()
    made.said("rule", "I do not know.", 1)
    ended = Outcome(reason="no_rule", detail="learner 1 found no rule")
    run = await kept.stored(laboratory.services.store, made.steps, outcome=ended)
    async with opened(laboratory, run.id, WIDE) as pilot:
        told = " ".join(header(pilot).split())
        assert "completed: generation 1 of 3 · no_rule: learner 1 found no rule" in told
