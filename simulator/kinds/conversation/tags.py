"""The tags of prompts: finding them in a text, reading them, and what is wrong with one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from simulator.kinds.conversation import grammar

TOKEN = re.compile(r"(?<!\\)(?P<slashes>\\*)<(?P<name>[^\W\d_][\w -]*)>")

VERBS = ("VERB_", "OTHERS_VERB_")
_ROLE_PARTS = tuple(
    [
        "NUM",
        "NUM_WORD",
        "NOUN",
        "A_NOUN",
        "POSS",
        "PRON",
        "OBJPRON",
        "POSSPRON",
        "VERB_",
        "NAMES",
        "THERE_BE",
        "OTHERS_NUM",
        "OTHERS_NUM_WORD",
        "OTHERS_NOUN",
        "OTHERS_VERB_",
        "OTHERS_NAMES",
        "OTHERS_THERE_BE",
    ]
)
_FIXED_PARTS: dict[str, tuple[str, ...]] = {
    "SELF": ("NAME", "ROLE"),
    "OTHERS": ("NUM", "NUM_WORD", "VERB_", "NAMES"),
    "AGENTS": ("NUM", "NUM_WORD", "NOUN", "NAMES"),
    "ROLES": ("NUM", "NUM_WORD", "NOUN"),
    "DAYS": ("NUM", "NUM_WORD", "NOUN"),
    "MESSAGES": ("NUM", "NUM_WORD", "NOUN"),
}

_CLOSE = 0.8
"""Jaro-Winkler similarity from which a misspelt part is taken for a known one."""
_RUN_TOGETHER_FROM = 6
"""Shorter words without an underscore are no tags with a slip, only exact ones."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Something in a text that looks like a tag and is not escaped."""

    text: str
    """As written, brackets included."""
    name: str
    """In capitals, without brackets."""
    offset: int
    line: int
    """From 1."""
    column: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a known tag asks for."""

    scope: str
    """A role's key, or one of the fixed words such as SELF."""
    part: str
    verb: str = ""
    """In capitals, words apart; empty when the tag is no verb."""


@lru_cache(1024)
def role_key(name: str) -> str:
    """A role's name as tags write it: POLICE_OFFICER for `police officer`."""
    return re.sub(r"[\W_]+", "_", name.upper()).strip("_")


class Vocabulary:
    """The tags that a design with these roles has."""

    def __init__(self, role_names: Iterable[str], *, has_reader: bool = True) -> None:
        self.roles = {role_key(name): name for name in role_names}
        self.has_reader = has_reader
        self.parts = dict.fromkeys(self.roles, _ROLE_PARTS) | _FIXED_PARTS
        self.scopes = sorted(self.parts, key=len, reverse=True)
        """Longest first, so that a role `guard captain` comes before `guard`."""

    def usable(self) -> Iterator[tuple[str, str]]:
        """Every scope with each of its parts, roles first."""
        for scope, parts in self.parts.items():
            if scope != "SELF" or self.has_reader:
                yield from ((scope, part) for part in parts)

    def meaning(self, name: str) -> Meaning | None:
        """What a tag in capitals asks for; None when it is unknown."""
        key = _key(name)
        for scope in self.scopes:
            if not key.startswith(f"{scope}_"):
                continue
            rest = key[len(scope) + 1 :]
            if rest in self.parts[scope] and rest not in VERBS:
                return Meaning(scope, rest)
            for prefix in VERBS:
                if prefix in self.parts[scope] and rest.startswith(prefix):
                    verb = name[len(name) - len(rest) + len(prefix) :].replace("_", " ")
                    words = verb.split(" ")
                    if all(re.fullmatch(r"[^\W\d_]+(-[^\W\d_]+)*", word) for word in words):
                        return Meaning(scope, prefix, verb)
        return None

    def names_role(self, raw: str) -> bool:
        """Whether a name in brackets is a role's and nothing more, as in `<GUARD>`."""
        return raw.isupper() and _key(raw) in self.roles

    def owns(self, raw: str) -> bool:
        """Whether a name in brackets must be a tag, rather than ordinary text."""
        return (
            _looks_like_tag(raw)
            or self.names_role(raw)
            or self.meaning(raw.upper()) is not None
            or self.run_together(raw) is not None
        )

    def run_together(self, raw: str) -> str | None:
        """The tag that capitals without an underscore stand for, as in `<SELFNAME>`.

        A slip of one letter in it is forgiven, of two from ten letters on. None for other text.
        """
        if "_" in raw or not raw.isupper():
            return None
        wrong = re.sub(r"[ -]", "", raw)
        best: tuple[int, str] | None = None
        for scope, parts in self.parts.items():
            for part in parts:
                tag = f"{scope}_{part}"
                right = tag.replace("_", "")
                verb = ""
                if part in VERBS:
                    verb = wrong[len(right) :]
                    if len(verb) < 2 or not verb.isalpha():
                        continue
                slips = OSA.distance(wrong[: len(wrong) - len(verb)], right)
                length = min(len(wrong) - len(verb), len(right))
                allowed = 0 if length < _RUN_TOGETHER_FROM else 1 if length < 10 else 2
                if slips <= allowed and (best is None or slips < best[0]):
                    best = slips, f"{tag}{verb}"
        return best[1] if best is not None else None


