"""Placeholders of prompts: `<GUARD_NUM> <GUARD_NOUN>` becomes `2 guards`.

A tag is a role's name or one of the words SELF, OTHERS, AGENTS, ROLES, DAYS, MESSAGES, an
underscore, and what is wanted of it. All capitals gives the value as it is; a capital first letter
alone (`<Guard_noun>`) capitalises it. Whatever looks like a tag must be one; other text in angle
brackets is left alone, and a backslash in front writes a tag literally.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import get_args

from simulator.errors import DesignInvalidError
from simulator.kinds.conversation import grammar
from simulator.kinds.conversation.grammar import Pronouns
from simulator.kinds.conversation.tags import (
    TOKEN,
    VERBS,
    Meaning,
    Tag,
    Vocabulary,
    check,
    check_role_names,
    escape,
    is_capitalised,
    is_escaped,
    problems_of,
    role_key,
    tags,
)

__all__ = [
    "Facts",
    "Pronouns",
    "RoleFacts",
    "Tag",
    "available",
    "check",
    "check_role_names",
    "escape",
    "fill",
    "role_key",
    "tags",
]

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*\s|\n[^\S\n]*\n")

_TEXTS_KEPT = 256
"""Texts that are remembered with their tags filled."""

_PRONOUNS = get_args(Pronouns)
_NAMED = frozenset({"NAME", "NAMES", "OTHERS_NAMES"})
_SUBJECTS = frozenset({"NOUN", "A_NOUN", "PRON", "NAMES"})
_MEANINGS = {
    "NUM": "how many, in digits",
    "NUM_WORD": "how many, in words",
    "NOUN": "the noun, one or several",
    "A_NOUN": "the noun with a or an; no article for several",
    "POSS": "the noun's possessive",
    "PRON": "the pronoun as a subject",
    "OBJPRON": "the pronoun as an object",
    "POSSPRON": "the possessive pronoun",
    "VERB_": "any verb, in the form that goes with its subject",
    "NAMES": "the agents' names",
    "THERE_BE": "there is or there are",
    "NAME": "the name",
    "ROLE": "the role, as a noun",
}
_SCOPES = {
    "SELF": ("the agent that reads the text", ""),
    "OTHERS": ("all agents but the reader", ""),
    "AGENTS": ("all agents", "agent"),
    "ROLES": ("the roles", "role"),
    "DAYS": ("the days of a run", "day"),
    "MESSAGES": ("the messages of a run", "message"),
}


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What the tags of one role say."""

    name: str
    count: int
    pronouns: Pronouns = "he/she"
    names: tuple[str, ...] = ()
    """The agents' names; none stands for Guard_1, Guard_2 and so on."""

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"role {self.name!r} cannot have {self.count} agents")
        if self.pronouns not in _PRONOUNS:
            raise ValueError(f"role {self.name!r} has unknown pronouns {self.pronouns!r}")
        if self.names and len(self.names) != self.count:
            raise ValueError(f"role {self.name!r} has {self.count} agents, {len(self.names)} names")


@dataclass(frozen=True, slots=True)
class Facts:
    """What tags stand for in one text of one run."""

    roles: tuple[RoleFacts, ...]
    days: int
    messages: int
    self_name: str | None = None
    """The agent that reads the text; None when nobody in particular does (the summarizer)."""
    self_role: str | None = None

    def __post_init__(self) -> None:
        if (self.self_name is None) != (self.self_role is None):
            raise ValueError("a reader needs both a name and a role")
        if self.self_role is not None:
            own = next((role for role in self.roles if role.name == self.self_role), None)
            if own is None or not own.count or (own.names and self.self_name not in own.names):
                raise ValueError(f"{self.self_name!r} is no agent of role {self.self_role!r}")

    def unnamed(self) -> Facts:
        """The same but for the agents' names."""
        roles = tuple(RoleFacts(role.name, role.count, role.pronouns) for role in self.roles)
        reader = None if self.self_name is None else ""
        return Facts(roles, self.days, self.messages, reader, self.self_role)


def available(role_names: Iterable[str], *, has_reader: bool = True) -> tuple[tuple[str, str], ...]:
    """Every tag of a design with a line on what it stands for, for help and documentation.

    The examples are those of two agents per role.
    """
    words = Vocabulary(role_names, has_reader=has_reader)
    roles = tuple(RoleFacts(name, 2) for name in words.roles.values())
    reader = (f"{roles[0].name.capitalize()}_1", roles[0].name) if roles and has_reader else None
    facts = Facts(roles, 2, 20, *(reader or ()))
    rows = []
    for scope, part in words.usable():
        if scope == "SELF" and reader is None:
            continue
        tag = f"<{scope}_{part}{'MAKE' if part in VERBS else ''}>"
        owner = f"role {words.roles[scope]}" if scope in words.roles else _SCOPES[scope][0]
        others = " (without the reader)" if part.startswith("OTHERS_") else ""
        meaning = _MEANINGS[part.removeprefix("OTHERS_")]
        rows.append((tag, f"{owner}{others}: {meaning}, such as `{fill(tag, facts)}`"))
    return tuple(rows)


def fill(text: str, facts: Facts) -> str:
    """A text with every tag replaced by what it stands for.

    Raises:
        DesignInvalidError: A tag is unknown, or asks for a reader where there is none.
    """
    values = _Values(facts)
    return "".join(
        piece if isinstance(piece, str) else piece.cased(values.of(piece.meaning))
        for piece in _settled(text, facts.unnamed())
    )


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a tag stands in a text."""

    meaning: Meaning
    is_capitalised: bool
    begins_sentence: bool
    """Whether a sentence has ended since the slot before."""

    @property
    def is_name(self) -> bool:
        """Whether agents' names stand there."""
        return self.meaning.part in _NAMED

    def cased(self, value: str) -> str:
        """A value as it stands there."""
        return value[:1].upper() + value[1:] if self.is_capitalised else value


