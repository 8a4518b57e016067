"""Where a model's server is, and the key for it, from variables of the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from simulator.backends.loopback import is_loopback
from simulator.backends.openai.endpoints import Endpoint
from simulator.errors import ModelAccessError, UsageError

AZURE_API_VERSION = "2025-04-01-preview"
"""Asked for where no variable names another."""


@dataclass(frozen=True, slots=True)
class Address:
    """A server, and what it knows us by."""

    url: str = field(repr=False)
    """May hold a password; `shown` does not."""
    key: str = field(repr=False, default="")
    """Empty where none is needed."""
    api_version: str = ""
    """Azure's; empty for every other server."""
    organization: str | None = None
    project: str | None = None

    @property
    def shown(self) -> str:
        """The URL without user, password and query."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    @property
    def host(self) -> str:
        """Name or number of the machine; IPv6 without brackets."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        return is_loopback(self.host)

    @property
    def root(self) -> str:
        """The URL of the host alone."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc, "", "", ""))


def endpoint_address(provider: str, endpoint: Endpoint, environment: Mapping[str, str]) -> Address:
    """The address of an endpoint.

    Raises:
        ModelAccessError: The key is not set, or is none.
        UsageError: The address is no URL.
    """
    url = endpoint_url(endpoint, environment)
    variable, key = first_set(endpoint.key_variables, environment)
    if not key and endpoint.key_required and endpoint.key_variables:
        raise _no_key(provider, endpoint.key_variables)
    is_openai = provider == "openai"
    return Address(
        url,
        _checked_key(variable, key),
        organization=environment.get("OPENAI_ORG_ID") if is_openai else None,
        project=environment.get("OPENAI_PROJECT_ID") if is_openai else None,
    )


def endpoint_url(endpoint: Endpoint, environment: Mapping[str, str]) -> str:
    """The URL of an endpoint, from its variables or the table.

    Raises UsageError when it is no URL.
    """
    variable, own = first_set(endpoint.base_url_variables, environment)
    if not own:
        return _checked_url("base_url", endpoint.base_url)
    url = _checked_url(variable, own)
    parts = urlsplit(url)
    if parts.path.strip("/"):
        return url
    return urlunsplit(parts._replace(path=urlsplit(endpoint.base_url).path))


def azure_address(deployment: str, environment: Mapping[str, str]) -> Address:
    """Where a deployment of Azure's is; variables that end in its name come first.

    Raises:
        ModelAccessError: The key is not set, or is none.
        UsageError: The address is not set, or is no URL.
    """
    url_variables = azure_variables(deployment, "AZURE_OPENAI_ENDPOINT")
    variable, url = first_set(url_variables, environment)
    if not url:
        raise UsageError(
            f"No address is set for {f'azure/{deployment}' if deployment else 'azure'}.",
            remedy=f"Set {url_variables[-1]}, such as https://NAME.openai.azure.com, in the "
            "environment or in .env.",
        )
    key_variables = azure_variables(deployment, "AZURE_OPENAI_KEY", "AZURE_OPENAI_API_KEY")
    key_variable, key = first_set(key_variables, environment)
    if not key:
        raise _no_key("azure", ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_KEY"))
    versions = azure_variables(deployment, "AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION")
    _, version = first_set(versions, environment)
    return Address(
        _checked_url(variable, url), _checked_key(key_variable, key), version or AZURE_API_VERSION
    )


def azure_model(deployment: str, environment: Mapping[str, str]) -> str:
    """The model of OpenAI's that a deployment is of; empty where no variable says."""
    variables = azure_variables(deployment, "AZURE_OPENAI_MODEL")[:-1]
    return first_set(variables, environment)[1]


def azure_deployments(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The endings of variables that hold the address of one deployment alone."""
    start = "AZURE_OPENAI_ENDPOINT_"
    found = (name for name in environment if name.startswith(start) and environment[name].strip())
    return tuple(sorted(name.removeprefix(start) for name in found))


def azure_variables(deployment: str, *names: str) -> tuple[str, ...]:
    """The variables that may hold something for a deployment, the most particular first."""
    plain = re.sub(r"\W", "_", deployment)
    endings = dict.fromkeys((deployment, plain, deployment.upper(), plain.upper()))
    return (*(f"{name}_{ending}" for name in names for ending in endings if ending), *names)


def first_set(variables: Sequence[str], environment: Mapping[str, str]) -> tuple[str, str]:
    """The first variable that has a value, and the value; empty texts when none has."""
    for variable in variables:
        if value := environment.get(variable, "").strip():
            return variable, value
    return "", ""


def _no_key(provider: str, variables: Sequence[str]) -> ModelAccessError:
    return ModelAccessError(
        f"No key is set for the models of {provider}.",
        remedy=f"Set {' or '.join(variables)} in the environment or in .env.",
    )


def _checked_key(variable: str, key: str) -> str:
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ModelAccessError(
            f"What {variable} holds is no key: it has spaces or characters that no key has.",
            remedy=f"Copy the key into {variable} again.",
        )
    return key


def _checked_url(variable: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        shown = re.split(r"[?#]", url.rpartition("@")[2])[0]
        raise UsageError(
            f"{variable} holds no address of a server: {shown!r}.",
            remedy="Write it as http://HOST:PORT/v1 or https://HOST/v1.",
        )
    return url.rstrip("/")
