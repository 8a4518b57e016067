"""The models of this process by name."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping

from simulator.backends.options import BackendOptions
from simulator.backends.providers import Provider, all_providers
from simulator.backends.retrying import RetryingBackend
from simulator.domain.models import EndpointReport, ModelBackend, PullProgress
from simulator.domain.nearest import nearest
from simulator.errors import NotFoundError


class BackendPool:
    """Opens each model once; see the ports `Backends` and `ModelCatalogue`."""

    def __init__(
        self,
        options: BackendOptions | None = None,
        providers: Mapping[str, Provider] | None = None,
    ) -> None:
        self._options = options or BackendOptions()
        self._providers = providers if providers is not None else all_providers(self._options)
        self._open: dict[str, ModelBackend] = {}

    def get(self, model: str) -> ModelBackend:
        """See the port."""
        if model not in self._open:
            provider, name = self._provider_of(model)
            self._open[model] = self._wrapped(provider, provider.open(name))
        return self._open[model]

    def providers(self) -> tuple[str, ...]:
        """See the port."""
        return tuple(self._providers)

    async def report(self, provider: str) -> EndpointReport:
        """See the port."""
        return await self._provider_of(provider)[0].report()

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
                remedy=_near(provider, self._providers),
            )
        return self._providers[provider], name

    def _wrapped(self, provider: Provider, backend: ModelBackend) -> ModelBackend:
        return RetryingBackend(backend)


def _near(provider: str, providers: Iterable[str]) -> str:
    known = f"Providers here are {', '.join(sorted(providers))}."
    meant = nearest(provider, providers)
    return f"Did you mean {meant!r}? {known}" if meant else known
