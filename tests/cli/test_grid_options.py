from __future__ import annotations

from typing import Any

import pytest

from simulator.cli.grid_options import values_of
from simulator.domain.parameters import Parameter, axes_of
from simulator.errors import UsageError
from simulator.kinds.conversation.design import ConversationDesign, Role
from simulator.kinds.conversation.kind import ConversationKind

DESIGN = ConversationDesign.model_validate(
    {
        "name": "Talk",
        "starting_message": "Begin.",
        "days": 2,
        "roles": [
            Role(name="guard", starting_prompt="You guard.", count=2),
            Role(name="prisoner", starting_prompt="You wait."),
        ],
        "factors": [
            {"name": "mood", "levels": [{"name": "calm", "changes": []},
                                        {"name": "angry", "changes": []}]},
        ],
    }
)  # fmt: skip


def known() -> tuple[Parameter, ...]:
    return ConversationKind().parameters(DESIGN)


def values(**options: Any) -> dict[str, tuple[Any, ...]]:
    return values_of(known(), options)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"models": ["a/b", "c/d?x=1"]}, {"model": ("a/b", "c/d?x=1")}),
        ({"models": ["guard=a/b", "guard=c/d"]}, {"models.guard": ("a/b", "c/d")}),
        ({"days": "1..3,3,7"}, {"days": (1, 2, 3, 7)}),
        ({"days": "3", "each_days": True}, {"days": (1, 2, 3)}),
        ({"each_days": True}, {"days": (1, 2)}),
        ({"temperature": "0.2, 0.7"}, {"sampling.temperature": (0.2, 0.7)}),
        ({"factors": ["mood"]}, {"levels.mood": ("calm", "angry")}),
        ({"factors": ["mood=angry", "mood=calm"]}, {"levels.mood": ("angry", "calm")}),
        ({"sets": ["messages=4,6"], "messages": "6"}, {"messages": (6, 4)}),
        (
            {"agents": ["guard=1,3,prisoner=2"]},
            {"agents.guard": (1, 3), "agents.prisoner": (2,)},
        ),
        ({"agents": ["prisoner=2"]}, {"agents.guard": (2,), "agents.prisoner": (2,)}),
        (
            {"agents": ["prisoner=2"], "each_agents": True},
            {"agents.guard": (1, 2), "agents.prisoner": (1, 2)},
        ),
    ],
)
def test_options_set_parameters_of_the_design(
    options: dict[str, Any], found: dict[str, tuple[Any, ...]]
) -> None:
    assert values(**options) == found


def test_agents_are_combined_as_the_original_does() -> None:
    axes = axes_of(known(), values(agents=["guard=2,prisoner=2"], each_agents=True))
    assert [option.label for option in axes[0].options] == ["1v1", "1v2", "2v1", "2v2"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"factors": ["moood=calm"]}, "levels.moood"),
        ({"factors": ["mood=sad"]}, "'sad' is none of calm, angry"),
        ({"agents": ["guard=0"]}, "--agents guard=0"),
        ({"agents": ["4"]}, "cannot set `agents`"),
        ({"days": ""}, "there is no value"),
        ({"days": "3..1"}, "runs backwards"),
        ({"sets": ["days"]}, "no name and value"),
    ],
)
def test_what_no_launch_can_set_is_refused_with_the_option(
    options: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=r"^--") as raised:
        values(**options)
    assert words in raised.value.message
