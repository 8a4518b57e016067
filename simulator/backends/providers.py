"""Who serves models: the part of `provider/model` before the slash."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

from simulator.backends.hf.provider import HfProvider
from simulator.backends.ollama.provider import OllamaProvider
from simulator.backends.openai.provider import openai_providers
from simulator.backends.options import BackendOptions, Connections
from simulator.domain.models import EndpointReport, ModelBackend, ModelCard, PullProgress
from simulator.errors import NotFoundError, UsageError


class Provider(Protocol):
    """One server or service, or the models in this process."""

    @property
    def name(self) -> str:
        """The part of `provider/model` before the slash."""
        ...

    @property
    def is_free(self) -> bool:
        """Whether its models run on the user's own machines."""
        ...

    @property
    def connections(self) -> Connections:
        """How many requests it may be given at a time; unused by models in this process."""
        ...

    def open(self, name: str) -> ModelBackend:
        """The model of a name; no request is sent.

        Raises:
            NotFoundError: There is no such model, as far as can be told without asking.
            ModelAccessError: The key is not set.
            UsageError: The address is not set, or is none.
        """
        ...

    async def report(self) -> EndpointReport:
        """What it offers now; never raises for what is wrong with the server."""
        ...

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model; see `ModelCatalogue.pull`."""
        ...


class PocketProvider:
    """The model that is built in."""

    name = "pocket"
    is_free = True
    connections = Connections(1, 1)

    def open(self, name: str) -> ModelBackend:
        """See the protocol."""
        from simulator.backends.pocket.backend import PocketBackend

        if name:
            raise NotFoundError("The pocket model has no variants.", remedy="Write just `pocket`.")
        return PocketBackend()

    async def report(self) -> EndpointReport:
        """See the protocol."""
        backend = self.open("")
        try:
            return EndpointReport(self.name, "", models=(await backend.describe(),))
        finally:
            await backend.close()

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Nothing to download."""
        return nothing_to_pull(self.name)


class ScriptedProvider:
    """Replies that follow a script."""

    name = "scripted"
    is_free = True
    connections = Connections(1, 1)

    def open(self, name: str) -> ModelBackend:
        """See the protocol."""
        from simulator.backends.scripted import open_scripted

        return open_scripted(name)

    async def report(self) -> EndpointReport:
        """See the protocol."""
        from simulator.backends.scripted import SCRIPTS

        models = tuple(ModelCard(f"scripted/{name}", frozenset({"seed"})) for name in SCRIPTS)
        return EndpointReport(self.name, "", models=models)

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Nothing to download."""
        return nothing_to_pull(self.name)


async def nothing_to_pull(provider: str) -> AsyncGenerator[PullProgress, None]:
    """The download of a provider that has none.

    Raises:
        UsageError: Always.
    """
    raise UsageError(
        f"Models of {provider!r} are not downloaded.", remedy="Only those of Ollama and hf are."
    )
    yield PullProgress("")


def all_providers(options: BackendOptions) -> Mapping[str, Provider]:
    """Every provider by its name, those in this process first."""
    ours: tuple[Provider, ...] = (
        PocketProvider(),
        ScriptedProvider(),
        HfProvider(options),
        OllamaProvider(options),
    )
    return {provider.name: provider for provider in (*ours, *openai_providers(options))}
