"""What a stored game of telephone came to, as analyses read it."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.analysis.culture.records import Chain
from simulator.domain.journal import MAIN_SCOPE, Step
from simulator.domain.records import Run
from simulator.domain.seeds import derive_rng
from simulator.kinds.telephone.casting import NETWORK, readers, speakers
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.places import Place, place_of, text_of_chain


def chains_of(run: Run, design: TelephoneDesign, steps: Iterable[Step]) -> tuple[Chain, ...]:
    """The chains of a run in their order, as far as they were played.

    In a network each agent has a chain of its own. Texts that stand behind a gap are left out, as
    are chains that have not begun.

    Args:
        run: Finished or not.
        design: Resolved.
        steps: The journal, in any order.
    """
    placed: dict[int, dict[Place, Step]] = {}
    for step in steps:
        place = place_of(step.scope, step.day) if step.in_transcript else None
        if place is not None:
            placed.setdefault(place.chain, {})[place] = step
    found: list[Chain] = []
    for number in sorted(placed):
        begun = text_of_chain(design, number)
        opening = placed[number].get(Place(number, 0, 0))
        if begun is None or opening is None:
            continue
        text, repetition = begun
        for agent in (0,) if design.is_sequence else speakers(design, 1):
            texts = [opening.content]
            while (said := placed[number].get(Place(number, len(texts), agent))) is not None:
                texts.append(said.content)
            scope = opening.scope + (f"/agent-{agent}" if agent else "")
            found.append(
                Chain(
                    model=models_of(run, agent), task=design.task_name, text=text.name,
                    seed=repetition, texts=tuple(texts), agent=agent or 1,
                    temperature=design.sampling.temperature, expected=design.generations,
                    source=f"{run.id}/{scope}",
                )
            )  # fmt: skip
    return tuple(found)


def models_of(run: Run, number: int) -> str:
    """The model of an agent of a network; of a chain, for which the number is 0, all of them."""
    own = [agent.model for agent in run.agents if number in (0, agent.number)]
    return "+".join(dict.fromkeys(own))


def readers_of(run: Run, design: TelephoneDesign) -> tuple[tuple[int, ...], ...]:
    """Whom each agent of a run read, itself included, from 1; of a chain nothing."""
    return readers(design, derive_rng(run.seed, MAIN_SCOPE, NETWORK))
