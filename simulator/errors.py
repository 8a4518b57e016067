"""Errors, one branch for each way a user must react.

SimulatorError                       exit 1   something failed
├── UsageError                       exit 2   the command was given wrongly
├── NotFoundError                    exit 3   no such experiment, run, file or model
├── PermissionDeniedError            exit 4   somebody else's, or a path we may not write
├── DesignInvalidError               exit 5   the design must be mended
│   └── DesignChangedError           exit 5   the design no longer fits a stored run
├── ServiceUnavailableError          exit 6   a server or the store cannot be reached; try later
│   ├── BackendUnavailableError               the model's server; retried
│   │   └── RateLimitedError                  retried after `retry_after_s`
│   └── StoreUnavailableError                 the database
├── BackendError                     exit 1   the request cannot be served; not worth retrying
│   ├── ContextOverflowError                  the prompt does not fit the model
│   ├── ModelAccessError             exit 4   no key, a wrong key, or not for this account
│   ├── ModelNotFoundError           exit 3   the server has no such model
│   ├── QuotaExhaustedError          exit 6   the account has no money or requests left
│   └── EndpointError                exit 6   the address is not the server that it should be
├── LimitReachedError                exit 1   the next call could pass a limit of the user's
├── BundleDamagedError               exit 1   an exported study is not as it was written
├── StoreError                       exit 1   the database refused
│   ├── ConflictError                         somebody else wrote first
│   ├── LeaseLostError                        another process plays this run now
│   └── StoreCorruptError                     the file is damaged or not ours
└── InterruptedRunError              exit 130 the user stopped it; not a failure
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class SimulatorError(Exception):
    """An error to show to the user: what is wrong, and what to do about it."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "failed"

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        """One sentence: what is wrong, and where."""
        self.remedy = remedy
        """One sentence: what to do. None when nothing useful can be said."""


class UsageError(SimulatorError):
    """The command was given wrongly."""

    exit_code = 2
    code = "usage"


class NotFoundError(SimulatorError):
    """What the user named does not exist."""

    exit_code = 3
    code = "not_found"


class PermissionDeniedError(SimulatorError):
    """The thing belongs to somebody else, or the path may not be written."""

    exit_code = 4
    code = "permission_denied"


class DesignInvalidError(SimulatorError):
    """A design breaks its rules; `problems` lists each with its place."""

    exit_code = 5
    code = "design_invalid"

    def __init__(
        self, message: str, *, problems: tuple[str, ...] = (), remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.problems = problems
        """Each as `place: what is wrong`, in reading order."""


class DesignChangedError(DesignInvalidError):
    """A stored run no longer follows from its design; nothing was written."""

    code = "design_changed"


class ServiceUnavailableError(SimulatorError):
    """A server or the store cannot be reached."""

    exit_code = 6
    code = "service_unavailable"


class BackendUnavailableError(ServiceUnavailableError):
    """The model's server did not answer; safe to retry."""

    code = "model_unavailable"


class RateLimitedError(BackendUnavailableError):
    """The model's server asks us to wait."""

    code = "rate_limited"

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s
        """Seconds the server asked for; None when it did not say."""


class StoreUnavailableError(ServiceUnavailableError):
    """The database cannot be opened, reached or written."""

    code = "store_unavailable"


class BackendError(SimulatorError):
    """The model's server cannot serve the request; trying again would not help."""

    code = "model_failed"


class ContextOverflowError(BackendError):
    """The prompt leaves no room for a reply in the model's context."""

    code = "context_overflow"


class ModelAccessError(BackendError):
    """The key is missing or wrong, or the account may not use the model."""

    exit_code = 4
    code = "model_access"


class ModelNotFoundError(BackendError):
    """The server has no such model."""

    exit_code = 3
    code = "model_not_found"


class QuotaExhaustedError(BackendError):
    """The account has no money or no requests left; waiting a moment would not help."""

    exit_code = 6
    code = "quota_exhausted"


class EndpointError(BackendError):
    """What answers is not the server that it should be, or cannot be trusted to be."""

    exit_code = 6
    code = "bad_endpoint"


class LimitReachedError(SimulatorError):
    """The next call of a model could pass the user's limit of tokens or money."""

    code = "limit_reached"


class BundleDamagedError(SimulatorError):
    """A file of an exported study is missing, changed, or cannot be read."""

    code = "bundle_damaged"


class StoreError(SimulatorError):
    """The database refused."""

    code = "store_failed"


class ConflictError(StoreError):
    """Another writer was first, with something else."""

    code = "conflict"


class LeaseLostError(StoreError):
    """Another process owns the run."""

    code = "run_owned_elsewhere"


class StoreCorruptError(StoreError):
    """The database file is damaged, or is not one of ours."""

    code = "store_corrupt"


class InterruptedRunError(SimulatorError):
    """The user stopped a run; every committed step is kept."""

    exit_code = 130
    code = "interrupted"


@contextmanager
def remedies_for_address() -> Iterator[None]:
    """Give errors met in the block a remedy that fits a database which is not of the settings."""
    try:
        yield
    except SimulatorError as error:
        if any(verb in (error.remedy or "") for verb in ("`setup`", "`doctor`")):
            error.remedy = (
                "Check the address given, its user, password and host, and that the server runs."
            )
        raise
