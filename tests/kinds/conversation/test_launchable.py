from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue

from simulator.domain.grids import Grid
from simulator.domain.parameters import Parameter, axes_of
from simulator.errors import DesignInvalidError
from simulator.files.designs import load_design
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.kind import ConversationKind
from simulator.kinds.registry import KINDS
from tests.lab import MODEL, design
from tests.seeds import CONVERSATIONS

KIND = ConversationKind()
FACTORS = {"goal": {"escape": {}, "yard": {"prisoner": {"Goal": "Get yard time."}}}}
DESIGN = design(factors=FACTORS, sampling={"temperature": 0.5, "max_tokens": 80}, days=2)
OFFERED = {one.name: one for one in KIND.parameters(DESIGN)}


def test_everything_that_a_form_asks_for() -> None:
    assert list(OFFERED) == [
        "messages", "days", "agents.guard", "agents.prisoner", "levels.goal",
        "model", "models.guard", "models.prisoner", "models.summarizer", "models.selector",
        "sampling.temperature", "sampling.top_p", "sampling.top_k", "sampling.max_tokens",
        "sampling.context_length", "sampling.reasoning_effort", "speaker", "memory", "first_role",
    ]  # fmt: skip


def test_what_the_design_has_is_told() -> None:
    usual = {name: one.usual for name, one in OFFERED.items()}
    assert usual["model"] == MODEL and usual["models.guard"] == ""
    assert usual["sampling.temperature"] == "0.5" and usual["sampling.top_k"] == ""
    assert (usual["messages"], usual["days"], usual["agents.guard"]) == ("6", "2", "1")
    assert (usual["speaker"], usual["memory"]) == ("role_alternating", "summaries")
    assert usual["levels.goal"] == "escape"


@pytest.mark.parametrize("file", CONVERSATIONS, ids=lambda file: file.stem)
def test_every_parameter_of_every_seed_can_be_set(file: Path) -> None:
    seed = load_design(file, KINDS)
    assert isinstance(seed, ConversationDesign)
    for parameter in KIND.parameters(seed):
        value = _some_value(parameter)
        (axis,) = axes_of([parameter], {parameter.name: [value]})
        (cell,) = Grid((axis,)).cells()
        assert KIND.resolve(seed, cell.parameters) != KIND.resolve(seed, {}) or (
            str(value) == parameter.usual
        )


def _some_value(parameter: Parameter) -> JsonValue:
    if parameter.choices:
        return parameter.choices[-1]
    return parameter.read("3" if parameter.type == "count" else "0.9")[0]


def test_the_order_of_roles_begins_with_any_of_them() -> None:
    first = OFFERED["first_role"]
    assert (first.choices, first.usual, first.rotates) == (("guard", "prisoner"), "guard", True)
    turned = KIND.resolve(DESIGN, first.setting("prisoner"))
    assert [role.name for role in turned.roles] == ["prisoner", "guard"]
    assert KIND.resolve(DESIGN, first.setting("guard")) == KIND.resolve(DESIGN, {})
    with pytest.raises(DesignInvalidError, match="no role 'warden'"):
        KIND.resolve(DESIGN, {"first_role": "warden"})
    alone = design(roles=[DESIGN.roles[0].model_dump()])
    assert "first_role" not in [one.name for one in KIND.parameters(alone)]


def test_the_published_groups_of_agents() -> None:
    values: dict[str, list[JsonValue]] = {"agents.guard": [1, 2], "agents.prisoner": [1, 2]}
    grid = Grid(axes_of(list(OFFERED.values()), values))
    counts = [
        tuple(role.count for role in KIND.resolve(DESIGN, cell.parameters).roles)
        for cell in grid.cells()
    ]
    assert counts == [(1, 1), (1, 2), (2, 1), (2, 2)]


@pytest.mark.parametrize("text", ["0", "1001", "1..2000"])
def test_no_impossible_number_of_agents(text: str) -> None:
    with pytest.raises(ValueError):
        OFFERED["agents.guard"].read(text)
