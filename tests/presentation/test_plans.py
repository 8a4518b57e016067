"""What a launch set, on one line."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.kinds.iterated.kind import IteratedKind
from simulator.presentation.plans import parameters_text, plan_of
from tests import kept_lineages as kept


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, ""),
        ({"mode": "cipher", "temperatures": [0.2, 0.8]}, "mode=cipher temperatures=0.2/0.8"),
        ({"temperatures": [[0.2, 0.1], [0.8, 0.7]]}, "temperatures=0.2,0.1/0.8,0.7"),
        (
            {"levels": [{"name": "goal", "value": "escape"}], "sampling": {"top_p": 0.9}},
            "goal=escape top_p=0.9",
        ),
        ({"probabilities": {"by": "none"}}, "probabilities.by=none"),
        ({"agents": [{"role": "guard", "count": 2}], "days": 3}, "guard=2 days=3"),
    ],
)
def test_parameters_are_told_on_a_line(parameters: dict[str, Any], text: str) -> None:
    assert parameters_text(parameters) == text


def test_messages_that_may_not_come_are_no_turns() -> None:
    rule = kept.Journal().rule(1, kept.TRUTH)
    mended = rule.model_copy(update={"role": "refinement"})
    for kind, counts in (("hypothesis_search", False), ("self_refine", True)):
        made = kept.design(interaction={"kind": kind})
        plan = plan_of(IteratedKind(), kept.run_of(made), made)
        assert plan.is_turn(rule) and plan.is_turn(mended) == counts
