"""Games of the original telephone are written as they were read, ours among them."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from simulator.analysis.culture.records import Chain
from simulator.chains import chains_as_original, chains_of_runs, read_folder
from simulator.files.chain_files import read_chain_file, read_initial_texts
from simulator.files.originals.telephone_networks import readers_in
from simulator.files.originals.telephone_places import (
    TelephonePlace,
    file_of_place,
    place_of_file,
)
from simulator.files.originals.telephones import (
    write_game,
)
from simulator.files.saving import write_tree
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.prompts import template
from simulator.kinds.telephone.results import readers_of
from simulator.services import open_services
from simulator.settings import Settings
from tests.originals.examples import chain_matrix, game, put
from tests.originals.games import PUBLISHED, chains_in, gathered, plain, refused

# ---------------------------------------------------------------- round trips


WHOLE = "ab{}%'\"\\\n\u00e9\u4e2d "
WORDS = st.text(alphabet=f"{WHOLE}\ud800", max_size=6)
PROMPTS = WORDS.map(lambda words: f"Say: {words}")


@st.composite
def matrices(draw: st.DrawFn) -> list[list[float]]:
    """Of networks in which somebody reads another."""
    agents = draw(st.integers(2, 4))
    cells = [(i, j) for i in range(agents) for j in range(agents) if i != j]
    read = draw(st.sets(st.sampled_from(cells), min_size=1))
    return [[float(i == j or (i, j) in read) for j in range(agents)] for i in range(agents)]


@st.composite
def games(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Repetitions of one text that share their setting; some stop half way."""
    is_chain = draw(st.booleans())
    matrix = chain_matrix(draw(st.integers(1, 4))) if is_chain else draw(matrices())
    agents = len(matrix)
    said = st.lists(WORDS, min_size=1, max_size=1) if is_chain else st.lists(
        WORDS, min_size=agents, max_size=agents
    )  # fmt: skip
    told = st.lists(WORDS, min_size=agents, max_size=agents) | st.just([""] * agents)
    shared = {
        "adjacency_matrix": matrix, "prompt_init": [draw(PROMPTS)],
        "prompt_update": [draw(PROMPTS)], "personality_list": draw(told),
        "format_prompt": [draw(WORDS)], "initial_story": draw(st.text(alphabet=WHOLE, max_size=6)),
    }  # fmt: skip
    stories = st.lists(said, min_size=1, max_size=agents)
    return [{**shared, "stories": one} for one in draw(st.lists(stories, min_size=1, max_size=3))]


@given(documents=games())
def test_games_are_written_as_they_were_read(
    documents: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    results = tmp_path_factory.mktemp("games") / "Results"
    for seed, document in enumerate(documents, 1):
        put(results, f"m_Temp0.4/rephrase/a text/seed_{seed}", document)
    (run,), losses = gathered(results)
    assert all(not loss.whole for loss in losses)
    by_seed: dict[int, list[Chain]] = {}
    for chain in chains_in(run):
        by_seed.setdefault(chain.seed, []).append(chain)
    assert [json.loads(write_game(run.run, run.design, own)) for own in by_seed.values()] == (
        documents
    )
    assert readers_of(run.run, run.design) == readers_in(
        documents[0]["adjacency_matrix"], most_texts=len(documents[0]["stories"][0])
    )


def ours_with(**fields: Any) -> TelephoneDesign:
    """A game that a model of ours plays."""
    texts = [{"name": "Fox: a/b", "text": "A fox came by."}, {"name": "Owl", "text": ""}]
    design = {
        "name": "Game", "model": "scripted/babble", "texts": texts, "chains": 2, "generations": 3,
    }  # fmt: skip
    return TelephoneDesign.model_validate(design | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"models": ["scripted/babble", "scripted/echo"], "personalities": ["Kind.", "Dry.", ""]},
        {"task": "own", "prompts": {"name": "shout", "first": "Shout {text}!", "later": "Go on."}},
        {
            "network": {"structure": "random", "agents": 4, "edges": 3}, "sampling": {},
            "models": ["scripted/babble", "scripted/echo"], "format": {"prompt": "Briefly."},
        },
        {"network": {"structure": "own", "agents": 3, "own": [[1, 2], [2, 3]]}},
    ],
)  # fmt: skip
async def test_our_games_come_back_from_files_of_the_original(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as services:
        (run,) = await services.launch(ours_with(**fields), {}, seed=3)
        await services.play(run, listener=lambda event: None)
        run = await services.find_run(run.id)
        ours = await chains_of_runs(services, [run])
        games = await chains_as_original(services, run)
        assert write_tree(tmp_path / "Results", games.files, force=False) == 4
        assert games.not_begun == 0
    assert len(ours) >= 4 and all(chain.is_complete for chain in ours)
    assert plain(read_folder(tmp_path / "Results", refused).chains) == plain(ours)
    (again,), _ = gathered(tmp_path / "Results")
    design = ours_with(**fields)
    assert readers_of(again.run, again.design) == readers_of(run, design)
    for generation in (1, 2):
        single = generation == 1 or design.is_sequence
        asked = [template(one, generation, is_single=single) for one in (again.design, design)]
        assert asked[0] == asked[1]


NAMES = st.text(alphabet="ab.%2Ff/:+\\é ", min_size=1, max_size=5).filter(
    lambda name: name.strip() and "\n" not in name
)


@example(models=["a%2Fb", "c"], temperature=0.4, task="50%", text=".", seed=1)
@example(models=["a/b:c"], temperature=None, task="..", text="%2", seed=0)
@given(
    models=st.lists(NAMES.map(lambda name: name.replace("+", "-")), min_size=1, max_size=3),
    temperature=st.none() | st.sampled_from([0.0, 0.4, 1.0]), task=NAMES, text=NAMES,
    seed=st.integers(0, 99),
)  # fmt: skip
def test_places_are_read_as_they_were_written(
    models: list[str], temperature: float | None, task: str, text: str, seed: int
) -> None:
    place = TelephonePlace(tuple(models), temperature, task, text, seed, 0)
    file = file_of_place(place)
    assert len(file.parts) == 5
    assert place_of_file(Path("/lab/Results") / file) == place


# ---------------------------------------------------------------- published chains


@pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published chains are not beside the project"
)
def test_published_chains_come_back_from_files_of_the_original(tmp_path: Path) -> None:
    file = PUBLISHED / "chains_Meta-Llama-3-8B-Instruct.jsonl.xz"
    initial = read_initial_texts(PUBLISHED / "initial_texts.json")
    matrix = chain_matrix(50)
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["prompt"] == "rephrase":
                document = game(
                    initial[row["text"]], agents=50, adjacency_matrix=matrix,
                    stories=[[text] for text in row["chain"]],
                )  # fmt: skip
                place = f"Meta-Llama-3-8B-Instruct/rephrase/{row['text']}/seed_{row['seed']}"
                put(tmp_path, place, document)
    (run,), losses = gathered(tmp_path)
    assert not losses
    published = [one for one in read_chain_file(file).chains if one.task == "rephrase"]
    assert plain(chains_in(run)) == plain(published)
    assert len(published) == 100
