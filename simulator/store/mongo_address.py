"""The address of a MongoDB: what can be said of it without its password."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.uri_parser import parse_uri

from simulator.errors import UsageError

_SRV = "mongodb+srv://"


@dataclass(frozen=True, slots=True)
class Address:
    """Which database of which servers, without secrets."""

    place: str
    """As messages name it, such as `mongodb://db.lab.example:27017/simulator`."""
    database: str
    user: str | None
    options: Mapping[str, Any]
    """Those of the address, as PyMongo normalized them."""


def parse_address(
    url: str, default_database: str, notify: Callable[[str], None] = lambda sentence: None
) -> Address:
    """Read an address without resolving any name.

    Args:
        url: `mongodb://…` or `mongodb+srv://…`, with percent escapes in user and password.
        default_database: Where the address names none.
        notify: Hears of options that PyMongo does not know.

    Raises:
        UsageError: It cannot be used; the message quotes nothing of it.
    """
    is_srv = url.startswith(_SRV)
    plain = "mongodb://" + url.removeprefix(_SRV) if is_srv else url
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            parts = parse_uri(plain)
    except OSError as error:
        raise UsageError(
            f"The address of the database names a file that cannot be read: {error.filename}.",
            remedy="Check the path after tlsCAFile= or tlsCertificateKeyFile=.",
        ) from error
    except (ConfigurationError, InvalidURI, ValueError):
        # Its message may quote a part of a password, and so would a chained traceback.
        raise _unusable(plain) from None
    if len(parts["nodelist"]) != 1 and is_srv:
        raise _unusable(plain)
    for warning in heard:
        notify(f"The address of the database: {warning.message}.")
    hosts = ",".join(_host(host, None if is_srv else port) for host, port in parts["nodelist"])
    database = parts["database"] or default_database
    scheme = _SRV if is_srv else "mongodb://"
    return Address(
        place=f"{scheme}{hosts}/{database}",
        database=database,
        user=parts["username"],
        options=parts["options"],
    )


def _host(name: str, port: int | None) -> str:
    shown = f"[{name}]" if ":" in name else name
    return shown if port is None else f"{shown}:{port}"


def _unusable(plain: str) -> UsageError:
    before, asked, _ = plain.partition("?")
    if asked:
        try:
            parse_uri(before)
        except (ConfigurationError, InvalidURI, ValueError):
            pass
        else:
            return UsageError(
                "The address of the database has options, after the ?, that cannot be used.",
                remedy="Options look like ?replicaSet=rs0&tls=true; see docs/setup.md.",
            )
    return UsageError(
        "The address of the database cannot be read.",
        remedy="Write mongodb://USER:PASSWORD@HOST:PORT/DATABASE. In the user and the password, "
        "write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25; `setup` does it for "
        "you.",
    )
