"""What stands in the address of a MongoDB: user, password, servers, database."""

from __future__ import annotations

from urllib.parse import quote, unquote_plus

SCHEMES = ("mongodb://", "mongodb+srv://")
_WITHOUT_PASSWORD = ("MONGODB-X509", "MONGODB-AWS", "MONGODB-OIDC", "GSSAPI")
"""Mechanisms that prove who somebody is by other means."""
LONGEST_DATABASE_NAME = 63
"""Bytes."""
_NOT_IN_DATABASE_NAMES = frozenset('/\\. "$*<>:|?\0')


def check_database_name(name: str) -> str:
    """The name, if every MongoDB takes it for a database. Raises ValueError if not."""
    if unfit := sorted(_NOT_IN_DATABASE_NAMES.intersection(name)):
        raise ValueError(f"the name of a database must not have {unfit[0]!r} in it")
    if not 0 < len(name.encode("utf-8", "surrogatepass")) <= LONGEST_DATABASE_NAME:
        raise ValueError(f"the name of a database has from 1 to {LONGEST_DATABASE_NAME} bytes")
    return name


def cluster_address(cluster: str, user: str = "", password: str = "") -> str:
    """The address of a cluster.

    Args:
        cluster: An address, which keeps its own user and password if it has them; or what stands
            in one behind `://`. Without a scheme, one with a user is of a `mongodb+srv` cluster.
        user: As people write it, not escaped; empty for none.
        password: Likewise; without a user it is left out.
    """
    if not cluster.startswith(SCHEMES):
        cluster = f"{SCHEMES[1] if user else SCHEMES[0]}{cluster}"
    scheme, login, rest = _parts(cluster)
    if not login and user:
        login = f"{_escaped(user)}:{_escaped(password)}" if password else _escaped(user)
    if "/" not in rest:
        hosts, asked, options = rest.partition("?")
        rest = f"{hosts}/{asked}{options}"
    return f"{scheme}{login}@{rest}" if login else f"{scheme}{rest}"


def user_without_password(address: str) -> str | None:
    """Who is to log in with a password that the address does not have; None if nobody is."""
    if not address.startswith(SCHEMES):
        return None
    _, login, rest = _parts(address)
    user, _, password = login.partition(":")
    if not user or password:
        return None
    options = rest.partition("?")[2].upper()
    if any(f"AUTHMECHANISM={name}" in options for name in _WITHOUT_PASSWORD):
        return None
    return unquote_plus(user)


def with_password(address: str, password: str) -> str:
    """The address of a user without a password, with one."""
    scheme, login, rest = _parts(address)
    return f"{scheme}{login.partition(':')[0]}:{_escaped(password)}@{rest}"


def without_login(address: str) -> tuple[str, str]:
    """An address without user and password, and the user as people write it."""
    scheme, login, rest = _parts(address)
    return f"{scheme}{rest}", unquote_plus(login.partition(":")[0])


def servers_of(address: str) -> str:
    """The servers of a MongoDB's address, as far as two can be compared; empty for another's."""
    if not address.startswith(SCHEMES):
        return ""
    scheme, _, rest = _parts(address)
    hosts = rest.partition("/")[0].partition("?")[0]
    return scheme + hosts.lower().replace(":27017", "")


def _escaped(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme, user and password as they stand, and the rest."""
    scheme, separator, rest = address.partition("://")
    before, asked, options = rest.partition("?")
    login, _, hosts = before.rpartition("@")
    return scheme + separator, login, f"{hosts}{asked}{options}"
