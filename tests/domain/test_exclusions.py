from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.exclusions import excluded_options, read_exclusion
from simulator.domain.grids import Axis, Grid, Option
from simulator.errors import UsageError

AXES = {
    "levels.goal": ("escape", "yard", "rest"),
    "levels.risks": ("no", "yes"),
    "agents": ("1v1", "1v2"),
    "models.guard": ("pocket", "scripted/x?a=1&b=2"),
    "tops.guard": ("0.5", "a|b"),
}


def options(text: str) -> dict[str, set[str]]:
    return {
        name: set(taken) for name, taken in excluded_options(read_exclusion(text), AXES).items()
    }


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("goal=escape & risks=yes", {"levels.goal": {"escape"}, "levels.risks": {"yes"}}),
        (" levels.goal = escape|yard ", {"levels.goal": {"escape", "yard"}}),
        ("goal!=escape", {"levels.goal": {"yard", "rest"}}),
        ("goal!=escape & goal!=yard", {"levels.goal": {"rest"}}),
        ("goal=escape & goal=yard", {"levels.goal": set()}),
        ("agents=1v2", {"agents": {"1v2"}}),
        ('models.guard="scripted/x?a=1&b=2"', {"models.guard": {"scripted/x?a=1&b=2"}}),
        ('"tops.guard" = "a|b" | 0.5', {"tops.guard": {"a|b", "0.5"}}),
    ],
)
def test_an_exclusion_names_values_of_axes(text: str, meant: dict[str, set[str]]) -> None:
    assert options(text) == meant


@pytest.mark.parametrize(
    ("text", "fault", "remedy"),
    [
        ("", "nothing stands", "goal=escape & risks=yes"),
        ("goal", "'goal' is no axis and value", "Write such as"),
        ("goal=escape &", "beside an `&`", "Write such as"),
        ("goal=escape||yard", "no axis and value", "Write such as"),
        ("=escape", "no axis and value", "Write such as"),
        ('goal="escape', "a quote is not closed", "Write such as"),
        ("gaol=escape", "nothing called 'gaol' is varied", "Did you mean 'goal'?"),
        ("goal=escpe", "'levels.goal' has no value 'escpe'", "Did you mean 'escape'?"),
        ("guard=pocket", "'guard' can be models.guard or tops.guard", "Write it out."),
    ],
)
def test_what_is_wrong_is_said_with_near_names(text: str, fault: str, remedy: str) -> None:
    with pytest.raises(UsageError) as refused:
        options(text)
    assert fault in refused.value.message
    assert remedy in str(refused.value.remedy)


words = st.text(min_size=1, max_size=6)
axes = st.lists(
    st.builds(
        lambda name, labels: Axis(name, tuple(map(Option, labels))),
        words, st.lists(words, min_size=1, max_size=3, unique=True),
    ),
    min_size=1, max_size=3, unique_by=lambda axis: axis.name,
)  # fmt: skip


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(axes, st.data())
def test_just_the_cells_with_all_of_its_values_are_left_out(
    listed: list[Axis], data: st.DataObject
) -> None:
    chosen = {axis.name: data.draw(st.sampled_from(axis.options)).label for axis in listed}
    named = data.draw(st.lists(st.sampled_from(listed), min_size=1, unique_by=lambda one: one.name))
    text = " & ".join(f"{quoted(axis.name)}={quoted(chosen[axis.name])}" for axis in named)
    every = list(Grid(tuple(listed)).cells())
    left = [
        cell for cell in every
        if any(cell.labels[axis.name] != chosen[axis.name] for axis in named)
    ]  # fmt: skip
    if not left:
        with pytest.raises(UsageError, match="are excluded"):
            Grid(tuple(listed), (read_exclusion(text),))
        return
    grid = Grid(tuple(listed), (read_exclusion(text),))
    assert list(grid.cells()) == left == [grid.cell(place) for place in range(grid.size)]


@given(st.text(alphabet='ab"=!&| \\', max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_exclusion(text)
    except UsageError as fault:
        assert fault.remedy
    else:
        assert all(clause.axis and all(clause.labels) for clause in found.clauses)
