from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from simulator.analysis.culture.records import MeasuredChains
from simulator.analysis.texts import difficulty, positivity
from simulator.reporting import Gathering
from simulator.services import open_services
from simulator.settings import Settings
from tests import kept_chains
from tests.cli.conftest import Simulator
from tests.files.test_reports import data_of
from tests.screens.host import NOW

DESIGN = """\
kind: conversation
name: Talk <b>
starting_message: Begin.
messages: 4
model: scripted/babble
roles:
  - name: guard
    starting_prompt: You are a guard.
  - name: prisoner
    starting_prompt: You are a prisoner.
"""
DEBATE = """\
kind: debate
name: Sums
data: {dataset: arithmetic, count: 2}
model: "scripted/say?text=Answer: 1/2"
rounds: 2
"""


@pytest.fixture
def simulator(simulator: Simulator, tmp_path: Path) -> Simulator:
    """With designs and chains in files."""
    (tmp_path / "talk.yaml").write_text(DESIGN, encoding="utf-8")
    (tmp_path / "sums.yaml").write_text(DEBATE, encoding="utf-8")
    (tmp_path / "initial_texts.json").write_text('{"A": "Once there was a cat."}', "utf-8")
    rows: list[Any] = [
        {"prompt": "rephrase", "text": "A", "seed": 1, "chain": ["A cat.", "A dog."]},
        {"prompt": "rephrase", "text": "A", "seed": 2, "chain": ["A cow."]},
        {"prompt": "rephrase", "text": "B", "seed": 2, "chain": ["A cow."]},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "chains_lab.jsonl").write_text(lines, "utf-8")
    return simulator


def facts(document: dict[str, Any]) -> dict[str, str]:
    return dict(document["facts"])


def test_an_experiment_becomes_a_page_of_all_its_runs(simulator: Simulator, tmp_path: Path) -> None:
    simulator("run", "talk.yaml", "-s", "3", "--repeat", "2")
    code, out, _ = simulator("report", "Talk <b>")
    assert code == 0 and "Wrote report-talk-b.html: 0.0" in out
    document = data_of((tmp_path / "report-talk-b.html").read_text("utf-8"))
    assert document["title"] == "Talk <b>"
    assert document["chains"] == []
    assert [len(one["messages"]) for one in document["transcripts"]] == [5, 5]
    told = facts(document)
    assert told["Runs"] == "2 (2 completed)"
    assert told["Messages"] == "10"
    assert len(told["Design"]) == 12
    code, _, err = simulator("report", "Talk <b>")
    assert code == 2 and "exists already" in err
    assert simulator("report", "Talk <b>", "--force")[0] == 0


def test_a_debate_is_read_by_question_and_round(simulator: Simulator, tmp_path: Path) -> None:
    simulator("run", "sums.yaml", "-s", "3")
    assert simulator("report", "last", "--out", "sums.html")[0] == 0
    document = data_of((tmp_path / "sums.html").read_text("utf-8"))
    messages = document["transcripts"][0]["messages"]
    parts = list(dict.fromkeys(one[1] for one in messages))
    assert parts[:3] == ["Question 1", "Question 1, round 1", "Question 1, round 2"]
    assert messages[1][3][0].startswith("answer ")


def test_files_of_chains_are_measured_and_what_is_missing_is_told(
    simulator: Simulator, tmp_path: Path
) -> None:
    words = ("--measure", "length", "--measure", "similarity_to_previous")
    code, out, _ = simulator("report", "chains_lab.jsonl", "-o", "a.html", *words, "--json")
    assert code == 0
    told = json.loads(out)["data"]
    assert (told["chains"], told["texts"], told["left_out"]) == (2, 5, 1)
    assert told["measures"] == ["length", "similarity_to_previous"]
    assert told["figures"] == ["evolution"]
    document = data_of((tmp_path / "a.html").read_text("utf-8"))
    assert document["chains"][0]["values"][0] == [21, 6, 6]
    assert document["chains"][1]["values"][0] == [21, 6]
    assert facts(document)["Chains"] == "2, of which 1 stopped half way"
    assert "B" in document["remarks"][0]


def test_the_usual_measures_do_without_what_is_not_installed(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in (
        "nltk.sentiment.vader", "sklearn", "sklearn.feature_extraction.text", "textstat.textstat",
        "detoxify",
    ):  # fmt: skip
        monkeypatch.setitem(sys.modules, package, None)
    positivity._analyser.cache_clear()
    difficulty._difficult_words.cache_clear()
    code, _, err = simulator("report", "chains_lab.jsonl", "--out", "a.html")
    assert code == 0 and "pip install" in err
    document = data_of((tmp_path / "a.html").read_text("utf-8"))
    names = [name for name, *_ in document["measures"]]
    assert {"length", "entropy"} <= set(names)
    assert not {"similarity_to_initial", "positivity"} & set(names)
    assert any("similarity_to_initial" in remark for remark in document["remarks"])


def test_what_cannot_be_reported_is_refused_before_anything_is_written(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    code, _, err = simulator("report", "chains_lab.jsonl", "--measure", "moderation")
    assert code == 4 and "OPENAI_API_KEY" in err
    assert simulator("report", "nobody")[0] == 3
    assert simulator("report", "chains_lab.jsonl", "--measure", "lenght")[0] == 3
    assert simulator("report", "other.jsonl")[0] == 3
    assert simulator("report", "chains_lab.jsonl", "--figure", "evolutoin")[0] == 3
    assert simulator("duplicate", "prison", "--name", "Empty")[0] == 0
    code, _, err = simulator("report", "Empty")
    assert code == 2 and "no runs" in err
    assert not list(tmp_path.glob("*.html"))


async def test_games_are_told_with_what_was_asked(tmp_path: Path) -> None:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as services:
        run = await kept_chains.stored(services.store, 1)
        await services.store.add_run(
            run.model_copy(update={"id": f"{run.id[:-1]}F", "seed": 8}), ()
        )
        other = run.model_copy(update={"id": f"{run.id[:-1]}G", "seed": 9})
        await services.store.add_run(other, kept_chains.journal(kept_chains.design(), 1, other.id))
        gathering = Gathering(services)
        await gathering.add_record(await services.find_experiment(run.experiment_id))
    chains = MeasuredChains(tuple(gathering.chains), {})
    (told,) = gathering.report(chains, {}, NOW).conditions
    assert dict(told.facts)["Seeds of runs"] == "7 (run 000CHA8E), 9 (run 000CHA8G)"
    assert told.texts[0][0] == "Asked in each generation" and "{text}" in told.texts[0][1]


def test_a_log_does_not_tell_when_it_was_played(simulator: Simulator, tmp_path: Path) -> None:
    said = [("given", "Say it."), ("m", "It."), ("n", "It.")]
    log = {
        "config": {"models": ["m", "n"], "system_prompts": ["", "Be brief."]},
        "chat_history": [{"content": text, "model": model} for model, text in said],
    }
    (tmp_path / "log.json").write_text(json.dumps(log), "utf-8")
    assert simulator("import", "log.json")[0] == 0
    assert (
        simulator(
            "report", "log: m+n", "--out", "r.html", "--measure", "length", "--figure", "none"
        )[0]
        == 0
    )
    document = data_of((tmp_path / "r.html").read_text("utf-8"))
    assert facts(document)["Played"] == "not on record"
    ((_, told, texts),) = document["conditions"]
    assert dict(told)["Played with"] == "the original program"
    assert texts[-1][0] == "System prompt of n"
