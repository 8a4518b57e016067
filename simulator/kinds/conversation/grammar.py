"""English agreement: nouns, articles, possessives, pronouns, number words and verbs.

`inflect` costs over a second to import, so it is imported only by the functions that cannot answer
without it: plurals, articles, and number words above twelve.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import inflect

Pronouns = Literal["he", "she", "they", "it", "he/she"]
Case = Literal["subject", "object", "possessive"]

_PRONOUNS: dict[Pronouns, dict[Case, str]] = {
    "he": {"subject": "he", "object": "him", "possessive": "his"},
    "she": {"subject": "she", "object": "her", "possessive": "her"},
    "they": {"subject": "they", "object": "them", "possessive": "their"},
    "it": {"subject": "it", "object": "it", "possessive": "its"},
    "he/she": {"subject": "he/she", "object": "him/her", "possessive": "his/her"},
}

_SMALL_NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

# What inflect gets wrong: its "polices", "thiefs", "passer-bies", "germen", "childrens".
_SAME_IN_PLURAL = frozenset(
    ("cattle", "cavalry", "children", "clergy", "infantry", "media", "men", "military", "offspring")
) | {"people", "personnel", "police", "staff", "women"}
_PLURALS = {
    "brahman": "brahmans",
    "german": "germans",
    "hanger-on": "hangers-on",
    "lens": "lenses",
    "manservant": "menservants",
    "nobleman": "noblemen",
    "norman": "normans",
    "passer-by": "passers-by",
    "passerby": "passersby",
    "roman": "romans",
    "runner-up": "runners-up",
    "thief": "thieves",
    "tradesman": "tradesmen",
}
_AN = frozenset({"eu", "sos", "usher"})

_PREPOSITIONS = frozenset(("at", "by", "for", "from", "in", "of", "on", "to", "under", "with"))

_VERB_ALIASES = {
    "am": "be",
    "is": "be",
    "are": "be",
    "were": "was",
    "has": "have",
    "does": "do",
}
_THIRD_PERSON = {
    "be": "is",
    "was": "was",
    "have": "has",
    "bus": "buses",
    "gas": "gases",
    "quiz": "quizzes",
    "stomach": "stomachs",
    "whiz": "whizzes",
}
_PLURAL_VERBS = {"be": "are", "was": "were"}
_MODALS = frozenset(
    ("can", "could", "may", "might", "must", "ought", "shall", "should", "will", "would")
)


@functools.cache
def _engine() -> inflect.engine:
    import inflect

    return inflect.engine()


def noun(name: str) -> str:
    """A role's name as it stands in a sentence: lower case, `_` as a space."""
    return " ".join(name.replace("_", " ").lower().split())


def _is_plural(word: str) -> bool:
    if not word.endswith("s") or word.endswith(("ss", "us", "as", "is")):
        return False
    singular = _engine().singular_noun(word)
    return isinstance(singular, str) and _engine().plural_noun(singular) == word


@functools.cache
def plural(name: str) -> str:
    """The plural of a role's name, which may be several words; a plural stays as it is."""
    shown = noun(name)
    phrase, bracket, rest = shown.partition(" (")
    *before, last = phrase.split(" ")
    if not last:
        return shown
    if last[-1].isdigit() or (len(last) == 1 and last.isascii()):
        changed = f"{phrase}s"
    elif last.lower() == last.upper():
        changed = phrase
    elif _PREPOSITIONS.intersection(before):
        changed = _engine().plural_noun(phrase)
    else:
        changed = " ".join([*before, _plural_word(last)])
        if before and last == "general":
            changed = _engine().plural_noun(phrase)
    return f"{changed}{bracket}{rest}"


def _plural_word(word: str) -> str:
    if word in _SAME_IN_PLURAL:
        return word
    if word in _PLURALS:
        return _PLURALS[word]
    if _is_plural(word):
        return word
    return _engine().plural_noun(word)


def counted(name: str, count: int) -> str:
    """A role's name in the number that goes with a count: one guard, zero guards."""
    return noun(name) if count == 1 else plural(name)


def possessive(shown: str) -> str:
    """A noun's possessive: `'` alone after an s, else `'s`."""
    return f"{shown}'" if shown.endswith("s") else f"{shown}'s"


def with_article(name: str) -> str:
    """A role's name after `a` or `an`.

    The article goes with the name as it was typed, so that LLM takes `an`.
    """
    shown = noun(name)
    typed = " ".join(name.replace("_", " ").split())
    if not typed:
        return shown
    if shown.split(" ")[0] in _AN:
        return f"an {shown}"
    article = _engine().a(typed).split(" ")[0]
    return f"{article} {shown}"


def pronoun(pronouns: Pronouns, case: Case, count: int) -> str:
    """The pronoun for so many; more or fewer than one take they, them and their."""
    return _PRONOUNS[pronouns if count == 1 else "they"][case]


def joined(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `A, B and C`; `nobody` for none."""
    if not names:
        return "nobody"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def number_word(count: int) -> str:
    """A count in words."""
    if 0 <= count < len(_SMALL_NUMBERS):
        return _SMALL_NUMBERS[count]
    words = _engine().number_to_words(str(count))
    return words if isinstance(words, str) else " ".join(words)


def third_person(base: str) -> str:
    """A verb's present form after he, she or it, from its base form; WAS stands for the past."""
    verb = _VERB_ALIASES.get(base.lower(), base.lower())
    if verb in _MODALS:
        return verb
    if verb in _THIRD_PERSON:
        return _THIRD_PERSON[verb]
    if re.search(r"(?:[^aeiou]|qu)y$", verb):
        return f"{verb[:-1]}ies"
    if re.search(r"(?:s|x|z|ch|sh|[^aeiou]o)$", verb):
        return f"{verb}es"
    return f"{verb}s"


def plural_verb(base: str) -> str:
    """A verb's present form after they, from its base form; WAS stands for the past."""
    verb = _VERB_ALIASES.get(base.lower(), base.lower())
    return _PLURAL_VERBS.get(verb, verb)


def agreeing_verb(phrase: str, *, singular: bool) -> str:
    """A verb phrase whose first word agrees: `look after` gives `looks after`."""
    first, space, rest = phrase.lower().partition(" ")
    form = third_person(first) if singular else plural_verb(first)
    return f"{form}{space}{rest}"


def base_form_meant(verb: str) -> str | None:
    """The base form of a verb that was written with its third-person ending, as in `makes`.

    None when the verb may well be a base form, as `pass`, `focus` or `bias`.
    """
    word = verb.lower()
    if word in _VERB_ALIASES or len(word) < 4 or not re.search(r"[^suai]s$", word):
        return None
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if re.search(r"(?:ss|x|zz|ch|sh|[^aeiou]o)es$", word):
        return word[:-2]
    return word[:-1]
