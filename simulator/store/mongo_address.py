"""The address of a MongoDB: what can be said of it without its password."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.uri_parser import parse_uri

from simulator.credentials import check_database_name
from simulator.errors import UsageError

_SRV = "mongodb+srv://"
_SRV_OPTIONS = re.compile(r"(?i)([?&])(?:srvMaxHosts|srvServiceName)=[^&]*&?")
"""Options that PyMongo refuses where nothing is to be looked up."""
_STRAY_AT = re.compile(r"^mongodb://[^/?]*/[^?]*@")
"""A user or password with a / that is not escaped: the rest of it seems to be a database."""
_NO_HOST = re.compile(r"[\s@]|%(?!2F)", re.IGNORECASE)
_IP = re.compile(r"[\d.]+|.*:.*")


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
    if is_srv:
        plain = _SRV_OPTIONS.sub(r"\1", plain).rstrip("?&")
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
    hosts = [host for host, _ in parts["nodelist"]]
    if _STRAY_AT.search(plain) or any(_NO_HOST.search(host) for host in hosts):
        raise _unusable(plain)
    if is_srv and (len(hosts) != 1 or _names_port(plain) or _IP.fullmatch(hosts[0])):
        raise UsageError(
            "The address of the database begins with mongodb+srv:// and then needs one name.",
            remedy="Give the name of the cluster alone, or hosts with ports after mongodb://.",
        )
    if parts["collection"] or ((name := parts["database"]) is not None and not _fits(name)):
        raise _misnamed()
    for warning in heard:
        notify(f"The address of the database: {warning.message}.")
    places = ",".join(_host(host, None if is_srv else port) for host, port in parts["nodelist"])
    database = parts["database"] or default_database
    scheme = _SRV if is_srv else "mongodb://"
    return Address(
        place=f"{scheme}{places}/{database}",
        database=database,
        user=parts["username"],
        options=parts["options"],
    )


def _names_port(plain: str) -> bool:
    return ":" in re.split("[/?]", plain.removeprefix("mongodb://"))[0].rpartition("@")[2]


def _fits(database: str) -> bool:
    try:
        check_database_name(database)
    except ValueError:
        return False
    return True


def _host(name: str, port: int | None) -> str:
    shown = f"[{name}]" if ":" in name else name
    return shown if port is None else f"{shown}:{port}"


def _misnamed() -> UsageError:
    return UsageError(
        "The name of the database, at the end of the address, cannot be one.",
        remedy='Choose a name of up to 63 bytes without / \\ . $ " * < > : | ? and blanks.',
    )


def _unusable(plain: str) -> UsageError:
    before, asked, _ = plain.partition("?")
    if asked and _is_readable(before):
        return UsageError(
            "The address of the database has options, after the ?, that cannot be used.",
            remedy="Options look like ?replicaSet=rs0&tls=true; see docs/setup.md.",
        )
    servers = re.match("mongodb://[^/]*", before)
    if servers and not _STRAY_AT.search(plain) and _is_readable(servers[0]):
        return _misnamed()
    return UsageError(
        "The address of the database cannot be read.",
        remedy="Write mongodb://USER:PASSWORD@HOST:PORT/DATABASE. In the user and the password, "
        "escape all but letters, digits and -._~, such as @ as %40; `setup` does it for you.",
    )


def _is_readable(plain: str) -> bool:
    try:
        parse_uri(plain)
    except (ConfigurationError, InvalidURI, ValueError):
        return False
    return True
