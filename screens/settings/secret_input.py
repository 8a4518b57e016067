"""Fields for what must not be read over a shoulder."""

from __future__ import annotations

from rich.highlighter import Highlighter
from rich.text import Text
from textual.widgets import Input

from simulator.redaction import masked_address, starred_address

_SCHEME = "mongodb://"


def starred(text: str) -> str:
    """An address with stars for its secrets, as long as it is; also one without its beginning."""
    if "://" in text:
        return starred_address(text)
    return starred_address(_SCHEME + text).removeprefix(_SCHEME)


def masked(text: str) -> str:
    """An address as it may be shown; also one without its beginning."""
    if "://" in text or "@" not in text:
        return masked_address(text)
    return masked_address(_SCHEME + text).removeprefix(_SCHEME)


class SecretInput(Input):
    """Empty whatever is set; shows no secret of what is typed."""

    def __init__(self, *, is_address: bool, placeholder: str) -> None:
        """Make one.

        Args:
            is_address: Whether only the secrets in it are hidden, not all of it.
            placeholder: Says whether something is set.
        """
        super().__init__(
            password=not is_address, placeholder=placeholder,
            highlighter=_Stars() if is_address else None, select_on_focus=False, compact=True,
        )  # fmt: skip


class _Stars(Highlighter):
    def highlight(self, text: Text) -> None:
        text.plain = starred(text.plain)
