"""Options that several words may follow, spelt as the original programs spell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from simulator.cli.commands import Verb


class SpreadVerb(Verb):
    """A verb that takes several words after an option, as the original does."""

    def __init__(self, *args: Any, spreads: Mapping[str, str], **kwargs: Any) -> None:
        """Make one; `spreads` has the options that several words may follow, see `spread`."""
        super().__init__(*args, **kwargs)
        self._spreads = spreads

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `--models a b` as `-m a -m b`, and `--max_context` as `--max-context`."""
        return super().parse_args(ctx, spread(args, self._spreads))


def spread(words: Sequence[str], options: Mapping[str, str]) -> list[str]:
    """The words of a command line with an option before each of its values.

    Args:
        words: As somebody typed them, without the verb.
        options: Those that several words may follow, with hyphens, each with the name that
            stands before every word then.
    """
    found: list[str] = []
    option = None
    for place, word in enumerate(words):
        if word == "--":
            return [*found, *words[place:]]
        if word.startswith("-") and len(word) > 1:
            name, equals, value = word.partition("=")
            name = name.replace("_", "-") if name.startswith("--") else name
            option = None if equals else options.get(name)
            is_last = place + 1 == len(words) or words[place + 1].startswith("-")
            if option is None or is_last:
                found.append(f"{name}{equals}{value}")
        elif option is not None:
            found += [option, word]
        else:
            found.append(word)
    return found
