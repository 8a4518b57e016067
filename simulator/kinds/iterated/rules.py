"""What makes the design of a lineage one that can be run."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.analysis.iterated.worlds.base import World
from simulator.analysis.iterated.worlds.lights import Lights
from simulator.domain.designs import DesignProblem
from simulator.errors import SimulatorError
from simulator.kinds.iterated.beginnings import feasible_in
from simulator.kinds.iterated.biases import alternative_to, bias_text, usual_direction
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.pools import fault_of_first

Place = tuple[str | int, ...]


def problems(design: IteratedDesign) -> tuple[DesignProblem, ...]:
    """Everything that is wrong, in reading order; empty when the design can be run."""
    return tuple(DesignProblem(place, message) for place, message in _found(design))


def _found(design: IteratedDesign) -> Iterator[tuple[Place, str]]:
    yield from _models(design)
    try:
        game_of(design)
        world = world_of(design)
    except (ValueError, TypeError, SimulatorError) as error:
        yield ("world", "settings"), f"the world cannot be made: {error}"
        return
    if world is None:
        yield from _without_rules(design)
    else:
        yield from _world(design, world)
    yield from _bias(design, world)


def _models(design: IteratedDesign) -> Iterator[tuple[Place, str]]:
    for number, model in enumerate(design.models):
        if not model.strip():
            yield ("models", number), "it names no model; write such as ollama/llama3.1:8b"
    if not design.models and not design.model.strip():
        yield ("model",), "it names no model; write such as ollama/llama3.1:8b"
    if len(design.temperatures) == 1:
        yield (
            ("temperatures",),
            "these are of two who take turns; give two, or one in `sampling`",
        )


def _world(design: IteratedDesign, world: World) -> Iterator[tuple[Place, str]]:
    choice, feasible = design.world, feasible_in(world)
    if not feasible or not world.inputs:
        yield ("world", "settings"), "the world has no rules or no inputs; change its settings"
        return
    if choice.truth != "drawn" and choice.truth >= len(feasible):
        yield (
            ("world", "truth"),
            f"there are {len(feasible)} rules that can be the truth; give 0 to {len(feasible) - 1}",
        )
    if choice.draws == "original":
        yield from _original(design, world)
    if choice.ambiguous and not design.bias.direction and usual_direction(world) is None:
        yield (
            ("bias", "direction"),
            "data are ambiguous between truth and alternative; name one, such as `E off`",
        )
    if not world.hypotheses and design.probabilities.by == "scores":
        yield ("probabilities", "by"), "the rules of this world cannot be listed; use `samples`"
    if design.answers == "drawn" and design.probabilities.by == "samples":
        yield (
            ("probabilities", "by"),
            "answers that are drawn come from exact P(h), so that samples would be asked for "
            "nothing; use `scores`, or `written` answers",
        )
    if not world.hypotheses and design.answers == "drawn":
        yield ("answers",), "the rules of this world cannot be listed; use `written`"


def _original(design: IteratedDesign, world: World) -> Iterator[tuple[Place, str]]:
    choice = design.world
    if not isinstance(world, Lights):
        yield ("world", "draws"), f"the original has no world `{choice.name}`; use `seeded`"
        return
    if choice.noise:
        yield ("world", "noise"), "the original's first data have none; give 0, or use `seeded`"
    if choice.ambiguous and usual_direction(world) is None:
        yield ("world", "ambiguous"), "the original has ambiguous data with a screen alone"
    elif choice.ambiguous and design.bias.direction.strip() not in ("", usual_direction(world)):
        yield ("bias", "direction"), "the original's alternative has the screen off; leave it out"
    if choice.ambiguous and choice.truth == "drawn":
        yield ("world", "truth"), "the original's is not drawn with ambiguous data; give its place"
    if not choice.ambiguous and choice.truth != "drawn":
        yield ("world", "truth"), "the original draws it, unless data are ambiguous; give `drawn`"


def _without_rules(design: IteratedDesign) -> Iterator[tuple[Place, str]]:
    choice, told = design.world, "acronyms have no rules to write"
    if choice.truth != "drawn":
        yield ("world", "truth"), f"{told}, so there is no truth; leave it out"
    if choice.noise:
        yield ("world", "noise"), "acronyms have no noise; leave it out"
    if choice.ambiguous:
        yield ("world", "ambiguous"), f"{told}, so no data are ambiguous; leave it out"
    if design.answers != "written":
        yield ("answers",), f"{told} or to score; use `written`"
    if choice.draws == "original":
        yield ("world", "draws"), "the words are not the original's; use `seeded`"
    if design.interaction.kind != "none":
        yield ("interaction", "kind"), f"{told} or to mend; choose a filter under `acronyms`"
    if design.probabilities.by != "none":
        yield ("probabilities", "by"), f"{told}, so they have no probabilities; use `none`"
    if (fault := fault_of_first(design)) is not None:
        yield ("world", "examples"), fault


def _bias(design: IteratedDesign, world: World | None) -> Iterator[tuple[Place, str]]:
    bias = design.bias
    try:
        bias_text(bias.model_copy(update={"text": ""}), world)
        if world is not None and bias.direction:
            alternative_to(feasible_in(world)[0], world, bias.direction)
    except ValueError as error:
        if not (bias.text and not bias.direction):
            yield ("bias", "direction"), str(error)
    if bias.strength == "none" and bias.text:
        yield ("bias", "text"), "there are words for a bias of no strength; give it one"
