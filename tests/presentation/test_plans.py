"""What a launch set, on one line."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.presentation.plans import parameters_text


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
        ({"agents": [{"role": "guard", "count": 2}], "days": 3}, "guard=2 days=3"),
    ],
)
def test_parameters_are_told_on_a_line(parameters: dict[str, Any], text: str) -> None:
    assert parameters_text(parameters) == text
