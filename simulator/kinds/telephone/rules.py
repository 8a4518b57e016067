"""What makes a game of telephone's design one that can be run."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.domain.designs import DesignProblem
from simulator.kinds.telephone.design import MOST_CHAINS, TelephoneDesign
from simulator.kinds.telephone.networks import most_edges
from simulator.kinds.telephone.patterns import fault_of

Place = tuple[str | int, ...]


def problems(design: TelephoneDesign) -> tuple[DesignProblem, ...]:
    """Everything that is wrong, in reading order; empty when the design can be run."""
    return tuple(
        DesignProblem(place, message)
        for rule in (_prompts, _texts, _agents, _network, _format)
        for place, message in rule(design)
    )


def _prompts(design: TelephoneDesign) -> Iterator[tuple[Place, str]]:
    own = design.prompts
    if design.task == "own" and not own.first.strip():
        yield ("prompts", "first"), "the task `own` needs a prompt"
    if design.task != "own" and (own.name or own.first or own.later):
        yield ("prompts",), f"prompts are of the task `own`, and not of `{design.task}`"


def _texts(design: TelephoneDesign) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for number, text in enumerate(design.texts):
        if text.name in seen:
            yield ("texts", number, "name"), f"there are two texts called {text.name!r}"
        seen.add(text.name)
    if design.texts and design.data.digest is None and (design.data.path or design.data.names):
        yield ("data",), "the design has texts of its own; leave out either"
    if design.chain_count > MOST_CHAINS:
        yield ("chains",), f"these are {design.chain_count:,} chains; at most {MOST_CHAINS:,}"


def _agents(design: TelephoneDesign) -> Iterator[tuple[Place, str]]:
    if design.is_sequence:
        return
    agents = design.network.agents
    given = len(design.personalities)
    if given > 1 and given != agents:
        yield (
            ("personalities",),
            f"{given} are given for {agents} agents; give one for all or one for each",
        )
    if len(design.models) > agents:
        yield ("models",), f"{len(design.models)} are given for {agents} agents"


def _network(design: TelephoneDesign) -> Iterator[tuple[Place, str]]:
    network = design.network
    if network.structure == "caveman" and network.cliques > network.agents:
        yield ("network", "cliques"), f"{network.agents} agents make no {network.cliques} cliques"
    most = most_edges(network.agents)
    if network.structure == "random" and network.edges > most:
        yield ("network", "edges"), f"{network.agents} agents have at most {most} pairs"
    if network.structure != "own":
        if network.own:
            yield ("network", "own"), f"pairs are of `own`, and not of `{network.structure}`"
        return
    if not network.own:
        yield ("network", "own"), "nobody reads another: there are no pairs"
    for place, pair in enumerate(network.own):
        if max(pair) > network.agents:
            yield ("network", "own", place), f"there is no agent {max(pair)}"
        elif pair[0] == pair[1]:
            yield ("network", "own", place), "an agent always reads its own text; name others only"


def _format(design: TelephoneDesign) -> Iterator[tuple[Place, str]]:
    form = design.format
    if form.pattern and (form.start or form.end):
        yield ("format",), "a pattern stands instead of marks; leave out either"
    if form.end and not form.start:
        yield ("format", "start"), "there is a mark after the text and none before it"
    if (fault := fault_of(form.pattern)) is not None:
        yield ("format", "pattern"), fault
