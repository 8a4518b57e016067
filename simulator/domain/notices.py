"""Sentences of the store that readers can tell apart from other warnings."""

from __future__ import annotations


class StoreAway(str):
    """The database went away; what is asked of it waits."""

    __slots__ = ()


class StoreBack(str):
    """The database is back."""

    __slots__ = ()
