"""What can go wrong with an Ollama server, as errors that say what to do."""

from __future__ import annotations

import json
import re
import ssl

import httpx
import ollama

from simulator.backends.ollama.address import Address
from simulator.backends.ollama.client import BrokenLine, ErrorLine
from simulator.backends.waiting import retry_after_s
from simulator.backends.wire_errors import causes, shown
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
from simulator.redaction import Redactor

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


class Faults:
    """The errors of what is asked of one server."""

    def __init__(self, model: str, address: Address, api_key: str | None) -> None:
        """Name what the messages name, and what they never show: the key and the password."""
        self._model = model
        self._where = f"{model} at {address.url}"
        self._redact = Redactor([*address.secrets, *([api_key] if api_key else [])])

    def typed(self, error: Exception) -> SimulatorError:
        """What a failure of the client means; one of `CLIENT_ERRORS`."""
        # The package leaves the headers out of its own errors.
        origin = error.__context__ if isinstance(error, ollama.ResponseError) else error
        if isinstance(origin, httpx.HTTPStatusError):
            response = origin.response
            wait_s = retry_after_s(response.headers)
            return self._refused(response.status_code, response.text, wait_s)
        if isinstance(error, ollama.ResponseError):
            return self._refused(error.status_code, str(error.error))
        if isinstance(error, BrokenLine):
            return self._broken(error.line)
        if isinstance(error, ErrorLine):
            return self._refused(None, str(error))
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            return EndpointError(
                f"{self._where}: that is not the address of a server.", remedy=CHECK_ADDRESS
            )
        if isinstance(error, httpx.HTTPError | OSError):
            return self._unreached(error)
        return self._not_ollama(getattr(error, "doc", ""))

    def pull_failed(self, error: Exception) -> SimulatorError:
        """What a failure of the client means while it downloads a model."""
        found = self.typed(error)
        if isinstance(found, ModelNotFoundError):
            return ModelNotFoundError(
                f"{self._model}: Ollama's library has no such model.",
                remedy="Names are listed at https://ollama.com/library; mind the part after the "
                "colon.",
            )
        if isinstance(found, BackendUnavailableError) and found.remedy is None:
            return type(found)(found.message, remedy=PULL_AGAIN)
        return found

    def unfinished(self, why: str) -> BackendUnavailableError:
        """A download ended before it was whole."""
        return BackendUnavailableError(f"{self._where}: {why}.", remedy=PULL_AGAIN)

    def interrupted(self) -> BackendUnavailableError:
        """A reply ended before the server said that it was whole."""
        return BackendUnavailableError(f"{self._where}: the reply broke off before its end.")

    def endless(self) -> BackendUnavailableError:
        """A reply is longer than any model's."""
        return BackendUnavailableError(f"{self._where}: the reply has no end.")

    def missing(self, near: str | None = None) -> ModelNotFoundError:
        """The server has no such model; `near` is one that it has."""
        meant = f"Did you mean {near!r}? Else download it" if near else "Download it"
        return ModelNotFoundError(
            f"{self._where}: the server has no such model.",
            remedy=f"{meant} with `python main.py models pull {self._model}`.",
        )

    def _unreached(self, error: Exception) -> SimulatorError:
        where = self._where
        for cause in causes(error):
            if isinstance(cause, ssl.SSLError):
                why = shown(cause.reason or str(cause), self._redact)
                return EndpointError(
                    f"{where}: no secure connection: {why}.",
                    remedy="Check the certificate and whether OLLAMA_HOST should begin with "
                    "http://.",
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
        self, status: int | None, text: str, wait_s: float | None = None
    ) -> SimulatorError:
        where, is_page = self._where, bool(_PAGE.match(text))
        words = "" if is_page else _words(text)
        # A page that stands before the server, such as a proxy's, speaks by its status alone.
        said = f": {words}" if (words := shown(words, self._redact)) else f" (HTTP {status})."
        if _OVERFLOW.search(words):
            return ContextOverflowError(
                f"{where}: the prompt does not fit{said}",
                remedy="Set a larger `context_length`, or let agents read less.",
            )
        if status == 429 or "maximum pending requests" in words:
            return RateLimitedError(f"{where}: the server is busy{said}", retry_after_s=wait_s)
        if status in (401, 403):
            return ModelAccessError(
                f"{where}: the server does not let us in{said}",
                remedy="Check OLLAMA_API_KEY, or the user and password in OLLAMA_HOST.",
            )
        if status in (None, -1, 404) and _MISSING.search(words):
            return self.missing()
        if _NO_MEMORY.search(words):
            return BackendError(
                f"{where}: not enough memory{said}",
                remedy="Take a smaller model or a smaller `context_length`.",
            )
        if status is None or status < 0 or status >= 500 or status in (408, 425):
            return BackendUnavailableError(f"{where}: the server failed{said}")
        if is_page or status == 404 or 300 <= status < 400:
            return self._not_ollama(text)
        return BackendError(
            f"{where}: the request was refused{said}",
            remedy=NO_EFFORT if _THINKING.search(words) else None,
        )

    def _broken(self, line: bytes) -> SimulatorError:
        text = line.decode("utf-8", "replace")
        if _PAGE.match(text):
            return self._not_ollama(text)
        return BackendUnavailableError(
            f"{self._where}: the server sent what is not part of a reply."
        )

    def _not_ollama(self, text: str) -> EndpointError:
        page = _PAGE.match(text)
        what = "a web page answers, not Ollama" if page else "what answers is not Ollama"
        return EndpointError(f"{self._where}: {what}.", remedy=CHECK_ADDRESS)


def _words(text: str) -> str:
    """The server's own words out of what may be JSON in JSON."""
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return text
    while isinstance(inner, dict):
        inner = inner.get("error", inner.get("message", ""))
    return _words(inner) if isinstance(inner, str) and inner != text else text
