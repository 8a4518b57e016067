"""The models of this process by name."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from simulator.backends.caching import CachedBackend
from simulator.backends.limiting import EndpointLimit, EndpointLoad, LimitedBackend
from simulator.backends.options import BackendOptions, Connections
from simulator.backends.pricing import PricedBackend, PriceTable
from simulator.backends.providers import Provider, all_providers
from simulator.backends.recording import Recorder, RecordingBackend
from simulator.backends.replaying import Replay
from simulator.backends.retrying import RetryingBackend
from simulator.backends.timing import TimedBackend
from simulator.domain.models import EndpointReport, ModelBackend, PullProgress
from simulator.domain.nearest import nearest
from simulator.errors import NotFoundError
from simulator.redaction import Redactor, secrets_of


class BackendPool:
    """Opens each model once; see the ports `Backends` and `ModelCatalogue`.

    Every model is priced. Those behind a server are timed and limited, and their requests sent
    again. Then all are recorded, or else looked up in the cache. A replay stands in for all that:
    no provider is asked to open anything.
    """

    def __init__(
        self,
        options: BackendOptions | None = None,
        providers: Mapping[str, Provider] | None = None,
    ) -> None:
        self._options = options or BackendOptions()
        self._providers = providers if providers is not None else all_providers(self._options)
        self._open: dict[str, ModelBackend] = {}
        self._limits: dict[tuple[str, str], EndpointLimit] = {}

    def get(self, model: str) -> ModelBackend:
        """See the port."""
        if model not in self._open:
            self._open[model] = self._opened(model)
        return self._open[model]

    def loads(self) -> tuple[EndpointLoad, ...]:
        """How busy the endpoints of the open models are now."""
        return tuple(limit.load for limit in self._limits.values())

    def providers(self) -> tuple[str, ...]:
        """See the port."""
        return tuple(self._providers)

    async def report(self, provider: str) -> EndpointReport:
        """See the port."""
        if provider not in self._providers:
            raise NotFoundError(
                f"There is no provider {provider!r}.", remedy=_near(f"{provider}/", self._providers)
            )
        found = self._providers[provider]
        report = await found.report()
        cards = (self._prices.completed(card, free=found.is_free) for card in report.models)
        return replace(report, models=tuple(cards))

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """See the port."""
        provider, name = self._provider_of(model)
        return provider.pull(name)

    async def close(self) -> None:
        """Close every model that was opened."""
        while self._open:
            _, backend = self._open.popitem()
            await backend.close()

    def _provider_of(self, model: str) -> tuple[Provider, str]:
        provider, _, name = model.partition("/")
        if provider not in self._providers:
            raise NotFoundError(
                f"There is no model {model!r}: the provider {provider!r} is unknown.",
                remedy=_near(model, self._providers),
            )
        return self._providers[provider], name

    @cached_property
    def _prices(self) -> PriceTable:
        return PriceTable.load(self._options.prices_file, self._providers)

    @cached_property
    def _recorder(self) -> Recorder | None:
        if self._options.record is None:
            return None
        return Recorder(self._options.record, Redactor(secrets_of(self._options.environment)))

    @cached_property
    def _replay(self) -> Replay | None:
        return None if self._options.replay is None else Replay(self._options.replay)

    def _opened(self, model: str) -> ModelBackend:
        if self._replay is not None:
            return self._replay.open(model)
        provider, name = self._provider_of(model)
        backend: ModelBackend = PricedBackend(
            provider.open(name), self._prices, free=provider.is_free
        )
        if backend.endpoint:
            timed = TimedBackend(backend, self._options.timeouts)
            backend = LimitedBackend(timed, self._limit_of(provider, backend.endpoint))
        backend = RetryingBackend(backend, max_failures=self._options.max_failures)
        if self._recorder is not None:
            return RecordingBackend(backend, self._recorder)
        if self._options.cache is not None:
            return CachedBackend(backend, self._options.cache, is_local=provider.is_free)
        return backend

    def _limit_of(self, provider: Provider, endpoint: str) -> EndpointLimit:
        place = (provider.name, endpoint)
        if place not in self._limits:
            most = self._options.max_connections
            connections = provider.connections if most is None else Connections(most, most)
            self._limits[place] = EndpointLimit(endpoint, connections, adaptive=most is None)
        return self._limits[place]


def _near(model: str, providers: Iterable[str]) -> str:
    provider, slash, _ = model.partition("/")
    meant = nearest(provider, providers)
    hint = f"Did you mean {meant!r}? " if meant else ""
    form = "" if slash else "A model is named PROVIDER/MODEL, such as ollama/llama3.1:8b; "
    return f"{hint}{form}`models ls --all` lists every provider."
