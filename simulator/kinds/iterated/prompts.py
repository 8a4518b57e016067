"""The exact texts that learners are shown, and what is taken of their replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.analysis.iterated.worlds.agreement import explained
from simulator.analysis.iterated.worlds.base import Data, Example, Game, World
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.replies import ParsedReply, ReplyParser

NO_RULE = "no rule"
KEPT = "the rule is right and was kept"
NO_EXAMPLES = "no examples"
LEFT_OUT = "left out: "
"""Begins the notes on lines of a reply that are no examples."""
SURPLUS = "more examples than were asked for"
MOST_REASONS = 100
"""Notes on one reply; of more there is only the number."""


class Exchange(NamedTuple):
    """A question that learners look back on, and what came of it."""

    asked: str
    replied: str


def prompt_of(system: str, earlier: Sequence[Exchange], asked: str) -> Prompt:
    """What a learner is shown.

    Args:
        system: Empty sends none.
        earlier: Exchanges that it looks back on, the oldest first.
        asked: The question.
    """
    entries = [ChatMessage("system", system)] if system else []
    for exchange in earlier:
        entries += [ChatMessage("user", exchange.asked), ChatMessage("assistant", exchange.replied)]
    return Prompt.of(*entries, ChatMessage("user", asked))


# ---------------------------------------------------------------- questions


def asked_for_rule(world: World, data: Data, *, looks_back: bool = False, bias: str = "") -> str:
    """The question for the rule behind examples.

    Args:
        world: Of the examples.
        data: What the learner reads.
        looks_back: Whether it may be shown earlier examples.
        bias: Stands at the end; empty for none.
    """
    whole = "all of them, and the earlier ones too" if looks_back else "all of them"
    return _joined(
        f"These are examples of what happens:\n\n{world.data_text(data)}",
        f"Find the rule that explains {whole}.\n{world.rule_form()}",
        bias, "Reply with the rule and nothing else.",
    )  # fmt: skip


def asked_to_refine(world: World, rule: str, first: Data, *, bias: str = "") -> str:
    """The question whether a rule holds for the first data, which the learner checks itself."""
    return _joined(
        f"These are the examples that came first:\n\n{world.data_text(first)}",
        f"This is the rule that you found:\n{world.rule_text(rule)}",
        "Hold the rule against each example. Mend it where it is wrong, and keep what is right.\n"
        + world.rule_form(),
        bias, "Reply with the rule and nothing else.",
    )  # fmt: skip


def checked(world: World, rule: str, first: Data) -> tuple[str, Data]:
    """How a rule does on the first data, in words, and the examples that it gets right."""
    fitting = {one: bool(explained(world, rule, (one,))) for one in first}
    wrong = [one for one in first if not fitting[one]]
    return check_text(world, rule, wrong, len(first)), tuple(one for one in first if fitting[one])


def check_text(world: World, rule: str, wrong: Sequence[Example], total: int) -> str:
    """What a learner is told of a check.

    Args:
        world: Of the rule.
        rule: Canonical.
        wrong: First examples that it gets wrong.
        total: Number of first examples.
    """
    if not wrong:
        return f"The rule is right for all {total} first examples."
    told = f"The rule is right for {total - len(wrong)} of the {total} first examples."
    return "\n".join([f"{told} It is wrong for:", *(_wrong(world, rule, one) for one in wrong)])


def _wrong(world: World, rule: str, one: Example) -> str:
    if not one.input:
        return f"- {one.output}: it does not belong to the rule."
    said = world.predict(rule, one.input)
    return f"- {one.input}: the rule says {said}, but it is {one.output}."


def asked_to_mend(
    world: World, rule: str, check: str, *, right: bool, kept: Data | None = None, bias: str = ""
) -> str:
    """The question for a better rule after a check.

    Args:
        world: Of the rule.
        rule: Canonical.
        check: As `checked` says it.
        right: Whether nothing is wrong.
        kept: Examples that the rule gets right, which learners may never have read; None shows
            none of them, as in the original.
        bias: Stands at the end; empty for none.
    """
    shown = ""
    if right:
        wish = "There is nothing to mend. Write the rule down again."
    elif kept is None:
        wish = "Find a rule that is right for these as well as for the others."
    else:
        wish = "Find a rule that is right for all of these examples."
        if kept:
            shown = f"It is right for:\n\n{world.data_text(tuple(dict.fromkeys(kept)))}"
    return _joined(
        f"This is the rule that you found:\n{world.rule_text(rule)}",
        check, shown, f"{wish}\n{world.rule_form()}", bias,
        "Reply with the rule and nothing else.",
    )  # fmt: skip


def asked_for_data(world: World, rule: str, count: int) -> str:
    """The question for examples of a rule."""
    return _joined(
        f"This is the rule:\n{world.rule_text(rule)}",
        f"Make {_examples(count)} of it, for somebody who is going to look for the rule in them.\n"
        + world.data_form(),
        "Reply with the examples and nothing else.",
    )


def asked_for_output(world: World, rule: str, given: str) -> str:
    """The question for one output of a rule, where outputs are scored.

    Args:
        world: Of the rule.
        rule: Canonical.
        given: The input; empty in worlds without any.
    """
    wish = f"What is the output of this input?\n{given}" if given else "Give one example of it."
    return _joined(
        f"This is the rule:\n{world.rule_text(rule)}", wish,
        "Reply with the output and nothing else." if given else "Reply with it and nothing else.",
    )  # fmt: skip


def asked_for_more(game: Game, data: Data, count: int, *, bias: str = "") -> str:
    """The question for examples like those that are shown, where rules are not told."""
    return _joined(
        f"These are examples:\n\n{game.data_text(data)}",
        f"Make {_examples(count)} of the same sort, all different from these.\n{game.data_form()}",
        bias, "Reply with the examples and nothing else.",
    )  # fmt: skip


def _examples(count: int) -> str:
    return "one example" if count == 1 else f"{count} examples"


def _joined(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))


# ---------------------------------------------------------------- replies


def rule_parser(world: World) -> ReplyParser:
    """What takes the rule out of a reply; a reply without one is kept as it is."""

    def parse(reply: str) -> ParsedReply:
        found = world.read_rule(reply)
        if found.hypothesis is None:
            return ParsedReply(reply, (found.reason or NO_RULE,), is_wanted=False)
        text = world.rule_text(found.hypothesis)
        return ParsedReply(text, () if text == reply else ("the rule in the reply",))

    return parse


def kept_parser(world: World, rule: str) -> ReplyParser:
    """For a reply that changes nothing: the rule is right, and stays whatever is said."""
    text = world.rule_text(rule)
    return lambda reply: ParsedReply(text, () if text == reply else (KEPT,))


def data_parser(game: Game, count: int) -> ReplyParser:
    """What takes the examples out of a reply; a reply without any is kept as it is.

    Args:
        game: Of the examples.
        count: As many as are wanted; those after them are left out.
    """

    def parse(reply: str) -> ParsedReply:
        found = game.read_data(reply)
        reasons = [*found.left_out, *[SURPLUS] * (len(found.data) - count)]
        notes = [f"{LEFT_OUT}{reason}" for reason in reasons[:MOST_REASONS]]
        if len(reasons) > MOST_REASONS:
            notes.append(f"{LEFT_OUT}{len(reasons) - MOST_REASONS} more")
        if not found.data:
            return ParsedReply(reply, (NO_EXAMPLES, *notes), is_wanted=False)
        return ParsedReply(game.data_text(found.data[:count]), tuple(notes))

    return parse


def reasons_in(notes: Sequence[str]) -> tuple[str, ...]:
    """Why lines of a reply were left out, from the notes on it."""
    return tuple(
        note.removeprefix(LEFT_OUT) for note in notes if note.startswith(LEFT_OUT)
    )  # fmt: skip
