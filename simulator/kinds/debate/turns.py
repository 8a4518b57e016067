"""Who speaks in which round, at which temperature, and who reads whom.

Debaters go by their places, from 0.
"""

from __future__ import annotations

from simulator.kinds.debate.design import USUAL_TEMPERATURE, DebateDesign

RANDOM_IN_WORDS = 2.0
"""The most that servers take."""
RANDOM_IN_VECTORS = 100.0
"""All tokens are nearly equally likely then."""


def rounds_of(design: DebateDesign) -> int:
    """Rounds of a question, unless an agreement ends them."""
    return design.rounds if design.debates else 1


def voters(design: DebateDesign) -> tuple[int, ...]:
    """Those whose answers may be the final one."""
    answering = [p for p, debater in enumerate(design.debaters) if debater.part == "answers"]
    return tuple(answering if design.debates else answering[:1])


def speakers(design: DebateDesign, round_: int) -> tuple[int, ...]:
    """Those who speak in a round.

    Args:
        design: Any.
        round_: From 1.
    """
    if not design.debates:
        return voters(design)
    everybody = tuple(range(len(design.debaters)))
    rule = design.last_round or ("all" if design.classic else "needed")
    counting = voters(design)
    if round_ < design.rounds or rule == "all" or design.final == "judge" or not counting:
        return everybody
    return counting if design.final == "majority" else (lowest(design, round_),)


def lowest(design: DebateDesign, round_: int) -> int:
    """Of those whose answers count, the one with the lowest temperature; the first of several."""
    return min(voters(design), key=lambda place: temperature(design, place, round_))


def temperature(design: DebateDesign, place: int, round_: int) -> float:
    """A debater's temperature in a round, from 1; the last one given holds for later rounds."""
    debater = design.debaters[place]
    if debater.temperatures:
        return debater.temperatures[min(round_, len(debater.temperatures)) - 1]
    if debater.part == "random":
        usual = RANDOM_IN_WORDS if design.speaks_words else RANDOM_IN_VECTORS
        return design.random_temperature or usual
    set_for_all = design.sampling.temperature
    return USUAL_TEMPERATURE if set_for_all is None else set_for_all


def read_by(design: DebateDesign, place: int) -> tuple[int, ...]:
    """Those whose solutions a debater reads besides its own, in their order."""
    names, own = design.debaters[place].reads, list(design.names)
    if names is not None:
        return tuple(sorted(own.index(name) for name in names))
    count = len(design.debaters)
    others = tuple(other for other in range(count) if other != place)
    if design.topology == "ring":
        beside = {(place - 1) % count, (place + 1) % count}
        return tuple(other for other in others if other in beside)
    if design.topology == "star" and place:
        return (0,)
    return others


def readers_of(design: DebateDesign, place: int, round_: int) -> tuple[int, ...]:
    """Those besides the debater who read what it says in a round, and answer with a model."""
    if round_ >= rounds_of(design):
        return ()
    return tuple(
        reader
        for reader in speakers(design, round_ + 1)
        if place in read_by(design, reader) and is_asked(design, reader)
    )


def is_asked(design: DebateDesign, place: int) -> bool:
    """Whether a debater's words are a model's."""
    return design.debaters[place].part in ("answers", "random")
