"""The options of `debate`, what they set over a design, and what a launch sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

MODES = ("natural_language", "cipher", "majority", "single")

SECTIONS = {
    "dataset": "Questions",
    "debaters": "Debaters",
    "mode": "Messages",
    "partial": "Vectors",
    "final": "Answers",
    "points": "Search for temperatures",
    "seed": "Playing",
    "store": "Of every verb",
}
"""Titles, by the option that each begins with."""


def debate_options(command: _Command) -> _Command:
    """The options that say what is debated, and how."""
    above_zero = click.FloatRange(0, min_open=True)
    options = [
        click.option("--dataset", "-d",
                     type=click.Choice(("arithmetic", "gsm8k", "mmlu", "records")),
                     help="Sums, or what is asked; `records` is any JSON lines or CSV."),
        click.option("--data-path", metavar="FILE", help="Where the questions stand."),
        click.option("--field", "fields", multiple=True, metavar="NAME=FIELD",
                     help="Where a record has its question, answer, options or solution: "
                     "question=problem, options=A+B+C+D; repeatable."),
        click.option("--subject", metavar="NAME", help="Of MMLU, from the hub."),
        click.option("--split", metavar="NAME", help="Of sums and of the hub: test, validation."),
        click.option("--questions", "-n", type=click.IntRange(1, 100_000), metavar="N",
                     help="How many are asked."),
        click.option("--data-seed", type=click.IntRange(0), metavar="N",
                     help="Shuffle the questions as the original does (2023 there)."),
        click.option("--largest", type=click.IntRange(1, 2**32 - 2), metavar="N",
                     help="Largest operand of sums; 29 in the original."),
        click.option("--debaters", metavar="REF,REF… or N",
                     help="Models, or a number of debaters. Besides models: `expert`, "
                     "`misleading`, `REF:random`."),
        click.option("--model", "-m", metavar="REF", help="Model of everybody."),
        click.option("--rounds", type=click.IntRange(1, 50), metavar="R",
                     help="First answers and debates."),
        click.option("--temperatures", "-t", metavar="T,T…",
                     help="One for each debater; or those of all rounds of the first, then of the "
                     "second …"),
        click.option("--topology", type=click.Choice(("all", "ring", "star")),
                     help="Who reads whom."),
        click.option("--memory", type=click.Choice(("last_round", "full")),
                     help="Whether debaters read the last round or all."),
        click.option("--positional-bias", is_flag=True,
                     help="A debater's own solution stands first."),
        click.option("--mode",
                     type=click.Choice((*MODES, "all")),
                     help="A debate in words or in vectors, a vote of samples, one answer; or all "
                     "four, compared."),
        click.option("--vector", "-v", is_flag=True, help="Short for --mode cipher."),
        click.option("--samples", type=click.IntRange(1, 1000), metavar="K",
                     help="Of --mode majority."),
        click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), metavar="P",
                     help="Nucleus that is drawn from, or mixed."),
        click.option("--top-k", type=click.IntRange(1), metavar="K",
                     help="Tokens that are drawn from, or mixed."),
        click.option("--max-tokens", "--max-new-tokens", type=click.IntRange(1), metavar="N",
                     help="Longest message."),
        click.option("--partial", type=click.Choice(("confident", "unsure")),
                     help="When a step is one token instead of a mixture; `confident` is partial "
                     "CIPHER."),
        click.option("--criterion", type=click.Choice(("max_probability", "entropy")),
                     help="The uncertainty: 1 - max p, or the entropy in nats."),
        click.option("--threshold", type=click.FloatRange(0), metavar="U",
                     help="Of the uncertainty."),
        click.option("--unit-length", is_flag=True, help="Scale vectors to length 1."),
        click.option("--final", type=click.Choice(("lowest_temperature", "majority", "judge")),
                     help="Whose answer counts."),
        click.option("--judge", metavar="REF", help="The model that judges; sets --final judge."),
        click.option("--consensus", is_flag=True, help="End a debate when all agree."),
        click.option("--ask-all", is_flag=True,
                     help="Ask all in the last round, not only whom the answer needs."),
        click.option("--grader", type=click.Choice(("number", "choice", "text")),
                     help="What answers are, where the data does not say it."),
        click.option("--classic", is_flag=True, help="As the original program did, faults "
                     "included."),
        click.option("--points", type=click.Path(path_type=Path), metavar="FILE",
                     help="Play each point of a file: temperatures between commas, a point a "
                     "line."),
        click.option("--point-count", "-p", type=click.IntRange(1, 10_000), metavar="N",
                     help="Points in all: those of --points, then random ones. With "
                     "--temperatures, runs with new seeds."),
        click.option("--bayesian", is_flag=True,
                     help="Choose each point by what came of the earlier ones."),
        click.option("--init-points", type=click.IntRange(1), default=2, metavar="N",
                     show_default=True, help="Random points before --bayesian begins."),
        click.option("--objective",
                     type=click.Choice(("final", "last_round", "debate_rounds", "all_rounds")),
                     default="final", show_default=True,
                     help="What is to be high: the final answer's accuracy, or a majority's."),
        click.option("--t-min", type=click.FloatRange(0), default=0.01, metavar="T",
                     show_default=True, help="Lowest temperature of points."),
        click.option("--t-max", type=above_zero, default=1.0, metavar="T", show_default=True,
                     help="Highest temperature of points."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def design_changes(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the options set over a design, by its fields; without the number of questions.

    Raises:
        UsageError: The debaters or the fields are no good.
    """
    from simulator.debating import debaters_named, fields_named

    data = {
        "dataset": options["dataset"] or ("records" if options["fields"] else None),
        "path": options["data_path"],
        "fields": fields_named(options["fields"]),
        "subject": options["subject"],
        "split": options["split"],
        "seed": options["data_seed"],
        "largest": options["largest"],
    }
    partial = {
        "greedy": options["partial"],
        "criterion": options["criterion"],
        "threshold": options["threshold"],
    }
    debaters = options["debaters"]
    judge = options["judge"]
    return _given(
        {
            "data": _given(data),
            "debaters": debaters_named(debaters) if debaters else None,
            "partial": _given(partial),
            "unit_length": options["unit_length"] or None,
            "judge": {"model": judge} if judge else None,
            "consensus": options["consensus"] or None,
            "grader": options["grader"],
            "classic": options["classic"] or None,
        }
    )


def launch_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """What the options set for a launch; without temperatures and the number of questions."""
    needs_all = options["ask_all"] or options["objective"] != "final"
    one_mode = None if options["mode"] == "all" else options["mode"]
    sampling = {name: options[name] for name in ("top_p", "top_k", "max_tokens")}
    return _given(
        {
            "mode": "cipher" if options["vector"] else one_mode,
            "rounds": options["rounds"],
            "model": options["model"],
            "samples": options["samples"],
            "final": options["final"] or ("judge" if options["judge"] else None),
            "topology": options["topology"],
            "memory": options["memory"],
            "order": "own_first" if options["positional_bias"] else None,
            "last_round": "all" if needs_all else None,
            "sampling": _given(sampling),
        }
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, {}, ())}
