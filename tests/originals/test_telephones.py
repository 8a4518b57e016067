"""Games of the original telephone: read, gathered, written, and refused."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simulator.chains import read_chains, read_folder
from simulator.errors import DesignInvalidError, NotFoundError
from simulator.files.originals.assembling import Loss
from simulator.files.originals.telephone_networks import matrix_of, network_of, readers_in
from simulator.files.originals.telephone_runs import STOPPED
from simulator.files.originals.telephones import (
    TelephoneFault,
    is_telephone,
    parse_game,
)
from simulator.importing import ImportReport, import_originals
from simulator.kinds.telephone.networks import pairs_of, readings
from tests.lab import open_lab
from tests.originals.examples import TOLD, chain_matrix, game, put, telephone_results
from tests.originals.games import chains_in, gathered, refused

# ---------------------------------------------------------------- reading


def test_all_of_a_model_and_a_task_are_one_run(tmp_path: Path) -> None:
    runs, losses = gathered(telephone_results(tmp_path))
    assert not losses
    assert [(one.experiment.name, len(one.files)) for one in runs] == [
        ("m: continue", 4), ("m: rephrase", 4), ("m: rephrase, temperature 0.4", 4),
    ]  # fmt: skip
    warm, design = runs[1], runs[1].design
    assert (design.task_name, design.prompts.first, design.prompts.later) == ("rephrase", TOLD, "")
    assert (design.chains, design.generations, design.network.structure) == (2, 3, "sequence")
    assert [agent.sampling.temperature for one in runs for agent in one.run.agents] == [
        None, None, 0.4,
    ]  # fmt: skip
    assert warm.run.outcome is not None
    assert warm.run.outcome.values == {"chains": 4, "complete": 4, "generations": 3}
    found = chains_in(warm)
    assert [(one.model, one.task, one.text, one.seed) for one in found] == [
        ("m", "rephrase", "Fox", 1), ("m", "rephrase", "Fox", 2),
        ("m", "rephrase", "Owl", 1), ("m", "rephrase", "Owl", 2),
    ]  # fmt: skip
    assert found[1].texts == ("An Fox of rephrase.", *(
        f"An Fox of rephrase. (2, {number})" for number in (1, 2, 3)
    ))  # fmt: skip
    assert all(one.is_complete for one in found)


def test_ids_follow_from_what_was_said_and_not_from_the_place(tmp_path: Path) -> None:
    first = telephone_results(tmp_path / "a")
    again = telephone_results(tmp_path / "b")
    assert [one.run.id for one in gathered(first)[0]] == [one.run.id for one in gathered(again)[0]]
    for task, changes in (("rephrase", {"seed": 3}), ("continue", {"prompt_init": ["Sing: "]})):
        for text in ("Fox", "Owl"):
            for seed in (1, 2):
                file = again / f"m/{task}/{text}/seed_{seed}/output0.json"
                told: dict[str, Any] = {"seed": seed} | changes
                file.write_text(json.dumps(game(f"An {text} of {task}.", **told)), "utf-8")
    pairs = zip(gathered(first)[0], gathered(again)[0], strict=True)
    assert [one.run.id == other.run.id for one, other in pairs] == [False, False, True]


def test_games_of_other_prompts_are_runs_of_their_own(tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        asked = ["Shout it: "] if seed == 2 else [TOLD]
        put(tmp_path, f"m/rephrase/Fox/seed_{seed}", game(seed=seed, prompt_update=asked))
    runs, losses = gathered(tmp_path)
    assert not losses
    assert [(one.design.prompts.later, [c.seed for c in chains_in(one)]) for one in runs] == [
        ("", [1, 3]), ("Shout it: ", [2]),
    ]  # fmt: skip


def test_repetitions_keep_the_numbers_of_their_folders_if_they_can(tmp_path: Path) -> None:
    for text, seeds in (("Fox", (1, 4)), ("Owl", (2,))):
        for seed in seeds:
            put(tmp_path, f"m/rephrase/{text}/seed_{seed}", game(text, seed))
    (run,), _ = gathered(tmp_path)
    assert [(one.text, one.seed) for one in chains_in(run)] == [("Fox", 1), ("Fox", 4), ("Owl", 2)]
    one = put(tmp_path, "n/rephrase/Fox/seed_0", game())
    (one.parent / "output1.json").write_text(json.dumps(game(seed=2)), "utf-8")
    run = next(found for found in gathered(tmp_path)[0] if found.design.model == "n")
    assert [chain.seed for chain in chains_in(run)] == [1, 2]


def test_games_in_no_such_folders_have_no_model(tmp_path: Path) -> None:
    path = tmp_path / "fox.json"
    path.write_text(json.dumps(game()), "utf-8")
    assert is_telephone(path)
    (chain,) = read_chains(path).chains
    assert (chain.model, chain.task, chain.text, chain.seed) == ("unknown", "own", "fox", 1)


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("document", "place", "why"),
    [
        ([], "the file", "no object"),
        ({"stories": []}, "adjacency_matrix", "missing"),
        (game(adjacency_matrix=3), "adjacency_matrix", "no list"),
        (game(adjacency_matrix=[[1, 1], 1]), "adjacency_matrix[1]", "no list"),
        (game(adjacency_matrix=[[1, 1], [1]]), "adjacency_matrix[1]", "not square"),
        (game(adjacency_matrix=[[1, 0.5], [0, 1]]), "adjacency_matrix[0]", "other entries"),
        (game(adjacency_matrix=[[True]]), "adjacency_matrix[0]", "other entries"),
        (game(prompt_init="Tell it."), "prompt_init", "no list of texts"),
        (game(prompt_update=["a", "b"]), "prompt_update", "several texts"),
        (game(prompt_init=[" "]), "prompt_init", "no prompt"),
        (game(personality_list=["a", "b"]), "personality_list", "neither"),
        (game(initial_story=None), "initial_story", "no text"),
        (game(initial_story="a \ud800"), "initial_story", "half a character"),
        (game(stories={}), "stories", "no list"),
        (game(stories=["a"]), "stories[0]", "no list"),
        (game(stories=[["a"], [3]]), "stories[1]", "other things than texts"),
        (game(stories=[["a"]] * 4), "stories", "more texts than agents"),
        (game(stories=[[], ["b"]]), "stories", "nobody spoke"),
        (
            game(agents=2, adjacency_matrix=[[1, 1], [1, 1]], stories=[["a", "b", "c"]]),
            "stories[0]",
            "more texts than agents",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(document: Any, place: str, why: str) -> None:
    with pytest.raises(TelephoneFault, match=why) as told:
        parse_game(document)
    assert told.value.place == place


def test_what_no_design_could_have_is_left_out(tmp_path: Path) -> None:
    nobody = [[1.0, 0.0], [0.0, 1.0]]
    put(tmp_path, "m/rephrase/Fox/seed_1",
        game(agents=2, adjacency_matrix=nobody, stories=[["a", "b"]]))  # fmt: skip
    put(tmp_path, "m_Temp3/rephrase/Fox/seed_1", game())
    runs, losses = gathered(tmp_path)
    assert not runs
    assert [loss.reason.partition(":")[0] for loss in losses] == [
        "network.own",
        "temperature",
    ]
    assert "nobody reads another" in losses[0].reason


@pytest.mark.parametrize(
    ("stories", "kept", "behind"),
    [
        ([["a"], ["b"]], ["a", "b"], 0),
        ([["a"], [], []], ["a"], 0),
        ([["a"], [None], ["c"]], ["a"], 1),
        ([["a"], None, ["c"]], ["a"], 1),
        ([["a"], [""], ["c"]], ["a", "", "c"], 0),
    ],
)
def test_a_chain_that_stops_half_way_is_kept_as_far(
    stories: Any, kept: list[str], behind: int
) -> None:
    found = parse_game(game(stories=stories))
    assert (list(found.said[0]), found.behind, found.generations) == (kept, behind, 3)


def test_what_cannot_be_read_does_not_stop_the_rest(tmp_path: Path) -> None:
    results = telephone_results(tmp_path)
    broken = put(results, "m/rephrase/Fox/seed_3", '{"stories": [')
    other = put(results, "m/rephrase/Fox/seed_4", game("A cat came by."))
    stopped = put(results, "m/rephrase/Fox/seed_5",
                  game("An Fox of rephrase.", stories=[["a"], [], ["c"]]))  # fmt: skip
    alone = put(results, "m/rephrase/Dog/seed_1", game(adjacency_matrix=[[1]] * 3))
    runs, losses = gathered(results)
    assert [(loss.source, loss.id, loss.reason, loss.whole) for loss in losses] == [
        (str(alone), "adjacency_matrix[0]", "the matrix is not square", True),
        (str(broken), "line 1, column 14", "no JSON: Expecting value", True),
        (str(other), "initial_story", "another seed of the text begins with other words", True),
        (str(stopped), "stories[1]", "texts stand behind a missing one", False),
        (str(stopped), "generation 1 of 3", STOPPED, False),
    ]
    read = chains_in(runs[1])
    assert [(one.text, one.seed, one.is_complete) for one in read] == [
        ("Fox", 1, True), ("Fox", 2, True), ("Fox", 5, False), ("Owl", 1, True), ("Owl", 2, True),
    ]  # fmt: skip
    found = read_folder(results, refused)
    assert (len(found.chains), found.left_out) == (13, 3)
    assert "line 1, column 14: no JSON" in found.remarks[1]
    assert found.remarks[3] == "Of 1 more files something is left out."
    with pytest.raises(DesignInvalidError, match=r"adjacency_matrix\[0\]: the matrix is not"):
        read_chains(alone)
    with pytest.raises(NotFoundError, match="line 1, column 14"):
        read_folder(broken.parent, refused)


# ---------------------------------------------------------------- networks


@pytest.mark.parametrize(
    ("structure", "agents", "cliques"),
    [("fully_connected", 4, 1), ("circle", 5, 1), ("caveman", 8, 2), ("caveman", 9, 3)],
)
def test_named_networks_are_known_by_their_matrices(
    structure: Any, agents: int, cliques: int
) -> None:
    pairs = pairs_of(structure, agents, cliques=cliques, edges=0, own=(), rng=Random(0))
    readers = readings(pairs, agents)
    matrix = matrix_of(readers, agents)
    assert all(matrix[i][j] == matrix[j][i] for i in range(agents) for j in range(agents))
    found = network_of(readers_in(matrix, most_texts=agents))
    assert (found.structure, found.agents) == (structure, agents)
    assert found.cliques == cliques or structure != "caveman"


def test_personalities_of_a_network_stay_with_their_agents(tmp_path: Path) -> None:
    told, said = ["Kind.", "Dry."] * 2, [["a", "b", "c", "d"]]
    matrix = matrix_of(readings([(1, 2), (1, 3)], 4), 4)
    put(tmp_path, "m/rephrase/Fox/seed_1",
        game(agents=4, adjacency_matrix=matrix, personality_list=told, stories=said))  # fmt: skip
    put(tmp_path, "m/continue/Fox/seed_1", game(agents=4, personality_list=told))
    (chain, network), losses = gathered(tmp_path)
    assert not losses
    assert chain.design.personalities == ("Kind.", "Dry.")
    assert [agent.system_prompt for agent in network.run.agents] == told


def test_a_chain_is_told_from_a_network_that_reads_like_one() -> None:
    matrix = chain_matrix(3)
    assert readers_in(matrix, most_texts=1) == ()
    found = network_of(readers_in(matrix, most_texts=3))
    assert (found.structure, found.own) == ("own", ((1, 2), (2, 3)))
    assert matrix_of((), 3) == matrix


# ---------------------------------------------------------------- stores


async def test_games_are_imported_once_and_again_adds_nothing(tmp_path: Path) -> None:
    results = telephone_results(tmp_path)
    put(results, "m/rephrase/Fox/seed_3", "[")
    (results / "m" / "notes.json").write_text("{}", "utf-8")
    async with open_lab(tmp_path) as lab:
        found = await import_originals(lab.store, [str(results)])
        assert (found.new_experiments, found.new_runs, found.chains) == (3, 3, 12)
        assert found.messages == 48
        assert found.reasons(whole=True) == {
            "chains: it is no game of telephone": 1, "chains: no JSON: Expecting value": 1,
        }  # fmt: skip
        again = await import_originals(lab.store, [str(results), str(results)])
        assert (again.new, again.known) == (0, 6)


def test_what_is_wrong_is_told_with_its_field_and_with_the_files_while_they_are_few() -> None:
    report = ImportReport(
        losses=[
            Loss("a.json", "chains", "stories", "it is missing"),
            *(Loss(f"{n}.json", "chains", f"stories[{n}]", "it is no list") for n in range(9)),
            Loss("t.json", "conversations", "chat log", "nobody spoke"),
            Loss("m.json", "messages", "5" * 24, "no conversation lists it"),
            Loss("a.json", "chains", "generation 1 of 2", "it stopped", whole=False),
        ]
    )
    assert report.told(whole=True) == [
        "9 × chains: stories: it is no list",
        "1 × chains: stories: it is missing (a.json)",
        "1 × conversations: nobody spoke (t.json)",
        "1 × messages: no conversation lists it",
    ]
    assert report.told(whole=False) == ["1 × chains: it stopped (a.json)"]
