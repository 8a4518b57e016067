"""The options of `chatroom`, and what they set over a design."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from simulator.errors import UsageError

_Command = TypeVar("_Command", bound=Callable[..., Any])

SPREADS = {
    "-m": "-m", "--models": "-m", "-i": "-i", "--initial-prompts": "-i", "-s": "-s",
    "--system-prompts": "-s",
}  # fmt: skip
"""Options of the original that several words may follow."""


def chatroom_options(command: _Command) -> _Command:
    """The options that say who talks, and when they have converged."""
    options = [
        click.option("--models", "-m", multiple=True, metavar="REF…",
                     help="Who talks; a model may be named again. Several after one -m, or "
                     "between commas."),
        click.option("--initial-prompts", "-i", multiple=True, metavar="TEXT…",
                     help="Said first; Hello! without a word."),
        click.option("--system-prompts", "-s", multiple=True, metavar="TEXT…",
                     help="One for all, or one for each model."),
        click.option("--max-context", "--window", "-c", "window", type=click.IntRange(0),
                     metavar="N", help="Latest messages that a model is shown; 0 shows all."),
        click.option("--min-quine-length", "--min-repetitions", "-q", "min_repetitions",
                     type=click.IntRange(2, 1000), metavar="N",
                     help="How often a text must come back."),
        click.option("--max-iterations", type=click.IntRange(1, 1_000_000), metavar="N",
                     help="Turns, at most."),
        click.option("--speakers", type=click.Choice(("random", "alternating", "weighted")),
                     help="Who speaks next."),
        click.option("--weights", metavar="W,W…", help="One for each model; sets --speakers "
                     "weighted."),
        click.option("--roles", type=click.Choice(("author", "classic")),
                     help="A model's own words as the assistant's; or all by place, as in the "
                     "original."),
        click.option("--check", type=click.Choice(("exact", "fuzzy")),
                     help="How texts are compared."),
        click.option("--threshold", type=click.FloatRange(0, 1, min_open=True), metavar="U",
                     help="Of --check fuzzy: the Levenshtein similarity from which texts are the "
                     "same."),
        click.option("--max-period", type=click.IntRange(1, 100), metavar="N",
                     help="Longest cycle that is looked for."),
        click.option("--run-on", is_flag=True,
                     help="Go on after texts repeat themselves, to see whether that breaks."),
        click.option("--classic", is_flag=True,
                     help="Roles and test of the original, faults included."),
        click.option("--temperature", "-t", type=click.FloatRange(0, 2), metavar="T",
                     help="Softmax temperature; 0 is greedy."),
        click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), metavar="P",
                     help="Nucleus that is drawn from."),
        click.option("--top-k", type=click.IntRange(1), metavar="K",
                     help="Tokens that are drawn from."),
        click.option("--max-tokens", type=click.IntRange(1), metavar="N",
                     help="Longest message."),
        click.option("--replicate", metavar="RUN",
                     help="Give the text that RUN came to to fresh models, and count its copies."),
        click.option("--text", metavar="TEXT",
                     help="Do so with this text, with or without a run."),
        click.option("--phase", type=click.IntRange(1), metavar="K",
                     help="Which text of a cycle, from 1; the last one without a word."),
        click.option("--copies", type=click.IntRange(1, 1000), metavar="N",
                     help="How often each model is given the text."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def design_changes(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the options set over a design, by its fields.

    Raises:
        UsageError: The models or weights are no good, or options contradict each other.
    """
    from simulator.chatrooms import CLASSIC

    weights = _weights(options["weights"]) if options["weights"] else None
    if weights and options["speakers"] not in (None, "weighted"):
        raise UsageError(
            f"With --speakers {options['speakers']} nobody has a weight.",
            remedy="Leave --weights out.",
        )
    classic = dict(CLASSIC) if options["classic"] else {}
    cycle = {
        name: options[name] for name in ("check", "threshold", "min_repetitions", "max_period")
    }
    sampling = {name: options[name] for name in ("temperature", "top_p", "top_k", "max_tokens")}
    changes = {
        "models": models_named(options["models"]) or None,
        "initial_prompts": list(options["initial_prompts"]) or None,
        "system_prompts": list(options["system_prompts"]) or None,
        "window": options["window"],
        "speakers": "weighted" if weights else options["speakers"],
        "weights": weights,
        "roles": options["roles"] or classic.get("roles"),
        "max_iterations": options["max_iterations"],
        "stop_on_convergence": False if options["run_on"] else None,
        "cycle": {**classic.get("cycle", {}), **_given(cycle)} or None,
        "sampling": _given(sampling) or None,
    }
    return _given(changes)


def models_named(words: Sequence[str]) -> list[str]:
    """The models that words name, several between commas.

    Raises:
        UsageError: A word names none.
    """
    found = [piece.strip() for word in words for piece in word.split(",")]
    if not all(found):
        raise UsageError(
            f"--models {' '.join(words)}: there is no model before or after a comma.",
            remedy="Write such as --models pocket,pocket.",
        )
    return found


def _weights(text: str) -> list[float]:
    found: list[float] = []
    for piece in text.split(","):
        try:
            found.append(float(piece))
        except ValueError:
            raise UsageError(
                f"--weights {text}: {piece.strip()!r} is no number.", remedy="Write such as 1,2."
            ) from None
    return found


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
