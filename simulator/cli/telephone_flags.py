"""What the options of `telephone` mean: changes of a design, settings of a launch, its grid."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.changing import merged
from simulator.domain.grids import Axis, Grid, Option
from simulator.errors import UsageError

EMPTY = "Empty"
"""What the original calls no personality and no form."""
_OWN = "own"


@dataclass(frozen=True, slots=True)
class Flags:
    """What a command asks for."""

    changes: dict[str, Any]
    """Fields that only a design can have."""
    settings: dict[str, Any]
    """Parameters that a launch can set as well."""
    axes: tuple[Axis, ...] = ()
    """What has several values, of which every combination is played."""
    notes: tuple[str, ...] = field(default=())
    """Sentences on what was typed and means nothing here."""

    def grid(self, *, with_settings: bool) -> Grid:
        """What the launch sets over the design."""
        settings = self.settings if with_settings else {}
        return Grid((Axis("parameters", (Option("", settings),)), *self.axes))


def flags_of(options: Mapping[str, Any], *, structure: str, is_own: bool, is_base: bool) -> Flags:
    """What options mean over a design, but for their texts.

    Args:
        options: By name, as the command line has read them.
        structure: Of the design's network.
        is_own: Whether the design has prompts of its own.
        is_base: Whether it is for models without instructions.

    Raises:
        UsageError: Options contradict each other, or a value is no good.
    """
    network, own, notes = _network(options, structure)
    structure = network.get("structure", structure)
    tasks, prompts = _tasks(options, is_own=is_own)
    changes: dict[str, Any] = {}
    if own:
        changes["network"] = {**network, "own": own}
        network = {}
    if prompts:
        from simulator.telephones import prompts_named

        given = options["is_base"]
        changes["prompts"] = prompts_named(
            prompts.get("first"), prompts.get("later"), is_sequence=structure == "sequence",
            is_base=is_base if given is None else given,
        )  # fmt: skip
        changes["task"] = _OWN
    if options["task_name"] is not None:
        if not prompts and not is_own:
            raise UsageError(
                "--task-name names prompts of your own.", remedy="Add --prompt-init, or leave it."
            )
        changes["task"] = _OWN
        changes["prompts"] = {**changes.get("prompts", {}), "name": options["task_name"]}
    form = _form(options)
    if form:
        changes["format"] = form
    told = ["" if text == EMPTY else text for text in options["personalities"]]
    if len(told) > 1:
        changes["personalities"] = told
    models = _models(options)
    temperatures = options["temperatures"]
    sampling = {name: options[name] for name in ("top_p", "top_k", "max_tokens")}
    sampling["temperature"] = temperatures[0] if len(temperatures) == 1 else None
    settings = {
        "chains": options["chains"], "generations": _generations(options, structure),
        "prompt_style": {True: "base", False: "chat", None: None}[options["is_base"]],
        "personality": told[0] if len(told) == 1 else None, **network,
        "sampling": _given(sampling) or None,
    }  # fmt: skip
    if len(tasks) == 1 and not prompts:
        settings["task"] = tasks[0]
    if len(models) == 1:
        settings |= models[0].parameters
    axes = []
    if len(tasks) > 1:
        axes.append(Axis("task", tuple(Option(one, {"task": one}) for one in tasks)))
    if len(models) > 1:
        axes.append(Axis("model", tuple(models)))
    if len(temperatures) > 1:
        axes.append(
            Axis(
                "sampling.temperature",
                tuple(Option(f"{t:.10g}", {"sampling": {"temperature": t}}) for t in temperatures),
            )
        )
    return Flags(changes, _given(settings), tuple(axes), notes)


def first_of(axes: Sequence[Axis]) -> dict[str, Any]:
    """What a design without a grid would be played with: the first value of each axis."""
    found: dict[str, Any] = {}
    for axis in axes:
        is_task = axis.name == "task"
        own = tuple(one for one in axis.options if is_task and one.label == _OWN)
        found = merged(found, (own or axis.options)[0].parameters)
    return found


def _tasks(options: Mapping[str, Any], *, is_own: bool) -> tuple[list[str], dict[str, str]]:
    """The tasks that are played, and prompts of the task `own`."""
    from simulator.cli.telephone_options import TASKS

    tasks, known = list(options["tasks"]), [task for task in TASKS if task != _OWN]
    first, later = options["prompt_init"], options["prompt_update"]
    if first is not None and not first.strip():
        raise UsageError("--prompt-init asks nothing.", remedy="Write what agents are to do.")
    if first in known and later in (None, first):
        if tasks not in ([], [first]):
            raise UsageError(
                f"--prompt-init {first} is that task, and --task says {', '.join(tasks)}.",
                remedy="Leave one out.",
            )
        return [first], {}
    if first is None and later is None:
        if _OWN in tasks and not is_own:
            raise UsageError("The task own has no prompt.", remedy="Write it with --prompt-init.")
        return tasks, {}
    if first is None and not is_own:
        raise UsageError(
            "--prompt-update says nothing of the first generation.",
            remedy="Add --prompt-init, with a prompt or a task's name.",
        )
    if tasks and _OWN not in tasks:
        raise UsageError(
            f"The prompts are of the task own, and --task says {', '.join(tasks)}.",
            remedy="Leave --task out, or add own to it.",
        )
    return tasks or [_OWN], _given({"first": first, "later": later})


def _network(
    options: Mapping[str, Any], structure: str
) -> tuple[dict[str, Any], list[list[int]], tuple[str, ...]]:
    """Settings of the network, pairs of its own, and what was typed for nothing."""
    pairs = _pairs(options["pairs"]) if options["pairs"] is not None else []
    given = options["structure"]
    if pairs and given not in (None, _OWN):
        raise UsageError(
            f"--pairs are of the network own, and not of {given}.", remedy="Leave one out."
        )
    structure = _OWN if pairs else given or structure
    agents, notes = options["agents"], []
    if structure == "sequence" and agents is not None:
        if options["generations"] not in (None, agents):
            notes.append(
                f"--n-agents {agents}: a chain has an agent for each generation, and these are "
                f"{options['generations']}."
            )
        agents = None
    if pairs and agents is None:
        agents = max(max(pair) for pair in pairs)
    if agents == 1:
        raise UsageError("A network has 2 agents or more.", remedy="Raise --n-agents.")
    found = {"structure": given or (_OWN if pairs else None), "agents": agents}
    for name, kind in (("cliques", "caveman"), ("edges", "random")):
        if options[name] is not None and structure != kind:
            notes.append(f"--n-{name} is of the network {kind} alone; {structure} has none.")
        else:
            found[name] = options[name]
    return _given(found), pairs, tuple(notes)


def _generations(options: Mapping[str, Any], structure: str) -> int | None:
    given: int | None = options["generations"]
    agents: int | None = options["agents"]
    return agents if given is None and structure == "sequence" else given


def _pairs(text: str) -> list[list[int]]:
    found = []
    for piece in text.split(","):
        one, dash, other = piece.strip().partition("-")
        if not dash or not one.isdecimal() or not other.isdecimal() or not int(one) * int(other):
            raise UsageError(
                f"--pairs {text}: {piece.strip()!r} is no pair of agents.",
                remedy="Write numbers from 1, such as 1-2,2-3.",
            )
        found.append([int(one), int(other)])
    return found


def _models(options: Mapping[str, Any]) -> list[Option]:
    """Those that are played, each one model or several in turn."""
    found = [Option(ref, {"model": ref}) for ref in options["models"]]
    for word in options["mixed"]:
        refs = [piece.strip() for piece in word.split(",")]
        if not all(refs) or len(refs) < 2:
            raise UsageError(
                f"--models-along-the-chain {word}: these are not several models.",
                remedy="Write them between commas, such as pocket,ollama/llama3.1:8b.",
            )
        found.append(Option("+".join(refs), {"models": list(refs)}))
    return found


def _form(options: Mapping[str, Any]) -> dict[str, Any]:
    prompt, start, end = (options[name] for name in ("format_prompt", "start_flag", "end_flag"))
    pattern = options["pattern"]
    if bool(start) != bool(end):
        missing = "--end-flag" if start else "--start-flag"
        raise UsageError(
            f"One mark alone holds no text: {missing} is missing.", remedy="Give both, or neither."
        )
    if pattern and start:
        raise UsageError("--pattern stands instead of marks.", remedy="Leave either out.")
    if pattern:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise UsageError(
                f"--pattern {pattern}: this is no regular expression: {error}.",
                remedy=r"Write such as <text>(.*?)</text>; \ before a sign takes it as it is.",
            ) from None
        if groups > 1:
            raise UsageError(
                f"--pattern {pattern} has {groups} groups; which one is the text?",
                remedy="Write (?:…) for those that are not.",
            )
    given = {
        "prompt": "" if prompt == EMPTY else prompt, "start": start or None, "end": end or None,
        "pattern": pattern or None, "retries": options["retries"],
    }  # fmt: skip
    return _given(given)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
