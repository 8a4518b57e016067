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
_PATTERNS = (
    (re.compile(r"(://)[^\s:\"'<>@]*:[^\s\"'<>]*@"), rf"\1{MASK}@"),
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
            r"""(?ix) ((?<![a-z0-9]) (?: api[-_]?key | password | passwd | secret
            | (?: access | auth | refresh ) [-_]? token ) ["']? \s* [=:] \s* ["']?) [^\s"',;&}]+"""
        ),
        rf"\1{MASK}",
    ),
)


class Redactor:
    """Masks what must not be written down."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Mask these texts, also where they are quoted, besides what looks like a secret."""
        texts = {spelling for secret in secrets for spelling in _spellings(secret)}
        ordered = sorted(texts, key=lambda text: (-len(text), text))
        parts = [
            re.escape(text) if len(text) >= _ANYWHERE else rf"(?<!\w){re.escape(text)}(?!\w)"
            for text in ordered
        ]
        self._known = re.compile("|".join(parts)) if parts else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


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
    """The password of an address, as it stands and unquoted."""
    return {
        text
        for match in _CREDENTIALS.finditer(address)
        for text in (match[2], unquote(match[2]))
        if text
    }
