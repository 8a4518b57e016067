from __future__ import annotations

import pytest

from simulator.domain.estimates import Estimate, KnownModel, Reckoning, Speed
from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.prices import FREE, Price
from simulator.domain.workloads import Habits, ReplyLength, Workload
from simulator.errors import BackendUnavailableError
from simulator.presentation.estimates import estimate_lines, large, product_text, span

MEASURED = Habits(ReplyLength(20, 80))
KNOWN = {
    "pocket": KnownModel(
        "pocket", MEASURED, Speed(0.05, 1.0, 3), FREE, context_length=1024, is_computed_here=True
    ),
    "lab/[red]x": KnownModel("lab/[red]x", MEASURED, None, Price(input_usd=1.0, output_usd=10.0)),
    "lab/off": KnownModel(
        "lab/off", problem=BackendUnavailableError("It is off.", remedy="Start it.")
    ),
}


def axis(name: str, number: int) -> Axis:
    return Axis(name, tuple(Option(str(place)) for place in range(number)))


def estimate(*models: str, tokens: int = 1000, bad: int = 0, person: bool = False) -> Estimate:
    reckoning = Reckoning(2, 4, KNOWN.__getitem__)
    reckoning.add(
        [Workload(model, 8, 10 * tokens, tokens, 900) for model in models], asks_person=person
    )
    for place in range(bad):
        reckoning.add_bad([f"days: too many ({place % 5})"])
    return reckoning.estimate()


def texts(found: Estimate) -> list[str]:
    return [line.text for line in estimate_lines(found)]


def test_what_is_scored_is_told() -> None:
    reckoning = Reckoning(2, 4, KNOWN.__getitem__)
    reckoning.add([Workload("pocket", 0, 0, 0, 900, scored=243, scored_bytes=5000)])
    total, model = texts(reckoning.estimate())
    assert total.startswith("0 calls · 486 answers scored · 0 prompt tokens · ")
    assert total.endswith(" · time unknown") and "no earlier run tells how fast it scores" in model


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (45, "45 s"), (100, "2 min"), (3600, "60 min"), (7200, "2 h"),
     (11_400, "3 h 10 min"), (190_000, "2 d 4 h")],
)  # fmt: skip
def test_spans(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (16_800, "16,800"), (340_000, "340 k"), (21_400_000, "21.4 M"),
     (3 * 10**9, "3.0 G")],
)  # fmt: skip
def test_large_counts(number: int, words: str) -> None:
    assert large(number) == words


def test_how_the_number_of_runs_comes_about() -> None:
    grid = Grid((axis("days", 2), axis("levels.goal", 3), axis("messages", 1)))
    assert product_text(grid, 5) == "days 2 × goal 3 × repetitions 5 = 30 runs"
    assert product_text(grid, 1) == "days 2 × goal 3 = 6 runs"
    assert product_text(Grid(), 1) == "1 run"
    assert product_text(Grid(), 7) == "7 runs"
    assert product_text(Grid((axis("a", 1000), axis("b", 1000))), 1).endswith("= 1.0 M runs")


def test_the_sum_and_each_model() -> None:
    total, pocket = texts(estimate("pocket"))
    assert total == (
        "16 calls · 20,000 prompt tokens · 2,000 of replies · free · about 2 min at 2 at a time"
    )
    assert pocket == (
        "pocket: 2 runs, free, about 2 min (20 tokens/s in 3 runs), context 900 of 1,024 ✓"
    )


def test_what_is_not_known_is_said() -> None:
    total, model = texts(estimate("lab/[red]x"))
    assert total.endswith("$0.04 · time unknown")
    assert model == ("lab/[red]x: 2 runs, $0.04, no earlier run tells its speed, context 900")
    assert "cost unknown" in texts(estimate("lab/off"))[0]
    assert texts(estimate("lab/off"))[-1].startswith("Replies nobody has measured yet")


def test_what_is_wrong_comes_first_with_its_remedy() -> None:
    lines = estimate_lines(estimate("lab/off", bad=11))
    assert [line.text for line in lines if line.tone == "fault"] == [
        "✗ 3 of 12 conditions cannot run: days: too many (0)",
        "✗ 2 of 12 conditions cannot run: days: too many (1)",
        "✗ 2 of 12 conditions cannot run: days: too many (2)",
        "✗ … and 2 more problems",
        "✗ It is off. Start it.",
    ]


def test_prompts_that_may_not_fit_are_marked() -> None:
    reckoning = Reckoning(1, 4, KNOWN.__getitem__)
    reckoning.add([Workload("pocket", 8, 10, 10, 1500)], asks_person=True)
    lines = estimate_lines(reckoning.estimate())
    assert [(line.text.rpartition(", ")[2], line.tone) for line in lines[1:2]] == [
        ("context 1,500 of 1,024 ✗ too long", "warning")
    ]
    fresh = Reckoning(1, 4, lambda model: KnownModel(model, context_length=1024))
    fresh.add([Workload("pocket", 8, 10, 10, 1500)])
    assert "context up to 1,500 of 1,024 ? may be too long" in texts(fresh.estimate())[1]
    assert lines[-1].text == "Somebody must choose who speaks, in the monitor."
