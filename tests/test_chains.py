from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from simulator.chains import chains_of_runs, files_of_chains, holds_chains, read_chains
from simulator.domain.events import Event
from simulator.errors import DesignInvalidError
from simulator.services import open_services
from simulator.settings import Settings
from tests.lab import design


def deaf(event: Event) -> None:
    return None


async def test_a_conversation_is_one_chain_of_its_messages(tmp_path: Path) -> None:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as services:
        (run,) = await services.launch(design(model="scripted/babble", messages=4), {}, seed=3)
        assert await chains_of_runs(services, [run]) == ()
        await services.play(run, listener=deaf)
        _, steps = await services.transcript(run)
        (chain,) = await chains_of_runs(services, [await services.find_run(run.id)])
    assert (chain.model, chain.task, chain.source) == ("scripted/babble", run.kind, run.id)
    assert list(chain.texts) == [step.content for step in steps if step.in_transcript]
    assert len(chain.texts) >= 4


def test_files_of_chains_are_told_from_those_of_debates(tmp_path: Path) -> None:
    (tmp_path / "chains_a.jsonl").write_text("", "utf-8")
    (tmp_path / "sums.json").write_text(json.dumps({}), "utf-8")
    (tmp_path / "initial_texts.json").write_text("{}", "utf-8")
    assert files_of_chains(tmp_path) == [tmp_path / "chains_a.jsonl"]
    assert holds_chains(tmp_path)
    assert not holds_chains(tmp_path / "sums.json")


def test_talks_of_the_original_chatroom_are_chains(tmp_path: Path) -> None:
    said = [("given", "Say it."), ("m", "It."), ("m", "It."), ("m", "It.")]
    log = {
        "config": {"max_iterations": 9, "max_memory": 10, "models": ["m"], "system_prompts": [""]},
        "chat_history": [
            {"content": text, "model": model, "seed": None} for model, text in said
        ],
    }  # fmt: skip
    (tmp_path / "talk.json").write_text(json.dumps(log), "utf-8")
    assert files_of_chains(tmp_path) == [tmp_path / "talk.json"]
    (chain,) = read_chains(tmp_path / "talk.json").chains
    assert chain.texts == ("Say it.", "It.", "It.", "It.")
    assert chain.task == "chatroom"
    (tmp_path / "sums.json").write_text("[", "utf-8")
    with pytest.raises(DesignInvalidError, match="no file of chains"):
        read_chains(tmp_path / "sums.json")
