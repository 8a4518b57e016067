"""Points of a search for temperatures: drawn, tidied, and read from options."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.kinds.debate.points import Space, space_of, temperatures_read
from tests.kinds.debate.debating import KIND, debate


@given(
    width=st.integers(1, 4), seed=st.integers(0, 2**63 - 1), few=st.integers(0, 5),
    more=st.integers(0, 5), low=st.floats(0, 1), span=st.floats(0.001, 2),
)  # fmt: skip
def test_points_are_drawn_within_the_bounds_and_a_longer_draw_goes_on(
    width: int, seed: int, few: int, more: int, low: float, span: float
) -> None:
    space = Space(width, low, low + span, is_sorted=width == 2)
    points = space.drawn(few + more, seed)
    assert points[:few] == space.drawn(few, seed)
    assert all(len(point) == width for point in points)
    assert all(space.low <= degrees <= space.high for point in points for degrees in point)
    if width == 2:
        assert all(first <= second for first, second in points)


def test_points_of_other_seeds_differ_and_three_debaters_are_not_sorted() -> None:
    space = Space(3, 0.0, 1.0)
    assert space.drawn(3, 1) != space.drawn(3, 2)
    assert any(list(point) != sorted(point) for point in space.drawn(10, 1))
    assert len(set(space.drawn(10, 1))) == 10


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.5), (1.0, 0.1), (-0.1, 1.0)])
def test_there_must_be_something_between_the_bounds(low: float, high: float) -> None:
    with pytest.raises(UsageError):
        Space(2, low, high)


@pytest.mark.parametrize(
    ("fields", "width", "is_sorted"),
    [
        ({}, 2, True),
        ({"mode": "single"}, 1, False),
        ({"debaters": [{}, {"part": "expert"}, {}, {"part": "random"}, {}]}, 3, False),
        ({"debaters": [{"model": "pocket"}, {}]}, 2, False),
        ({"debaters": [{"prompts": {"system": "Think."}}, {}, {"part": "expert"}]}, 2, False),
    ],
)
def test_a_point_has_a_temperature_for_each_who_answers(
    fields: dict[str, Any], width: int, is_sorted: bool
) -> None:
    assert space_of(debate(**fields), 0.1, 1.0) == Space(width, 0.1, 1.0, is_sorted)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("0.5", (0.5,), (0.5,)),
        ("0.1, 1", (0.1,), (1.0,)),
        ("0.1,0.2,0.3,0.4,0.5,0.6", (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)),
    ],
)
def test_temperatures_are_debater_by_debater(
    text: str, first: tuple[float, ...], last: tuple[float, ...]
) -> None:
    made = debate()
    given = temperatures_read(made, text)
    resolved = KIND.resolve(made, {"temperatures": given})
    assert [one.temperatures for one in resolved.debaters] == [first, last]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0.1,0.2,0.3", "3 temperatures are given; what fits is 1 (for all), 2"),
        ("0.1,0.2,0.3,0.4", "or 6 (of all 3 rounds of each in turn)"),
        ("0.1,warm", "'warm' is no number"),
        ("-1,0", "'-1' is no temperature"),
        (",", "there is none"),
    ],
)
def test_temperatures_that_do_not_fit_are_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        temperatures_read(debate(), text)
    assert told in caught.value.message
