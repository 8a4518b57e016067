"""What can go wrong with a server, and what the user is told of it."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.backends.waiting import retry_after_s
from simulator.backends.wire_errors import causes, shown
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    EndpointError,
    ModelAccessError,
    ModelNotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    SimulatorError,
)
from simulator.redaction import Redactor

MOST_READ = 20_000
"""Characters of a server's own words that are looked at."""

_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context window"
    r"|exceeds? (the )?(available|model'?s|maximum) (context|prompt|input)|prompt is too long"
    r"|longer than the (model'?s )?(maximum )?(context|model)|input token count.*exceeds"
    r"|too (many|large).{0,40}tokens.{0,40}(prompt|context|model)|reduce the length of the",
    re.IGNORECASE | re.DOTALL,
)
_NO_MODEL = re.compile(
    r"model_not_found|DeploymentNotFound|invalid_model|no such model|unknown model|invalid model\b"
    r"|(model|deployment)\b.{0,100}(does not exist|not exist|not found|not available|no longer)"
    r"|unable to access model|is not a valid model|server is pinned to",
    re.IGNORECASE | re.DOTALL,
)
_NO_MONEY = re.compile(
    r"insufficient_quota|billing_hard_limit|billing_not_active|exceeded your current quota"
    r"|credit balance|insufficient (balance|credit|fund)|payment required|spending limit",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content_filter|content_policy|invalid_prompt|bio_policy|misalignment_policy"
    r"|content exists risk",
    re.IGNORECASE,
)
_TOO_LARGE = re.compile(r"request (body |entity )?(is )?too large", re.IGNORECASE)
_ASKED = re.compile(r"\bLimit:? ([0-9]{1,15})\b.{0,80}?\bRequested:? ([0-9]{1,15})\b")
_STATUS = re.compile(r"[45][0-9][0-9]")
_STATUS_OF_CODE = (
    (re.compile(r"invalid_api_key|authentication_error"), 401),
    (re.compile(r"permission_(error|denied)"), 403),
    (re.compile(r"model_not_found"), 404),
    (re.compile(r"rate_limit"), 429),
    (re.compile(r"invalid_request"), 400),
)
"""What errors within a stream, which have no status, would have had; the first holds."""
_OTHER_API = re.compile(r"only supported in v1/responses", re.IGNORECASE)
_ADDRESSES = {"azure": "as https://NAME.openai.azure.com"}
"""What addresses look like, where they do not end in /v1 alone."""
_NAMES = {
    "azure": "Write azure/DEPLOYMENT, by the deployment's name in Azure's portal.",
    "transformers": "Name it as the server was started with it, or with the name that it has on "
    "the hub.",
}
"""Where names of models are found, where the server does not list them."""
_TRANSIENT = frozenset({408, 409, 425})
_NOT_TLS = re.compile(r"WRONG_VERSION_NUMBER|RECORD_LAYER|UNKNOWN_PROTOCOL|HTTP_REQUEST")


