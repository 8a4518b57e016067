"""Where the Ollama server is, in all the forms that Ollama itself takes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from simulator.backends.loopback import is_loopback
from simulator.errors import UsageError

VARIABLES = ("OLLAMA_HOST", "OLLAMA_BASE_URL")
"""Environment variables that may hold the address, the first one that is set counts."""
DEFAULT_PORT = 11434
_SCHEME_PORTS = {"http": 80, "https": 443}
_ANY_INTERFACE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a server."""

    url: str
    """Scheme, host, port and path; never credentials."""
    is_loopback: bool
    """Whether it is on this machine, where no proxy must come between."""
    variable: str
    """The environment variable that it is from; empty for the usual one."""
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    """User and password, as far as the address had them."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message shows: the password, also as it is sent."""
        if self.credentials is None or not self.credentials[1]:
            return ()
        sent = base64.b64encode(":".join(self.credentials).encode()).decode()
        return self.credentials[1], sent


def address_from(environment: Mapping[str, str]) -> Address:
    """The address that the environment sets, else port 11434 of this machine.

    Raises:
        UsageError: A variable holds no address.
    """
    for variable in VARIABLES:
        if text := environment.get(variable, "").strip().strip("'\""):
            return _parsed(variable, text)
    return _parsed("", "127.0.0.1")


def no_address(variable: str) -> UsageError:
    """What a variable holds cannot be an address."""
    return UsageError(
        f"{variable} is not the address of a server.",
        remedy=f"Write it as HOST, HOST:PORT or http://HOST:PORT; unset takes port {DEFAULT_PORT} "
        "of this machine.",
    )


def is_set(environment: Mapping[str, str]) -> bool:
    """Whether the environment names an address."""
    return any(environment.get(variable, "").strip() for variable in VARIABLES)


def _parsed(variable: str, text: str) -> Address:
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    try:
        if scheme not in _SCHEME_PORTS or not text.isprintable() or " " in text:
            raise ValueError("that is no address of the web")
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port or (_SCHEME_PORTS[scheme] if separator else DEFAULT_PORT)
        host = parts.hostname or "127.0.0.1"
    except ValueError:
        raise no_address(variable) from None
    host = _ANY_INTERFACE.get(host, host)
    shown = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/").removesuffix("/v1")
    return Address(
        f"{scheme}://{shown}:{port}{path}", is_loopback(host), variable, _credentials(parts)
    )


def _credentials(parts: SplitResult) -> tuple[str, str] | None:
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")
