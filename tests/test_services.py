"""What front ends are refused: to delete what plays, to fork what cannot be replayed."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue, SecretStr

from simulator.domain.events import Event
from simulator.domain.records import Experiment, ExperimentQuery, Lease, Run
from simulator.errors import (
    BackendUnavailableError,
    ConflictError,
    DesignChangedError,
    NotFoundError,
    PermissionDeniedError,
    UsageError,
)
from simulator.process import SystemClock, owner_name
from simulator.services import Services, open_services
from simulator.settings import APP_NAME, Settings
from tests.lab import design
from tests.originals.examples import whole
from tests.servers.openai_server import FakeOpenAI

TALK = design(model="scripted/babble", messages=4)


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as opened:
        yield opened


def deaf(event: Event) -> None:
    return None


async def played(services: Services) -> tuple[Experiment, Run]:
    (run,) = await services.launch(TALK, {}, seed=3)
    await services.play(run, listener=deaf)
    return await services.store.experiment(run.experiment_id), await services.store.run(run.id)


async def hold(services: Services, run: Run, owner: str) -> None:
    now = SystemClock().now()
    lease = Lease(owner, now + timedelta(seconds=30))
    assert await services.store.acquire(run.id, lease, now=now) is None


async def test_a_run_that_is_being_played_is_not_deleted(services: Services) -> None:
    experiment, run = await played(services)
    await hold(services, run, owner_name())
    with pytest.raises(ConflictError, match="is being played by"):
        await services.delete_run(run)
    with pytest.raises(ConflictError, match="is being played by"):
        await services.delete_experiment(experiment)
    assert await services.store.run(run.id)


async def test_a_run_that_a_dead_process_left_is_deleted(services: Services) -> None:
    experiment, run = await played(services)
    machine_and_pid, _, started = owner_name().rpartition(":")
    await hold(services, run, f"{machine_and_pid}:{int(started) - 1}")
    assert await services.is_abandoned(await services.store.run(run.id))
    assert await services.delete_experiment(experiment) == 1
    with pytest.raises(NotFoundError):
        await services.store.run(run.id)


async def test_a_run_that_was_not_begun_is_left_paused(services: Services) -> None:
    (run,) = await services.launch(TALK, {}, seed=3)
    assert (await services.leave_paused(run)).status == "paused"
    assert await services.store.lease(run.id) is None
    _, ended = await played(services)
    assert (await services.leave_paused(ended)).status == "completed"


async def test_a_run_that_a_colleague_takes_at_the_same_time_is_left_alone(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = await services.launch(TALK, {}, seed=3)
    acquire = services.store.acquire

    async def too_late(run_id: str, lease: Lease, **options: Any) -> Lease | None:
        theirs = replace(lease, owner="lab-3-0f0f0f:1:1:1")
        assert await acquire(run_id, theirs, now=SystemClock().now()) is None
        return await acquire(run_id, lease, **options)

    monkeypatch.setattr(services.store, "acquire", too_late)
    assert (await services.leave_paused(run)).status == "running"
    held = await services.store.lease(run.id)
    assert held is not None and held.machine == "lab-3"


async def test_a_run_that_a_colleague_has_played_meanwhile_stays_completed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = await services.launch(TALK, {}, seed=3)
    acquire = services.store.acquire

    async def too_late(run_id: str, lease: Lease, **options: Any) -> Lease | None:
        monkeypatch.setattr(services.store, "acquire", acquire)
        await services.play(run, listener=deaf)
        return await acquire(run_id, lease, **options)

    monkeypatch.setattr(services.store, "acquire", too_late)
    assert (await services.leave_paused(run)).status == "completed"


async def test_only_the_creator_deletes(services: Services) -> None:
    experiment, run = await played(services)
    with pytest.raises(PermissionDeniedError, match="belongs to bob"):
        await services.delete_run(run.model_copy(update={"creator": "bob"}))
    with pytest.raises(PermissionDeniedError, match="belongs to bob"):
        await services.delete_experiment(experiment.model_copy(update={"creator": "bob"}))


async def test_an_imported_run_is_not_forked_or_verified_and_nothing_is_left(
    services: Services, tmp_path: Path
) -> None:
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps(whole()), encoding="utf-8")
    await services.import_originals([str(dump)])
    run = await services.find_run("last")
    for attempt in (services.fork(run, at=1), services.verify(run)):
        with pytest.raises(UsageError, match="was imported from the original program"):
            await attempt
    assert (await services.find_run("last")).id == run.id


async def test_a_fork_needs_the_prompts_of_its_parent(services: Services) -> None:
    _, run = await played(services)
    other = run.model_copy(update={"agents": run.agents[:1]})
    with pytest.raises(DesignChangedError, match="no longer gives the agents"):
        await services.fork(other, at=1)
    assert (await services.find_run("last")).id == run.id


async def test_the_same_design_is_stored_once_and_another_apart(services: Services) -> None:
    first = await services.save_design(TALK)
    assert (await services.save_design(TALK)).id == first.id
    changed = await services.save_design(TALK.model_copy(update={"messages": 6}))
    assert changed.id != first.id
    with pytest.raises(UsageError, match="not unique"):
        await services.find_experiment("Test")
    assert (await services.find_experiment(first.id[-8:])).id == first.id
    copy = await services.duplicate(first, "Another")
    assert (copy.parent_id, copy.name, copy.design_hash) == (first.id, "Another", first.design_hash)


class Told(list[str]):
    def __call__(self, sentence: str) -> None:
        self.append(sentence)


async def test_a_missing_server_is_told_before_anything_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{unused.getsockname()[1]}")
        store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
        async with open_services(Settings(store=store, user="ada")) as services:
            with pytest.raises(BackendUnavailableError):
                await services.launch(design(model="ollama/llama3"), {})
            assert await services.store.experiments(ExperimentQuery()) == []


async def test_options_that_a_model_does_not_take_are_told_if_somebody_set_them(
    tmp_path: Path,
) -> None:
    told = Told()
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada"), told) as services:
        await services.launch(design(model="pocket"), {})
        assert told == []
        wishes: dict[str, JsonValue] = {
            "sampling": {"reasoning_effort": "low", "context_length": 512, "top_k": 3}
        }
        await services.launch(design(model="pocket"), wishes)
    assert told == ["pocket does not take reasoning_effort; its replies are drawn without."]


async def test_a_server_that_takes_any_name_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with FakeOpenAI() as server:
        server.models = ("m.gguf",)
        monkeypatch.setenv("LLAMACPP_BASE_URL", server.base_url)
        async with open_services(Settings(store=store, user="ada"), told) as services:
            await services.launch(design(model="llamacpp/m.gguf"), {})
            await services.launch(design(model="llamacpp/nope"), {})
    assert told == ["The server of llamacpp/nope takes any name; what answers is 'm.gguf'."]


async def test_a_recorded_run_is_replayed_without_its_model(tmp_path: Path) -> None:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    settings = Settings(store=store, user="ada", record=tmp_path / "recording.jsonl")
    async with open_services(settings) as services:
        _, said = await services.transcript((await played(services))[1])
    text = settings.record.read_text(encoding="ascii")  # type: ignore[union-attr]
    settings.record.write_text(text.replace("scripted/", "openai/"), encoding="ascii")  # type: ignore[union-attr]
    again = Settings(store=store, user="ada", replay=settings.record)
    async with open_services(again) as services:
        (run,) = await services.launch(design(model="openai/babble", messages=4), {}, seed=3)
        await services.play(run, listener=deaf)
        _, heard = await services.transcript(run)
    assert [step.content for step in heard] == [step.content for step in said]
    assert len(said) > 4


async def test_the_cache_is_kept_beside_the_users_data_and_left_out_while_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    told = Told()
    settings = Settings(store=SecretStr(f"sqlite:///{tmp_path / 'lab.db'}"), user="ada", cache=True)
    for from_cache in (False, True):
        async with open_services(settings, told) as services:
            _, run = await played(services)
            _, steps = await services.transcript(run)
        assert [step.call.from_cache for step in steps if step.call] == [from_cache] * 4
    assert (tmp_path / "data" / APP_NAME / "requests.db").is_file()
    assert told == []
    recording = settings.model_copy(update={"record": tmp_path / "recording.jsonl"})
    async with open_services(recording, told):
        pass
    assert told == ["The request cache is not used while requests are recorded or replayed."]


async def test_recording_and_replaying_at_once_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "recording.jsonl"
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    with pytest.raises(UsageError, match="recorded and replayed"):
        async with open_services(Settings(store=store, record=file, replay=file)):
            pass
