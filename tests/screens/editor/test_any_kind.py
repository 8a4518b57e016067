"""The editor knows no kind by name: here is one that is nothing like a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from screens.editor.fields import fields_of
from screens.editor.rows import OtherRow
from screens.laboratory import Laboratory
from simulator.domain.designs import Design, DesignProblem, Prose
from simulator.domain.parameters import Parameter
from simulator.domain.records import Agent, Outlook
from simulator.domain.sampling import Sampling
from simulator.domain.workloads import Habits, Workload
from simulator.files.templates import design_template
from simulator.services import Services
from tests.screens.editor.conftest import OpenEditor


class Plot(BaseModel):
    """A bed with seeds."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    crop: str = Field(min_length=1)
    """What grows there."""
    diary: Prose = ""
    """What was seen."""
    depth_cm: float | None = Field(default=None, gt=0)
    soil: Literal["clay", "loam", "sand"] = "loam"


def _plots(value: object) -> object:
    return {"first": value} if isinstance(value, str) else value


class Water(BaseModel):
    """When it is watered."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    every_h: int = Field(default=24, ge=1)
    """Hours between."""
    only_at_night: bool = True
    tools: tuple[str, ...] = ()


class Garden(Design):
    """Beds and water."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Literal["garden"] = "garden"
    plots: tuple[Plot, ...] = Field(min_length=1)
    spare: tuple[Plot, ...] = ()
    water: Water = Water(every_h=12)
    seasons: dict[str, int] = Field(default_factory=dict)
    owner: Annotated[Water | str, BeforeValidator(_plots)] = "nobody"


class GardenKind:
    name = "garden"
    design_type = Garden

    def problems(self, design: Garden) -> tuple[DesignProblem, ...]:
        return tuple(
            DesignProblem(("plots", n, "crop"), "weeds need no garden")
            for n, plot in enumerate(design.plots)
            if plot.crop == "weeds"
        )

    def parameters(self, design: Garden) -> tuple[Parameter, ...]:
        return ()

    def resolve(self, design: Garden, parameters: Mapping[str, JsonValue]) -> Garden:
        return design

    def cast(self, design: Garden, seed: int) -> tuple[Agent, ...]:
        return tuple(
            Agent(
                name=f"Gardener_{n}", role="gardener", number=n, model="pocket",
                sampling=Sampling(), system_prompt=f"You grow {plot.crop}.",
            )
            for n, plot in enumerate(design.plots, 1)
        )  # fmt: skip

    def outlook(self, design: Garden) -> Outlook:
        return Outlook(turns=1, days=1, condition=(), needs_person=False)

    def workload(
        self, design: Garden, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> tuple[Workload, ...]:
        return ()

    async def play(self, run: Any, design: Garden, stage: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def garden(laboratory: Laboratory) -> Laboratory:
    services = laboratory.services
    kinds = {**services.kinds, "garden": GardenKind()}
    other = Services(services.settings, services.store, services._backends, kinds)
    return Laboratory(other, laboratory.catalogue, laboratory.live, laboratory.now)


TEXT = """\
kind: garden
name: Yard
plots:
  - crop: beans
    diary: |
      Day one.
"""


def test_every_field_of_a_model_gets_a_control() -> None:
    controls = {field.name: field.control for field in fields_of(Garden)}
    assert controls == {
        "name": "line", "note": "line", "plots": "records", "spare": "records",
        "water": "group", "seasons": "other", "owner": "other",
    }  # fmt: skip
    assert [field.control for field in fields_of(Plot)] == ["line", "prose", "number", "choice"]
    assert [field.control for field in fields_of(Water)] == ["integer", "switch", "list"]


async def test_the_form_is_made_of_the_kind(open_editor: OpenEditor, garden: Laboratory) -> None:
    async with open_editor(TEXT, laboratory=garden) as desk:
        assert desk.shown(await desk.row("plots", 0, "diary")) == "Day one.\n"
        await desk.press("ctrl+end", "down", "end")
        await desk.go("plots", 0, "depth_cm")
        assert "More than 0." in desk.look()
        await desk.type("2.5")
        assert desk.value(("plots", 0, "depth_cm")) == 2.5
        row = await desk.row("water", "every_h")
        assert row.default == "12"
        await desk.type("6")
        assert desk.value(("water",)) == {"every_h": 6}
        assert isinstance(await desk.go("seasons"), OtherRow)


async def test_a_switch_that_is_on_by_default(open_editor: OpenEditor, garden: Laboratory) -> None:
    async with open_editor(TEXT, laboratory=garden) as desk:
        await desk.go("water", "only_at_night")
        assert "[x] yes" in desk.look()
        await desk.press("space")
        assert desk.value(("water", "only_at_night")) is False


async def test_what_the_kind_finds_stands_beside_the_field(
    open_editor: OpenEditor, garden: Laboratory
) -> None:
    async with open_editor(TEXT.replace("beans", "weeds"), laboratory=garden) as desk:
        assert "weeds need no garden" in desk.beside(await desk.row("plots", 0, "crop"))


async def test_records_move_to_another_list(open_editor: OpenEditor, garden: Laboratory) -> None:
    async with open_editor(TEXT, laboratory=garden) as desk:
        header = (await desk.go("plots", 0)).header  # type: ignore[attr-defined]
        header.focus()
        await desk.press("m")
        assert desk.value(("spare", 0, "crop")) == "beans"
        assert desk.faults


async def test_a_bracket_is_only_a_bracket(open_editor: OpenEditor, garden: Laboratory) -> None:
    async with open_editor(TEXT, laboratory=garden) as desk:
        row = await desk.row("plots", 0, "diary")
        await desk.press("less_than_sign", "enter")
        assert desk.shown(row) == "<\nDay one.\n"


async def test_its_prompts_are_previewed(open_editor: OpenEditor, garden: Laboratory) -> None:
    async with open_editor(TEXT, laboratory=garden) as desk:
        desk.screen.panes.go("preview")
        await desk.settle()
        await desk.pilot.app.workers.wait_for_complete()
        await desk.pilot.pause()
        assert "You grow beans." in desk.look()


async def test_a_kind_without_a_template_begins_with_its_keys(
    open_editor: OpenEditor, garden: Laboratory
) -> None:
    text = design_template(garden.services.kinds["garden"])
    async with open_editor(text, laboratory=garden) as desk:
        assert desk.value(("name",)) == "New garden"
        assert desk.beside(await desk.go("plots"))


def test_the_template_of_a_conversation_is_a_sound_design(laboratory: Laboratory) -> None:
    from simulator.files.designs import read_design

    kinds = laboratory.services.kinds
    text = design_template(kinds["conversation"])
    design = read_design(text, "template", kinds)
    assert laboratory.services.preview(design, {})
    assert "#" in text
