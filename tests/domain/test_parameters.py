from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from simulator.domain.grids import Grid
from simulator.domain.parameters import LONGEST_RANGE, Parameter, axes_of, parameters_of
from simulator.errors import UsageError


class Inner(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    heat: float | None = Field(default=None, ge=0.0, le=2.0)
    """How wild
    it is."""
    stops: tuple[str, ...] = ()


class Launch(BaseModel):
    rounds: int | None = Field(default=None, ge=1)
    mode: Literal["fast", "slow"] | None = None
    word: str | None = None
    inner: Inner = Inner()
    pairs: tuple[int, ...] = ()


class Written(BaseModel):
    rounds: int = 3
    mode: str = "slow"
    inner: Inner = Inner(heat=0.7)


PLAIN = {one.name: one for one in parameters_of(Launch, Written())}
ROUNDS, HEAT, MODE, WORD = (PLAIN[name] for name in ("rounds", "inner.heat", "mode", "word"))


def count(name: str, group: str = "") -> Parameter:
    return Parameter(
        name, name, "count", lambda value: {name: value}, group=group, may_count_up=bool(group)
    )


def test_plain_fields_of_a_model_are_parameters() -> None:
    assert list(PLAIN) == ["rounds", "mode", "word", "inner.heat"]
    assert (HEAT.label, HEAT.type, HEAT.group, HEAT.usual) == ("heat", "number", "inner", "0.7")
    assert HEAT.meaning == "How wild it is."
    assert (MODE.type, MODE.choices, MODE.usual) == ("choice", ("fast", "slow"), "slow")
    assert (WORD.type, WORD.usual) == ("text", "")


def test_texts_and_words_that_stand_for_values() -> None:
    assert WORD.read(" a, b|c ") == ("a, b|c",)
    several = replace(WORD, separator="|")
    assert several.read("a, b | c\\|d||a, b") == ("a, b", "c|d")
    assert replace(ROUNDS, words=("any",), check=lambda one: one).read("2, any") == (2, "any")


def test_values_stand_between_commas_or_in_ranges() -> None:
    assert ROUNDS.read("2") == (2,)
    assert ROUNDS.read(" 2 , 5,") == (2, 5)
    assert (
        ROUNDS.read("1..3, 7") == ROUNDS.read("1 .. 3,7") == ROUNDS.read("1-3, 7") == (1, 2, 3, 7)
    )
    assert ROUNDS.read("1..3, 2") == (1, 2, 3)
    assert ROUNDS.read("  ") == ()
    assert HEAT.read("0, .5, 1e0") == (0.0, 0.5, 1.0)
    assert MODE.read("slow,fast") == ("slow", "fast")
    assert WORD.read(" a, b ") == ("a, b",)


@pytest.mark.parametrize(
    ("parameter", "text", "fault"),
    [
        (ROUNDS, "two", "'two' is no whole number"),
        (ROUNDS, "1.5", "'1.5' is no whole number"),
        (ROUNDS, "0", "0: Input should be greater than or equal to 1."),
        (ROUNDS, "3..1", "write 1..3"),
        (ROUNDS, "1..1000000", "1,000,000 values"),
        (ROUNDS, "1..900, 901..1800", "more than 1,000 values"),
        (HEAT, "hot", "'hot' is no number"),
        (HEAT, "2.5", "2.5: Input should be less than or equal to 2."),
        (HEAT, "nan", "nan: "),
        (MODE, "medium", "'medium' is none of fast, slow."),
    ],
)
def test_what_is_wrong_with_a_value_is_said(parameter: Parameter, text: str, fault: str) -> None:
    with pytest.raises(ValueError) as refused:
        parameter.read(text)
    assert fault in str(refused.value)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    for parameter in PLAIN.values():
        try:
            values = parameter.read(text)
        except ValueError as fault:
            assert str(fault).endswith(".")
        else:
            assert len(values) <= LONGEST_RANGE
            assert not values or len(parameter.axis(values).options) == len(values)


def test_values_are_set_where_they_belong() -> None:
    assert ROUNDS.axis([2]).options[0].parameters == {"rounds": 2}
    (option,) = HEAT.axis([0.5]).options
    assert option.parameters == {"inner": {"heat": 0.5}} and option.label == "0.5"


def test_an_axis_for_each_parameter_with_values() -> None:
    axes = axes_of(list(PLAIN.values()), {"inner.heat": (0.5, 1.0), "rounds": (2,), "mode": ()})
    assert [(axis.name, axis.varies) for axis in axes] == [("rounds", False), ("inner.heat", True)]
    assert [cell.parameters for cell in Grid(axes).cells()] == [
        {"rounds": 2, "inner": {"heat": 0.5}},
        {"rounds": 2, "inner": {"heat": 1.0}},
    ]


def test_numbers_of_a_group_are_one_axis() -> None:
    listed = [count("guard", "agents"), count("days"), count("prisoner", "agents")]
    values: dict[str, tuple[JsonValue, ...]] = {
        "guard": (1, 2), "prisoner": (1, 2), "days": (1, 2),
    }  # fmt: skip
    agents, days = axes_of(listed, values)
    assert [option.label for option in agents.options] == ["1v1", "1v2", "2v1", "2v2"]
    assert agents.name == "agents" and days.name == "days"
    (alone,) = axes_of(listed, {"prisoner": (1, 2)})
    assert alone.name == "prisoner"


def test_a_maximum_stands_for_every_number_up_to_it() -> None:
    guards = count("guard", "agents")
    assert guards.read("3", counting_up=True) == (1, 2, 3)
    assert guards.read("2, 4", counting_up=True) == (2, 4)
    assert guards.read("", counting_up=True) == ()
    assert ROUNDS.read("3", counting_up=True) == (3,)


def test_a_value_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        ROUNDS.axis([1, 1])
