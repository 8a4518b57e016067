"""What is known of the messages of a lineage of learners, in a few words each."""

from __future__ import annotations

from simulator.domain.journal import Step
from simulator.kinds.iterated.following import Concluded, Following
from simulator.kinds.iterated.places import (
    ALTERNATIVE,
    DATA,
    FIRST_DATA,
    REFINEMENT,
    RULE,
    SAMPLE,
    SCORES,
    SELECTION,
    TRUTH,
    WEIGHING,
)

LONGEST_REASON = 80
"""Characters of why a reply holds no rule."""
_SELF_TOLD = (TRUTH, ALTERNATIVE, FIRST_DATA, SCORES, WEIGHING)
"""Parts whose names need not be said: their speakers, or what they did, say it."""


def part_of(step: Step) -> tuple[str, ...]:
    """Which part of its generation a message is, such as `rule`; empty where that is plain."""
    return () if step.role in _SELF_TOLD else (step.role,)


def notes_of(following: Following, step: Step) -> tuple[str, ...]:
    """Such as `rule`, `3 of 5 objects right` and `explains 3 of 4 first examples`."""
    return (*part_of(step), *_found(following, step))


def sureness(following: Following, number: int) -> tuple[str, ...]:
    """Such as `H = 1.23 nats` and `P(screen off) = 0.81`; empty where P(h) was not taken."""
    entropy, biased = following.entropy(number), following.bias_probability(number)
    return (
        *(() if entropy is None else (f"H = {entropy:.2f} nats",)),
        *(() if biased is None else (f"P({_bias(following)}) = {biased:.2f}",)),
    )


def _found(following: Following, step: Step) -> tuple[str, ...]:
    has_rules = following.world is not None
    again = len(step.call.earlier_raw) if step.call is not None else 0
    asked = (f"asked again {_times(again)}",) if again else ()
    if step.role in (RULE, REFINEMENT, SAMPLE) and has_rules:
        return (*compared_notes(following.concluded(step), following), *asked)
    if step.role in (FIRST_DATA, DATA, SELECTION):
        produced = following.produced(step)
        left_out = len(produced.left_out)
        return (
            _counted(len(produced.data), "example"),
            *(() if has_rules else (f"{following.common(produced.data)} common",)),
            *((f"{left_out} left out",) if left_out else ()),
            *asked,
        )
    if step.role == SCORES and step.day:
        return sureness(following, step.day) if step.scores else ("the model cannot score",)
    return ()


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def compared_notes(found: Concluded, following: Following) -> tuple[str, ...]:
    """Such as `3 of 5 objects right` and `explains 3 of 4 first examples`, or why it is no rule."""
    if found.hypothesis is None:
        reason = _brief(found.reason)
        return (reason if reason.startswith("no rule") else f"no rule: {reason}",)
    notes: list[str] = []
    if found.right is not None:
        if found.parts > 1:
            thing = "object" if hasattr(following.world, "objects") else "part"
            notes.append(f"{found.right} of {_counted(found.parts, thing)} right")
        else:
            notes.append("right" if found.right else "wrong")
    if found.explained is not None:
        of = _counted(len(following.first), "first example")
        notes.append(f"explains {found.explained} of {of}")
    return tuple(notes)


def _bias(following: Following) -> str:
    """What a bias wants, such as `screen off`; just `bias` where it is a whole rule."""
    parts = [f"{name} {part}" for name, part in following.wanted.items() if name]
    return parts[0] if len(parts) == 1 else "bias"


def _brief(text: str) -> str:
    """On one line, without what cannot be seen, and cut."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text)
    line = " ".join(seen.split())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
