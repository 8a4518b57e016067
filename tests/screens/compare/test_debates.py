"""Two runs of a debate beside each other."""

from __future__ import annotations

from screens.compare.pair_list import PairList
from screens.compare.screen import CompareScreen
from screens.laboratory import Laboratory
from tests import kept_debates as kept
from tests.screens.conftest import NARROW, OpenScreen, settled


async def test_pairs_stand_under_their_question_and_round(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    made = kept.design()
    run = await kept.stored(laboratory.services.store, made)
    other = "0RUN00000000000000000DEB8F"
    steps = kept.journal(made, run_id=other, first=3)
    steps[-1] = steps[-1].model_copy(update={"content": "Answer: 9"})
    await laboratory.services.store.add_run(kept.run_of(made, steps, other), steps)
    async with open_screen(CompareScreen(laboratory, run.id, other), NARROW) as pilot:
        await settled(pilot)
        rows = pilot.app.screen.query_one(PairList).rows
        assert [row.heading for row in rows if row.heading] == [
            part for n in (1, 2, 3) for part in (f"Question {n}", "Round 1", "Round 2")
        ]
        assert [n for n, row in enumerate(rows) if not row.pair.is_same] == [9]
        assert "soft tokens" not in rows[9].sides[0].words.text
