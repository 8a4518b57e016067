"""Rules that give each name of a world one value, as read from replies."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.analysis.iterated.worlds.replies import (
    braces,
    excerpt,
    listed,
    pairs,
    without_braces,
)

_ASIDES = frozenset({"reason", "reasons", "reasoning", "explanation", "note", "comment"})
"""Keys beside names that say nothing of them."""
_RULE = re.compile(r"\brule\b[\s\"'*]{0,4}[:=]", re.IGNORECASE)


@dataclass(frozen=True)
class Assignments:
    """How names and values of a world are told from other words."""

    names: Sequence[str]
    name_of: Callable[[str], str | None]
    """The canonical name of what a reply says; None where it is none."""
    value_of: Callable[[str], str | None]
    """The canonical value of what a reply says; None where it is none."""
    name: str = "object"
    """What a name is called, in reasons."""
    value: str = "status"

    def read(self, text: str) -> tuple[dict[str, str], str]:
        """The value of each name in the last rule of a reply, or why there is no rule.

        The last rule is the last pair of braces with every name of the world in it, so that an
        explanation after it is none; only those after the last `Rule:` count where one of them
        has a name. Where none has all, the last with any name, or else with any pair, says why
        there is no rule. Without braces, what follows the last `Rule:` is read, or else the whole
        reply, line by line.
        """
        rest = _RULE.split(text)[-1]
        groups = self._groups(text)
        named = self._groups(rest, named=True) or self._groups(text, named=True)
        whole = [group for group in named if self._named(group) == {*self.names}]
        if groups:
            return self._assigned((whole or named or groups)[-1])
        loose = [pair for pair in pairs(rest) if self.name_of(pair[0])]
        return self._assigned(loose) if loose else ({}, "no rule in the reply")

    def without_rules(self, text: str) -> str:
        """A reply less the rules in braces, so that none is taken for examples."""
        return without_braces(text, self._is_rule)

    def _is_rule(self, group: str) -> bool:
        found = self._pairs(group)
        return bool(found) and all(self.name_of(key) and value for key, value in found)

    def _groups(self, text: str, *, named: bool = False) -> list[list[tuple[str, str]]]:
        groups = [found for group in braces(text) if (found := self._pairs(group))]
        return [group for group in groups if self._named(group) or not named]

    def _named(self, found: Sequence[tuple[str, str]]) -> set[str]:
        return {one for key, _ in found if (one := self.name_of(key)) is not None}

    def _pairs(self, group: str) -> list[tuple[str, str]]:
        return [pair for pair in pairs(group) if pair[0].casefold() not in _ASIDES]

    def _assigned(self, found: Sequence[tuple[str, str]]) -> tuple[dict[str, str], str]:
        values: dict[str, str] = {}
        for key, said in found:
            one = self.name_of(key)
            if one is None:
                return {}, f"`{excerpt(key)}` is no {self.name} of this world"
            if one in values:
                return {}, f"the rule names the {self.name} {one} twice"
            value = self.value_of(said)
            if value is None:
                return {}, f"`{excerpt(said)}` is no {self.value} of the {self.name} {one}"
            values[one] = value
        missing = [one for one in self.names if one not in values]
        return ({}, f"the rule says nothing of {listed(missing)}") if missing else (values, "")
