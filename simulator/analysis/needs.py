"""What a step must have to be measured; each says why it has not, in a few words, else None."""

from __future__ import annotations

from collections.abc import Callable

from simulator.analysis.observing import Observation

Need = Callable[[Observation], str | None]


def heard(seen: Observation) -> str | None:
    """In the transcript."""
    return None if seen.step.in_transcript else "choices and scores that nobody hears"


def of_a_participant(seen: Observation) -> str | None:
    """Said by an agent that takes part; not by the researcher, a summarizer or a selector."""
    if seen.turn is not None:
        return None
    if heard(seen) is not None:
        return heard(seen)
    return "words of the researcher" if seen.agent is None else "words of helpers, as summaries"


def in_own_words(seen: Observation) -> str | None:
    """Not put into the agent's mouth by a person."""
    if seen.step.edited:
        return "words put there by a fork"
    return "words put in by a person" if seen.step.kind == "interject" else None


def spoken(seen: Observation) -> str | None:
    """Of more than white space."""
    return None if seen.step.content.strip() else "empty replies"


def called(seen: Observation) -> str | None:
    """A model was asked, and what it took is on record."""
    if seen.step.call is not None:
        return None
    return "no call on record (imported)" if seen.step.original_id else "no model was asked"


def fresh(seen: Observation) -> str | None:
    """The model was really asked: the reply does not come from a record."""
    call = seen.step.call
    return "replies from a record" if call is not None and call.from_cache else None


def at_once(seen: Observation) -> str | None:
    """The first reply of the first request was taken."""
    return "replies asked for again" if _was_repeated(seen) else None


def repeated(seen: Observation) -> str | None:
    """A request was sent again after an error, or a reply was asked for again."""
    return None if _was_repeated(seen) else "replies to the first request"


def counted(seen: Observation) -> str | None:
    """The server counted the tokens."""
    call = seen.step.call
    return "tokens estimated" if call is not None and call.usage.estimated_calls else None


def _was_repeated(seen: Observation) -> bool:
    call = seen.step.call
    return call is not None and (call.attempts > 1 or call.usage.calls > 1)
