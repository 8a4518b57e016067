"""What can go wrong with an Ollama server, as errors that say what to do."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator

import httpx
import ollama

from simulator.backends.ollama.client import BrokenLine, ErrorLine
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    EndpointError,
    ModelAccessError,
    ModelNotFoundError,
    RateLimitedError,
    SimulatorError,
)

CLIENT_ERRORS: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    ollama.ResponseError,
    BrokenLine,
    ErrorLine,
    OSError,
    ValueError,
    AttributeError,
    TypeError,
)
"""All that the client is known to raise; the last three are its reactions to garbage."""

_MOST_CHARACTERS = 200
_OVERFLOW = re.compile(
    r"exceed_context_size|(exceed|longer|larger)\w*\b[^.;]*\bcontext|no user query found", re.I
)
"""The words of Ollama, of llama.cpp's server, and of templates that find no question left."""
_MISSING = re.compile(r"model.*not found|no such model|file does not exist", re.I | re.S)
_NO_MEMORY = re.compile(r"requires more (system )?memory|out of memory|unable to allocate", re.I)
_THINKING = re.compile(r"think", re.I)
_PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.I)
_FOREIGN = re.compile(r"illegal (status line|header)", re.I)

START_SERVER = "Start it with `ollama serve`, or set OLLAMA_HOST to where it runs."
PULL_AGAIN = "Pull it again; the download goes on where it stopped."
NO_EFFORT = "Leave `reasoning_effort` out, or set it to none."
CHECK_ADDRESS = "Check OLLAMA_HOST; it must be the address of an Ollama server."


def typed(error: Exception, model: str, address: str) -> SimulatorError:
    """What a failure of the client means; one of `CLIENT_ERRORS`."""
    where = f"{model} at {address}"
    if isinstance(error, httpx.HTTPStatusError):
        response = error.response
        retry_after = response.headers.get("retry-after", "")
        return _refused(
            where,
            model,
            response.status_code,
            response.text,
            float(retry_after) if retry_after.isdecimal() else None,
        )
    if isinstance(error, ollama.ResponseError):
        return _refused(where, model, error.status_code, str(error.error))
    if isinstance(error, BrokenLine):
        return _broken(where, error.line)
    if isinstance(error, ErrorLine):
        return _refused(where, model, None, str(error))
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return EndpointError(f"{where}: that is not the address of a server.", remedy=CHECK_ADDRESS)
    if isinstance(error, httpx.HTTPError | OSError):
        return _unreached(where, error)
    return _not_ollama(where, getattr(error, "doc", ""))


def pull_failed(error: Exception, model: str, address: str) -> SimulatorError:
    """What a failure of the client means while it downloads a model."""
    found = typed(error, model, address)
    if isinstance(found, ModelNotFoundError):
        return ModelNotFoundError(
            f"{model}: Ollama's library has no such model.",
            remedy="Names are listed at https://ollama.com/library; mind the part after the colon.",
        )
    if isinstance(found, BackendUnavailableError) and found.remedy is None:
        return type(found)(found.message, remedy=PULL_AGAIN)
    return found


def interrupted(model: str, address: str) -> BackendUnavailableError:
    """A reply ended before the server said that it was whole."""
    return BackendUnavailableError(f"{model} at {address}: the reply broke off before its end.")


def _unreached(where: str, error: Exception) -> SimulatorError:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return EndpointError(
                f"{where}: no secure connection: {_shortened(cause.reason or str(cause))}.",
                remedy="Check the certificate and whether OLLAMA_HOST should begin with http://.",
            )
    if isinstance(error, httpx.ProxyError):
        return EndpointError(
            f"{where}: the proxy did not let the request through.",
            remedy="Name the server in NO_PROXY, or mend HTTP_PROXY.",
        )
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | ConnectionError):
        return BackendUnavailableError(f"{where}: no server answers.", remedy=START_SERVER)
    if isinstance(error, httpx.RemoteProtocolError) and _FOREIGN.search(str(error)):
        return EndpointError(
            f"{where}: what answers does not speak HTTP.",
            remedy="Check OLLAMA_HOST; a server with TLS needs https:// before its name.",
        )
    if isinstance(error, httpx.TimeoutException):
        return BackendUnavailableError(f"{where}: the server takes too long to answer.")
    return BackendUnavailableError(f"{where}: the connection broke off.")


def _refused(
    where: str, model: str, status: int | None, text: str, retry_after_s: float | None = None
) -> SimulatorError:
    said = _said(text)
    if _PAGE.match(text) or (status is not None and 300 <= status < 400):
        return _not_ollama(where, text)
    if _OVERFLOW.search(said):
        return ContextOverflowError(
            f"{where}: the prompt does not fit: {said}",
            remedy="Set a larger `context_length`, or let agents remember less.",
        )
    if status == 404 or (status in (None, -1) and _MISSING.search(said)):
        return missing(model, where) if _MISSING.search(said) else _not_ollama(where, text)
    if status in (401, 403):
        return ModelAccessError(
            f"{where}: the server does not let us in: {said}",
            remedy="Check OLLAMA_API_KEY, or the user and password in OLLAMA_HOST.",
        )
    if status == 429 or "maximum pending requests" in said:
        return RateLimitedError(f"{where}: the server is busy: {said}", retry_after_s=retry_after_s)
    if _NO_MEMORY.search(said):
        return BackendError(
            f"{where}: not enough memory: {said}",
            remedy="Take a smaller model or a smaller `context_length`.",
        )
    if status is None or status < 0 or status >= 500 or status in (408, 425):
        return BackendUnavailableError(f"{where}: the server failed: {said}")
    return BackendError(
        f"{where}: the request was refused: {said}",
        remedy=NO_EFFORT if _THINKING.search(said) else None,
    )


def missing(model: str, where: str, near: str | None = None) -> ModelNotFoundError:
    """The server has no such model; `near` is one that it has."""
    meant = f"Did you mean {near!r}? Else download it" if near else "Download it"
    return ModelNotFoundError(
        f"{where}: the server has no such model.",
        remedy=f"{meant} with `python main.py models pull {model}`.",
    )


def _broken(where: str, line: bytes) -> SimulatorError:
    text = line.decode("utf-8", "replace")
    if _PAGE.match(text):
        return _not_ollama(where, text)
    return BackendUnavailableError(f"{where}: the server sent what is not part of a reply.")


def _not_ollama(where: str, text: str) -> EndpointError:
    what = "a web page answers, not Ollama" if _PAGE.match(text) else "what answers is not Ollama"
    return EndpointError(f"{where}: {what}.", remedy=CHECK_ADDRESS)


def _said(text: str) -> str:
    """The server's own words out of what may be JSON in JSON."""
    try:
        inner = json.loads(text)
    except ValueError:
        return _shortened(text)
    while isinstance(inner, dict):
        inner = inner.get("error", inner.get("message", ""))
    return _said(inner) if isinstance(inner, str) and inner != text else _shortened(text)


def _shortened(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}…"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
