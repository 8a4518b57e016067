"""`telephone`: the original's flags and ours, what is crossed, what is told, what is refused."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest

from simulator.changing import merged
from simulator.cli.telephone_flags import flags_of
from simulator.cli.telephone_options import STRUCTURES, TASKS
from simulator.cli.verbs.telephone import telephone
from simulator.errors import UsageError
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.networks import Structure
from simulator.kinds.telephone.tasks import TASKS as ASKED
from simulator.kinds.telephone.tasks import Task
from simulator.telephones import (
    changed,
    check_changed,
    in_design,
    initial_texts,
    path_meant,
    shipped,
    texts_named,
)
from tests.cli.conftest import Simulator

SAYS = "scripted/say?text=[I am I.]"
BABBLE = "scripted/babble"


def parsed(*words: str) -> dict[str, Any]:
    """The options of a command line, by name."""
    return telephone.make_context("telephone", list(words)).params


def made(*words: str) -> TelephoneDesign:
    """The design that options alone describe, without its texts."""
    flags = flags_of(parsed(*words), structure="sequence", is_own=False, is_base=False)
    design = changed(None, merged(in_design(flags.settings), flags.changes))
    check_changed(design, None)
    return design


class Terminal(StringIO):
    """A keyboard that nobody types on."""

    def isatty(self) -> bool:
        return True


# ---------------------------------------------------------------- flags to design


def test_names_are_those_of_the_kind() -> None:
    assert get_args(Task) == TASKS and get_args(Structure) == STRUCTURES


def test_the_originals_flags_make_a_game() -> None:
    design = made(
        "--n_agents", "50", "--n_timesteps", "50", "--network_structure", "sequence",
        "--prompt_init", "inspiration", "--prompt_update", "inspiration", "--n_seeds", "1",
        "--personality_list", "Empty", "--format_prompt", "Empty", "-m", "a/b", "-t", "0.4",
    )  # fmt: skip
    assert (design.task, design.generations, design.chains) == ("inspiration", 50, 1)
    assert design.model == "a/b" and design.is_sequence and not design.format.is_given
    assert not any(design.personalities)
    sampling = design.sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.4, 0.95, 1024)


@pytest.mark.parametrize(
    ("words", "generations", "agents"),
    [
        (("-nt", "7"), 7, 4),
        (("-na", "7"), 7, 4),
        (("-na", "3", "-nt", "7"), 7, 4),
        (("--generations", "7"), 7, 4),
        (("-na", "3", "-nt", "7", "-ns", "circle"), 7, 3),
        (("-na", "3", "-ns", "circle"), 50, 3),
    ],
)
def test_agents_of_a_chain_are_its_generations(
    words: tuple[str, ...], generations: int, agents: int
) -> None:
    design = made(*words)
    assert (design.generations, design.network.agents) == (generations, agents)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-ns", "caveman", "-na", "6", "-nc", "3"), {"structure": "caveman", "cliques": 3}),
        (("-ns", "random", "-na", "6", "-ne", "5"), {"structure": "random", "edges": 5}),
        (("--pairs", "1-2, 2-3"), {"structure": "own", "agents": 3, "own": ((1, 2), (2, 3))}),
        (("--pairs", "1-2", "-ns", "own", "-na", "5"), {"agents": 5, "own": ((1, 2),)}),
    ],
)
def test_networks(words: tuple[str, ...], expected: dict[str, Any]) -> None:
    network = made(*words).network
    assert {name: getattr(network, name) for name in expected} == expected


def test_prompts_make_the_task_own() -> None:
    design = made("-pi", "Say {text} again.", "-pu", "Once more:")
    assert design.task == "own"
    assert (design.prompts.first, design.prompts.later) == ("Say {text} again.", "Once more:")
    assert made("-pi", "continue").task == "continue"
    named = made("-pi", "Say it.", "--task-name", "say")
    assert named.task_name == "say" and named.name == "Telephone: say with pocket"
    both = made("-pi", "rephrase", "-pu", "continue")
    assert both.task == "own"
    assert (both.prompts.first, both.prompts.later) == (
        ASKED["rephrase"].one,
        ASKED["continue"].one,
    )
    several = made("-pi", "rephrase", "-pu", "continue", "-ns", "circle", "--base")
    assert several.prompts.first == ASKED["rephrase"].base
    assert several.prompts.later == ASKED["continue"].base_several


def test_models_personalities_and_forms() -> None:
    mixed = made("--models-along-the-chain", "a/b, c/d", "-pl", "Empty", "You are sad.")
    assert mixed.models == ("a/b", "c/d") and mixed.personalities == ("", "You are sad.")
    assert made("--base").prompt_style == "base" and made("-pl", "Be brief.").personalities == (
        "Be brief.",
    )
    marked = made("-f", "In brackets.", "-sf", "[", "-ef", "]", "--retries", "2").format
    assert (marked.prompt, marked.start, marked.end, marked.retries) == (
        "In brackets.",
        "[",
        "]",
        2,
    )
    assert made("--pattern", r"\[(.*)\]").format.pattern == r"\[(.*)\]"


def test_several_values_are_crossed() -> None:
    options = parsed(
        "--task", "rephrase", "continue", "-m", "a/b", "-m", "c/d", "--mixed", "a/b,c/d", "-t", "0",
        "1.2", "-nt", "3",
    )  # fmt: skip
    flags = flags_of(options, structure="sequence", is_own=False, is_base=False)
    grid = flags.grid(with_settings=True)
    assert [axis.name for axis in grid.axes] == [
        "parameters", "task", "model", "sampling.temperature",
    ]  # fmt: skip
    cells = [cell.parameters for cell in grid.cells()]
    assert len(cells) == 2 * 3 * 2 and all(cell["generations"] == 3 for cell in cells)
    assert cells[-1] == {
        "generations": 3, "task": "continue", "models": ["a/b", "c/d"],
        "sampling": {"temperature": 1.2},
    }  # fmt: skip


def test_what_means_nothing_is_told() -> None:
    options = parsed("-na", "3", "-nt", "7", "-nc", "2", "-ne", "2")
    notes = flags_of(options, structure="sequence", is_own=False, is_base=False).notes
    assert len(notes) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-sf", "["), "--end-flag is missing"), (("-ef", "]"), "--start-flag is missing"),
        (("--pattern", "(a"), "no regular expression"), (("--pattern", "(a)(b)"), "2 groups"),
        (("--pattern", "a", "-sf", "[", "-ef", "]"), "instead of marks"),
        (("-ns", "caveman", "-na", "2", "-nc", "3"), "2 agents make no 3 cliques"),
        (("-ns", "random", "-na", "3", "-ne", "9"), "at most 3 pairs"),
        (("-ns", "circle", "-na", "1"), "2 agents or more"),
        (("--pairs", "1-2", "-ns", "circle"), "not of circle"), (("--pairs", "1,2"), "no pair"),
        (("--pairs", "0-1"), "no pair"), (("--pairs", "2-2"), "always reads its own"),
        (("--pairs", "1-9", "-na", "3"), "there is no agent 9"),
        (("-ns", "own"), "there are no pairs"),
        (("--task-name", "mine"), "prompts of your own"),
        (("--task", "own"), "no prompt"), (("-pu", "More."), "the first generation"),
        (("-pi", " "), "asks nothing"), (("-pi", "Go on", "--task", "continue"), "of the task own"),
        (("-pi", "continue", "--task", "rephrase"), "is that task"),
        (("--mixed", "a/b"), "not several models"), (("-t", "1", "1"), "'1' twice"),
        (("-ns", "circle", "-na", "2", "--mixed", "a,b,c"), "3 are given for 2 agents"),
    ],
)  # fmt: skip
def test_contradictions_are_usage_errors(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told.replace("(", r"\(")):
        made(*words)


# ---------------------------------------------------------------- texts


def test_texts_are_named_in_short() -> None:
    known = shipped()
    assert texts_named(["THE CAT"], known) == ("Difficulty, lowest: the cat",)
    assert len(texts_named(["length", "the note"], known)) == 5
    assert texts_named(["length, short"], known) == ("Length, short: the lighthouse",)
    with pytest.raises(UsageError, match="Did you mean 'the cat'"):
        texts_named(["the cot"], known)


def test_initial_stories_are_texts_names_and_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("My own.", "utf-8")
    path = str(tmp_path / "mine.txt")
    found = initial_texts(
        ["Once\nupon a time.", "the cat", path, "", "Once upon a time.", "x" * 999]
    )
    assert [one["name"] for one in found] == [
        "Once upon a time.", "Difficulty, lowest: the cat", "mine", "Empty text",
        "Once upon a time. (2)", "x" * 29 + "…",
    ]  # fmt: skip
    assert found[0]["text"] == "Once\nupon a time." and found[2]["text"] == "My own."
    assert found[3]["text"] == "" and found[5]["text"] == "x" * 999


def test_paths_are_told_from_texts(tmp_path: Path) -> None:
    assert path_meant(str(tmp_path)) == tmp_path and path_meant("gone.csv") is not None
    assert path_meant("I read it.txt today.") is None and path_meant("Hello!") is None
    assert path_meant("a\0b") is None and path_meant("long " * 9999) is None


# ---------------------------------------------------------------- as a user meets it


def test_a_game_is_played_and_told(simulator: Simulator) -> None:
    code, out, err = simulator(
        "telephone", "-m", SAYS, "--texts", "the cat", "the note", "-s", "2", "-nt", "2",
        "-sf", "[", "-ef", "]", "--seed", "0", "-o", "out", "-nc", "2",
    )  # fmt: skip
    assert code == 0, err
    assert "A run: 2 texts, 4 chains (each text 2 times), 2 generations" in out
    assert "8 calls" in out and "4 of 4" in out and "wrong form" in out
    assert ": I am I." in out, "what is between the marks is passed on"
    assert "everything is stored" in err and "sequence has none" in err
    for verb in ("analyse last", "report last", "export last -o chains.jsonl"):
        assert verb in err
    code, out, err = simulator("telephone", "-m", BABBLE, "-is", "A.", "-s", "1", "-nt", "1",
                               "--pattern", "9", "--retries", "0", "--json")  # fmt: skip
    last = json.loads(out.splitlines()[-1])
    (name,) = (
        one["name"]
        for one in json.loads(simulator("ls", "--json")[1])["data"]
        if "1×1×1" in one["name"]
    )
    assert name == "Telephone 1×1×1: rephrase with scripted/babble"
    assert code == 0 and last["type"] == "games_told"
    (told,) = last["runs"]
    assert (told["chains"], told["complete"], told["wrong_form"]) == (1, 1, 1)


def test_a_grid_over_a_design_is_one_experiment(simulator: Simulator, tmp_path: Path) -> None:
    (tmp_path / "game.yaml").write_text(
        "kind: telephone\nname: Mine\nmodel: scripted/babble\ngenerations: 1\nchains: 1\n"
        "texts: [{name: one, text: A.}, {name: two, text: B.}]\n",
        "utf-8",
    )
    code, out, err = simulator(
        "telephone", "game.yaml", "--task", "rephrase", "continue", "-t", "0", "1",
        "--texts", "two", "--repeat", "2", "-nt", "2",
    )  # fmt: skip
    assert code == 0, err
    assert "task 2 × temperature 2 × repetitions 2 = 8 runs" in out
    assert out.count("1 of 1") == 8 and ": two] Initial text: B." in out
    assert "one]" not in out
    (experiment,) = json.loads(simulator("ls", "--json")[1])["data"]
    named = experiment["id"][-8:]
    assert f"export {named} -o chains.jsonl" in err
    code, out, err = simulator("export", named, "-o", "chains.jsonl")
    assert code == 0 and "8 runs" in out, err
    lines = (tmp_path / "chains.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len({row["run_id"] for row in rows}) == 8 and len(rows) == 8 * 3
    code, _, err = simulator("export", "Mine", "-f", "csv")
    assert code == 2 and "these are 8" in err
    assert simulator("export", "last", "-f", "csv")[0] == 0
    code, out, err = simulator("telephone", "Mine", "-m", BABBLE, "-nt", "1", "--json")
    assert code == 0, err
    assert len(json.loads(simulator("ls", "--json")[1])["data"]) == 1
    code, out, err = simulator("telephone", "Mine", "-pi", "Say {text}.", "--dry-run", "--json")
    found = json.loads(out)["data"]
    assert (found["runs"], found["calls"]) == (1, 2) and found["design"]["task"] == "own"
    assert found["design"]["parent"] and len(found["design"]["texts"]) == 2


def test_a_folder_of_texts_and_a_file_with_names(simulator: Simulator, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("first", "second"):
        (folder / f"{name}.txt").write_text(f"The {name} text.", "utf-8")
    words = ("-m", BABBLE, "-s", "1", "-nt", "1", "--dry-run", "--json")
    code, out, _ = simulator("telephone", "--texts", "texts", *words)
    assert code == 0 and json.loads(out)["data"]["calls"] == 2
    code, out, _ = simulator("telephone", "--texts", "texts", "second", *words)
    design = json.loads(out)["data"]["design"]
    assert [text["name"] for text in design["texts"]] == ["second"]


@pytest.mark.parametrize(
    ("words", "exit_code", "told"),
    [
        (("-nt", "0"), 2, "0 is not in the range"), (("-t", "2.5"), 2, "not in the range"),
        (("--texts", "nothing of it"), 2, "there is no text 'nothing of it'"),
        (("--texts", "gone.json"), 3, "There is no file gone.json"),
        (("-is", "gone.txt"), 3, "There is no file gone.txt"),
        (("-is", "gone.md"), 3, "no file or folder gone.md"),
        (("-is", "A.", "texts/gone"), 3, "no file or folder texts/gone"),
        (("--texts", "length", "-is", "A."), 2, "--initial-story"),
        (("-ns", "caveman", "-na", "2", "-nc", "3"), 2, "make no 3 cliques"),
        (("-s", "100000"), 2, "at most 100,000"), (("prison",), 2, "is no game of telephone"),
        (("telephone", "-ns", "caveman", "-nc", "9"), 2, "make no 9 cliques"),
        (("telephone", "--texts", "the cot"), 2, "Did you mean 'the cat'"),
        (("-url", "http://localhost:8000"), 2, "VLLM_BASE_URL"),
        (("--temperature", "warm"), 2, "is not a valid float"),
    ],
)  # fmt: skip
def test_bad_input_is_told(
    simulator: Simulator, words: tuple[str, ...], exit_code: int, told: str
) -> None:
    code, out, err = simulator("telephone", *words, "--dry-run")
    assert code == exit_code and told in err, (out, err)


def test_much_is_begun_only_when_somebody_agrees(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def refused(question: str) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr("simulator.cli.telephones.confirmed", refused)
    monkeypatch.setattr("simulator.cli.output.Output.is_live", property(lambda output: True))
    monkeypatch.setattr("sys.stdin", Terminal())
    code, out, err = simulator("telephone", "-m", BABBLE, "--texts", "length")
    assert code == 0 and asked == ["Begin?"], out
    assert "1,250 calls" in out and "Nothing was begun." in err
    assert json.loads(simulator("ls", "--json")[1])["data"] == []
    simulator("telephone", "-m", BABBLE, "--texts", "length", "--dry-run")
    monkeypatch.setattr("simulator.cli.output.Output.is_live", property(lambda output: False))
    assert simulator("telephone", "-m", BABBLE, "-is", "A.", "-s", "1", "-nt", "1")[0] == 0
    assert asked == ["Begin?"], "nobody is asked where nobody can answer"


def test_texts_that_are_too_long_are_told_before_they_stop(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("telephone", "-m", "pocket", "-s", "1", "-nt", "1", "--texts")
    code, out, err = simulator(*words, "length", "--dry-run")
    assert code == 0 and "✗ too long" in out
    assert "Too long for pocket: Length, longest: the island. Chains of it will stop" in err
    code, out, err = simulator(*words, "the cat", "the flood", "--dry-run")
    assert "✓" in out and not err, "1,024 tokens of a reply need no room where it just ends"
    asked: list[str] = []

    async def refused(question: str) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr("simulator.cli.telephones.confirmed", refused)
    monkeypatch.setattr("simulator.cli.output.Output.is_live", property(lambda output: True))
    monkeypatch.setattr("sys.stdin", Terminal())
    assert simulator(*words, "the island")[0] == 0 and asked == ["Begin?"]


def test_a_text_that_is_no_path_is_played_as_it_is() -> None:
    texts = ["Either/or, and more.", "Hello!", "3.14", "e.g."]
    assert [one["text"] for one in initial_texts(texts)] == texts


def test_chains_that_stopped_are_told_apart(simulator: Simulator) -> None:
    model = "scripted/babble?fail_every=3&fail_with=refused"
    code, out, err = simulator("telephone", "-m", model, "-is", "A.", "-s", "3", "-nt", "1")
    assert code == 1, err
    assert "2 of 3" in out and "resume" in err


def test_sampling_that_varies_leaves_the_rest(simulator: Simulator) -> None:
    code, out, err = simulator(
        "telephone", "-m", BABBLE, "-t", "0", "1", "--max-tokens", "9", "-is", "A.", "--dry-run",
        "--json",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)["data"]
    assert found["design"]["sampling"] == {"temperature": 0.0, "top_p": 0.95, "max_tokens": 9}
