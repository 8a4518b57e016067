"""What a launch may set over a game of telephone, and the grids that it makes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import JsonValue

from simulator.domain.grids import Grid
from simulator.domain.parameters import axes_of
from simulator.errors import DesignInvalidError
from simulator.files.telephone_texts import read_texts, shipped_texts
from simulator.kinds.telephone.design import TextSource
from simulator.kinds.telephone.naming import whole_names
from tests.kinds.telephone.games import KIND, telephone


def resolved(made: Any = None, **launch: JsonValue) -> Any:
    return KIND.resolve(made or telephone(), launch)


def grid_of(made: Any, **texts: str) -> Grid:
    offered = {one.name: one for one in KIND.parameters(made)}
    values = {name.replace("__", "."): text for name, text in texts.items()}
    return Grid(
        axes_of([*offered.values()], {name: [*offered[name].read(text)]
                                      for name, text in values.items()})
    )  # fmt: skip


def test_nothing_set_changes_nothing() -> None:
    assert resolved() == telephone()


def test_tasks_models_and_temperatures_are_crossed() -> None:
    grid = grid_of(
        telephone(), task="rephrase, inspiration, continue", model="pocket, scripted/babble",
        sampling__temperature="0, 0.8",
    )  # fmt: skip
    cells = [(KIND.resolve(telephone(), cell.parameters), cell) for cell in grid.cells()]
    found = {(one.task, one.model, one.sampling.temperature) for one, _ in cells}
    assert len(found) == len(cells) == 12
    assert len({grid.condition(cell) for _, cell in cells}) == 12, "each run has a name of its own"
    assert {KIND.outlook(one).condition for one, _ in cells} == {
        (("task", task),) for task in ("rephrase", "inspiration", "continue")
    }
    assert all(KIND.outlook(one).turns == 2 * 2 * 3 for one, _ in cells)
    assert {one.sampling.top_p for one, _ in cells} == {0.95}, "the rest of sampling stays"


def test_every_choice_and_number_can_be_set() -> None:
    sizes = {"agents": "6", "edges": "3", "cliques": "2"}
    for parameter in KIND.parameters(telephone()):
        text = sizes.get(parameter.name, {"count": "2", "text": "a", "model": "pocket"}.get(
            parameter.type, "0.5"
        ))  # fmt: skip
        for word in parameter.choices or (text,):
            (cell,) = Grid(axes_of([parameter], {parameter.name: [*parameter.read(word)]})).cells()
            assert KIND.problems(resolved(**cell.parameters)) == ()


def test_own_is_offered_only_where_it_can_be() -> None:
    def choices(made: Any, name: str) -> tuple[str, ...]:
        (found,) = [one.choices for one in KIND.parameters(made) if one.name == name]
        return found

    own = telephone(task="own", prompts={"first": "Go."})
    assert "own" not in choices(telephone(), "task") and "own" in choices(own, "task")
    pairs = telephone(network={"structure": "own", "own": [[1, 2]]})
    assert "own" not in choices(telephone(), "structure") and "own" in choices(pairs, "structure")


def test_what_belongs_to_a_choice_goes_with_it() -> None:
    own = telephone(task="own", prompts={"name": "mine", "first": "Go."})
    assert resolved(own).task_name == "mine"
    assert resolved(own, task="continue").task_name == "continue"
    assert resolved(own, task="continue").prompts.first == ""
    pairs = telephone(network={"structure": "own", "own": [[1, 2]]})
    assert resolved(pairs, structure="circle").network.own == ()
    assert resolved(pairs, agents=5).network.own == ((1, 2),)
    several = telephone(models=["pocket", "scripted/echo"])
    assert resolved(several, model="scripted/babble").all_models == ("scripted/babble",)
    assert resolved(model="pocket", models=["a/b", "c/d"]).all_models == ("a/b", "c/d")
    told = telephone(personalities=["A", "B"])
    assert resolved(told, personality="C").personalities == ("C",)


@pytest.mark.parametrize(
    ("launch", "expected"),
    [
        ({"texts": ["bb"]}, "parameter texts: the design has no text 'bb'. Did you mean 'b'?"),
        ({"task": "own"}, "prompts.first: the task `own` needs a prompt"),
        ({"structure": "own"}, "network.own: nobody reads another"),
        ({"structure": "random", "agents": 2, "edges": 2}, "2 agents have at most 1 pairs"),
        ({"chains": 0}, "parameter chains"),
        ({"volume": 3}, "parameter volume"),
        ({"sampling": {"temperature": -1}}, "parameter sampling.temperature"),
    ],
)
def test_what_does_not_fit_is_told(launch: dict[str, JsonValue], expected: str) -> None:
    with pytest.raises(DesignInvalidError) as told:
        resolved(**launch)
    assert expected in told.value.message


def test_names_with_commas_are_whole_names() -> None:
    known = ["Length, short: the note", "Length", "a, b", "a", "b"]
    assert whole_names(["Length", "short: the note", "Length"], known) == (known[0], "Length")
    assert whole_names(["a", "b", "b", "a"], known) == ("a, b", "b", "a")
    assert whole_names(["x", "b"], known) == ("x", "b") and whole_names([], known) == ()


def test_texts_that_come_along_are_chosen_by_their_names() -> None:
    names = list(shipped_texts())[3:6]
    texts = [{"name": name, "text": text} for name, text in shipped_texts().items()]
    (cell,) = grid_of(telephone(texts=texts), texts=", ".join(names)).cells()
    assert [one.name for one in resolved(telephone(texts=texts), **cell.parameters).texts] == names
    unread = resolved(telephone(texts=[]), **cell.parameters)
    assert [one.name for one in read_texts(unread.data)] == names
    assert [one.name for one in read_texts(TextSource(names=tuple(names)))] == names
