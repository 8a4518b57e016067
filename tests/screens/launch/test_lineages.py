"""The form of iterated learning crosses what its studies vary."""

from __future__ import annotations

import pytest

from screens.launch.draft import Draft
from simulator.errors import UsageError
from tests.kinds.iterated.lineages import KIND, lineage

TWO = {
    "world.name": "lights,numbers", "bias.strength": "none,strong", "bias.position": "start,end",
    "bias.text": "Be bold, or not.|Be meek.", "interaction.kind": "none,hypothesis_search",
    "interaction.classic": "yes,no", "world.truth": "drawn, 3", "world.settings": "{}|{ }",
    "model": "scripted/one, scripted/two",
}  # fmt: skip


def test_what_fields_say_is_crossed() -> None:
    made = lineage(bias={"strength": "strong"})
    parameters = KIND.parameters(made)
    values = {one.name: one.read(TWO[one.name]) for one in parameters if one.name in TWO}
    grid = Draft.of(parameters, values, {}).grid
    assert grid.size == 2 ** len(TWO)
    cells = {KIND.resolve(made, cell.parameters).model_dump_json() for cell in grid.cells()}
    # Settings are the same twice, and no bias has no words.
    assert len(cells) == 2 ** len(TWO) / 2 * 3 / 4
    with pytest.raises(UsageError, match="'drawn' twice"):
        Draft.of(parameters, {"world.truth": ("drawn", "drawn")}, {})
