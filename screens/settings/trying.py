"""Looks whether the store can be used that settings name, before they are written."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.diagnosis import try_store
from simulator.errors import SimulatorError
from simulator.settings import load_settings

OF_THE_STORE = frozenset({"store", "mongodb_uri", "db_cluster_url", "db_user", "db_password"})
"""Settings that say which store is used."""


async def store_fault(typed: Mapping[str, str]) -> str:
    """Why the store could not be used; empty when it can, or when that cannot be told.

    Args:
        typed: What is to be written, by the names of settings; empty where one is unset.
    """
    named = OF_THE_STORE & typed.keys()
    if not named or not all(typed[name] for name in named):
        return ""
    try:
        settings = load_settings(**{name: text for name, text in typed.items() if text})
        if settings.user_without_password is None:
            await try_store(settings, lambda sentence: None)
    except SimulatorError as error:
        return " ".join(filter(None, (error.message, error.remedy)))
    return ""
