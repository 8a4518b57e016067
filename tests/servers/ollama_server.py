"""A fake Ollama: the wire format and the habits of the real one, failures on demand."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.servers.http import Exchange, HttpServer
from tests.servers.ollama_wire import (
    ANSWERS,
    MOMENT,
    PAGE,
    Body,
    Trouble,
    encoded,
    line_of,
    logprob,
    overflow,
    tokens_of,
)

Counter = Callable[[str], int]

DEFAULT_CONTEXT = 4096
TEMPLATE_TOKENS = 4
"""Around each message."""


@dataclass
class InstalledModel:
    """A model that the server has."""

    name: str
    context_length: int = 131072
    capabilities: tuple[str, ...] = ("completion", "tools")

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()

    @property
    def details(self) -> Body:
        return {
            "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"],
            "parameter_size": "3.2B", "quantization_level": "Q4_K_M",
        }  # fmt: skip

    @property
    def listed(self) -> Body:
        return {
            "name": self.name, "model": self.name, "modified_at": MOMENT, "size": 2019393189,
            "digest": self.digest, "details": self.details,
        }  # fmt: skip


def words(text: str) -> int:
    """Tokens as this server counts them unless a test says otherwise."""
    return len(text.split())


def first_words(body: Body) -> str:
    """A reply that depends on all messages and on the seed."""
    known = json.dumps([body["messages"], body["options"].get("seed")])
    return f"I say {hashlib.sha256(known.encode()).hexdigest()[:6]} to that."


@dataclass
class OllamaServer:
    """What the server has, says and breaks; entered with `serving`."""

    models: list[InstalledModel] = field(
        default_factory=lambda: [InstalledModel("llama3.2:latest")]
    )
    reply: Callable[[Body], str] = first_words
    thought: str = ""
    count: Counter = words
    knows_truncate: bool = True
    """Whether `truncate: false` has an effect, as it has since the end of 2025."""
    has_logprobs: bool = True
    counts_prompts: bool = True
    cached_tokens: int = 0
    library: Mapping[str, int] = field(default_factory=lambda: {"qwen3:0.6b": 5000})
    """Models that can be pulled, with their bytes."""
    troubles: deque[Trouble] = field(default_factory=deque)
    """What goes wrong with the next answers to chats and pulls, one each."""
    page_everywhere: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)
    chats: list[Body] = field(default_factory=list)
    """Bodies of the chats, in the order in which they came."""
    seen: list[list[Body]] = field(default_factory=list)
    """Messages of each chat that the model was shown, after any cut."""
    paths: list[str] = field(default_factory=list)
    connections: int = 0
    """How many were opened."""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    abandoned: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client went away while an answer stalled."""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve in the block; the address."""
        async with _CountingServer(self) as server:
            yield server.address
            self.released.set()

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        request = exchange.request
        self.paths.append(f"{request.method} {request.path}")
        self.headers.append(request.headers)
        if self.page_everywhere:
            await exchange.respond(200, PAGE, content_type="text/html")
            return
        match self.paths[-1]:
            case "GET /":
                await exchange.respond(200, "Ollama is running", content_type="text/plain")
            case "GET /api/version":
                await exchange.respond(200, json.dumps({"version": "0.34.0"}))
            case "GET /api/tags":
                listed = {"models": [model.listed for model in self.models]}
                await exchange.respond(200, json.dumps(listed))
            case "GET /api/ps":
                await exchange.respond(200, json.dumps({"models": []}))
            case "POST /api/show":
                await self._show(exchange)
            case "POST /api/chat":
                await self._chat(exchange)
            case "POST /api/pull":
                await self._pull(exchange)
            case _:
                await exchange.respond(404, "404 page not found", content_type="text/plain")

    def _installed(self, name: str) -> InstalledModel | None:
        full = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
        return next((model for model in self.models if model.name == full), None)

    async def _show(self, exchange: Exchange) -> None:
        name = exchange.request.json()["model"]
        model = self._installed(name)
        if model is None:
            await _refuse(exchange, 404, f"model '{name}' not found")
            return
        shown = {
            "modelfile": f"FROM {name}", "parameters": "", "template": "{{ .Prompt }}",
            "details": model.details,
            "model_info": {
                "general.architecture": "llama",
                "general.parameter_count": 3212749888,
                "llama.context_length": model.context_length,
                "llama.embedding_length": 3072,
            },
            "capabilities": list(model.capabilities), "modified_at": MOMENT,
        }  # fmt: skip
        await exchange.respond(200, json.dumps(shown))

    async def _chat(self, exchange: Exchange) -> None:
        body: Body = exchange.request.json()
        model = self._installed(body["model"])
        if model is None:
            await _refuse(exchange, 404, f"model '{body['model']}' not found")
            return
        self.chats.append(body)
        trouble = self.troubles.popleft() if self.troubles else None
        if await self._failed_at_once(exchange, trouble):
            return
        wanted = body["options"].get("num_ctx", DEFAULT_CONTEXT)
        context = min(wanted, model.context_length)
        messages, prompt_tokens = body["messages"], self._tokens(body["messages"])
        if prompt_tokens > context and self.knows_truncate and body.get("truncate") is False:
            await _refuse(exchange, 400, overflow(prompt_tokens, context))
            return
        messages = self._fitting(messages, context)
        self.seen.append(messages)
        # What is still too long loses its middle, down to half of the context and a little.
        shifted = context - (context - 4) // 2
        counted = self._tokens(messages)
        counted = counted if counted <= context else shifted
        await self._stream(exchange, body, counted, trouble)

    def _tokens(self, messages: Sequence[Body]) -> int:
        return sum(TEMPLATE_TOKENS + self.count(message["content"]) for message in messages)

    def _fitting(self, messages: list[Body], context: int) -> list[Body]:
        """All system messages, and as many of the latest as fit, the last in any case."""
        for first in range(len(messages)):
            system = [message for message in messages[:first] if message["role"] == "system"]
            kept = system + messages[first:]
            if self._tokens(kept) <= context or first == len(messages) - 1:
                return kept
        return messages

    async def _stream(
        self, exchange: Exchange, body: Body, prompt_tokens: int, trouble: Trouble | None
    ) -> None:
        options = body["options"]
        text, done_reason = _until_stop(self._said(body), options.get("stop") or []), "stop"
        pieces = tokens_of(text)
        limit = options.get("num_predict")
        if limit is not None and len(pieces) > limit:
            pieces, done_reason = pieces[:limit], "length"
        thoughts = tokens_of(self.thought) if body.get("think") is not False else []
        lines = [line_of(body, {"content": "", "thinking": piece}) for piece in thoughts]
        for piece in pieces:
            told = line_of(body, {"content": piece})
            if self.has_logprobs and body.get("logprobs"):
                told["logprobs"] = [logprob(piece, body.get("top_logprobs", 0))]
            lines.append(told)
        last = line_of(body, {"content": ""}) | {
            "done": True, "done_reason": done_reason, "total_duration": 4_935_886_791,
            "load_duration": 534_986_708, "prompt_eval_count": prompt_tokens,
            "prompt_eval_cached_count": self.cached_tokens, "prompt_eval_duration": 107_345_000,
            "eval_count": len(thoughts) + len(pieces), "eval_duration": 4_289_432_000,
        }  # fmt: skip
        if not self.counts_prompts:
            del last["prompt_eval_count"]
        lines.append(last)
        await exchange.begin(content_type="application/x-ndjson")
        await self._send(exchange, lines, trouble)

    async def _send(
        self, exchange: Exchange, lines: Sequence[Body], trouble: Trouble | None
    ) -> None:
        middle = len(lines) // 2
        if trouble is Trouble.EMPTY:
            await exchange.end()
            return
        if trouble is Trouble.SPLIT_CHARACTERS:
            everything = b"".join(map(encoded, lines))
            for start in range(0, len(everything), 7):
                await exchange.chunk(everything[start : start + 7])
            await exchange.end()
            return
        for place, line in enumerate(lines):
            if place == middle and trouble is not None:
                await self._break(exchange, trouble)
                if trouble is not Trouble.STALL_WITHIN:
                    return
            await exchange.chunk(encoded(line))
        await exchange.end()

    async def _break(self, exchange: Exchange, trouble: Trouble) -> None:
        match trouble:
            case Trouble.CUT_WITHIN:
                exchange.cut()
                return
            case Trouble.STALL_WITHIN:
                await self._stall(exchange)
                return
            case Trouble.GARBAGE:
                await exchange.chunk('{"model": "llama3.2", "message": {"role\n')
            case Trouble.NOT_AN_OBJECT:
                await exchange.chunk("[1, 2]\n")
            case Trouble.ERROR_WITHIN:
                gone = "an error was encountered while running the model: unexpected EOF"
                await exchange.chunk(json.dumps({"error": gone}) + "\n")
            case Trouble.OVERFLOW_WITHIN:
                await exchange.chunk(json.dumps({"error": overflow(5000, 4096)}) + "\n")
            case _:
                assert trouble is Trouble.NO_DONE
        await exchange.end()

    async def _failed_at_once(self, exchange: Exchange, trouble: Trouble | None) -> bool:
        if trouble is not None and trouble in ANSWERS:
            headers = {"retry-after": "7"} if trouble is Trouble.RATE_LIMIT else None
            await _refuse(exchange, *ANSWERS[trouble], headers)
            return True
        match trouble:
            case Trouble.HTML:
                await exchange.respond(200, PAGE, content_type="text/html")
            case Trouble.REDIRECT:
                await exchange.respond(302, PAGE, {"location": "/login"}, content_type="text/html")
            case Trouble.CUT_BEFORE:
                exchange.cut()
            case Trouble.FOREIGN:
                await exchange.raw(b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n")
                exchange.ended = True
            case Trouble.STALL_BEFORE:
                await self._stall(exchange)
                exchange.cut()
            case _:
                return False
        return True

    async def _stall(self, exchange: Exchange) -> None:
        self.stalled.set()
        try:
            await exchange.hold(self.released)
        except ConnectionError:
            self.abandoned.set()
            raise

    def _said(self, body: Body) -> str:
        text = self.reply(body)
        schema = body.get("format")
        if not schema:
            return text
        (key, field_schema), *_ = schema["properties"].items()
        options: list[str] = field_schema["enum"]
        return json.dumps({key: text if text in options else options[0]})

    async def _pull(self, exchange: Exchange) -> None:
        name = exchange.request.json()["model"]
        await exchange.begin(content_type="application/x-ndjson")
        await exchange.chunk(encoded({"status": "pulling manifest"}))
        if name not in self.library:
            await exchange.chunk(encoded({"error": "pull model manifest: file does not exist"}))
            await exchange.end()
            return
        digest, total = hashlib.sha256(name.encode()).hexdigest(), self.library[name]
        layer = {"status": f"pulling {digest[:12]}", "digest": f"sha256:{digest}", "total": total}
        await exchange.chunk(encoded(layer))
        trouble = self.troubles.popleft() if self.troubles else None
        if trouble is not None:
            await self._break(exchange, trouble)
            return
        for completed in (total // 2, total):
            await exchange.chunk(encoded(layer | {"completed": completed}))
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            await exchange.chunk(encoded({"status": status}))
        await exchange.end()
        self.models.append(InstalledModel(name))


class _CountingServer(HttpServer):
    def __init__(self, ollama: OllamaServer) -> None:
        super().__init__(ollama.handle)
        self._ollama = ollama

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ollama.connections += 1
        super()._connected(reader, writer)


async def _refuse(
    exchange: Exchange, status: int, message: str, headers: Mapping[str, str] | None = None
) -> None:
    await exchange.respond(status, json.dumps({"error": message}), headers)


def _until_stop(text: str, stops: Sequence[str]) -> str:
    ends = [text.find(stop) for stop in stops]
    return text[: min((end for end in ends if end >= 0), default=len(text))]
