"""Records made of bare answers."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from simulator.analysis.debates.records import Answer, Debated, DebateRecord, Said

NOT_ASKED = "not asked"
Answers = Sequence[Sequence[str | None]]
"""By debater, then by round; None where no answer is found."""


def said(answer: Answer, gold: str = "1") -> Said | None:
    if answer == NOT_ASKED:
        return None
    return Said(f"Answer: {answer}" if answer else "I do not know.", answer, answer == gold)


def debated(
    answers: Answers, *, final: Answer = None, question: str = "Q", gold: str = "1", tokens: int = 0
) -> Debated:
    return Debated(
        question=question,
        gold=gold,
        said=tuple(tuple(said(answer, gold) for answer in rounds) for rounds in answers),
        final=final,
        is_right=final == gold,
        tokens=tokens,
        model_s=tokens / 100,
    )


def record(
    *questions: Debated, name: str = "R", mode: str = "natural_language", debaters: int = 2
) -> DebateRecord:
    return DebateRecord(
        name=name,
        mode=mode,
        debaters=tuple(f"debater {d + 1}" for d in range(debaters)),
        temperatures=(),
        debated=questions,
    )


def finals(*answers: Answer, name: str = "R", tokens: int = 0) -> DebateRecord:
    """A record of which only the final answers matter; 1 is right."""
    return record(
        *(
            debated([[answer]], final=answer, question=f"Q{n}", tokens=tokens)
            for n, answer in enumerate(answers)
        ),
        name=name,
        debaters=1,
    )


ANSWERS = st.sampled_from(("1", "2", "3", None, NOT_ASKED))


@st.composite
def records(draw: st.DrawFn) -> DebateRecord:
    debaters, rounds = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    questions = []
    for n in range(draw(st.integers(0, 8))):
        held = draw(st.integers(1, rounds))
        answers = draw(
            st.lists(
                st.lists(ANSWERS, min_size=held, max_size=held),
                min_size=debaters, max_size=debaters,
            )
        )  # fmt: skip
        final = draw(st.sampled_from(("1", "2", None)))
        questions.append(debated(answers, final=final, question=f"Q{n}"))
    return record(*questions, debaters=debaters)
