"""What a launch may set over a debate."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import JsonValue

from simulator.domain.grids import Grid
from simulator.domain.parameters import Parameter, axes_of
from simulator.errors import DesignInvalidError
from tests.kinds.debate.debating import KIND, debate, problems_of

THREE = debate(
    debaters=[{"name": "Ann"}, {"name": "Eve", "part": "expert"}, {"name": "Bob"}], rounds=2
)


def resolved(made: Any = None, **launch: JsonValue) -> Any:
    return KIND.resolve(made or debate(), launch)


def test_nothing_set_changes_nothing() -> None:
    assert resolved() == debate()


def test_everything_that_a_form_asks_for() -> None:
    offered = {one.name: one for one in KIND.parameters(THREE)}
    assert list(offered)[:5] == ["mode", "questions", "rounds", "temperatures", "model"]
    assert {"models.Ann", "models.Judge", "sampling.max_tokens", "final", "tie"} <= set(offered)
    assert "sampling.temperature" not in offered and "sampling.seed" not in offered
    assert offered["questions"].usual == "3" and offered["temperatures"].usual == "0.7,0.7"


def test_every_parameter_can_be_set_and_varied() -> None:
    made = debate(sampling={"top_p": 0.5})
    for parameter in KIND.parameters(made):
        value = _some_value(parameter)
        (axis,) = axes_of([parameter], {parameter.name: [value]})
        (cell,) = Grid((axis,)).cells()
        other = KIND.resolve(made, cell.parameters)
        assert other != KIND.resolve(made, {}) or str(value) == parameter.usual
        assert problems_of(other) == [], parameter.name


def _some_value(parameter: Parameter) -> JsonValue:
    if parameter.choices:
        return parameter.choices[-1]
    return parameter.read({"count": "2", "text": "0.9,0.1"}.get(parameter.type, "0.9"))[0]


def test_modes_make_conditions_of_a_batch() -> None:
    (mode,) = [one for one in KIND.parameters(debate()) if one.name == "mode"]
    cells = Grid(axes_of([mode], {"mode": mode.read("natural_language, cipher, single")})).cells()
    modes = [KIND.outlook(KIND.resolve(debate(), cell.parameters)).condition for cell in cells]
    assert modes == [(("mode", one),) for one in ("natural_language", "cipher", "single")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([0.3, 0.6], [(0.3,), (), (0.6,)]),
        ([[0.1, 0.2], [0.3, 0.4]], [(0.1, 0.2), (), (0.3, 0.4)]),
        ([[0.1, 0.2], 0.5], [(0.1, 0.2), (), (0.5,)]),
        ([0.4], [(0.4,), (), (0.4,)]),
    ],
)
def test_temperatures_go_to_those_who_answer(
    given: list[Any], expected: list[tuple[float, ...]]
) -> None:
    made = resolved(THREE, temperatures=given)
    assert [debater.temperatures for debater in made.debaters] == expected


def test_a_text_of_temperatures_is_by_debater_then_by_round() -> None:
    (one,) = [one for one in KIND.parameters(THREE) if one.name == "temperatures"]

    def read(text: str) -> list[tuple[float, ...]]:
        (value,) = one.read(text)
        return [d.temperatures for d in KIND.resolve(THREE, one.setting(value)).debaters]

    assert read("0.1, 0.2") == [(0.1,), (), (0.2,)]
    assert read("0.1,0.2,0.3,0.4") == [(0.1, 0.2), (), (0.3, 0.4)]
    assert read("0.5") == [(0.5,), (), (0.5,)]
    for wrong in ("0.1,0.2,0.3", "warm", "-1,0", "inf,1"):
        with pytest.raises(ValueError):
            one.read(wrong)


@pytest.mark.parametrize(
    ("launch", "said"),
    [
        ({"temperatures": [0.1, 0.2, 0.3]}, "3 are given for 2 debaters"),
        ({"temperatures": [[0.1, 0.2, 0.3], 0.4]}, "3 are given to a debater for 2 rounds"),
        ({"temperatures": [-1, 0]}, "parameter temperatures"),
        ({"models": [{"name": "Bop", "value": "pocket"}]}, "Did you mean 'Bob'?"),
        ({"questions": 4}, "the design has 3, not 4"),
        ({"rounds": 0}, "parameter rounds"),
        ({"days": 3}, "parameter days"),
    ],
)
def test_what_cannot_be_set(launch: dict[str, Any], said: str) -> None:
    with pytest.raises(DesignInvalidError) as caught:
        KIND.resolve(THREE, launch)
    assert said in caught.value.message


def test_models() -> None:
    launch: Any = {"model": "a/b", "models": [{"name": "Bob", "value": "c/d"}]}
    made = resolved(THREE.model_copy(update={"final": "judge"}), **launch)
    agents = KIND.cast(made, 1)
    assert [(agent.name, agent.model) for agent in agents] == [
        ("Ann", "a/b"), ("Bob", "c/d"), ("Judge", "a/b"),
    ]  # fmt: skip


def test_the_first_questions() -> None:
    made = resolved(questions=2)
    assert [question.gold for question in made.questions] == ["1", "2"]
    assert KIND.outlook(made).turns == 2 * 5


def test_agents_of_a_model_ask_for_the_same_room_as_much_as_they_need() -> None:
    long = debate(sampling={"max_tokens": 900}, debaters=[{}, {}, {"reads": []}])
    rooms = [agent.sampling.context_length or 0 for agent in KIND.cast(long, 1)]
    assert len(set(rooms)) == 1 and rooms[0] % 1024 == 0 and rooms[0] > 4 * 900
    alone = KIND.cast(long.model_copy(update={"mode": "single"}), 1)
    assert (alone[0].sampling.context_length or 0) < rooms[0]
    own = debate(sampling={"context_length": 777})
    assert {agent.sampling.context_length for agent in KIND.cast(own, 1)} == {777}
