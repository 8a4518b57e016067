"""What transcripts of lineages of learners have in files beyond those of other kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.errors import SimulatorError
from simulator.files.designs import read_document
from simulator.files.lineage_notes import notes_of, part_of, sureness
from simulator.kinds.iterated.following import Following
from simulator.kinds.iterated.kind import IteratedKind
from simulator.kinds.iterated.parameters import resolve
from simulator.kinds.iterated.places import DATA, FIRST_DATA, REFINEMENT, RULE, SELECTION

COLUMNS = (
    "generation", "part", "hypothesis", "is_right", "parts_right", "parts", "explained", "of_first",
    "examples", "left_out", "asked_again", "entropy_nats", "bias_probability",
)  # fmt: skip
"""Of a message: its generation, 0 before the first; which part of it it is; of rules what was
found in them, how many parts (such as objects) are as in the truth, how many of so many first
examples they explain; of data how many examples, and lines of no use; replies that were asked for
again; of the first rule of a generation, H and P(what the bias wants) before it."""


class IteratedTranscript:
    """The messages of a lineage by generation."""

    columns = COLUMNS

    def __init__(self, run: Run, experiment: Experiment, steps: Iterable[Step]) -> None:
        """Take the steps in, in any order.

        Args:
            run: Whose.
            experiment: The run's; where its design cannot be read any more, only the places of
                messages are known.
            steps: The journal.
        """
        self._steps: Sequence[Step] = sorted(steps, key=lambda step: step.position)
        self._following: Following | None = None
        try:
            design: Any = read_document(
                IteratedKind(), experiment.design, experiment.name, experiment.note
            )
            self._following = Following(resolve(design, run.parameters))
        except SimulatorError:
            return
        for step in self._steps:
            self._following.add(step)

    @property
    def messages(self) -> Iterator[Step]:
        """Those that are read, in the order in which they were said."""
        return (step for step in self._steps if step.in_transcript)

    def part(self, step: Step) -> str:
        """Such as `Generation 3`, or `First data`; empty outside of generations."""
        if step.day is None:
            return ""
        return f"Generation {step.day}" if step.day else "First data"

    def headings(self, step: Step, before: Step | None) -> Iterator[tuple[int, str]]:
        """The generation of a message, if it is new, and how sure its learner was."""
        if step.day is None or (before is not None and before.day == step.day):
            return
        yield 3, " · ".join((self.part(step), *self.sureness(step)))

    def sureness(self, step: Step) -> tuple[str, ...]:
        """How sure the learner of a message's generation was; empty where that is not known."""
        if self._following is None or not step.day:
            return ()
        return sureness(self._following, step.day)

    def notes(self, step: Step) -> str:
        """Which part of a generation it is, and what was found in it."""
        following = self._following
        return ", ".join(part_of(step) if following is None else notes_of(following, step))

    def cells(self, step: Step) -> list[str | int | float | None]:
        """What stands in `COLUMNS`."""
        known: dict[str, str | int | float | None] = {"generation": step.day, "part": step.role}
        following = self._following
        if following is not None:
            known |= _found(following, step)
        return [known.get(name) for name in COLUMNS]


def _found(following: Following, step: Step) -> dict[str, str | int | float | None]:
    known: dict[str, str | int | float | None] = {}
    if step.call is not None:
        known["asked_again"] = len(step.call.earlier_raw)
    if step.role in (RULE, REFINEMENT) and following.world is not None:
        found = following.concluded(step)
        known["hypothesis"] = found.hypothesis
        if found.right is not None:
            is_right = found.hypothesis == following.truth
            known |= {"is_right": str(is_right).lower(), "parts_right": found.right,
                      "parts": found.parts}  # fmt: skip
        if found.explained is not None:
            known |= {"explained": found.explained, "of_first": len(following.first)}
    if step.role in (FIRST_DATA, DATA, SELECTION):
        produced = following.produced(step)
        known |= {"examples": len(produced.data), "left_out": len(produced.left_out)}
    if step.role == RULE and step.day:
        entropy, biased = following.entropy(step.day), following.bias_probability(step.day)
        known |= {
            "entropy_nats": None if entropy is None else round(entropy, 6),
            "bias_probability": None if biased is None else round(biased, 6),
        }
    return known
