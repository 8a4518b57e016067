from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from simulator.domain.grids import Axis, Grid, Option, combined, merged
from simulator.errors import UsageError
from tests.strategies import json_objects

labels = st.text(min_size=1, max_size=5)
options = st.lists(
    st.builds(Option, labels, json_objects), min_size=1, max_size=4, unique_by=lambda one: one.label
).map(tuple)
axes = st.lists(st.builds(Axis, labels, options), max_size=4, unique_by=lambda axis: axis.name)
grids = axes.map(lambda listed: Grid(tuple(listed)))


def axis(name: str, *values: int) -> Axis:
    return Axis(name, tuple(Option(str(value), {name: value}) for value in values))


@given(grids)
def test_a_grid_is_as_large_as_the_product_of_its_axes(grid: Grid) -> None:
    assert len(list(grid.cells())) == grid.size == math.prod(len(a.options) for a in grid.axes)


@given(grids)
def test_no_two_cells_have_the_same_labels(grid: Grid) -> None:
    seen = [tuple(cell.labels.items()) for cell in grid.cells()]
    assert len(set(seen)) == len(seen)
    assert all(list(cell.labels) == [axis.name for axis in grid.axes] for cell in grid.cells())


@given(grids)
def test_cells_come_in_one_order_however_they_are_asked_for(grid: Grid) -> None:
    cells = list(grid.cells())
    assert cells == list(grid.cells()) == [grid.cell(place) for place in range(grid.size)]


@given(grids)
def test_cells_are_those_of_the_cross_product_the_last_axis_fastest(grid: Grid) -> None:
    expected = product(*([option.label for option in a.options] for a in grid.axes))
    assert [tuple(cell.labels.values()) for cell in grid.cells()] == list(expected)


@given(st.lists(json_objects, max_size=3), json_objects)
def test_merging_takes_parts_one_after_another(
    first: list[dict[str, JsonValue]], last: dict[str, JsonValue]
) -> None:
    assert merged([merged(first), last]) == merged([*first, last])
    assert merged([last, {}]) == merged([{}, last]) == last


def test_lists_are_joined_mappings_merged_and_scalars_replaced() -> None:
    one: dict[str, JsonValue] = {
        "levels": [{"name": "goal"}], "sampling": {"top_p": 0.5, "top_k": 3}, "days": 1,
    }  # fmt: skip
    two: dict[str, JsonValue] = {
        "levels": [{"name": "risks"}], "sampling": {"top_p": 0.9}, "days": 2, "model": "pocket",
    }  # fmt: skip
    assert merged([one, two]) == {
        "levels": [{"name": "goal"}, {"name": "risks"}],
        "sampling": {"top_p": 0.9, "top_k": 3},
        "days": 2,
        "model": "pocket",
    }
    assert one["levels"] == [{"name": "goal"}]


def test_every_combination_of_maxima() -> None:
    groups = combined("agents", [axis("guard", 1, 2), axis("prisoner", 1, 2)], "v")
    assert [option.label for option in groups.options] == ["1v1", "1v2", "2v1", "2v2"]
    assert groups.options[1].parameters == {"guard": 1, "prisoner": 2}


def test_a_grid_without_axes_is_one_cell() -> None:
    (cell,) = Grid().cells()
    assert cell.labels == {} and cell.parameters == {}


def test_a_condition_is_named_by_what_varies() -> None:
    goal = Axis("levels.goal", (Option("escape"), Option("yard")))
    grid = Grid((axis("days", 2), goal, axis("messages", 4, 8)))
    assert grid.condition(grid.cell(2)) == "goal=yard, messages=4"
    assert Grid().condition(Grid().cell(0)) == ""


def test_places_outside_are_refused() -> None:
    for place in (2, -1):
        with pytest.raises(IndexError):
            Grid((axis("days", 1, 2),)).cell(place)


def test_an_axis_has_values_and_each_once() -> None:
    with pytest.raises(UsageError, match="'days' has no values"):
        axis("days")
    with pytest.raises(UsageError, match="'days' has the value '1' twice"):
        axis("days", 1, 2, 1)
    with pytest.raises(UsageError, match="'days' is varied twice"):
        Grid((axis("days", 1), axis("days", 2)))


def test_too_many_runs_are_refused_with_their_number_and_at_once() -> None:
    huge = Grid(tuple(axis(str(number), *range(1000)) for number in range(6)))
    with pytest.raises(UsageError, match="2,000,000,000,000,000,000 runs"):
        huge.check_size(2)
    assert Grid((axis("days", *range(100)),)).check_size(100) == 10_000
    with pytest.raises(UsageError, match="10,100 runs"):
        Grid((axis("days", *range(100)),)).check_size(101)
