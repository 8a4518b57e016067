"""The models of this process by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.backends.retrying import RetryingBackend
from simulator.domain.nearest import nearest
from simulator.domain.ports import ModelBackend
from simulator.errors import NotFoundError

Provider = Callable[[str], ModelBackend]
"""Opens the model of a name; the part of `provider/model` after the slash."""


def _scripted(name: str) -> ModelBackend:
    from simulator.backends.scripted import open_scripted

    return open_scripted(name)


def _pocket(name: str) -> ModelBackend:
    from simulator.backends.pocket.backend import PocketBackend

    if name:
        raise NotFoundError("The pocket model has no variants.", remedy="Write just `pocket`.")
    return PocketBackend()


PROVIDERS: Mapping[str, Provider] = {"pocket": _pocket, "scripted": _scripted}
"""Providers import what they need when they are called."""


class BackendPool:
    """Opens each model once; see the `Backends` port."""

    def __init__(self, providers: Mapping[str, Provider] = PROVIDERS) -> None:
        self._providers = providers
        self._open: dict[str, ModelBackend] = {}

    def get(self, model: str) -> ModelBackend:
        """The backend of `provider/model`.

        Raises:
            NotFoundError: No such provider or model.
        """
        if model not in self._open:
            provider, _, name = model.partition("/")
            if provider not in self._providers:
                raise NotFoundError(
                    f"There is no model {model!r}: the provider {provider!r} is unknown.",
                    remedy=_near(provider, self._providers),
                )
            self._open[model] = RetryingBackend(self._providers[provider](name))
        return self._open[model]

    async def close(self) -> None:
        """Close every model that was opened."""
        while self._open:
            _, backend = self._open.popitem()
            await backend.close()


def _near(provider: str, providers: Mapping[str, Provider]) -> str:
    known = f"Providers here are {', '.join(sorted(providers))}."
    meant = nearest(provider, providers)
    return f"Did you mean {meant!r}? {known}" if meant else known
