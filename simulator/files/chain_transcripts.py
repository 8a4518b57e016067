"""What transcripts of games of telephone have in files beyond those of other kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.placed_transcripts import Cell, PlacedTranscript
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.following import Following
from simulator.kinds.telephone.kind import TelephoneKind
from simulator.kinds.telephone.places import place_of, reading_key, text_of_chain

COLUMNS = (
    "chain", "generation", "agent", "initial_text", "repetition", "likeness", "task",
    "generations", "temperature",
)  # fmt: skip
"""Of a message: where it belongs, agents from 1; the name of the text that its chain began with,
and which chain of that text it is; how alike it and the text before are, from 0 to 1; what agents
do with texts, how many generations were asked for, and the temperature."""


class ChainTranscript(PlacedTranscript[Following]):
    """The messages of a game of telephone by chain and generation."""

    columns = COLUMNS

    def __init__(self, run: Run, experiment: Experiment, steps: Iterable[Step]) -> None:
        """See `PlacedTranscript`."""
        super().__init__(
            run, experiment, steps, kind=TelephoneKind(), follow=Following, order=reading_key,
        )  # fmt: skip

    def headings(self, step: Step, before: Step | None) -> Iterator[tuple[int, str]]:
        """Levels and words of what stands above a message: its chain and generation, if new."""
        place = place_of(step.scope, step.day)
        last = place_of(before.scope, before.day) if before is not None else None
        if place is None:
            return
        if last is None or last.chain != place.chain:
            following = self._following
            of = f" of {following.chains}" if following is not None else ""
            names = begun_with(following.design, place.chain) if following is not None else ()
            yield 3, " · ".join([f"Chain {place.chain}{of}", *names])
        if place.generation and (last is None or last[:2] != place[:2]):
            yield 4, f"Generation {place.generation}"

    def notes(self, step: Step) -> str:
        """How like the text before it is; empty where that is not known."""
        following = self._following
        if following is None:
            return ""
        return likeness_text(following.design, step, following.likeness(step))

    def cells(self, step: Step) -> list[Cell]:
        """What stands in `COLUMNS`."""
        following, place = self._following, place_of(step.scope, step.day)
        if place is None:
            return [None] * len(COLUMNS)
        begun = text_of_chain(following.design, place.chain) if following is not None else None
        name, repetition = (None, None) if begun is None else (begun[0].name, begun[1])
        likeness = following.likeness(step) if following is not None else None
        asked: list[Cell] = [None] * 3
        if following is not None:
            design = following.design
            asked = [design.task_name, design.generations, design.sampling.temperature]
        return [
            place.chain, place.generation, place.agent or None, name, repetition,
            None if likeness is None else round(likeness, 6),
            *asked,
        ]  # fmt: skip


def begun_with(design: TelephoneDesign, number: int) -> tuple[str, ...]:
    """The name of the text that a chain began with, and which chain of that text it is.

    Args:
        design: Resolved.
        number: Of the chain, from 1; of another one nothing is known.
    """
    found = text_of_chain(design, number)
    if found is None:
        return ()
    text, repetition = found
    return (text.name, *([f"repetition {repetition}"] if design.chains > 1 else []))


def likeness_text(design: TelephoneDesign, step: Step, likeness: float | None) -> str:
    """Such as `87 % like the one before` or `same as the one before`; empty for None.

    Args:
        design: Resolved; in its networks, texts are compared with the agent's own.
        step: A message.
        likeness: Of its text and the one before, from 0 to 1.
    """
    if likeness is None:
        return ""
    before = "the one before" if design.is_sequence else "its own before"
    if step.day == 1:
        before = "the initial text"
    if likeness == 1.0:
        return f"same as {before}"
    # What is not the same is never told as 100 %.
    return f"{min(99, round(100 * likeness))} % like {before}"
