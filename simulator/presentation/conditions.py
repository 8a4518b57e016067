"""Under which conditions runs were played: what was asked, of whom, and how replies were drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.domain.records import IMPORTED, Run
from simulator.files.reports.content import Conditions
from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.telephone.casting import cast
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.play import AUTHOR
from simulator.kinds.telephone.prompts import asking
from simulator.kinds.telephone.tasks import HOLE
from simulator.presentation.explaining import explained

NAMED = 50
"""Runs whose seeds are told, and pairs of a network."""
_TOLD_FULLY = ("replies", "agents")
"""Facts of designs that stand here with all that is known of the runs."""


def conditions_of(runs: Sequence[Run], design: Any) -> Conditions:
    """What is said of runs that share a design; they differ by their seeds.

    Args:
        runs: At least one.
        design: Resolved.
    """
    run, told = runs[0], explained(design)
    counts = Counter(agent.model for agent in run.agents)
    models = ", ".join(counts)
    seats = [f"{count} × {model}" if count > 1 else model for model, count in counts.items()]
    samplings = [_drawn(agent.sampling.model_dump(exclude_defaults=True)) for agent in run.agents]
    is_imported = run.outcome is not None and run.outcome.reason == IMPORTED
    unknown = "not on record" if is_imported else "as the model's server does it"
    sampling = "; ".join(dict.fromkeys(one or unknown for one in samplings))
    facts = {name: fact for name, fact in told.facts.items() if name not in _TOLD_FULLY and fact}
    seeds = _listed([f"{one.seed} (run {one.id[-8:]})" for one in runs])
    versions = dict.fromkeys(one.provenance.simulator_version for one in runs)
    facts |= {
        **_further(design),
        "models": ", ".join(seats),
        "sampling": sampling,
        "seeds of runs" if len(runs) > 1 else "seed of the run": (
            "not on record" if is_imported else seeds
        ),
        "played with": (
            "the original program" if is_imported else f"simulator {', '.join(versions)}"
        ),
    }
    texts = tuple(_templates(design)) if isinstance(design, TelephoneDesign) else told.texts
    return Conditions(
        name=_name(design, models),
        facts=tuple((name[0].upper() + name[1:], fact) for name, fact in facts.items()),
        texts=(*texts, *_system_prompts(run)),
    )


def _name(design: Any, models: str) -> str:
    heat = design.sampling.temperature
    task = f"{design.task_name} with " if isinstance(design, TelephoneDesign) else ""
    return f"{task}{models}" + ("" if heat is None else f", temperature {heat:g}")


def _further(design: Any) -> dict[str, str]:
    """What only somebody asks who wants to play the same again."""
    if isinstance(design, TelephoneDesign) and design.network.structure == "own":
        return {"pairs": _listed([f"{one}-{other}" for one, other in design.network.own])}
    if isinstance(design, ChatroomDesign):
        weights = {"weights": ", ".join(f"{one:g}" for one in design.weights)}
        return {"roles": design.roles, **(weights if design.speakers == "weighted" else {})}
    return {}


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join([*names[:NAMED], *([f"and {more:,} more"] if more > 0 else [])])


def _templates(design: TelephoneDesign) -> Iterator[tuple[str, str]]:
    """What agents are asked, with `{text}` where they read a text; only what differs."""
    agent = cast(design)[0]

    def asked(read: Mapping[str, str], generation: int) -> str:
        return list(asking(design, agent, read, generation))[-1].content

    one = asked({AUTHOR: HOLE}, 1)
    if design.is_sequence:
        later, then = asked({AUTHOR: HOLE}, 2), "Asked in later generations"
    else:
        read = {f"Agent {number}": HOLE for number in (1, 2)}
        later, then = asked(read, 2), "Asked in later generations, such as with two texts"
    if later == one:
        yield "Asked in each generation", one
        return
    yield "Asked in generation 1", one
    yield then, later


def _drawn(options: dict[str, Any]) -> str:
    """Such as `temperature 0.8, max tokens 60`."""
    return ", ".join(
        f"{name.replace('_', ' ')} "
        + (" or ".join(map(repr, value)) if isinstance(value, (list, tuple)) else str(value))
        for name, value in options.items()
    )


def _system_prompts(run: Run) -> Iterator[tuple[str, str]]:
    """Each that was given, once, with who had it."""
    named: dict[str, list[str]] = {}
    for agent in run.agents:
        named.setdefault(agent.system_prompt, []).append(agent.name)
    for prompt, names in named.items():
        if prompt:
            whose = "everybody" if len(named) == 1 and len(names) > 1 else ", ".join(names)
            yield f"System prompt of {whose}", prompt
