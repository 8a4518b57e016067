"""The commands by name, and what each takes: an argument that none knows is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bson import Int64

from tests.servers.mongo.errors import CommandError, names, not_implemented
from tests.servers.mongo.values import Document, is_number, type_name

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection

Handler = Callable[["Connection", Document], Awaitable[Document]]

_EVERYWHERE = names(
    "$db lsid $clusterTime $readPreference apiVersion apiStrict apiDeprecationErrors maxTimeMS "
    "comment"
)
_WRITE_ONLY = frozenset(("writeConcern", "txnNumber"))
_READ_ONLY = frozenset(("readConcern",))
_NOT_IMPLEMENTED = names(
    "collation let bypassDocumentValidation arrayFilters startTransaction autocommit min max "
    "returnKey showRecordId hint awaitData tailable oplogReplay noCursorTimeout explain "
    "allowPartialResults capped size validator viewOn timeseries clusteredIndex "
    "encryptionInformation expireAfterSeconds commitQuorum"
)
"""Arguments that real servers have."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the server has."""

    handler: Handler
    fields: frozenset[str]
    role: str
    """What it needs: `none`, `any` (to be authenticated), `read`, `write`, `admin` or `root`."""
    in_stable_api: bool


ANYTHING = "*"
"""Among the fields of a command that takes whatever clients of other versions may send."""
COMMANDS: dict[str, Command] = {}


def command(
    *known_as: str, fields: str = "", role: str = "any", in_stable_api: bool = True
) -> Callable[[Handler], Handler]:
    """Register the function as the command of these names.

    Args:
        known_as: The first one is the command's own.
        fields: The arguments that it takes, beside those that all take.
        role: What it needs; see `Command`.
        in_stable_api: Whether it may be used with `apiStrict`.
    """
    allowed = frozenset((*known_as, *fields.split())) | _EVERYWHERE
    if role in ("write", "admin", "root"):
        allowed |= _WRITE_ONLY
    if role == "read":
        allowed |= _READ_ONLY

    def register(handler: Handler) -> Handler:
        for name in known_as:
            COMMANDS[name] = Command(handler, allowed, role, in_stable_api)
        return handler

    return register


def check_fields(document: Document, allowed: frozenset[str] | set[str], where: str) -> None:
    """Raises CommandError for a field that is not allowed here."""
    if ANYTHING in allowed:
        return
    for name in document:
        if name in allowed:
            continue
        if name in _NOT_IMPLEMENTED:
            raise not_implemented(f"the argument {where}.{name}")
        raise CommandError(40415, f"BSON field '{where}.{name}' is an unknown field.")


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "object": (dict,), "array": (list,), "bool": (bool, int, float),
    "long": (Int64,),
}  # fmt: skip


def argument(document: Document, where: str, kind: str, default: Any = None) -> Any:
    """A field of a command, of the kind `string`, `object`, `array`, `bool`, `int` or `long`.

    Args:
        document: The command, or a part of it.
        where: The names of the command and of the field, with a dot between them.
        kind: What it must be.
        default: What it is when it is missing; without one it must be there.
    """
    name = where.rpartition(".")[2]
    value = document.get(name)
    if value is None:
        if default is None:
            raise CommandError(40414, f"BSON field '{where}' is missing but a required field")
        return default
    if kind == "int":
        if not is_number(value) or value != int(value):
            raise CommandError(14, f"BSON field '{where}' is the wrong type '{type_name(value)}', "
                               "expected types '[long, int, decimal, double']")  # fmt: skip
        return int(value)
    if not isinstance(value, _TYPES[kind]):
        raise CommandError(14, f"BSON field '{where}' is the wrong type '{type_name(value)}', "
                           f"expected type '{kind}'")  # fmt: skip
    return bool(value) if kind == "bool" else value
