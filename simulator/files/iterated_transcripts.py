"""What transcripts of lineages of learners have in files beyond those of other kinds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.files.lineage_notes import notes_of, part_of, sureness
from simulator.files.placed_transcripts import Cell, PlacedTranscript
from simulator.kinds.iterated.following import Following
from simulator.kinds.iterated.kind import IteratedKind
from simulator.kinds.iterated.places import DATA, FIRST_DATA, REFINEMENT, RULE, SELECTION

COLUMNS = (
    "generation", "part", "hypothesis", "is_right", "parts_right", "parts", "explained", "of_first",
    "examples", "left_out", "asked_again", "entropy_nats", "bias_probability",
)  # fmt: skip
"""Of a message: its generation, 0 before the first; which part of it it is; of rules what was
found in them, how many parts (such as objects) are as in the truth, how many of so many first
examples they explain; of data how many examples, and lines of no use; replies that were asked for
again; of the first rule of a generation, H and P(what the bias wants) before it."""


class IteratedTranscript(PlacedTranscript[Following]):
    """The messages of a lineage by generation."""

    columns = COLUMNS

    def __init__(self, run: Run, experiment: Experiment, steps: Iterable[Step]) -> None:
        """See `PlacedTranscript`."""
        super().__init__(
            run, experiment, steps, kind=IteratedKind(), follow=Following,
            order=lambda step: step.position,
        )  # fmt: skip

    def model(self, step: Step) -> str | None:
        """Also of an answer that was drawn from a model's probabilities."""
        if step.call is None and step.role in (RULE, REFINEMENT, DATA) and not step.edited:
            return self._models.get(step.speaker)
        return super().model(step)

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

    def cells(self, step: Step) -> list[Cell]:
        """What stands in `COLUMNS`."""
        known: dict[str, Cell] = {"generation": step.day, "part": step.role}
        following = self._following
        if following is not None:
            known |= _found(following, step)
        return [known.get(name) for name in COLUMNS]


def _found(following: Following, step: Step) -> dict[str, Cell]:
    known: dict[str, Cell] = {}
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
