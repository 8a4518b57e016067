from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator.cli.asking import picked
from simulator.cli.launch_options import launch_parameters
from simulator.domain.events import ModelRetried
from simulator.errors import UsageError
from simulator.kinds.conversation.parameters import ConversationParameters
from simulator.presentation.moments import age, duration
from simulator.presentation.notices import retry_text
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import parameters_text
from simulator.presentation.wording import counted


@pytest.mark.parametrize(
    ("answer", "option"),
    [("1", "Guard_117"), ("3", "Guard_12"), ("0", None), ("4", None), ("guard_117", "Guard_117"),
     ("pris", "Prisoner_010"), ("gua", None), ("Guard_12", "Guard_12"), ("x", None), ("²", None)],
)  # fmt: skip
def test_a_number_a_name_or_its_beginning_picks(answer: str, option: str | None) -> None:
    assert picked(answer, ["Guard_117", "Prisoner_010", "Guard_12"]) == option


def test_parameters_are_those_of_the_kind() -> None:
    parameters = launch_parameters(
        models=["pocket", "guard=scripted/say?text=a=b"], agents=["guard=2, prisoner=1", "x=3"],
        messages=4, days=2, speaker="random", memory="full", factors=["goal=yard time"],
        temperature=0.0, top_p=0.5, top_k=3, max_tokens=7,
    )  # fmt: skip
    given = ConversationParameters.model_validate(parameters)
    assert given.model == "pocket"
    assert [(one.name, one.value) for one in given.models] == [("guard", "scripted/say?text=a=b")]
    assert [(one.role, one.count) for one in given.agents] == [
        ("guard", 2), ("prisoner", 1), ("x", 3),
    ]  # fmt: skip
    assert given.sampling.temperature == 0.0
    assert launch_parameters() == {}
    assert parameters_text(parameters).startswith(
        "model=pocket models.guard=scripted/say?text=a=b guard=2 prisoner=1 x=3 goal=yard time"
    )


@pytest.mark.parametrize(
    "options",
    [{"models": ["=pocket"]}, {"models": ["guard="]}, {"models": ["a=x", "a=y"]},
     {"agents": ["guard"]}, {"agents": ["guard=x"]}, {"agents": ["=2"]}, {"agents": ["g=²"]},
     {"factors": ["=x"]}, {"factors": ["a="]}, {"factors": ["a=b", "a=c"]}],
)  # fmt: skip
def test_options_without_a_usable_value(options: dict[str, list[str]]) -> None:
    with pytest.raises(UsageError) as caught:
        launch_parameters(**options)  # type: ignore[arg-type]
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("number", "thing", "words"),
    [(0, "run", "0 runs"), (1, "prisoner", "1 prisoner"), (2, "prisoner", "2 prisoners"),
     (3, "boss", "3 bosses"), (2, "deputy", "2 deputies"), (2, "boy", "2 boys")],
)  # fmt: skip
def test_things_are_counted_in_words(number: int, thing: str, words: str) -> None:
    assert counted(number, thing) == words


def test_a_retry_says_that_it_asks_again() -> None:
    notice = ModelRetried("R", "main", "Ada", "m", 2, 0.0, "the reply was empty")
    assert retry_text(notice) == "Ada: the reply was empty; asking again (attempt 2)"
    placed = retry_text(notice, ordering_of("telephone", None).part_of("main/chain-0003", 7))
    assert placed == f"Chain 3, generation 7, {retry_text(notice)}"
    assert ordering_of("conversation", None).part_of("main", 7) == ""


def test_ages_and_durations() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    days = (0, 0.5, 1, 6, 8, 400)
    ages = [age(now - timedelta(days=d), now) for d in days]
    assert ages == ["0 s", "12 h", "1 d", "6 d", "1 w", "1 y"]
    assert [duration(s) for s in (0, 61, 3723)] == ["0:00", "1:01", "1:02:03"]
