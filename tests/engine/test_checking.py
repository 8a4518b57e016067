"""What a check says of models that do as they should, and of those that do not."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from simulator.backends.pool import BackendPool
from simulator.domain.journal import SoftToken, StopReason, Usage
from simulator.domain.latent import (
    EmbeddingTable,
    LatentChunk,
    LatentCompletion,
    LatentRequest,
    Vectors,
)
from simulator.domain.models import (
    Ability,
    Chunk,
    Completion,
    GenerateRequest,
    ModelBackend,
    ModelCard,
    RetryNotice,
    TokenLogprob,
)
from simulator.domain.prompts import Prompt
from simulator.domain.sampling import Sampling
from simulator.domain.seeds import derive_rng
from simulator.engine.checking import CHOICES, Finding, check_model
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ModelAccessError,
    ModelNotFoundError,
    QuotaExhaustedError,
    SimulatorError,
)
from tests.lab import StillClock

WORDS = ("water", "light", "under", "seven", "quiet", "letter", "morning", "open", "river")
EVERYTHING: frozenset[Ability] = frozenset({"seed", "logprobs", "choices", "score", "latent"})
CARD = ModelCard("test/talker", context_length=8192, digest="sha256:12345678")
LIKELIEST = (TokenLogprob("water", math.log(0.75)), TokenLogprob("light", math.log(0.2)))


@dataclass
class Talker(ModelBackend):
    """Forty words that depend on prompt and seed; `faults` names what it does wrong."""

    faults: frozenset[str] = frozenset()
    _abilities: frozenset[Ability] = EVERYTHING
    options: frozenset[str] = frozenset(Sampling.model_fields)
    error: SimulatorError | None = None
    """Raised by every request for a reply from number `error_from` on."""
    error_from: int = 0
    first_token: Sequence[TokenLogprob] = LIKELIEST
    card: ModelCard = CARD
    clock: StillClock = field(default_factory=StillClock)
    requests: list[GenerateRequest] = field(default_factory=list)
    latent_requests: int = 0
    model = "test/talker"
    endpoint = ""
    price = None

    @property
    def abilities(self) -> frozenset[Ability]:
        return self._abilities

    @property
    def sampling_options(self) -> frozenset[str]:
        return self.options

    async def describe(self) -> ModelCard:
        return self.card

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        if self.error is not None and len(self.requests) > self.error_from:
            raise self.error
        if "retries" in self.faults and len(self.requests) == 1:
            yield Chunk("void")
            yield Chunk(retry=RetryNotice(2, 0.0, "cut"))
        words, reason = self._words(request)
        for word in ["".join(words)] if "unstreamed" in self.faults else words:
            self.clock.forward(0.5)
            yield Chunk(word)
        long = sum(len(entry.content.split()) for entry in request.prompt)
        usage = Usage(prompt_tokens=long + 8, completion_tokens=len(words))
        if "estimates" in self.faults:
            usage = Usage(prompt_tokens=long * 2, completion_tokens=60, estimated_calls=1)
        yield Chunk(
            completion=Completion(
                "".join(words), reason, Usage() if "uncounted" in self.faults else usage,
                first_token=tuple(self.first_token) if request.top_logprobs else (),
                prompt_truncated="truncates" in self.faults and long > 100,
            )
        )  # fmt: skip

    def _words(self, request: GenerateRequest) -> tuple[list[str], StopReason]:
        sampling = request.sampling
        if "silent" in self.faults:
            return [], "stop"
        if request.choices and "talks" not in self.faults:
            return [request.choices[0]], "stop"
        temperature = 1.0 if sampling.temperature is None else sampling.temperature
        seed = request.seed if temperature else 0
        if "forgets seeds" in self.faults:
            seed = len(self.requests)
        rng = derive_rng(seed, request.prompt.hash)
        count = 3 if "brief" in self.faults else 40
        text = " ".join(rng.choice(WORDS) for _ in range(count))
        reason: StopReason = "stop"
        if sampling.stop and "runs on" not in self.faults:
            before, stop, _ = text.partition(
                min(sampling.stop, key=lambda stop: _place(text, stop))
            )
            text = before + (stop if "keeps stops" in self.faults else "")
        words = [f"{word} " for word in text.split()]
        if sampling.max_tokens is not None and "endless" not in self.faults:
            reason = "length" if len(words) > sampling.max_tokens else "stop"
            words = words[: sampling.max_tokens]
        return words, "stop" if "hides limits" in self.faults else reason

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        return tuple(0.5 if "scores" in self.faults else -1.5 for _ in options)

    async def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        self.latent_requests += 1
        count = request.sampling.max_tokens + (1 if "runs over" in self.faults else 0)
        data = bytes([self.latent_requests if "wavers" in self.faults else 0] * 8 * count)
        (message,) = request.messages
        read = sum(
            1 if isinstance(part, str) else 0 if "skips vectors" in self.faults else len(part)
            for part in message.parts
        )
        yield LatentChunk(
            completion=LatentCompletion(
                "Hm", Vectors(data, 2), (), "length", Usage(prompt_tokens=8 + read),
                tokens=tuple(SoftToken(token="m", entropy=0.0) for _ in range(count)),
            )
        )  # fmt: skip

    async def embedding_table(self) -> EmbeddingTable:
        raise AssertionError("a check needs no table")

    async def close(self) -> None:
        return None


def _place(text: str, part: str) -> int:
    return text.index(part) if part in text else len(text)


def faulty(*faults: str) -> Talker:
    return Talker(frozenset(faults))


async def found(model: ModelBackend, clock: StillClock | None = None) -> dict[str, Finding]:
    clock = clock or (model.clock if isinstance(model, Talker) else StillClock())
    return {finding.name: finding async for finding in check_model(model, clock)}


async def test_a_model_that_does_all_it_should_is_all_ok() -> None:
    talker = Talker()
    findings = await found(talker)
    assert {finding.status for finding in findings.values()} == {"ok"}
    assert findings["model"].detail == "8,192 tokens of context, weights sha256:12345678."
    assert findings["reply"].detail == (
        "First words after 0.50 s, then 2 tokens/s, in 40 pieces."
    )  # fmt: skip
    assert findings["prompt"].detail == (
        "A prompt of 270 words counts 286 tokens. Nothing was cut."
    )  # fmt: skip
    assert findings["logprobs"].detail == "2 first tokens, the likeliest 'water' with 75%."
    assert (
        findings["latent"].detail == "4 soft tokens of 2 numbers, 'Hm'. The model read them, too."
    )
    calls = len(talker.requests) + talker.latent_requests
    assert sum(finding.usage.calls for finding in findings.values()) == calls
    assert findings["seed"].usage.completion_tokens == 80
    assert findings["reply"].took_s == 20.0


async def test_a_model_that_answers_to_any_name_is_told_by_its_own() -> None:
    talker = Talker(card=replace(CARD, answers_as="other.gguf"))
    finding = (await found(talker))["model"]
    assert finding.status == "differs"
    assert "any name; what answers is 'other.gguf'. 8,192 tokens" in finding.detail


async def test_estimates_of_tokens_are_no_findings() -> None:
    findings = await found(Talker(faults=frozenset({"estimates"})))
    assert findings["prompt"].status == "absent"
    assert findings["max_tokens"].status == "ok"


@pytest.mark.parametrize(
    ("fault", "check", "said"),
    [
        ("unstreamed", "reply", "not streamed"),
        ("uncounted", "reply", "counts no tokens"),
        ("uncounted", "prompt", "counts 0 tokens. That cannot be."),
        ("estimates", "reply", "counts no tokens; they are estimated"),
        ("truncates", "prompt", "cut a prompt of 270 words"),
        ("endless", "max_tokens", "With a limit of 16, the reply has 40 tokens."),
        ("hides limits", "max_tokens", "stop reason is 'stop'"),
        ("keeps stops", "stop", "but has it at its end"),
        ("runs on", "stop", "did not stop at"),
        ("forgets seeds", "seed", "The same seed gave another reply"),
        ("talks", "choices", "Held to 'north' or 'south', it said"),
        ("runs over", "latent", "Asked for 4 soft tokens, it gave 5 vectors."),
        ("wavers", "latent", "The same request gave other vectors."),
        ("skips vectors", "latent", "The model did not read them all."),
        ("scores", "score", "These are no log-probabilities: north 0.5, south 0.5."),
    ],
)
async def test_what_a_model_does_otherwise_is_found(fault: str, check: str, said: str) -> None:
    finding = (await found(faulty(fault)))[check]
    assert finding.status == "differs"
    assert said in finding.detail


async def test_a_limit_that_no_reply_reaches_is_not_called_kept() -> None:
    talker = faulty("brief")
    finding = (await found(talker))["max_tokens"]
    assert finding.status == "absent"
    assert finding.detail == "It cannot be told: the reply ended by itself after 3 tokens."
    assert finding.usage.calls == 2


async def test_improbable_probabilities_are_found() -> None:
    assert (await found(Talker(first_token=())))["logprobs"].status == "differs"
    double = Talker(first_token=LIKELIEST * 2)
    assert "add up to more than one" in (await found(double))["logprobs"].detail


async def test_a_stop_cannot_be_told_of_a_model_that_never_repeats_itself() -> None:
    talker = faulty("forgets seeds")
    for _ in range(20):
        finding = (await found(talker))["stop"]
        assert finding.status in ("absent", "ok")


async def test_an_empty_reply_is_a_failure() -> None:
    findings = await found(faulty("silent"))
    assert (findings["reply"].status, findings["stop"].status) == ("failed", "absent")


async def test_what_a_model_does_not_have_is_absent_and_not_asked_for() -> None:
    talker = Talker(_abilities=frozenset(), options=frozenset({"temperature"}))
    talker.card = ModelCard("test/talker")
    findings = await found(talker)
    absent = {name for name, finding in findings.items() if finding.status == "absent"}
    assert absent == {
        "model", "max_tokens", "stop", "seed", "logprobs", "choices", "score", "latent",
    }  # fmt: skip
    assert not talker.latent_requests
    for request in talker.requests:
        assert request.sampling.set_options() <= {"temperature"}
        assert (request.choices, request.top_logprobs) == ((), 0)


async def test_questions_can_be_told_apart_in_a_cache() -> None:
    talker = Talker()
    await found(talker)
    assert len({repr(request) for request in talker.requests}) == len(talker.requests)
    assert [request.choices for request in talker.requests].count(CHOICES) == 1


async def test_pieces_before_a_retry_do_not_count() -> None:
    finding = (await found(faulty("retries")))["reply"]
    assert finding.detail.endswith("in 40 pieces; failed attempts before: 1.")


async def test_a_request_that_fails_is_a_finding_with_its_remedy() -> None:
    error = BackendError("It does not take stops.", remedy="Leave them out.")
    findings = await found(Talker(error=error, error_from=3))
    assert findings["max_tokens"].status == "ok"
    assert findings["stop"].status == "failed"
    assert findings["stop"].detail == "It does not take stops. Leave them out."
    assert findings["score"].status == "ok"


async def test_a_refusal_of_the_first_reply_ends_the_check() -> None:
    talker = Talker(error=BackendError("Not so."))
    with pytest.raises(BackendError, match="Not so"):
        await found(talker)
    assert len(talker.requests) == 1


async def test_retries_are_heard_when_they_happen() -> None:
    talker, heard = faulty("retries"), list[RetryNotice]()
    findings = check_model(talker, talker.clock, heard.append)
    assert (await anext(findings)).name == "model" and not heard
    assert (await anext(findings)).name == "reply"
    assert [notice.reason for notice in heard] == ["cut"]
    await findings.aclose()


@pytest.mark.parametrize(
    "error", [ModelAccessError, ModelNotFoundError, BackendUnavailableError, QuotaExhaustedError]
)
async def test_what_would_fail_every_request_ends_the_check(error: type[SimulatorError]) -> None:
    talker = Talker(error=error("No."))
    with pytest.raises(error):
        await found(talker)
    assert len(talker.requests) == 1


async def test_the_built_in_model_has_nothing_to_hide() -> None:
    pool = BackendPool()
    try:
        findings = await found(pool.get("pocket"))
    finally:
        await pool.close()
    absent = {name for name, finding in findings.items() if finding.status != "ok"}
    assert absent == {"logprobs", "choices"}
    assert {findings[name].status for name in absent} == {"absent"}