@lru_cache(_TEXTS_KEPT)
def _settled(text: str, facts: Facts) -> tuple[str | _Slot, ...]:
    """A text with everything in it but agents' names, in which runs of one condition differ."""
    values = _Values(facts)
    pieces: list[str | _Slot] = []
    names = tuple(role.name for role in facts.roles)
    for piece in _parsed(text, names, facts.self_name is not None):
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        if piece.begins_sentence:
            values.new_sentence()
        value = values.of(piece.meaning)
        pieces.append(piece if piece.is_name else piece.cased(value))
    return tuple(_joined(pieces))


def _parsed(text: str, role_names: tuple[str, ...], has_reader: bool) -> tuple[str | _Slot, ...]:
    """A text as what stands in it literally, and the slots between."""
    words = Vocabulary(role_names, has_reader=has_reader)
    problems = problems_of(text, words)
    if problems:
        raise DesignInvalidError(
            " ".join(problems),
            problems=problems,
            remedy=r"Write the tag as suggested, or \<LIKE_THIS> to keep it as ordinary text.",
        )
    pieces: list[str | _Slot] = []
    end, is_new = 0, False
    for match in TOKEN.finditer(text):
        between = text[end : match.start()]
        pieces.append(between)
        is_new = is_new or _SENTENCE_END.search(between) is not None
        end = match.end()
        raw, slashes = match["name"], match["slashes"]
        if not words.owns(raw):
            pieces.append(match[0])
            continue
        pieces.append(slashes[: len(slashes) // 2])
        meaning = words.meaning(raw.upper())
        if meaning is None or is_escaped(match):
            pieces.append(f"<{raw}>")
            continue
        pieces.append(_Slot(meaning, is_capitalised(raw), is_new))
        is_new = False
    pieces.append(text[end:])
    return tuple(pieces)


def _joined(pieces: Iterable[str | _Slot]) -> Iterator[str | _Slot]:
    """The same, with texts that follow each other as one."""
    for is_text, run in groupby(pieces, lambda piece: isinstance(piece, str)):
        if is_text:
            yield "".join(map(str, run))
        else:
            yield from run


class _Values:
    """What tags stand for, tag after tag of one text.

    A verb agrees with the nearest subject of its role before it in the sentence, which may be a
    singular `they`; without one, with how many there are.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._roles = {role_key(role.name): role for role in facts.roles}
        self._singular: dict[str, bool] = {}

    def new_sentence(self) -> None:
        """Forget the subjects so far."""
        self._singular.clear()

    def of(self, meaning: Meaning) -> str:
        """What the next tag stands for."""
        facts, scope, part = self._facts, meaning.scope, meaning.part
        if scope == "SELF":
            name, role = facts.self_name or "", facts.self_role or ""
            return name if part == "NAME" else grammar.noun(role)
        if scope in self._roles:
            return self._of_role(self._roles[scope], meaning)
        if scope in ("AGENTS", "OTHERS"):
            without_reader = scope == "OTHERS"
            names = [n for role in facts.roles for n in self._names(role, without_reader)]
            if part == "NAMES":
                self._singular[scope] = len(names) <= 1
                return grammar.joined(names)
            if part == "VERB_":
                singular = self._singular.get(scope, len(names) <= 1)
                return grammar.agreeing_verb(meaning.verb, singular=singular)
            count = len(names)
            self._singular[scope] = count == 1
        else:
            present = sum(role.count > 0 for role in facts.roles)
            count = {"ROLES": present, "DAYS": facts.days, "MESSAGES": facts.messages}[scope]
        if part == "NOUN":
            return f"{_SCOPES[scope][1]}{'' if count == 1 else 's'}"
        return grammar.number_word(count) if part == "NUM_WORD" else str(count)

    def _of_role(self, role: RoleFacts, meaning: Meaning) -> str:
        scope, part = meaning.scope, meaning.part.removeprefix("OTHERS_")
        others = part != meaning.part
        names = self._names(role, others)
        count = len(names)
        others_scope = f"{scope}_OTHERS"
        if part == "VERB_":
            agrees_with = others_scope if others else scope
            singular = self._singular.get(agrees_with, count == 1)
            return grammar.agreeing_verb(meaning.verb, singular=singular)
        if part in _SUBJECTS:
            plural = part == "PRON" and role.pronouns == "they"
            nobody = part == "NAMES" and not count
            self._singular[scope] = nobody or (count == 1 and not plural)
            if others:
                self._singular[others_scope] = self._singular[scope]
        match part:
            case "NUM":
                return str(count)
            case "NUM_WORD":
                return grammar.number_word(count)
            case "A_NOUN" if count == 1:
                return grammar.with_article(role.name)
            case "POSS":
                return grammar.possessive(grammar.counted(role.name, count))
            case "PRON":
                return grammar.pronoun(role.pronouns, "subject", count)
            case "OBJPRON":
                return grammar.pronoun(role.pronouns, "object", count)
            case "POSSPRON":
                return grammar.pronoun(role.pronouns, "possessive", count)
            case "NAMES":
                return grammar.joined(names)
            case "THERE_BE":
                return "there is" if count == 1 else "there are"
        return grammar.counted(role.name, count)

    def _names(self, role: RoleFacts, without_reader: bool) -> list[str]:
        names = list(role.names)
        if not names:
            label = role_key(role.name).capitalize()
            names = [f"{label}_{n}" for n in range(1, role.count + 1)]
        reader = self._facts.self_name
        if without_reader and reader is not None and role.name == self._facts.self_role:
            names.remove(reader if reader in names else names[-1])
        return names
