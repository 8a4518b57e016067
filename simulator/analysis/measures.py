"""Everything that can be measured of a step, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Literal

from simulator.analysis import needs
from simulator.analysis.needs import Need
from simulator.analysis.observing import Observation
from simulator.domain.journal import Step
from simulator.domain.remarks import Remark, wrong_with

NO_NUMBER = "nothing to measure"
"""Why a step is left out whose measure gives no finite number."""

Unit = Literal["message", "run"]


@dataclass(frozen=True, slots=True)
class Measure:
    """From a step to a number."""

    name: str
    unit: str
    """Of the number, such as `words`."""
    of_step: Callable[[Step], float | None]
    """None where the step has no such number."""
    meaning: str
    """In a sentence, for people."""
    needs: tuple[Need, ...] = ()
    """What a step must have; the first that it lacks is why it is left out."""
    per: Unit = "message"
    """What counts as one: each message, or each run, whose steps are then summed."""

    def of(self, seen: Observation) -> float | str:
        """The number, or why there is none."""
        for need in self.needs:
            if (lack := need(seen)) is not None:
                return lack
        value = self.of_step(seen.step)
        return NO_NUMBER if value is None or not isfinite(value) else float(value)


# ---------------------------------------------------------------- of one step


def one(step: Step) -> float:
    """1, so that sums count steps."""
    return 1.0


def words(step: Step) -> float:
    """Runs of characters between white space, in what was said after parsing."""
    return float(len(step.content.split()))


def characters(step: Step) -> float:
    """Unicode characters of what was said after parsing, white space included."""
    return float(len(step.content))


def reply_tokens(step: Step) -> float | None:
    """Tokens of the reply as the model wrote it, reasoning left out."""
    if step.call is None:
        return None
    usage = step.call.usage
    return float(max(usage.completion_tokens - usage.reasoning_tokens, 0))


def completion_tokens(step: Step) -> float | None:
    """Tokens that the model wrote, reasoning and replies that were thrown away included."""
    return None if step.call is None else float(step.call.usage.completion_tokens)


def prompt_tokens(step: Step) -> float | None:
    """Tokens that the model was sent, for replies that were thrown away too."""
    return None if step.call is None else float(step.call.usage.prompt_tokens)


def latency(step: Step) -> float | None:
    """Seconds from the request to the end of the reply, waits before retries included."""
    return None if step.call is None else step.call.usage.model_s


def speed(step: Step) -> float | None:
    """Tokens written, reasoning included, for each second of latency; None in no time."""
    if step.call is None or step.call.usage.model_s <= 0:
        return None
    return step.call.usage.completion_tokens / step.call.usage.model_s


def remark(which: Remark, step: Step) -> float:
    """1 if that is wrong with the message, else 0."""
    return float(which in wrong_with(step))


# ---------------------------------------------------------------- all of them

_TURN = (needs.of_a_participant, needs.in_own_words)
_REPLY = (*_TURN, needs.spoken)
_TIMED = (*_TURN, needs.called, needs.fresh)

_REMARKS: tuple[tuple[str, Remark, str], ...] = (
    ("truncated prompts", "truncated prompt", "Replies whose model did not see all of its prompt."),
    ("refusals", "refusal", "Replies in which the model refused."),
    ("withheld replies", "withheld reply", "Replies that the provider did not let through."),
    ("cut replies", "cut reply", "Replies that ended where their tokens did."),
    ("empty replies", "empty reply", "Replies in which nothing was said."),
)

_ALL = (
    Measure("messages", "messages", one, "Messages of the transcript.", (needs.heard,), "run"),
    Measure(
        "tokens written", "tokens", completion_tokens,
        "Tokens that models wrote, reasoning and discarded replies included.",
        (needs.called,), "run",
    ),
    Measure(
        "tokens read", "tokens", prompt_tokens,
        "Tokens of the prompts that models were sent.", (needs.called,), "run",
    ),
    Measure("words", "words", words, "Words of a participant's reply.", _REPLY),
    Measure("characters", "characters", characters, "Characters of a participant's reply.", _REPLY),
    Measure(
        "tokens", "tokens", reply_tokens,
        "Tokens of a participant's reply, reasoning left out; first replies only.",
        (*_TURN, needs.called, needs.counted, needs.at_once, needs.spoken),
    ),
    Measure(
        "latency", "s", latency,
        "Seconds that a participant's model took; replies asked for again are apart.",
        (*_TIMED, needs.at_once),
    ),
    Measure(
        "latency with retries", "s", latency,
        "Seconds that replies took which were asked for again, all requests and waits together.",
        (*_TIMED, needs.repeated),
    ),
    Measure(
        "speed", "tokens/s", speed,
        "Tokens written in each second; replies asked for again are left out.",
        (*_TIMED, needs.counted, needs.at_once),
    ),
    *(
        Measure(
            name, "replies", partial(remark, which), meaning, (*_TURN, needs.called), "run"
        )
        for name, which, meaning in _REMARKS
    ),
)  # fmt: skip

MEASURES = {measure.name: measure for measure in _ALL}
"""By name, in the order in which they are offered."""
