"""What must not be shown or written down."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote

MASK = "***"

_SECRET_NAME = re.compile(r"(KEY|TOKEN|PASSWORD|SECRET)$|_KEY_", re.IGNORECASE)
"""Some keys are named after their model, such as `AZURE_OPENAI_KEY_gpt-4o`."""
_CREDENTIALS = re.compile(r"://([^\s:/@\"'<>]*):([^\s\"'<>]*)@")
_ANYWHERE = 4
"""Secrets of fewer characters are only masked where they stand as words of their own."""
SHORTEST_FOUND = 8
"""Characters from which on a secret is looked for in what may be anybody's words."""
_PLAIN_OPTIONS = frozenset(
    [
        "appname", "authmechanism", "authsource", "compressors", "connecttimeoutms",
        "directconnection", "journal", "loadbalanced", "maxpoolsize", "readpreference",
        "replicaset", "retryreads", "retrywrites", "serverselectiontimeoutms", "sockettimeoutms",
        "srvservicename", "ssl", "timeoutms", "tls", "tlsallowinvalidcertificates",
        "tlsallowinvalidhostnames", "tlscafile", "tlscertificatekeyfile", "tlsinsecure", "w",
        "wtimeoutms",
    ]
)  # fmt: skip
"""Options of a MongoDB's address, in small letters, whose values are never secret."""
_OPTION = re.compile(r"([^&;=]*)=([^&;]*)|[^&;]+")
_PLACE = re.compile(r"\[.*|[^:/?]*(?:[/?].*|:\d*(?:[,/?].*)?)?")
"""What stands in an address behind `://`, if there is no user."""
_PATTERNS = (
    (re.compile(r"(://)[^\s:\"'<>]*:[^\s\"'<>]*@"), rf"\1{MASK}@"),
    (
        re.compile(
            r"""(?ix) (authorization ["']? \s* [:=]+ \s* ["']?) (?: [a-z]+ [ \t]+ )? [^\s"',;}]+"""
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[^\s\"',;}]{6,}"), rf"\1\2{MASK}"),
    (re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|ghp|key)[-_][A-Za-z0-9_-]{8,}"), MASK),
    (
        re.compile(
            r"""(?ix) ((?<![a-z0-9_]) [a-z0-9_]* (?: api[-_]?key | password | passwd | secret
            | (?: access | auth | refresh ) [-_]? token ) ["']? \s* [=:] \s* ["']?) [^\s"',;&}]+"""
        ),
        rf"\1{MASK}",
    ),
)


class Redactor:
    """Masks what must not be written down."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Mask these texts, also where they are quoted, besides what looks like a secret."""
        self._known = _any_of(secrets)

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class SecretFinder:
    """Tells which texts have a secret in them that is known."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Look for these texts, also where they are quoted.

        Those of fewer than `SHORTEST_FOUND` characters are left out: they may be words of anybody.
        """
        self._known = _any_of(one for one in secrets if len(one.strip()) >= SHORTEST_FOUND)

    def __call__(self, text: str) -> bool:
        """Whether the text has any."""
        return self._known is not None and self._known.search(text) is not None


def _any_of(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """What finds these texts, also where they are quoted; None where there are none."""
    texts = {spelling for secret in secrets for spelling in _spellings(secret)}
    ordered = sorted(texts, key=lambda text: (-len(text), text))
    parts = [
        re.escape(text) if len(text) >= _ANYWHERE else rf"(?<!\w){re.escape(text)}(?!\w)"
        for text in ordered
    ]
    return re.compile("|".join(parts)) if parts else None


def _spellings(secret: str) -> Iterator[str]:
    if not secret.strip():
        return
    for text in {secret, secret.strip()}:
        yield text
        yield repr(text)[1:-1]
        yield json.dumps(text)[1:-1]
        with contextlib.suppress(UnicodeEncodeError):
            yield quote(text, safe="")
            yield quote_plus(text)


def secrets_of(environment: Mapping[str, str | None]) -> set[str]:
    """The secret values among variables: keys, tokens, passwords, and those within addresses."""
    found: set[str] = set()
    for name, value in environment.items():
        if not value:
            continue
        if _SECRET_NAME.search(name):
            found.add(value)
        found |= secrets_in(value)
    return found


def secrets_in(address: str) -> set[str]:
    """Password and secret options of an address, as they stand and unquoted."""
    rest = address.partition("://")[2]
    before, _, options = rest.partition("?")
    # A password that is not escaped may hold any of the signs that are looked for.
    logins = (text.rpartition("@")[0] for text in (before, rest))
    found = {login.partition(":")[2] for login in logins}
    found |= {match[2] for match in _CREDENTIALS.finditer(address)}
    if address.startswith("mongodb"):
        parts = _OPTION.finditer(options)
        found |= {part[2] or part[0] for part in parts if not _is_plain(part)}
    return {text for secret in found for text in (secret, unquote(secret)) if text}


def masked_address(address: str) -> str:
    """The address of a store as it may be shown.

    Password and options that may be secret are masked; an address without them stays as it is,
    and so does a path.
    """
    scheme, found, rest = address.partition("://")
    if not found or scheme == "sqlite":
        return address
    before, asked, options = rest.partition("?")
    if "@" in options:
        # It is not clear where a password ends.
        return f"{scheme}://{MASK}"
    login, at, place = before.rpartition("@")
    user, colon, _ = login.partition(":")
    login = f"{user}:{MASK}" if colon else login
    return f"{scheme}://{login}{at}{place}{asked}{_OPTION.sub(_masked_option, options)}"


def starred_address(address: str) -> str:
    """An address as it may be shown while it is typed: as long as it is, with stars for secrets."""
    for secret in sorted(secrets_in(address), key=len, reverse=True):
        address = address.replace(f"={secret}", f"={'*' * len(secret)}")
    scheme, found, rest = address.partition("://")
    login, at, place = rest.rpartition("@")
    if not at:
        if _PLACE.fullmatch(rest):
            return address
        # The @ may be still to come.
        login, place = rest, ""
    user, colon, password = login.partition(":")
    return f"{scheme}{found}{user}{colon}{'*' * len(password)}{at}{place}"


def _masked_option(option: re.Match[str]) -> str:
    if _is_plain(option):
        return option[0]
    return MASK if option[1] is None else f"{option[1]}={MASK}"


def _is_plain(option: re.Match[str]) -> bool:
    return option[1] is not None and option[1].lower() in _PLAIN_OPTIONS