class StreamFault(Exception):
    """An error that a server told in the middle of its stream."""

    def __init__(self, body: object) -> None:
        super().__init__("the server told of an error in its stream")
        self.body = body


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure as the server told it."""

    status: int | None
    code: str
    """Its code or type in a word; empty when it told none."""
    message: str
    param: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_page: bool = False
    """Whether it answered with a page for people."""
    is_flagged: bool = False
    """Whether it names what it objects to in the prompt, as OpenRouter does."""

    @property
    def words(self) -> str:
        """Code and message, to look for what they mean."""
        return f"{self.code} {self.message}"


def problem_of(status: int | None, body: object, headers: Mapping[str, str]) -> Problem:
    """Read an error in any of the forms that servers give it."""
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, dict) and isinstance(inner := body.get("error"), dict | str):
        body = inner
    if isinstance(body, dict):
        kinds = dict.fromkeys(str(body.get(name) or "") for name in ("code", "type"))
        code = " ".join(kind for kind in kinds if kind)
        message = body.get("message") or body.get("detail") or body.get("msg") or ""
        metadata = body.get("metadata")
        return Problem(
            status or _status_of(code), code, str(message)[:MOST_READ],
            str(body.get("param") or ""), headers,
            is_flagged=isinstance(metadata, dict) and not metadata.keys().isdisjoint(
                ("reasons", "flagged_input")
            ),
        )  # fmt: skip
    text = str(body or "").strip()[:MOST_READ]
    is_page = text.startswith("<") or "text/html" in headers.get("content-type", "")
    return Problem(status, "", "" if is_page else text, "", headers, is_page)


def is_filtered(problem: Problem) -> bool:
    """Whether the provider did not let the prompt, or the reply, pass."""
    if problem.is_flagged:
        return True
    return problem.status in (None, 400) and bool(
        _FILTERED.search(problem.code) or _FILTERED.fullmatch(problem.message.strip())
    )


def _status_of(code: str) -> int | None:
    """The status that stands in a code, or goes with it."""
    first = code.partition(" ")[0]
    if _STATUS.fullmatch(first):
        return int(first)
    return next((status for pattern, status in _STATUS_OF_CODE if pattern.search(code)), None)


class Faults:
    """The errors of one model behind one endpoint."""

    def __init__(
        self,
        model: str,
        provider: str,
        address: str,
        *,
        secret: str,
        variables: str,
        start: str = "",
        places: str = "",
    ) -> None:
        """Name what the messages name.

        Args:
            model: `provider/model`.
            provider: The part before the slash.
            address: Where the server is, without secrets.
            secret: The key, which no message shows.
            variables: Those that hold the key, as words.
            start: How the server is started, as a sentence; empty for those of others.
            places: Variables that hold the address, as words.
        """
        self._subject = f"{model} at {address}"
        self._provider = provider
        self._redact = Redactor([secret])
        self._start = start
        self._places = places
        self._variables = variables

    def answered(self, problem: Problem) -> SimulatorError:
        """The error for what the server answered."""
        for applies, make in _KINDS:
            if applies(problem):
                return make(self, problem)
        return BackendError(
            f"{self._subject} cannot serve the request{self._code(problem)}{self._said(problem)}"
        )

    def unreachable(self, error: BaseException) -> SimulatorError:
        """The error for a connection that failed or broke."""
        chain = [*causes(error)]
        for cause in chain:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return EndpointError(
                    f"{self._subject}: the certificate is not trusted: {cause.verify_message}.",
                    remedy="Where a proxy or a server of your own has its own authority, set "
                    "SSL_CERT_FILE to that one's certificates; otherwise somebody may listen in.",
                )
            if isinstance(cause, ssl.SSLError) and _NOT_TLS.search(str(cause.reason)):
                return EndpointError(
                    f"{self._subject} does not speak TLS.",
                    remedy="Write its address with http:// rather than https://.",
                )
            if isinstance(cause, ConnectionRefusedError):
                return self._nowhere("nothing answers there")
            if isinstance(cause, TimeoutError):
                return self._nowhere("did not answer in time")
            if isinstance(cause, socket.gaierror):
                return self._nowhere("there is no such host, or no network")
        why = str(chain[-1]).strip() or type(chain[-1]).__name__
        return self.broken(f"the connection failed: {self._shown(why)}")

    def broken(self, why: str) -> BackendUnavailableError:
        """The error for a server that is not there, or for a reply that is not whole."""
        return BackendUnavailableError(f"{self._subject}: {why}.", remedy=self._start or None)

    def _nowhere(self, why: str) -> BackendUnavailableError:
        error = self.broken(why)
        if error.remedy is None:
            places = self._places or "its base_url in endpoints.toml"
            error.remedy = f"Check the network, and the address in {places}."
        return error

    def no_certificates(self) -> EndpointError:
        """The error for trusted certificates that cannot be read."""
        return EndpointError(
            f"{self._subject} cannot be reached: the trusted certificates cannot be read.",
            remedy="Set SSL_CERT_FILE and SSL_CERT_DIR to where they are, or unset both.",
        )

    def not_a_stream(self, content_type: str) -> EndpointError:
        """The error for an answer of a type that no stream has."""
        what = "a page for people" if "html" in content_type else f"{content_type}, not a stream"
        return self._not_the_api(f"answered with {what}")

    def not_a_list(self) -> EndpointError:
        """The error for a list of models that is none."""
        return self._not_the_api("answered with something else than a list of models")

    def not_scores(self) -> EndpointError:
        """The error for scores of texts that are none."""
        return self._not_the_api("answered with something else than scores of texts")

    def _not_the_api(self, did: str) -> EndpointError:
        form = _ADDRESSES.get(self._provider, "which often ends in /v1")
        return EndpointError(
            f"{self._subject} {did}: something else than the server of a model is there.",
            remedy=f"Check its address, {form}, and whether a proxy or a login page stands in "
            "between.",
        )

    def _page(self, problem: Problem) -> SimulatorError:
        return self._not_the_api(f"answered with a page for people{self._code(problem)}")

    def _no_path(self, problem: Problem) -> SimulatorError:
        return self._not_the_api(f"does not know what it is asked for{self._code(problem)}")

    def _quota(self, problem: Problem) -> SimulatorError:
        return QuotaExhaustedError(
            f"{self._subject}: the account has no money or requests left{self._said(problem)}",
            remedy=f"Check the plan and the limits of your account with {self._provider}; "
            "runs that were stopped by it can be resumed.",
        )

    def _too_large(self, problem: Problem) -> SimulatorError:
        return BackendError(
            f"{self._subject}: the request is larger than it ever takes{self._said(problem)}",
            remedy="Let agents read less, limit max_tokens, write shorter messages, or take "
            "another model, or an account with higher limits.",
        )

    def _overflow(self, problem: Problem) -> SimulatorError:
        return ContextOverflowError(
            f"{self._subject}: the prompt leaves no room for a reply{self._said(problem)}",
            remedy="Let agents read less, write shorter messages, or take a model with a "
            "longer context.",
        )

    def _no_model(self, problem: Problem) -> SimulatorError:
        return ModelNotFoundError(
            f"{self._subject}: the server has no such model{self._said(problem)}",
            remedy=_NAMES.get(
                self._provider, f"`python main.py models ls {self._provider}` lists what it has."
            ),
        )

    def _no_access(self, problem: Problem) -> SimulatorError:
        # What the server says is not shown: OpenAI repeats parts of a wrong key.
        if problem.status == 401:
            return ModelAccessError(
                f"{self._subject}: the key was not accepted.",
                remedy=f"Check {self._variables} in the environment and in .env.",
            )
        return ModelAccessError(
            f"{self._subject}: this key may not use the model.",
            remedy=f"Check what the account of {self._variables} is allowed, and where it may be "
            "used from.",
        )

    def _rate(self, problem: Problem) -> SimulatorError:
        wait_s = retry_after_s(problem.headers, problem.message)
        return RateLimitedError(
            f"{self._subject} asks to wait{self._said(problem)}", retry_after_s=wait_s
        )

    def _transient(self, problem: Problem) -> SimulatorError:
        return self.broken(
            f"the server failed{self._code(problem)}{self._said(problem)}".removesuffix(".")
        )

    def _code(self, problem: Problem) -> str:
        return f" (HTTP {problem.status})" if problem.status else ""

    def _said(self, problem: Problem) -> str:
        said = self._shown(problem.message)
        return f": {said.rstrip('.')}." if said else "."

    def _shown(self, text: str) -> str:
        return shown(text, self._redact)


def _is_quota(problem: Problem) -> bool:
    if problem.status == 402 or "insufficient_quota" in problem.code:
        return True
    if not _NO_MONEY.search(problem.words):
        return False
    # Gemini words a limit by the minute like an account without money, but says when to return.
    return retry_after_s(problem.headers, problem.message) is None or problem.status != 429


def _is_too_large(problem: Problem) -> bool:
    """Whether a request is beyond a limit all by itself, so that waiting does not help."""
    if problem.status not in (413, 429):
        return False
    asked = _ASKED.search(problem.message)
    if _TOO_LARGE.search(problem.message) or (asked and int(asked[2]) > int(asked[1])):
        return True
    return problem.status == 413 and not _OVERFLOW.search(problem.words)


def _is_no_model(problem: Problem) -> bool:
    return problem.status in (400, 404, 422) and bool(
        _NO_MODEL.search(problem.words) and not _OTHER_API.search(problem.message)
    )


def _is_transient(problem: Problem) -> bool:
    return problem.status is None or problem.status in _TRANSIENT or problem.status >= 500


_KINDS: tuple[tuple[Callable[[Problem], Any], Callable[[Faults, Problem], SimulatorError]], ...] = (
    (_is_too_large, Faults._too_large),
    (
        lambda problem: problem.is_page and problem.status != 429 and not _is_transient(problem),
        Faults._page,
    ),
    (_is_quota, Faults._quota),
    (lambda problem: _OVERFLOW.search(problem.words), Faults._overflow),
    (_is_no_model, Faults._no_model),
    (lambda problem: problem.status in (401, 403), Faults._no_access),
    (lambda problem: problem.status == 429, Faults._rate),
    (_is_transient, Faults._transient),
    (lambda problem: problem.status == 404, Faults._no_path),
)
"""The first that applies holds."""
