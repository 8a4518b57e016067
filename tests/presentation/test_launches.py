from __future__ import annotations

import shlex
from typing import Any

import click
from pydantic import JsonValue
from ruamel.yaml import YAML

from simulator.cli.launch_options import launch_options, launch_parameters
from simulator.cli.set_options import grid_of
from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.parameters import axes_of
from simulator.kinds.conversation.kind import ConversationKind
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.kind import IteratedKind
from simulator.presentation.launches import COMMANDS_SHOWN, Launch, commands_text, yaml_text
from tests.lab import design

FACTORS: dict[str, Any] = {"goal": {"escape": {}, "yard time": {}}, "a b": {"[x]": {}, "it's": {}}}
PARAMETERS = ConversationKind().parameters(design(factors=FACTORS))
EVERYTHING: dict[str, list[JsonValue]] = {
    "model": ["pocket", "scripted/say?text=a=b&x"],
    "models.guard": ["ollama/llama3.1:8b"],
    "models.summarizer": ["pocket"],
    "sampling.temperature": [0.0, 0.7],
    "sampling.top_p": [0.123456],
    "sampling.max_tokens": [80],
    "sampling.context_length": [4096],
    "sampling.reasoning_effort": ["low"],
    "messages": [20],
    "days": [1, 2],
    "agents.guard": [1, 2],
    "agents.prisoner": [2],
    "speaker": ["random"],
    "memory": ["none"],
    "levels.goal": ["yard time"],
    "levels.a b": ["[x]", "it's"],
}


def launch(grid: Grid, **fields: Any) -> Launch:
    known: dict[str, Any] = {"experiment_id": "01J9", "name": "Prison", "repeat": 1, "seed": None}
    return Launch(grid=grid, **(known | fields))


def read_back(words: list[str]) -> dict[str, Any]:
    """The parameters that the command line reads from the words of a command."""
    heard: dict[str, Any] = {}

    @click.command()
    @click.argument("name")
    @launch_options
    @click.option("--repeat", type=int)
    @click.option("--seed", type=int)
    @click.option("--cost-limit", type=float)
    @click.option("--token-limit", type=int)
    def run(name: str, **options: Any) -> None:
        plain = {key: options.pop(key) for key in ("repeat", "seed", "cost_limit", "token_limit")}
        heard.update(plain, name=name, parameters=launch_parameters(**options))

    run.main(words, standalone_mode=False)
    return heard


def test_the_command_line_reads_every_condition_back() -> None:
    grid = Grid(axes_of(PARAMETERS, EVERYTHING))
    text = commands_text(launch(grid, repeat=5, seed=7, cost_usd=0.00001, tokens=9000))
    commands = [shlex.split(line) for line in text.splitlines()]
    assert len(commands) == grid.size == 32
    for words, cell in zip(commands, grid.cells(), strict=True):
        assert words[:3] == ["python", "main.py", "run"]
        assert read_back(words[3:]) == {
            "name": "01J9", "repeat": 5, "seed": 7, "cost_limit": 0.00001, "token_limit": 9000,
            "parameters": cell.parameters,
        }  # fmt: skip


def test_what_has_no_option_of_its_own_is_set_by_its_name() -> None:
    made = IteratedDesign(name="Blickets")
    known = IteratedKind().parameters(made)
    wanted: dict[str, list[JsonValue]] = {
        "generations": [4], "attempts": [33], "world.name": ["lights"], "world.noise": [0.25],
        "world.truth": ["drawn"],
        "bias.strength": ["none", "strong"], "bias.direction": ["screen off"],
        "interaction.kind": ["self_refine"], "models": ["pocket, scripted/babble"],
        "temperatures": ["1, 0.5"], "sampling.max_tokens": [80], "probabilities.samples": [5],
        "bias.text": ["Dark, or not|it's off."], "interaction.classic": ["yes", "no"],
        "world.settings": ['{"objects": ["A", "screen"]}', "{}"], "world.ambiguous": ["no"],
    }  # fmt: skip
    grid = Grid(axes_of(known, wanted))
    lines = commands_text(launch(grid, seed=7)).splitlines()
    for line, cell in zip(lines, grid.cells(), strict=True):
        words = shlex.split(line)[3:]
        sets = [words[n + 1] for n, word in enumerate(words) if word == "--set"]
        plain = [
            word for n, word in enumerate(words) if "--set" not in words[max(0, n - 1) : n + 1]
        ]
        (again,) = grid_of(known, sets, read_back(plain)["parameters"]).cells()
        assert again.parameters == cell.parameters


def test_what_is_not_set_is_left_out() -> None:
    assert commands_text(launch(Grid())) == "python main.py run 01J9\n"


def test_many_conditions_are_not_all_written_out() -> None:
    options = tuple(Option(str(number), {"messages": number}) for number in range(1, 1001))
    lines = commands_text(launch(Grid((Axis("messages", options),)), seed=1)).splitlines()
    assert len(lines) == COMMANDS_SHOWN + 1
    assert lines[-1] == "# … and 800 more conditions"


def test_conditions_without_a_seed_are_told_to_share_one() -> None:
    assert commands_text(launch(Grid(axes_of(PARAMETERS, {"days": [1, 2]})))).startswith("# Give")


def test_yaml_holds_the_whole_grid() -> None:
    grid = Grid(axes_of(PARAMETERS, EVERYTHING))
    document = YAML(typ="safe", pure=True).load(
        yaml_text(launch(grid, repeat=5, seed=7, cost_usd=1.5, tokens=9000))
    )
    axes = document.pop("axes")
    assert document == {
        "experiment": "01J9", "name": "Prison", "repeat": 5, "seed": 7, "cost_limit_usd": 1.5,
        "token_limit": 9000,
    }  # fmt: skip
    again = Grid(
        tuple(
            Axis(name, tuple(Option(label, values) for label, values in options.items()))
            for name, options in axes.items()
        )
    )
    assert again == grid