def _key(name: str) -> str:
    return name.translate({ord(" "): "_", ord("-"): "_"})


def is_capitalised(raw: str) -> bool:
    """Whether a tag's first letter alone is a capital."""
    return raw[0].isupper() and raw[1:].islower()


def _looks_like_tag(raw: str) -> bool:
    return "_" in raw and (raw.isupper() or is_capitalised(raw))


def is_escaped(match: re.Match[str]) -> bool:
    """Whether a backslash makes a tag ordinary text; two of them stand for one."""
    return len(match["slashes"]) % 2 == 1


def tags(text: str) -> tuple[Tag, ...]:
    """Everything in a text that looks like a tag, known or not, in order."""
    found = []
    for match in TOKEN.finditer(text):
        if _looks_like_tag(match["name"]) and not is_escaped(match):
            start = match.start("name") - 1
            line_start = text.rfind("\n", 0, start) + 1
            line = text.count("\n", 0, start) + 1
            written = text[start : match.end()]
            name = match["name"].upper()
            found.append(Tag(written, name, start, line, start - line_start + 1))
    return tuple(found)


def escape(text: str, role_names: Iterable[str]) -> str:
    """A text that `fill` turns back into this one, whatever it holds."""
    words = Vocabulary(role_names)

    def literal(match: re.Match[str]) -> str:
        slashes = match["slashes"]
        return rf"{slashes}{slashes}\<{match['name']}>" if words.owns(match["name"]) else match[0]

    return TOKEN.sub(literal, text)


def renamed(text: str, role_names: Iterable[str], old: str, new: str) -> str:
    """A text in which the tags of a role are those of its new name.

    Args:
        text: Of a design, or all of it.
        role_names: The roles of the design, `old` among them.
        old: The role's name so far.
        new: Its name from now on.
    """
    words = Vocabulary(role_names)
    was, now = role_key(old), role_key(new)

    def other(match: re.Match[str]) -> str:
        name = match["name"]
        key = _key(name.upper())
        scope = next((one for one in words.scopes if f"{key}_".startswith(f"{one}_")), None)
        if scope != was or is_escaped(match) or not (name.isupper() or is_capitalised(name)):
            return match[0]
        begun = now if name.isupper() else now.capitalize()
        return f"{match['slashes']}<{begun}{name[len(was) :]}>"

    return TOKEN.sub(other, text)


def check(text: str, role_names: Iterable[str], *, has_reader: bool = True) -> tuple[str, ...]:
    """What is wrong with a text's tags, a sentence each; nothing when `fill` would fill it.

    Args:
        text: A section of a prompt.
        role_names: The roles of the design, which `check_role_names` has passed.
        has_reader: Whether an agent reads the text; False for the summarizer's.
    """
    return problems_of(text, Vocabulary(role_names, has_reader=has_reader))


def problems_of(text: str, words: Vocabulary) -> tuple[str, ...]:
    """What is wrong with a text's tags, each fault once."""
    found: dict[str, None] = {}
    for match in TOKEN.finditer(text):
        if not is_escaped(match) and words.owns(match["name"]):
            problem = _problem(match["name"], words)
            if problem is not None:
                found[problem] = None
    return tuple(found)


def _problem(raw: str, words: Vocabulary) -> str | None:
    name = raw.upper()
    meaning = words.meaning(name)
    if meaning is None:
        return _unknown(raw, words)
    if not (raw == name or is_capitalised(raw)):
        return f"<{raw}> mixes small letters and capitals; write <{name}> or <{name.capitalize()}>."
    if meaning.scope == "SELF" and not words.has_reader:
        meant = "<AGENTS_NAMES>" if raw == name else "<Agents_names>"
        return f"<{raw}> needs an agent that reads the text, and here is none; use {meant}."
    mended = _in_base_form(name, meaning)
    if mended != name:
        meant = _as_written(mended, raw)
        return f"<{raw}> needs the verb in its base form; did you mean {meant}?"
    return None


