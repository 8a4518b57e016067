"""What was recorded is replayed without the model."""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.backends.recording import Recorder, RecordingBackend
from simulator.backends.replaying import Replay
from simulator.backends.retrying import RetryingBackend
from simulator.domain.journal import Usage
from simulator.domain.models import Ability, Chunk, Completion, GenerateRequest, ModelBackend
from simulator.domain.prices import FREE
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    NotFoundError,
    PermissionDeniedError,
    UsageError,
)
from simulator.redaction import Redactor
from tests.backends.asking import ServedBackend, chunks, reply, request, whole
from tests.virtual_time import play

SECRET = "very-secret-words"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.jsonl"


def recorded(backend: ServedBackend, path: Path) -> RecordingBackend:
    return RecordingBackend(backend, Recorder(path, Redactor([SECRET])))


def written(path: Path) -> str:
    return path.read_text(encoding="ascii") if path.exists() else ""


def counting() -> ServedBackend:
    asked = 0

    async def server(request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        nonlocal asked
        asked += 1
        yield Chunk("reply ")
        yield Chunk(f"{asked}")
        yield whole(f"reply {asked}", reasoning="hm")

    return ServedBackend(server)


async def test_a_replay_streams_the_same_chunks(path: Path) -> None:
    heard = await chunks(recorded(counting(), path), request())
    again = await chunks(Replay(path).open("lab/test"), request())
    assert again[:-1] == heard[:-1]
    told, said = again[-1].completion, heard[-1].completion
    assert told is not None and said is not None
    assert told == replace(said, usage=told.usage, from_cache=True)


async def test_a_replay_costs_nothing(path: Path) -> None:
    async def server(request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        usage = Usage(prompt_tokens=8, completion_tokens=2, cost_usd=0.5, unpriced_calls=1)
        yield Chunk(completion=Completion("Yes.", "stop", usage))

    inner = ServedBackend(server)
    paid = await reply(recorded(inner, path), request())
    backend = Replay(path).open("lab/test")
    again = await reply(backend, request())
    assert (paid.from_cache, again.from_cache, again.text) == (False, True, "Yes.")
    assert again.usage == Usage(prompt_tokens=8, completion_tokens=2)
    assert backend.price == FREE == (await backend.describe()).price


async def test_equal_requests_are_replayed_in_order_and_each_once(path: Path) -> None:
    backend = recorded(counting(), path)
    for _ in range(3):
        await reply(backend, request())
    again = Replay(path).open("lab/test")
    assert [(await reply(again, request())).text for _ in range(3)] == [
        "reply 1", "reply 2", "reply 3",
    ]  # fmt: skip
    with pytest.raises(BackendError, match="no more replies"):
        await reply(again, request())


async def test_a_missing_request_is_named_with_how_to_record_it(path: Path) -> None:
    await reply(recorded(counting(), path), request())
    with pytest.raises(
        BackendError, match=r"no reply of lab/test .* seed 2, .*'Lights out\.'"
    ) as e:
        await reply(Replay(path).open("lab/test"), request(seed=2))
    assert e.value.remedy is not None and "--record" in e.value.remedy


async def test_a_model_that_was_not_recorded_is_named_with_those_that_were(path: Path) -> None:
    await reply(recorded(counting(), path), request())
    with pytest.raises(NotFoundError, match="no replies of lab/other") as error:
        Replay(path).open("lab/other")
    assert error.value.remedy == "It has those of lab/test."


async def test_what_the_model_can_do_is_recorded(path: Path) -> None:
    inner = counting()
    inner.abilities = frozenset({"logprobs"})
    inner.sampling_options = frozenset({"temperature"})
    await reply(recorded(inner, path), request())
    again = Replay(path).open("lab/test")
    assert again.abilities == {"logprobs"}
    assert again.sampling_options == {"temperature"}
    assert again.endpoint == inner.endpoint


@pytest.mark.parametrize("fails", [False, True])
async def test_an_ability_is_lost_in_the_replay_when_it_was_in_the_recording(
    path: Path, fails: bool
) -> None:
    async def server(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        if asked.seed == 2:
            inner.abilities = frozenset({"choices"})
            if fails:
                raise BackendError("I have no logprobs.")
        yield whole("yes")

    async def abilities_shown(backend: ModelBackend) -> list[frozenset[Ability]]:
        shown = [backend.abilities]
        for seed in (1, 2, 3):
            with contextlib.suppress(BackendError):
                await reply(backend, request(seed=seed))
            shown.append(backend.abilities)
        return shown

    inner = ServedBackend(server)
    inner.abilities = frozenset({"choices", "logprobs"})
    then = await abilities_shown(recorded(inner, path))
    assert then == [{"choices", "logprobs"}] * 2 + [{"choices"}] * 2
    assert await abilities_shown(Replay(path).open("lab/test")) == then


async def test_errors_are_replayed_without_their_secrets(path: Path) -> None:
    async def failing(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        raise ContextOverflowError(f"Too long, says {SECRET}.", remedy="Shorten it.")
        yield Chunk()

    with pytest.raises(ContextOverflowError):
        await reply(recorded(ServedBackend(failing), path), request())
    assert SECRET not in written(path)
    with pytest.raises(ContextOverflowError, match=r"Too long, says \*\*\*\.") as error:
        await reply(Replay(path).open("lab/test"), request())
    assert error.value.remedy == "Shorten it."


async def test_attempts_that_failed_are_left_out(path: Path) -> None:
    failures = 1

    async def flaky(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        nonlocal failures
        yield Chunk("half ")
        if failures:
            failures -= 1
            raise BackendUnavailableError("down")
        yield Chunk("done")
        yield whole("half done")

    async def no_wait(seconds: float) -> None:
        return None

    retrying = RetryingBackend(ServedBackend(flaky), sleep=no_wait)
    await reply(RecordingBackend(retrying, Recorder(path, Redactor([]))), request())
    again = await chunks(Replay(path).open("lab/test"), request())
    assert [chunk.text for chunk in again] == ["half ", "done", ""]


async def test_requests_that_were_left_are_not_recorded(path: Path) -> None:
    stream = recorded(counting(), path).generate(request())
    await anext(stream)
    await stream.aclose()
    assert not written(path)


async def test_scores_are_replayed(path: Path) -> None:
    class Scoring(ServedBackend):
        async def score(self, *_: object) -> tuple[float, ...]:
            return (-0.25, -2.5)

    async def unused(asked: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        yield Chunk()

    await recorded(Scoring(unused), path).score(request().prompt, ["a", "b"])
    again = Replay(path).open("lab/test")
    assert await again.score(request().prompt, ["a", "b"]) == (-0.25, -2.5)


def test_a_recording_is_ascii_lines_for_its_owner(path: Path) -> None:
    backend = recorded(counting(), path)
    play(reply(backend, request("Grüße \ud83d")))
    play(reply(backend, request()))
    lines = written(path).splitlines()
    assert [json.loads(line)["pieces"] for line in lines] == [["reply ", "1"], ["reply ", "2"]]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = play(reply(Replay(path).open("lab/test"), request("Grüße \ud83d")))
    assert again.text == "reply 1"


async def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(PermissionDeniedError, match="No such file or directory"):
        await reply(recorded(counting(), tmp_path / "nowhere" / "file"), request())


def test_files_that_are_no_recordings_are_refused(path: Path) -> None:
    with pytest.raises(NotFoundError, match="no recording"):
        Replay(path)
    path.write_text('{"request": {"model": "lab/test"}}\n{"half\n', encoding="ascii")
    with pytest.raises(UsageError, match="Line 2 of"):
        Replay(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        Replay(path)


@pytest.mark.parametrize(
    "text", ["kind: prison\n", '["request"]\n', '{"design": 1}\n', "7\n", "\n"]
)
def test_what_is_no_recording_is_not_added_to(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is no recording"):
        Recorder(path, Redactor([]))
    assert path.read_text("utf-8") == text


def test_a_recording_that_cannot_be_written_is_refused_before_any_request(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no such folder" / "talk.jsonl"):
        with pytest.raises(PermissionDeniedError, match="cannot be written"):
            Recorder(path, Redactor([]))
