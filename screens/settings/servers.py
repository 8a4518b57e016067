"""The variables that say where servers of models are, and hold their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from screens.settings.secret_input import masked
from screens.settings.variables import Variable, set_value
from simulator.adapters import server_variables
from simulator.settings import Settings, exported, kept_variables

TITLE = "Where models are, and their keys"


def servers_group(settings: Settings) -> tuple[str, list[Variable]]:
    """A key and an address for each provider, in their order."""
    return TITLE, list(_variables(settings))


def _variables(settings: Settings) -> Iterator[Variable]:
    kept = kept_variables()
    for server in server_variables(settings):
        if server.key:
            yield _variable(kept, server.key, f"The key for models of {server.provider}.")
        if server.address:
            about = f"Where the server of {server.provider} is; a password in it is not shown."
            yield _variable(
                kept, server.address, about, usual=server.usual_address, is_address=True
            )


def _variable(
    kept: Mapping[str, str], name: str, about: str, *, usual: str = "", is_address: bool = False
) -> Variable:
    source, text = set_value(name, kept, exported([name]))
    return Variable(
        name=name, variable=name, about=about, is_secret=True, choices=(), usual=usual, value="",
        is_set=bool(text), source=source, shown=masked(text) if is_address else "",
        is_address=is_address,
    )  # fmt: skip
