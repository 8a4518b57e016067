"""A client of the `openai` package, with nothing of its own between us and the server."""

from __future__ import annotations

import functools
import ssl

import httpx2
from openai import AsyncAzureOpenAI, AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

from simulator.backends.openai.addresses import Address

CONNECT_S = 30.0
"""Longest wait for a connection; for replies, whoever asks decides."""

_NO_KEY = "none"
"""The package insists on a key, also for servers that have none."""


def open_client(address: Address) -> AsyncOpenAI:
    """A client that does not retry, and that reaches this machine through no proxy.

    Raises:
        OSError: The certificates that a variable names cannot be read.
    """
    timeout = Timeout(None, connect=CONNECT_S)
    host = f"[{address.host}]" if ":" in address.host else address.host
    http_client = DefaultAsyncHttpxClient(
        timeout=timeout,
        verify=_trusted(),
        mounts={f"all://{host}": None} if address.is_loopback else None,
    )
    key = address.key or _NO_KEY
    client: AsyncOpenAI
    if address.api_version and not address.url.endswith("/v1"):
        client = AsyncAzureOpenAI(
            azure_endpoint=address.url,
            api_key=key,
            api_version=address.api_version,
            max_retries=0,
            timeout=timeout,
            http_client=http_client,
        )
    else:
        client = AsyncOpenAI(
            base_url=address.url,
            api_key=key,
            max_retries=0,
            timeout=timeout,
            http_client=http_client,
        )
    # The package takes these from the environment, and would send them to everybody.
    client.organization, client.project = address.organization, address.project
    client._custom_headers = {}
    return client


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted; reading them takes longer than all the rest."""
    return httpx2.create_ssl_context()