def _in_base_form(name: str, meaning: Meaning) -> str:
    first, _, rest = meaning.verb.partition(" ")
    base = grammar.base_form_meant(first)
    if base is None:
        return name
    verb = f"{base.upper()} {rest}".strip().replace(" ", "_")
    return f"{name[: -len(meaning.verb)]}{verb}"


def _as_written(name: str, raw: str) -> str:
    return f"<{name.capitalize()}>" if is_capitalised(raw) else f"<{name}>"


def _unknown(raw: str, words: Vocabulary) -> str:
    key = _key(raw.upper())
    role = words.roles.get(key)
    if role is not None:
        return f"<{raw}> names the role {role!r} but says nothing of it; did you mean <{key}_NOUN>?"
    together = words.run_together(raw)
    head = next((scope for scope in words.scopes if key.startswith(f"{scope}_")), None)
    if together is not None:
        without_reader = together.startswith("SELF_") and not words.has_reader
        nearest = "AGENTS_NAMES" if without_reader else together
        what = "is no tag of this design"
    elif head is not None and (head != "SELF" or words.has_reader):
        nearest = f"{head}_{_nearest_part(key[len(head) + 1 :], words.parts[head])}"
        owner = f"the role {words.roles[head]!r}" if head in words.roles else head
        what = f"is no tag of {owner}"
    else:
        nearest = _nearest_tag(key, words)
        what = "is no tag of this design"
    meaning = words.meaning(nearest)
    if meaning is not None:
        nearest = _in_base_form(nearest, meaning)
    return f"<{raw}> {what}; did you mean {_as_written(nearest, raw)}?"


def _nearest_part(wrong: str, parts: tuple[str, ...]) -> str:
    plain = [part for part in parts if part not in VERBS]
    best = max(plain, key=lambda part: JaroWinkler.similarity(wrong, part))
    first, _, rest = wrong.partition("_")
    takes_verb = "VERB_" in parts
    if takes_verb and JaroWinkler.similarity(first, "VERB") >= _CLOSE:
        return f"VERB_{rest if _is_verb(rest) else 'MAKE'}"
    if takes_verb and _is_verb(wrong) and JaroWinkler.similarity(wrong, best) < _CLOSE:
        return f"VERB_{wrong}"
    return best


def _is_verb(part: str) -> bool:
    return re.fullmatch(r"[^\W\d_]+(_[^\W\d_]+)*", part) is not None


def _nearest_tag(key: str, words: Vocabulary) -> str:
    """The nearest tag to one whose scope is unknown: the nearest scope for what it asks."""
    for split in (at for at, letter in enumerate(key) if letter == "_"):
        wrong, rest = key[:split], key[split + 1 :]
        scopes = [
            scope
            for scope, part in words.usable()
            if (rest == part and part not in VERBS)
            or (part in VERBS and rest.startswith(part) and _is_verb(rest[len(part) :]))
        ]
        if scopes:
            in_order = [s for s in scopes if s in words.roles] + scopes
            return f"{max(in_order, key=lambda s: JaroWinkler.similarity(wrong, s))}_{rest}"
    names = [f"{scope}_{part}" for scope, part in words.usable() if part not in VERBS]
    return max(names, key=lambda name: JaroWinkler.similarity(key, name))


def check_role_names(names: Iterable[str]) -> tuple[str, ...]:
    """What is wrong with a design's role names, as far as tags are concerned."""
    problems = []
    seen: dict[str, str] = {}
    for name in names:
        key = role_key(name)
        if not (TOKEN.fullmatch(f"<{key}>") and f"{key}_NUM".isupper()):
            problems.append(f"Role {name!r} needs a name that begins with a letter.")
        elif key in _FIXED_PARTS:
            problems.append(f"Role {name!r} has a name that tags keep for themselves: <{key}_…>.")
        elif key in seen:
            problems.append(f"Roles {seen[key]!r} and {name!r} would share their tags <{key}_…>.")
        else:
            seen[key] = name
    parts = dict.fromkeys(seen, _ROLE_PARTS) | _FIXED_PARTS
    for short, long in itertools.permutations(parts, 2):
        if long in seen and long.startswith(f"{short}_"):
            tag = _shared_tag(long[len(short) + 1 :], parts[short])
            if tag is not None:
                other = f"role {seen[short]!r}" if short in seen else short
                problems.append(
                    f"Role {seen[long]!r} cannot be told from {other} in <{short}_{tag}>; "
                    "rename it."
                )
    return tuple(problems)


def _shared_tag(rest: str, parts: tuple[str, ...]) -> str | None:
    """A tag of a scope that a role called scope_rest would have too."""
    for part in _ROLE_PARTS:
        tag = f"{rest}_{part}{'MAKE' if part in VERBS else ''}"
        if tag in parts or any(v in parts and tag.startswith(v) for v in VERBS):
            return tag
    return None
