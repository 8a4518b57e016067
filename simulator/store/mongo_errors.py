"""The one place where PyMongo's errors become ours. No message of PyMongo's is passed on.

Its messages quote hosts, options and commands, among which a badly escaped password may be.
"""

from __future__ import annotations

import re

from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DocumentTooLarge,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from simulator.errors import (
    PermissionDeniedError,
    SimulatorError,
    StoreCorruptError,
    StoreError,
    StoreUnavailableError,
    UsageError,
)
from simulator.store.mongo_address import Address

DUPLICATE_KEY = 11000
UNAUTHORIZED = 13
_AUTHENTICATION = frozenset({11, 18, 8000})
_TOO_LARGE = frozenset({10334, 17280, 17419, 17420})
_TRANSIENT = frozenset({6, 7, 50, 63, 89, 91, 112, 134, 150, 189, 262, 317, 384, 9001, 10107, 11600,
                        11602, 13388, 13435, 13436, 14031})  # fmt: skip
"""Codes of a server that is going, coming, or electing a primary, as drivers' rules list them; and
of one whose disk is full (14031), which somebody can mend."""
_FULL_DISK = 14031
_CERTIFICATE = re.compile(r"certificate verify failed: ([^(,]*)")


def is_transient(error: BaseException) -> bool:
    """Whether the same question may be answered later, without anybody changing the address."""
    if isinstance(error, WaitQueueTimeoutError):
        return True
    if isinstance(error, AutoReconnect):
        return not _is_about_tls(error)
    if isinstance(error, BulkWriteError):
        details = error.details
        return any(part["code"] in _TRANSIENT for part in details.get("writeConcernErrors", ()))
    if isinstance(error, OperationFailure):
        return error.code in _TRANSIENT or error.has_error_label("RetryableWriteError")
    return False


def translate(error: Exception, address: Address) -> SimulatorError:
    """What to tell the user about an error met while working on the database.

    Args:
        error: PyMongo's, or a ValueError of a document that does not decode.
        address: Whose.
    """
    place = address.place
    if isinstance(error, DocumentTooLarge):
        return too_large(place)
    if isinstance(error, AutoReconnect):
        return _unreachable(error, address)
    if isinstance(error, ConfigurationError):
        return _misconfigured(error, address)
    if isinstance(error, OperationFailure):
        return refused(error.code, address)
    if isinstance(error, BSONError | ValueError) and not isinstance(error, PyMongoError):
        return unreadable(address)
    return StoreError(f"the database {place} failed: {type(error).__name__}")


def refused(code: int | None, address: Address) -> SimulatorError:
    """What the server's error code means."""
    place = address.place
    if code in _AUTHENTICATION:
        who = f"the user {address.user!r}" if address.user else "whoever does not log in"
        return PermissionDeniedError(
            f"the database {place} does not let {who} in: the name or the password is wrong",
            remedy="Check DB_USER and DB_PASSWORD, or the address; `setup` asks for them. If the "
            "user is known to another database, add ?authSource=NAME to the address.",
        )
    if code == UNAUTHORIZED and address.user is None:
        return PermissionDeniedError(
            f"the database {place} wants a user and a password",
            remedy="Put them into the address, mongodb://USER:PASSWORD@HOST/DATABASE, or run "
            "`setup`.",
        )
    if code == UNAUTHORIZED:
        return PermissionDeniedError(
            f"the user {address.user!r} may not do this in the database {place}",
            remedy="Ask its administrator for the role readWrite; with the role read, everything "
            "can be looked at.",
        )
    if code in _TOO_LARGE:
        return too_large(place)
    if code == _FULL_DISK:
        return StoreUnavailableError(
            f"the disk of the database {place} is full",
            remedy="Free some space there and go on; everything committed before is kept.",
        )
    return StoreError(
        f"the database {place} refused, with code {code}",
        remedy="The codes are listed in MongoDB's manual under “Error Codes”.",
    )


def closed(address: Address) -> StoreUnavailableError:
    """The store was used after it was closed."""
    return StoreUnavailableError(f"the store {address.place} is closed", remedy="Open it again.")


def unreadable(address: Address) -> StoreCorruptError:
    """A document is not as we wrote it."""
    return StoreCorruptError(
        f"the database {address.place} holds a document that cannot be read",
        remedy="Another program may have changed it; restore it from a backup.",
    )


def too_new(address: Address, version: int) -> StoreCorruptError:
    """The database was set up by a later version of the simulator."""
    return StoreCorruptError(
        f"the database {address.place} has schema {version}, which is newer than this version "
        "knows",
        remedy="Update the simulator, or choose another database.",
    )


def not_ours(address: Address) -> StoreCorruptError:
    """The database is another program's."""
    return StoreCorruptError(
        f"the database {address.place} holds collections of another program; it was left as it is",
        remedy="Choose another name for the database, in the address or with SIMULATOR_DATABASE; "
        "`import --from-original` takes over what the original program stored.",
    )


def too_large(place: str, size_bytes: int | None = None) -> StoreError:
    """A document is larger than MongoDB takes."""
    size = "" if size_bytes is None else f" ({size_bytes / 2**20:.1f} MiB)"
    return StoreError(
        f"a message or record is too large{size} for the database {place}",
        remedy="MongoDB takes up to 16 MiB at once; limit replies with max_tokens, or use SQLite.",
    )


def must_fit(document: RawBSONDocument, largest_bytes: int, address: Address) -> None:
    """Raise StoreError for a document that is larger than the server takes."""
    size_bytes = len(document.raw)
    if size_bytes > largest_bytes:
        raise too_large(address.place, size_bytes)


def _is_about_tls(error: Exception) -> bool:
    text = str(error)
    return "CERTIFICATE" in text or "SSL: WRONG_VERSION" in text or "TLSV1_ALERT" in text


def _unreachable(error: AutoReconnect, address: Address) -> SimulatorError:
    place, text = address.place, str(error)
    if _is_about_tls(error):
        found = _CERTIFICATE.search(text)
        why = found[1].strip() if found else "it does not speak TLS as asked"
        return StoreUnavailableError(
            f"the database {place} cannot be trusted: {why}",
            remedy="Have the server's certificate renewed, or name the authority that signed it "
            "with ?tlsCAFile=FILE in the address.",
        )
    if "Name or service not known" in text or "getaddrinfo" in text or "nodename" in text:
        return StoreUnavailableError(
            f"the database {place} cannot be reached: its host name is unknown",
            remedy="Check the spelling of the host, and the network.",
        )
    if "refused" in text or "Connect call failed" in text:
        why = "nothing listens there"
    elif "No primary" in text or "No replica set members" in text or "not primary" in text:
        why = "its replica set has no primary now"
    elif isinstance(error, NetworkTimeout | ServerSelectionTimeoutError):
        why = "it does not answer"
    else:
        why = "the connection broke"
    return StoreUnavailableError(
        f"the database {place} cannot be reached: {why}",
        remedy="See that the server runs, that its firewall or access list lets this machine in, "
        "and that host and port are right; `doctor` checks it.",
    )


def _misconfigured(error: ConfigurationError, address: Address) -> SimulatorError:
    text = str(error)
    if "DNS" in text or "resolution" in text:
        return StoreUnavailableError(
            f"the database {address.place} cannot be found: there are no servers of that name",
            remedy="Check the host after mongodb+srv://, and the network.",
        )
    return UsageError(
        f"the database {address.place} cannot be used with the options of its address",
        remedy="Compare what stands after the ? of the address with the list of PyMongo's options.",
    )
