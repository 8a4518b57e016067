"""The one place where PyMongo's errors become ours. No message of PyMongo's is passed on.

Its messages quote hosts, options and commands, among which a badly escaped password may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

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
    NotFoundError,
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
_AUTHENTICATION = frozenset({11, 18})
_ATLAS = 8000
"""What Atlas says for several things, told apart by its words."""
_BAD_NAME = frozenset({73, 13297})
_TOO_LARGE = frozenset({10334, 17280, 17419, 17420})
_TRANSIENT = frozenset(
    {
        6, 7, 24, 50, 63, 64, 89, 91, 112, 133, 134, 150, 175, 189, 202, 262, 317, 365, 384, 462,
        9001, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031,
    }
)  # fmt: skip
"""Codes of a server that is going, coming, crowded or electing a primary, as drivers' rules list
them; of a write that no majority has yet; and of a full disk (14031), which somebody can mend."""
_FULL_DISK = 14031
_TURNED_AWAY = "TLSV1_ALERT_INTERNAL_ERROR"
"""How Atlas ends the handshake with machines that are not on its access list."""
_UNKNOWN_HOST = (
    "Name or service not known", "getaddrinfo", "nodename", "name resolution", "No address assoc",
)  # fmt: skip
_CERTIFICATE = re.compile(r"certificate verify failed: ([^(,]*)")


def is_transient(error: BaseException) -> bool:
    """Whether the same question may be answered later, without anybody changing the address."""
    if isinstance(error, WaitQueueTimeoutError):
        return True
    if isinstance(error, AutoReconnect):
        return not _is_about_tls(error)
    if isinstance(error, BulkWriteError):
        return any(part["code"] in _TRANSIENT for part in _parts(error))
    if isinstance(error, OperationFailure):
        return error.code in _TRANSIENT or any(
            error.has_error_label(label) for label in ("RetryableWriteError", "RetryableError")
        )
    return False


def is_forbidden(error: OperationFailure, address: Address) -> bool:
    """Whether this user may not do this, but may do other things."""
    return isinstance(refused(error.code, str(error), address), PermissionDeniedError)


def translate(error: Exception, address: Address) -> SimulatorError:
    """What to tell the user about an error met while working on the database.

    Args:
        error: PyMongo's, or a ValueError of a document that does not decode.
        address: Whose.
    """
    place = address.place
    if isinstance(error, DocumentTooLarge):
        return too_large(place)
    if isinstance(error, WaitQueueTimeoutError):
        return StoreUnavailableError(
            f"the database {place} has no free connection",
            remedy="Raise SIMULATOR_STORE_POOL_SIZE, or play fewer runs at a time.",
        )
    if isinstance(error, AutoReconnect):
        return _unreachable(error, address)
    if isinstance(error, ConfigurationError):
        return _misconfigured(error, address)
    if isinstance(error, BulkWriteError) and (parts := _parts(error)):
        return refused(parts[0]["code"], str(parts[0].get("errmsg", "")), address)
    if isinstance(error, OperationFailure):
        return refused(error.code, str(error), address)
    if isinstance(error, BSONError | ValueError) and not isinstance(error, PyMongoError):
        return unreadable(address)
    return StoreError(f"the database {place} failed: {type(error).__name__}")


def refused(code: int | None, text: str, address: Address) -> SimulatorError:
    """What the server's error code means.

    Args:
        code: The server's.
        text: The server's words, which decide where a code has several meanings; not passed on.
        address: Whose server.
    """
    place = address.place
    if code == _ATLAS:
        code = UNAUTHORIZED if "not allowed" in text else _FULL_DISK if "quota" in text else 18
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
    if code in _BAD_NAME:
        return UsageError(
            f"a database cannot be called {address.database!r} on this server",
            remedy="Choose another name, in the address or with SIMULATOR_DATABASE; names that "
            "differ in upper and lower case only are one to MongoDB.",
        )
    return StoreError(
        f"the database {place} refused, with code {code}",
        remedy="The codes are listed in MongoDB's manual under “Error Codes”.",
    )


def closed(address: Address) -> StoreUnavailableError:
    """The store was used after it was closed."""
    return StoreUnavailableError(f"the store {address.place} is closed", remedy="Open it again.")


def unreadable(address: Address, id_: str = "") -> StoreCorruptError:
    """A document is not as we wrote it."""
    which = f" (its _id is {id_[:100]!r})" if id_ else ""
    return StoreCorruptError(
        f"the database {address.place} holds a document that cannot be read{which}",
        remedy="Another program may have changed it; restore it from a backup.",
    )


def too_new(address: Address, version: int) -> StoreCorruptError:
    """The database was set up by a later version of the simulator."""
    return StoreCorruptError(
        f"the database {address.place} has schema {version}, which is newer than this version "
        "knows",
        remedy="Update the simulator, or choose another database.",
    )


def empty(address: Address) -> NotFoundError:
    """The database is not set up, and is not to be."""
    return NotFoundError(
        f"there is nothing in the database {address.place}", remedy="Check its name."
    )


def in_migration(address: Address) -> StoreUnavailableError:
    """Another process works on the database as a whole."""
    return StoreUnavailableError(
        f"the database {address.place} is being brought up to date by another process",
        remedy="Try again in a few minutes.",
    )


def not_ours(address: Address) -> StoreCorruptError:
    """The database is another program's."""
    return StoreCorruptError(
        f"the database {address.place} holds collections of another program; it was left as it is",
        remedy="Choose another name for the database, in the address or with SIMULATOR_DATABASE; "
        "what the original program stored is taken over by `import`; see docs/importing.md.",
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


def _parts(error: BulkWriteError) -> Sequence[Mapping[str, Any]]:
    """What went wrong with the writes of a group, and with all of it."""
    details = error.details
    return [*details.get("writeConcernErrors", ()), *details.get("writeErrors", ())]


def _is_about_tls(error: Exception) -> bool:
    text = str(error)
    if _TURNED_AWAY in text:
        return False
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
    if any(sign in text for sign in _UNKNOWN_HOST):
        return StoreUnavailableError(
            f"the database {place} cannot be reached: its host name is unknown",
            remedy="Check the spelling of the host, and the network.",
        )
    if "refused" in text or "Connect call failed" in text:
        why = "nothing listens there"
    elif _TURNED_AWAY in text:
        why = "it turned this machine away (on Atlas, add its address under Network Access)"
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
