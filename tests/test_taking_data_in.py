"""An experiment has its questions with it: no run, and no colleague, depends on a file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from simulator.domain.events import Event
from simulator.domain.records import ExperimentQuery
from simulator.errors import DesignInvalidError, NotFoundError
from simulator.kinds.debate.design import DebateDesign
from simulator.services import Services, open_services
from simulator.settings import Settings

DESIGN = """
kind: debate
name: Sweets
model: scripted/babble
mode: single
data: {dataset: records, path: data/sweets.jsonl, count: 2}
"""


@pytest.fixture
def told() -> list[str]:
    """What the user was told."""
    return []


@pytest.fixture
async def services(tmp_path: Path, told: list[str]) -> AsyncIterator[Services]:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada"), told.append) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A design, with its questions in a folder beside it."""
    (folder := tmp_path / "designs").mkdir()
    (folder / "data").mkdir()
    records = [{"question": f"How many? {number}", "answer": number} for number in range(3)]
    (folder / "data" / "sweets.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    path = folder / "sweets.yaml"
    path.write_text(DESIGN, "utf-8")
    return path


def deaf(event: Event) -> None:
    return None


async def test_questions_are_stored_with_the_experiment(services: Services, file: Path) -> None:
    design, experiment = await services.design_named(str(file))
    assert experiment is None
    (run,) = await services.launch(design, {}, seed=1)
    (file.parent / "data" / "sweets.jsonl").unlink()
    stored = services.design_of(await services.store.experiment(run.experiment_id))
    assert isinstance(stored, DebateDesign)
    assert [question.gold for question in stored.questions] == ["0", "1"]
    played = await services.play(run, listener=deaf)
    assert played.run.status == "completed"
    again = await services.launch(stored, {}, seed=2)
    assert [one.experiment_id for one in again] == [run.experiment_id], "the design is the same"
    copy = await services.duplicate(await services.store.experiment(run.experiment_id), "Copy")
    assert services.design_of(copy).model_copy(update={"name": "Sweets"}) == stored


async def test_where_somebody_stands_makes_no_other_experiment(
    services: Services, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await services.save_design((await services.design_named(str(file)))[0])
    monkeypatch.chdir(file.parent)
    second = await services.save_design(await services.design_in(Path(file.name)))
    assert first == second


async def test_bad_data_stops_everything_before_it_costs_anything(
    services: Services, file: Path, told: list[str]
) -> None:
    data = file.parent / "data" / "sweets.jsonl"
    data.write_text('{"question": "How many?", "answer": 1}\n{"answer": 2}\n', "utf-8")
    design, _ = await services.design_named(str(file))
    with pytest.raises(DesignInvalidError, match="line 2: there is no field `question`"):
        await services.launch(design, {})
    data.unlink()
    with pytest.raises(NotFoundError, match=r"sweets\.jsonl"):
        await services.save_design(design)
    assert await services.store.experiments(ExperimentQuery()) == []
    data.write_text('{"question": "How many?", "answer": 1}\n', "utf-8")
    await services.save_design(design)
    assert told == [f"{data} has only 1 of the 2 questions to ask."]


async def test_data_that_was_edited_is_read_anew(
    services: Services, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = await services.save_design(await services.design_in(file))
    design = services.design_of(experiment)
    assert isinstance(design, DebateDesign)
    noted = design.model_copy(update={"note": "As it was."})
    experiment = await services.revise(experiment, noted)
    monkeypatch.chdir(file.parent / "data")
    more = noted.model_copy(update={"data": design.data.model_copy(update={"count": 3})})
    revised = services.design_of(await services.revise(experiment, more))
    assert isinstance(revised, DebateDesign)
    assert [question.gold for question in revised.questions] == ["0", "1", "2"]
