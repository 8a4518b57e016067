"""Chat logs of the original: read, written, and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.domain.records import RunQuery
from simulator.errors import DesignInvalidError
from simulator.files.originals.chatrooms import (
    is_chatroom,
    parse_chatroom,
    read_chatroom,
    write_chatroom,
)
from simulator.importing import import_originals
from simulator.kinds.chatroom.design import ChatroomDesign
from tests.lab import open_lab


def log(**fields: Any) -> dict[str, Any]:
    said = [("given", "Hello!", None), ("m", "Same.", 7), ("n:1", "Same.", 8), ("m", "Same.", 9)]
    return {
        "config": {"max_iterations": 100, "max_memory": 5, "models": ["m", "n:1"],
                   "system_prompts": ["", ""]},
        "chat_history": [
            {"content": content, "model": model, "seed": seed} for model, content, seed in said
        ],
    } | fields  # fmt: skip


def test_a_log_is_read_and_written_again() -> None:
    experiment, run, steps = parse_chatroom(log(), "talk.json")
    assert run.outcome is not None and run.outcome.reason == "imported"
    assert (run.outcome.values["period"], run.outcome.values["onset"]) == (1, 1)
    design = ChatroomDesign.model_validate({**experiment.design, "name": experiment.name})
    assert experiment.name == "talk: m+n:1"
    assert (design.window, design.initial_prompts) == (10, ("Hello!",))
    again = json.loads(write_chatroom(run, design, steps))
    assert again["config"]["models"] == ["m", "n:1"]
    assert again["chat_history"] == log()["chat_history"]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ([], "no chat log"),
        (log(config=[]), "config: it is no object"),
        (log(config={"models": "m"}), "config.models"),
        (log(chat_history={}), "chat_history: it is no list"),
        (log(chat_history=[1]), r"chat_history\[0\]"),
        (log(chat_history=[{"model": "m", "content": 1}]), r"\[0\].content"),
        (log(chat_history=[{"model": "other", "content": "a"}]), "none of the log's models"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(document: Any, where: str) -> None:
    with pytest.raises(DesignInvalidError, match=where):
        parse_chatroom(document, "talk.json")


def test_broken_files(tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    path.write_text('{"config": {', "utf-8")
    assert is_chatroom(path) and not is_chatroom(tmp_path / "none.json")
    with pytest.raises(DesignInvalidError, match="line 1: this is no JSON"):
        read_chatroom(path)


async def test_logs_are_imported_once_and_bad_ones_do_not_stop_them(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(log()), "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(log(config=1)), "utf-8")
    async with open_lab(tmp_path) as lab:
        found = await import_originals(lab.store, [str(tmp_path)])
        assert (found.new_experiments, found.new_runs, found.messages) == (1, 1, 4)
        assert [loss.source for loss in found.losses] == [str(tmp_path / "b.json")]
        again = await import_originals(lab.store, [str(tmp_path / "a.json")])
        assert (again.new, again.known) == (0, 2)


@pytest.mark.parametrize("seeds", [(None, None), (0, -3), (2**64 + 1, None)])
async def test_seeds_come_back_from_a_store_and_are_no_calls(
    tmp_path: Path, seeds: tuple[int | None, ...]
) -> None:
    said = [{"content": "a", "model": "m", "seed": seed} for seed in seeds]
    (tmp_path / "a.json").write_text(json.dumps(log(chat_history=said)), "utf-8")
    async with open_lab(tmp_path) as lab:
        await import_originals(lab.store, [str(tmp_path)])
        (run,) = await lab.store.runs(RunQuery())
        experiment = await lab.store.experiment(run.experiment_id)
        steps = await lab.store.steps(run.id)
    design = ChatroomDesign.model_validate({**experiment.design, "name": experiment.name})
    assert json.loads(write_chatroom(run, design, steps))["chat_history"] == said
    assert all(step.call is None for step in steps)
