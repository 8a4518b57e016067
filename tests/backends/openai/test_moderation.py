from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from simulator.analysis.culture.measuring import measure_chains
from simulator.analysis.culture.records import Chain
from simulator.backends.openai.addresses import Address
from simulator.backends.openai.moderation import LONGEST, MAX_FAILURES, MOST_TEXTS, Moderator
from simulator.errors import (
    BackendUnavailableError,
    EndpointError,
    ModelAccessError,
    RateLimitedError,
)
from simulator.moderation import asked_measures, moderation_measure, toxicity_of
from simulator.settings import Settings
from tests.servers.http import Exchange, HttpServer
from tests.servers.openai_faults import Answer, html_page, rate_limited, server_error, wrong_key

KEY = "sk-test-0123456789abcdef"


class Moderation:
    """OpenAI's moderation API: what a text says between `<` and `>` is its scores."""

    def __init__(self) -> None:
        self.faults: list[Answer] = []
        """Given in place of the next answers."""
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.http = HttpServer(self._answer)

    async def _answer(self, exchange: Exchange) -> None:
        request = exchange.request
        assert (request.method, request.path) == ("POST", "/v1/moderations")
        self.asked.append(request.json())
        self.keys.append(request.headers["authorization"])
        if self.faults:
            fault = self.faults.pop(0)
            await exchange.respond(
                fault.status, fault.content, fault.headers, content_type=fault.content_type
            )
            return
        results = [
            {"flagged": False, "category_scores": _scores(text)} for text in self.asked[-1]["input"]
        ]
        answer = {"id": "modr-1", "model": "omni-moderation-2024-09-26", "results": results}
        await exchange.respond(200, json.dumps(answer))

    @property
    def texts(self) -> list[list[str]]:
        return [body["input"] for body in self.asked]

    def moderator(self, key: str = KEY) -> Moderator:
        address = Address(f"{self.http.address}/v1", key)
        return Moderator(
            address, "omni-moderation-latest", key_variables="OPENAI_API_KEY", sleep=self._sleep
        )

    async def _sleep(self, seconds: float) -> None:
        assert seconds > 0


def _scores(text: str) -> dict[str, float]:
    hate = float(text.partition("<")[2].partition(">")[0] or 0)
    return {"harassment": hate / 2, "hate": hate, "violence": 0.9}


@pytest.fixture
async def server() -> AsyncIterator[Moderation]:
    moderation = Moderation()
    async with moderation.http:
        yield moderation


@pytest.fixture
def measured(server: Moderation, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], Any]:
    monkeypatch.setenv("OPENAI_BASE_URL", server.http.address)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    measure = moderation_measure(Settings(), lambda words: None)
    return lambda texts: asyncio.to_thread(measure.of_texts, texts)


async def test_texts_get_the_highest_score_of_hate_and_harassment_in_their_order(
    server: Moderation, measured: Any
) -> None:
    assert await measured(["<0.25>", " \n", "<0.75> you", "\ud83d"]) == [0.25, 0, 0.75, 0]
    assert server.texts == [["<0.25>", "<0.75> you", "?"]]
    assert server.asked[0]["model"] == "omni-moderation-latest"
    assert server.keys == [f"Bearer {KEY}"]
    assert await measured(["", " "]) == [0, 0]
    assert len(server.asked) == 1


def test_other_categories_do_not_count() -> None:
    scores = {"violence": 0.9, "harassment": 0.1, "hate/threatening": 0.3}
    assert toxicity_of(scores) == 0.3
    assert toxicity_of({"violence": 0.9}) != toxicity_of({"violence": 0.9})


async def test_many_and_long_texts_go_in_several_requests(server: Moderation) -> None:
    texts = [f"<0.{number:03}>" for number in range(2 * MOST_TEXTS + 3)] + ["x" * 100_000] * 4
    found = await server.moderator().scores(texts)
    assert [one["hate"] for one in found] == [_scores(text)["hate"] for text in texts]
    sizes = [sum(map(len, batch)) for batch in server.texts]
    assert max(map(len, server.texts)) == MOST_TEXTS and max(sizes) <= 60_000
    assert max(len(text) for batch in server.texts for text in batch) == LONGEST
    assert sum(map(len, server.texts)) == len(texts)


async def test_passing_failures_are_sent_again(server: Moderation) -> None:
    server.faults = [rate_limited(after="0"), server_error(503), html_page(502)]
    assert await server.moderator().scores(["<0.5>"]) == [_scores("<0.5>")]
    assert server.texts == [["<0.5>"]] * 4


@pytest.mark.parametrize(
    ("fault", "kind", "times"),
    [
        (wrong_key(KEY), ModelAccessError, 1),
        (rate_limited(after="3000"), RateLimitedError, 1),
        (server_error(500), BackendUnavailableError, MAX_FAILURES),
        (html_page(200), EndpointError, 1),
        (Answer(200, "{}"), EndpointError, 1),
        (Answer(200, '{"results": [{"category_scores": {}}]}'), BackendUnavailableError, 4),
    ],
)  # fmt: skip
async def test_failures_for_good_say_what_is_wrong_and_never_the_key(
    server: Moderation, fault: Answer, kind: type[Exception], times: int
) -> None:
    server.faults = [fault] * 10
    with pytest.raises(kind) as caught:
        await server.moderator().scores(["a", "b"])
    assert "openai/omni-moderation-latest at http://127.0.0.1" in str(caught.value)
    assert KEY[:12] not in str(caught.value) and len(server.asked) == times


async def test_nobody_at_the_address_is_told_with_where_it_is_set(server: Moderation) -> None:
    moderator = server.moderator()
    await server.http.__aexit__(None, None, None)
    with pytest.raises(BackendUnavailableError) as caught:
        await moderator.scores(["a"])
    assert "nothing answers there" in str(caught.value)
    assert "OPENAI_BASE_URL" in (caught.value.remedy or "")
    await server.http.__aenter__()


# ---------------------------------------------------------------- asking for it


def test_it_is_there_only_by_name_with_a_key_and_says_who_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert asked_measures((), Settings(), told.append) == {}
    assert asked_measures(("length",), Settings(), told.append) == {}
    with pytest.raises(ModelAccessError) as caught:
        asked_measures(("moderation",), Settings(), told.append)
    assert "OPENAI_API_KEY" in (caught.value.remedy or "") and not told
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:secret@127.0.0.1:9/v1")
    assert list(asked_measures(("moderation",), Settings(), told.append)) == ["moderation"]
    (words,) = told
    assert "http://127.0.0.1:9/v1" in words and "secret" not in words and KEY not in words


async def test_a_text_is_sent_once_and_then_kept(
    server: Moderation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.http.address)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    measure = moderation_measure(Settings(), lambda words: None)
    kept: dict[bytes, float] = {}

    class Cache:
        def values(self, measure: str, version: str, keys: Sequence[bytes]) -> dict[bytes, float]:
            return {key: kept[key] for key in keys if key in kept}

        def keep(self, measure: str, version: str, values: Any) -> None:
            kept.update(values)

    chains = [Chain("m", "rephrase", "A", 1, ("<0.5>", "<0.25>", "<0.5>"))]
    for _ in range(2):
        found = await asyncio.to_thread(measure_chains, chains, [measure], Cache())
        assert found.values["moderation"].tolist() == [[0.5, 0.25, 0.5]]
    assert server.texts == [["<0.25>", "<0.5>"]]
