"""The Ollama server that the environment names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from simulator.backends.ollama.address import Address, address_from, is_set
from simulator.backends.options import BackendOptions, Connections
from simulator.domain.models import EndpointReport, ModelBackend, ModelCard, PullProgress
from simulator.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    import ollama

    from simulator.backends.ollama.client import OllamaClient

USUAL_PARALLEL = 4
"""Requests that a server answers at a time unless it is told otherwise."""
REPORT_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 2.0
_SHOWN_AT_A_TIME = 8


class OllamaProvider:
    """Models of one Ollama server.

    Read from the environment: `OLLAMA_HOST` or `OLLAMA_BASE_URL`, `OLLAMA_API_KEY` for servers
    behind a gate, and `OLLAMA_NUM_PARALLEL`, the requests that the server answers at a time.
    """

    name = "ollama"
    is_free = True

    def __init__(self, options: BackendOptions) -> None:
        self._environment = options.environment
        self._timeouts = options.timeouts

    @property
    def connections(self) -> Connections:
        """As many requests as the server answers at a time; more would wait in its queue."""
        text = self._environment.get("OLLAMA_NUM_PARALLEL", "").strip()
        parallel = int(text) if text.isdecimal() and int(text) > 0 else USUAL_PARALLEL
        return Connections(parallel, parallel)

    def open(self, name: str) -> ModelBackend:
        """See the protocol."""
        if not name:
            raise NotFoundError(
                "`ollama` names no model.",
                remedy="Write `ollama/NAME`; `python main.py models ls` lists them.",
            )
        address = address_from(self._environment)
        from simulator.backends.ollama.backend import OllamaBackend

        return OllamaBackend(name, address, api_key=self._api_key)

    async def report(self) -> EndpointReport:
        """See the protocol."""
        try:
            address = address_from(self._environment)
            client = self._client(address, timeout_s=REPORT_TIMEOUT_S)
        except UsageError as error:
            return EndpointReport(self.name, "", error)
        from simulator.backends.ollama.faults import CLIENT_ERRORS, Faults

        try:
            cards = await _cards(client)
        except CLIENT_ERRORS as error:
            fault = Faults("Ollama", address, self._api_key).typed(error)
            configured = is_set(self._environment)
            return EndpointReport(self.name, address.url, fault, configured=configured)
        finally:
            await client.close()
        return EndpointReport(self.name, address.url, models=cards)

    async def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """See `ModelCatalogue.pull`.

        While bytes come in, silence may last as long as between tokens; before that, and while the
        server checks what it has, as long as before the first.
        """
        from simulator.backends.ollama.faults import CLIENT_ERRORS, Faults

        if not name:
            raise UsageError("`ollama` names no model.", remedy="Write `ollama/NAME`.")
        address = address_from(self._environment)
        faults = Faults(f"{self.name}/{name}", address, self._api_key)
        client = self._client(address)
        timeouts = self._timeouts
        status, patience_s = None, timeouts.first_token_s
        try:
            lines = aiter(await client.pull(name, stream=True))
            while True:
                async with asyncio.timeout(patience_s):
                    line = await anext(lines, None)
                if line is None:
                    break
                status = line.status
                is_loading = line.total and line.completed != line.total
                patience_s = timeouts.stall_s if is_loading else timeouts.first_token_s
                yield PullProgress(status or "", line.completed, line.total)
        except TimeoutError as error:
            raise faults.unfinished(f"sent nothing for {patience_s:g} s") from error
        except CLIENT_ERRORS as error:
            raise faults.pull_failed(error) from error
        finally:
            await client.close()
        if status != "success":
            raise faults.unfinished("the download broke off")

    @property
    def _api_key(self) -> str | None:
        return self._environment.get("OLLAMA_API_KEY") or None

    def _client(self, address: Address, *, timeout_s: float | None = None) -> OllamaClient:
        from simulator.backends.ollama.client import OllamaClient

        return OllamaClient(
            address,
            api_key=self._api_key,
            timeout_s=timeout_s,
            connect_timeout_s=CONNECT_TIMEOUT_S,
        )


async def _cards(client: OllamaClient) -> tuple[ModelCard, ...]:
    """What the server has, with the details that it gives in time."""
    from simulator.backends.ollama.cards import card, short_name
    from simulator.backends.ollama.faults import CLIENT_ERRORS

    turn = asyncio.Semaphore(_SHOWN_AT_A_TIME)
    listing = await client.list()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + REPORT_TIMEOUT_S

    async def described(listed: ollama.ListResponse.Model) -> ModelCard:
        name = listed.model or ""
        try:
            async with asyncio.timeout_at(deadline), turn:
                shown = await client.show(name)
        except CLIENT_ERRORS:  # a timeout is an OSError
            shown = None
        return card(f"ollama/{short_name(name)}", listed, shown)

    return tuple(await asyncio.gather(*map(described, listing.models)))
