"""The providers behind OpenAI's API; the `openai` package is imported when one is used."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.backends.openai.addresses import (
    Address,
    azure_address,
    azure_deployments,
    azure_model,
    endpoint_address,
    endpoint_url,
    first_set,
)
from simulator.backends.openai.endpoints import Endpoint, load_endpoints
from simulator.backends.openai.terms import Terms
from simulator.backends.options import BackendOptions, Connections
from simulator.backends.pricing import PriceTable
from simulator.domain.models import EndpointReport, ModelBackend, ModelCard, PullProgress
from simulator.domain.prices import FREE, Price
from simulator.errors import EndpointError, NotFoundError, SimulatorError, UsageError

if TYPE_CHECKING:
    from simulator.backends.openai.backend import OpenAIBackend

AZURE = Endpoint(
    base_url="https://NAME.openai.azure.com",
    base_url_variables=("AZURE_OPENAI_ENDPOINT",),
    options=frozenset(
        {"temperature", "top_p", "max_tokens", "seed", "stop", "reasoning_effort"}
    ),
    follows_model_families=True,
    seed_bits=63,
    stop_limit=4,
    top_logprobs=20,
    choices="json_schema",
)  # fmt: skip
"""Azure's ways; a deployment is taken for the model of its name where no variable names another."""

UNLISTED = "It lists no models: one that it was started with has the name that it was given there."


@dataclass(frozen=True)
class CompatibleProvider:
    """One endpoint of the table, or of the user's own."""

    name: str
    _endpoint: Endpoint
    _environment: Mapping[str, str]

    @property
    def is_free(self) -> bool:
        """See the protocol."""
        return self._endpoint.is_local

    @property
    def connections(self) -> Connections:
        """See the protocol."""
        return self._endpoint.connections

    def open(self, name: str) -> ModelBackend:
        """See the protocol."""
        if not name:
            raise _nameless(self.name)
        address = endpoint_address(self.name, self._endpoint, self._environment)
        return _open(self.name, name, self._endpoint, address, self._endpoint.key_variables)

    async def report(self) -> EndpointReport:
        """See the protocol; a server that is certain to refuse is not asked."""
        endpoint = self._endpoint
        variables = (*endpoint.base_url_variables, *endpoint.key_variables)
        is_own = endpoint != load_endpoints().get(self.name)
        configured = is_own or bool(first_set(variables, self._environment)[0])
        try:
            shown = Address(endpoint_url(endpoint, self._environment)).shown
        except UsageError as error:
            return EndpointReport(self.name, "", error)
        try:
            address = endpoint_address(self.name, endpoint, self._environment)
        except SimulatorError as error:
            return EndpointReport(self.name, shown, error, configured=configured)
        return await _report(self.name, endpoint, address, configured=configured)

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Nothing to download."""
        from simulator.backends.providers import nothing_to_pull

        return nothing_to_pull(self.name)


@dataclass(frozen=True)
class AzureProvider:
    """Azure OpenAI: a name is a deployment, which may have an address and a key of its own."""

    _environment: Mapping[str, str]
    _prices_file: Path | None = None

    name = "azure"
    is_free = False
    connections = AZURE.connections

    def open(self, name: str) -> ModelBackend:
        """See the protocol."""
        if not name:
            raise _nameless(self.name)
        variables = ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_KEY")
        address = azure_address(name, self._environment)
        if not (model := azure_model(name, self._environment)):
            return _open(self.name, name, AZURE, address, variables)
        price = PriceTable.load(self._prices_file).price(f"openai/{model}")
        return _open(self.name, name, AZURE, address, variables, known_as=model, price=price)

    async def report(self) -> EndpointReport:
        """See the protocol; Azure does not list deployments to those who use them."""
        try:
            address = azure_address("", self._environment)
        except SimulatorError as error:
            return self._report_of_deployments(error)
        report = await _report(self.name, AZURE, address, configured=True)
        note = "Azure lists no deployments: its portal does."
        return EndpointReport(self.name, report.address, report.error, note=note)

    def _report_of_deployments(self, error: SimulatorError) -> EndpointReport:
        """What variables tell of single deployments, where none serve for all."""
        named = azure_deployments(self._environment)
        usable = []
        for deployment in named:
            try:
                azure_address(deployment, self._environment)
            except SimulatorError as fault:
                error = fault
            else:
                usable.append(deployment)
        if not usable:
            configured = any(name.startswith("AZURE_OPENAI_") for name in self._environment)
            return EndpointReport(self.name, "", error, configured=configured)
        note = f"Variables name the deployments {', '.join(usable)}, and no others can be used."
        return EndpointReport(self.name, "", note=note)

    def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """Nothing to download."""
        from simulator.backends.providers import nothing_to_pull

        return nothing_to_pull(self.name)


def openai_providers(
    options: BackendOptions,
) -> tuple[CompatibleProvider | AzureProvider, ...]:
    """OpenAI, Azure, and all endpoints of the shipped table and the user's own.

    Raises UsageError when the user's file is faulty.
    """
    table = load_endpoints(options.endpoints_file)
    return (
        *(CompatibleProvider(name, table[name], options.environment) for name in table),
        AzureProvider(options.environment, options.prices_file),
    )


def _open(
    provider: str,
    name: str,
    endpoint: Endpoint,
    address: Address,
    variables: tuple[str, ...],
    *,
    known_as: str = "",
    price: Price | None = None,
) -> OpenAIBackend:
    from simulator.backends.openai.backend import OpenAIBackend

    terms = Terms.of(provider, name, endpoint, known_as=known_as)
    return OpenAIBackend(
        terms,
        address,
        provider=provider,
        key_variables=" or ".join(variables) or "its key",
        price=price,
    )


def _nameless(provider: str) -> NotFoundError:
    if provider == "azure":
        remedy = "Write azure/DEPLOYMENT, by the deployment's name in Azure's portal."
    else:
        remedy = f"Write {provider}/MODEL; `python main.py models ls {provider}` lists them."
    return NotFoundError(f"{provider!r} names no model.", remedy=remedy)


async def _report(
    provider: str, endpoint: Endpoint, address: Address, *, configured: bool
) -> EndpointReport:
    from simulator.backends.openai.listing import card_of, is_another_server

    price = FREE if endpoint.is_local else None
    server = _open(provider, "", endpoint, address, endpoint.key_variables)
    try:
        listed = await server.listed()
    except SimulatorError as error:
        return EndpointReport(provider, address.shown, error, configured=configured)
    finally:
        await server.close()
    if not configured and is_another_server(endpoint, listed):
        another = EndpointError(
            f"Another server than {provider} answers at {address.shown}.",
            remedy=f"Set {endpoint.base_url_variables[0]} to where {provider} is.",
        )
        return EndpointReport(provider, address.shown, another, configured=False)
    models = []
    for entry in listed:
        terms = Terms.of(provider, entry["id"], endpoint)
        models.append(card_of(ModelCard(terms.model, terms.abilities, price=price), entry))
    note = "" if models else UNLISTED
    return EndpointReport(provider, address.shown, models=tuple(models), note=note)
