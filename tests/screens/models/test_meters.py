"""How fast replies and downloads come, by a clock of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.models.listing import rows_of
from screens.models.model_list import LEAST_NAME, widths
from screens.models.pulling import PullMeter
from screens.models.trial import Trial
from simulator.domain.journal import Usage
from simulator.domain.models import (
    Chunk,
    Completion,
    EndpointReport,
    ModelCard,
    PullProgress,
    RetryNotice,
)
from tests.screens.models.conftest import many


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


def completion(tokens: int) -> Chunk:
    usage = Usage(calls=1, prompt_tokens=5, completion_tokens=tokens)
    return Chunk(completion=Completion("a b c", "stop", usage))


# ---------------------------------------------------------------- replies


def test_the_first_token_and_the_speed_of_the_rest() -> None:
    clock = Clock()
    trial = Trial(clock)
    clock.forward(2)
    assert trial.pace == "waiting for 2 s"
    trial.hear(Chunk("a "))
    for _ in range(4):
        clock.forward(0.5)
        trial.hear(Chunk("b "))
    assert (trial.first_s, trial.tokens, trial.tokens_per_s) == (2.0, 5, 2.0)
    assert trial.text == "a b b b b "
    trial.hear(completion(41))
    assert trial.tokens_per_s == pytest.approx(20.0)
    assert trial.pace.startswith("first token after 2.00 s · 20 tokens/s · ")
    assert trial.pace.endswith("ended by stop")


def test_a_reply_in_one_piece_has_no_speed() -> None:
    clock = Clock()
    trial = Trial(clock)
    clock.forward(1)
    trial.hear(Chunk("whole"))
    trial.hear(completion(9))
    assert trial.tokens_per_s is None and "tokens/s" not in trial.pace


def test_a_failed_attempt_is_void() -> None:
    clock = Clock()
    trial = Trial(clock)
    trial.hear(Chunk("lost"))
    trial.hear(Chunk(retry=RetryNotice(2, 3.0, "It broke off.")))
    assert trial.text == "" and trial.pace == "It broke off; asking again in 3.0 s"
    clock.forward(4)
    trial.hear(Chunk("kept"))
    assert trial.text == "kept" and trial.first_s == 1.0


# ---------------------------------------------------------------- downloads


def test_a_download_has_a_share_a_speed_and_an_end_in_sight() -> None:
    clock = Clock()
    meter = PullMeter(clock)
    meter.hear(PullProgress("pulling manifest"))
    assert meter.share is None and meter.text == "pulling manifest"
    meter.hear(PullProgress("pulling abc", 0, 4_000_000_000))
    clock.forward(2)
    meter.hear(PullProgress("pulling abc", 1_000_000_000, 4_000_000_000))
    assert meter.share == 0.25 and meter.bytes_per_s == 500_000_000
    assert meter.text == "pulling abc · 25% · 1.0 GB of 4.0 GB · 500 MB/s · 6 s left"


def test_the_speed_is_that_of_the_last_seconds_and_of_one_part() -> None:
    clock = Clock()
    meter = PullMeter(clock)
    for done in (0, 10, 20, 30, 40):
        meter.hear(PullProgress("one", done, 100))
        clock.forward(1)
    clock.forward(20)
    meter.hear(PullProgress("one", 50, 100))
    clock.forward(1)
    meter.hear(PullProgress("one", 80, 100))
    assert meter.bytes_per_s == 30
    meter.hear(PullProgress("two", 5, 100))
    assert meter.bytes_per_s is None


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(0, 10**12)), max_size=20))
def test_no_speed_is_negative_or_without_end_for_growing_bytes(
    steps: list[tuple[float, int]],
) -> None:
    clock = Clock()
    meter = PullMeter(clock)
    for (seconds, _), done in zip(steps, sorted(done for _, done in steps), strict=True):
        clock.forward(seconds)
        meter.hear(PullProgress("part", done, 10**12))
        assert meter.share is not None and 0 <= meter.share <= 1
        assert meter.bytes_per_s is None or meter.bytes_per_s >= 0
        assert "\n" not in meter.text


# ---------------------------------------------------------------- the list


names = st.text("abc:./-", min_size=1, max_size=8)


@given(
    st.dictionaries(st.sampled_from(["ab", "bc", "ca"]), st.lists(names, max_size=5)),
    st.text("abc ", max_size=5),
)
def test_every_word_occurs_in_each_model_that_is_listed_and_none_is_left_out(
    offered: dict[str, list[str]], words: str
) -> None:
    reports = {
        name: EndpointReport(name, "", models=tuple(ModelCard(f"{name}/{m}") for m in models))
        for name, models in offered.items()
    }
    every = {f"{name}/{model}" for name, models in offered.items() for model in models}
    listed = {row.card.model for row in rows_of(reports, words) if row.card is not None}
    assert listed == {name for name in every if all(word in name for word in words.split())}


def test_providers_that_are_not_set_up_stand_last_and_say_what_to_set() -> None:
    headings = [row.heading for row in rows_of(many()) if row.card is None]
    assert headings[-1].startswith("○ groq: not set up. Set GROQ_API_KEY")
    assert headings[0] == "● ollama: 2 models"
    assert headings[3].startswith("✗ mistral: in trouble. mistral at")


def test_the_usual_model_is_marked() -> None:
    rows = rows_of(many(), "qwen", usual="ollama/qwen3:0.6b")
    assert [row.cells().get("model") for row in rows] == [None, "ollama/qwen3:0.6b (usual)"]


@given(st.integers(1, 300))
def test_the_columns_fit_the_room_and_leave_some_for_the_name(room: int) -> None:
    shown = widths(room)
    assert shown["model"] >= LEAST_NAME
    taken = sum(shown.values()) + 2 * len(shown)
    assert taken <= max(room, LEAST_NAME + 2 + sum(width + 2 for width in list(shown.values())[1:]))
