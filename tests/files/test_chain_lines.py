"""Exports that are read again have the chains of the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.records import Chain
from simulator.domain.designs import Design
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Provenance, Run
from simulator.files.chain_files import ChainFile, read_chain_file
from simulator.files.designs import design_document, design_hash
from simulator.files.transcripts import export
from simulator.kinds.chatroom import results as chatroom
from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.registry import KINDS
from simulator.kinds.telephone import results as telephone
from simulator.kinds.telephone.design import TelephoneDesign
from tests import kept_chains as kept
from tests.screens.host import NOW

_RECORDED = settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def run_of(made: Design) -> Run:
    return Run(
        id=kept.RUN_ID, experiment_id=kept.EXPERIMENT_ID, kind=made.kind, creator="ada", seed=7,
        design_hash=design_hash(made), agents=KINDS[made.kind].cast(made, 7),
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
        created_at=NOW,
    )  # fmt: skip


def step(scope: str, index: int, day: int | None, content: str, **rest: Any) -> Step:
    return Step(
        run_id=kept.RUN_ID, scope=scope, index=index, position=index, kind="say", day=day,
        prompt_hash="0" * 32, speaker="x", role="agent", content=content, created_at=NOW, **rest,
    )  # fmt: skip


def read_again(
    folder: Path, made: Design, steps: Sequence[Step], *, old: bool = False
) -> ChainFile:
    """What an export comes to; an `old` one does not name chains."""
    experiment = Experiment(
        id=kept.EXPERIMENT_ID, name=made.name, kind=made.kind, design=design_document(made),
        design_hash=design_hash(made), creator="ada", created_at=NOW,
    )  # fmt: skip
    text = export("jsonl", run_of(made), experiment, steps)
    if old:
        rows = [json.loads(line) for line in text.splitlines()]
        text = "".join(
            f"{json.dumps({name: row[name] for name in row if name != 'chain'})}\n" for row in rows
        )
    path = folder / "run.jsonl"
    path.write_text(text, "utf-8")
    return read_chain_file(path)


def unplaced(chains: Sequence[Chain]) -> list[Chain]:
    return [replace(chain, source="") for chain in chains]


@st.composite
def games(draw: st.DrawFn) -> tuple[TelephoneDesign, list[Step]]:
    """A game of any form, with chains that stopped anywhere."""
    words = st.sampled_from(["", "a", "b", "\ud83d", "a\nb"])
    network = draw(st.sampled_from(["sequence", "circle"]))
    made = TelephoneDesign.model_validate(
        {
            "name": "Game", "chains": draw(st.integers(1, 3)), "generations": 3,
            "models": ["lab/one", "lab/two"], "task": "own",
            "prompts": {"name": "shorten", "first": "Shorten:"},
            "texts": [{"name": n, "text": "same"} for n in draw(st.sampled_from(["A", "AB"]))],
            "network": {"structure": network, "agents": 3},
            "sampling": {"temperature": draw(st.sampled_from([None, 0.0, 0.7]))},
        }
    )  # fmt: skip
    steps = []
    for number in range(1, made.chain_count + 1):
        scope = f"main/chain-{number:04d}"
        own = [scope] if made.is_sequence else [f"{scope}/agent-{one}" for one in (1, 2, 3)]
        steps.append(step(scope, 0, 0, "same"))
        for place in own:
            for day in range(1, draw(st.integers(0, 3)) + 1):
                steps.append(step(place, day, day, draw(words)))
    return made, steps


@given(games())
@_RECORDED
def test_an_exported_game_has_the_chains_of_the_store(
    tmp_path: Path, game: tuple[TelephoneDesign, list[Step]]
) -> None:
    made, steps = game
    found = read_again(tmp_path, made, steps)
    assert unplaced(found.chains) == unplaced(telephone.chains_of(run_of(made), made, steps))
    assert (found.left_out, found.remarks) == (0, ())


@pytest.mark.parametrize("said", [("a", "b", "a"), ("a",), ()])
def test_an_exported_talk_has_the_chain_of_the_store(tmp_path: Path, said: tuple[str, ...]) -> None:
    made = ChatroomDesign(name="Talk", initial_prompts=("Hear.", "Say."))
    steps = [step("main", n, None, text) for n, text in enumerate(("Hear.", "Say.", *said))]
    steps.insert(1, step("main", 9, None, "chosen", in_transcript=False))
    chains = chatroom.chains_of(run_of(made), made, steps)
    if chains:
        assert unplaced(read_again(tmp_path, made, steps).chains) == unplaced(chains)
    assert bool(chains) == bool(said)


@pytest.mark.parametrize("structure", ["sequence", "circle"])
def test_older_exports_tell_texts_by_their_words_and_say_so(tmp_path: Path, structure: str) -> None:
    made = TelephoneDesign.model_validate(
        {
            "name": "Game", "chains": 2, "generations": 2,
            "texts": [{"name": name, "text": name} for name in "AB"],
            "network": {"structure": structure, "agents": 3},
        }
    )  # fmt: skip
    steps = []
    for number, text in enumerate("AABB", 1):
        scope = f"main/chain-{number:04d}"
        steps.append(step(scope, 0, 0, text))
        for one in ("",) if made.is_sequence else ("/agent-1", "/agent-2", "/agent-3"):
            steps += [step(f"{scope}{one}", day, day, f"{text}{one}{day}") for day in (1, 2)]
    found = read_again(tmp_path, made, steps, old=True)
    stored = telephone.chains_of(run_of(made), made, steps)
    names = {"main/chain-0001": "A", "main/chain-0003": "B"}
    assert [(names[one.text], one.seed, one.agent, one.texts) for one in found.chains] == [
        (one.text, one.seed, one.agent, one.texts) for one in stored
    ]
    assert "4 chains were taken for those of 2 initial texts" in found.remarks[0]


def test_lines_that_belong_nowhere_are_counted(tmp_path: Path) -> None:
    made = kept.design(3)
    read_again(tmp_path, made, kept.journal(made, 3))
    path = tmp_path / "run.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    first = [row for row in rows if row["chain"]["number"] == 1]
    first[3]["chain"]["number"] = "1"
    del first[1]
    rows = [*first, first[0], *(row for row in rows if row["chain"]["number"] == 2)]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    found = read_chain_file(path)
    assert [chain.generations for chain in found.chains] == [0, 3]
    assert found.left_out == 3
    told = ("text before it in its chain is missing", "no usable `number`", "same place")
    assert all(any(words in remark for remark in found.remarks) for words in told)
