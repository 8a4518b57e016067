"""The options of `telephone`, as somebody types them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

TASKS = ("rephrase", "inspiration", "continue", "own")
STRUCTURES = ("sequence", "fully_connected", "circle", "caveman", "random", "own")
SPREADS = {
    "-m": "-m", "--model": "-m", "--models": "-m", "--task": "--task", "--tasks": "--task",
    "-t": "-t", "--temperature": "-t", "--temperatures": "-t", "--texts": "--texts",
    "-is": "-is", "--initial-story": "-is", "-pl": "-pl", "--personality-list": "-pl",
    "--mixed": "--mixed", "--models-along-the-chain": "--mixed",
}  # fmt: skip
"""Options that several words may follow."""
SECTIONS = {
    "tasks": "What agents do", "texts": "Texts", "generations": "Chains and networks",
    "models": "Models", "format_prompt": "Form of replies", "seed": "Playing",
    "access_url": "Of the original, with another place here", "store": "Of every verb",
}  # fmt: skip
"""Titles, by the option that each begins with."""


def telephone_options(command: _Command) -> _Command:
    """The options that say what a game of telephone is."""
    options = [*_of_tasks(), *_of_chains(), *_of_models(), *_of_forms()]
    for option in reversed(options):
        command = option(command)
    return command


def original_options(command: _Command) -> _Command:
    """The options of the original that mean nothing here; what is typed is told of."""
    told: dict[str, Any] = {"is_flag": False, "flag_value": ""}
    options = [
        click.option("--access-url", "-url", metavar="URL",
                     help="Refused: a server of your own is a model such as vllm/NAME, and "
                     "VLLM_BASE_URL or endpoints.toml says where it is."),
        click.option("--vllm", "-vllm", metavar="[WORD]", **told,
                     help="Needs no word: vllm/NAME is a server of vLLM, hf/NAME a model in this "
                     "process."),
        click.option("--output-dir", "-o", metavar="DIR",
                     help="Everything is stored; `export` writes the original's file."),
        click.option("--output-file", "-of", metavar="FILE", help="The same."),
        click.option("--debug", metavar="[WORD]", **told, help="See --log-level."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _of_tasks() -> list[Callable[[Any], Any]]:
    return [
        click.option("--task", "tasks", multiple=True, type=click.Choice(TASKS), metavar="TASK…",
                     help="rephrase, inspiration, continue, or own with --prompt-init; several "
                     "are played each."),
        click.option("--prompt-init", "-pi", metavar="TEXT",
                     help="Asked in the first generation, with the text where {text} stands or at "
                     "the end; or a task's name."),
        click.option("--prompt-update", "-pu", metavar="TEXT",
                     help="Asked in all others; else --prompt-init again."),
        click.option("--task-name", metavar="NAME",
                     help="What analyses call the task of --prompt-init; else `own`."),
        click.option("--personality-list", "-pl", "personalities", multiple=True, metavar="TEXT…",
                     help="System prompts: one for all, or one for each agent; along a chain they "
                     "take turns. `Empty` is none."),
        click.option("--texts", multiple=True, metavar="NAME…",
                     help="Those of the 20 texts that come along that are played, such as `the "
                     "cat` or `length`; or a file or folder of your own, and names in it."),
        click.option("--initial-story", "-is", "stories", multiple=True, metavar="TEXT…",
                     help="A text itself, the name of one that comes along, or a file; instead of "
                     "--texts."),
    ]  # fmt: skip


def _of_chains() -> list[Callable[[Any], Any]]:
    return [
        click.option("--n-timesteps", "--generations", "-nt", "generations",
                     type=click.IntRange(1, 100_000), metavar="N",
                     help="Generations after the initial text."),
        click.option("--n-seeds", "--chains", "-s", "chains", type=click.IntRange(1, 100_000),
                     metavar="N", help="Chains of each text, which differ by chance alone."),
        click.option("--network-structure", "-ns", "structure", type=click.Choice(STRUCTURES),
                     metavar="NETWORK",
                     help="Who reads whom: sequence is the chain; fully_connected, circle, "
                     "caveman, random, or own with --pairs."),
        click.option("--n-agents", "-na", "agents", type=click.IntRange(1, 1000), metavar="N",
                     help="Of a network; of a chain, its generations unless -nt says them."),
        click.option("--n-cliques", "-nc", "cliques", type=click.IntRange(1), metavar="N",
                     help="Of caveman."),
        click.option("--n-edges", "-ne", "edges", type=click.IntRange(0), metavar="N",
                     help="Of random."),
        click.option("--pairs", metavar="A-B,…",
                     help="A network of your own: of each pair of agents the second reads the "
                     "first, such as 1-2,2-3."),
    ]  # fmt: skip


def _of_models() -> list[Callable[[Any], Any]]:
    return [
        click.option("--model", "-m", "models", multiple=True, metavar="REF…",
                     help="Who passes texts on; several are played each."),
        click.option("--models-along-the-chain", "--mixed", "mixed", multiple=True,
                     metavar="REF,REF…",
                     help="Models that take turns along a chain, or in a network; beside -m one "
                     "more that is played."),
        click.option("--base/--chat", "is_base", default=None,
                     help="Whether models take no instructions but go on with a text."),
        click.option("--temperature", "-t", "temperatures", multiple=True,
                     type=click.FloatRange(0, 2), metavar="T…",
                     help="Softmax temperature, 0.8 without a word; several are played each."),
        click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), metavar="P",
                     help="Nucleus that is drawn from; 0.95 without a word."),
        click.option("--top-k", type=click.IntRange(1), metavar="K",
                     help="Tokens that are drawn from."),
        click.option("--max-tokens", type=click.IntRange(1), metavar="N",
                     help="Longest text; 1024 without a word."),
    ]  # fmt: skip


def _of_forms() -> list[Callable[[Any], Any]]:
    return [
        click.option("--format-prompt", "-f", metavar="TEXT",
                     help="Stands after what agents are asked. `Empty` is none."),
        click.option("--start-flag", "-sf", metavar="MARK",
                     help="What stands before the text in a reply; only what is between the marks "
                     "is passed on."),
        click.option("--end-flag", "-ef", metavar="MARK", help="What stands after it."),
        click.option("--pattern", metavar="REGEX",
                     help="Instead of marks; its first group, or all of it, is the text."),
        click.option("--retries", type=click.IntRange(0, 100), metavar="N",
                     help="How often a reply of another form is asked for again; 5 without a "
                     "word."),
    ]  # fmt: skip
