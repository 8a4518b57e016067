"""English agreement."""

import subprocess
import sys

import pytest

from simulator.kinds.conversation import grammar


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("guard", "guards"),
        ("Guard", "guards"),
        ("child", "children"),
        ("person", "people"),
        ("boss", "bosses"),
        ("deer", "deer"),
        ("policewoman", "policewomen"),
        ("police", "police"),
        ("secret police", "secret police"),
        ("police_officer", "police officers"),
        ("Police Officer", "police officers"),
        ("chief of police", "chiefs of police"),
        ("chief of staff", "chiefs of staff"),
        ("mother-in-law", "mothers-in-law"),
        ("attorney general", "attorneys general"),
        ("passer-by", "passers-by"),
        ("thief", "thieves"),
        ("tradesman", "tradesmen"),
        ("german", "germans"),
        ("staff", "staff"),
        ("guards", "guards"),
        ("troops", "troops"),
        ("people", "people"),
        ("children", "children"),
        ("witness", "witnesses"),
        ("genius", "geniuses"),
        ("bus", "buses"),
        ("lens", "lenses"),
        ("gas", "gases"),
        ("spy", "spies"),
        ("player 1", "player 1s"),
        ("agent_x", "agent xs"),
        ("guard (night shift)", "guards (night shift)"),
        ("警察", "警察"),
    ],
)
def test_plural(name: str, expected: str) -> None:
    assert grammar.plural(name) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "guards"), (1, "guard"), (2, "guards"), (3, "guards")]
)
def test_counted(count: int, expected: str) -> None:
    assert grammar.counted("Guard", count) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("guard", "guard's"),
        ("guards", "guards'"),
        ("children", "children's"),
        ("boss", "boss'"),
        ("bosses", "bosses'"),
    ],
)
def test_possessive(shown: str, expected: str) -> None:
    assert grammar.possessive(shown) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("guard", "a guard"),
        ("officer", "an officer"),
        ("hourly worker", "an hourly worker"),
        ("user", "a user"),
        ("usher", "an usher"),
        ("LLM", "an llm"),
        ("GUARD", "a guard"),
        ("police_officer", "a police officer"),
        ("honest man", "an honest man"),
        ("EU", "an eu"),
    ],
)
def test_with_article(name: str, expected: str) -> None:
    assert grammar.with_article(name) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "zero"),
        (1, "one"),
        (2, "two"),
        (12, "twelve"),
        (13, "thirteen"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (250, "two hundred and fifty"),
    ],
)
def test_number_word(count: int, expected: str) -> None:
    assert grammar.number_word(count) == expected


@pytest.mark.parametrize(
    ("base", "third", "plural"),
    [
        ("make", "makes", "make"),
        ("MAKE", "makes", "make"),
        ("be", "is", "are"),
        ("IS", "is", "are"),
        ("are", "is", "are"),
        ("was", "was", "were"),
        ("WERE", "was", "were"),
        ("have", "has", "have"),
        ("has", "has", "have"),
        ("do", "does", "do"),
        ("go", "goes", "go"),
        ("undergo", "undergoes", "undergo"),
        ("veto", "vetoes", "veto"),
        ("shampoo", "shampoos", "shampoo"),
        ("try", "tries", "try"),
        ("obey", "obeys", "obey"),
        ("play", "plays", "play"),
        ("say", "says", "say"),
        ("buy", "buys", "buy"),
        ("watch", "watches", "watch"),
        ("push", "pushes", "push"),
        ("pass", "passes", "pass"),
        ("fix", "fixes", "fix"),
        ("buzz", "buzzes", "buzz"),
        ("focus", "focuses", "focus"),
        ("quiz", "quizzes", "quiz"),
        ("lose", "loses", "lose"),
        ("see", "sees", "see"),
        ("must", "must", "must"),
        ("can", "can", "can"),
        ("may", "may", "may"),
        ("will", "will", "will"),
        ("double-check", "double-checks", "double-check"),
    ],
)
def test_verbs(base: str, third: str, plural: str) -> None:
    assert grammar.third_person(base) == third
    assert grammar.plural_verb(base) == plural


def test_only_the_first_word_of_a_verb_phrase_agrees() -> None:
    assert grammar.agreeing_verb("LOOK AFTER", singular=True) == "looks after"
    assert grammar.agreeing_verb("LOOK AFTER", singular=False) == "look after"
    assert grammar.agreeing_verb("DO NOT OBEY", singular=True) == "does not obey"


@pytest.mark.parametrize(
    ("verb", "base"),
    [
        ("MAKES", "make"),
        ("watches", "watch"),
        ("tries", "try"),
        ("lies", "lie"),
        ("goes", "go"),
        ("uses", "use"),
        ("says", "say"),
        ("passes", "pass"),
        ("runs", "run"),
        ("make", None),
        ("pass", None),
        ("focus", None),
        ("bias", None),
        ("was", None),
        ("does", None),
    ],
)
def test_base_form_meant(verb: str, base: str | None) -> None:
    assert grammar.base_form_meant(verb) == base


def test_no_common_verb_is_taken_for_its_third_person() -> None:
    bases = "be have do go say get make know think take see come want use find give tell work call "
    bases += "try ask need feel become leave put mean keep let begin seem help show hear play run "
    bases += "guess discuss press miss dress process cross toss confess bypass canvass"
    assert grammar.base_form_meant("focus") is None
    for base in bases.split():
        assert grammar.base_form_meant(base) is None
        third = grammar.third_person(base)
        assert third in ("is", "has", "does") or grammar.base_form_meant(third) == base


@pytest.mark.parametrize(
    ("pronouns", "one", "many"),
    [
        ("he", ["he", "him", "his"], ["they", "them", "their"]),
        ("she", ["she", "her", "her"], ["they", "them", "their"]),
        ("they", ["they", "them", "their"], ["they", "them", "their"]),
        ("it", ["it", "it", "its"], ["they", "them", "their"]),
        ("he/she", ["he/she", "him/her", "his/her"], ["they", "them", "their"]),
    ],
)
def test_pronouns(pronouns: grammar.Pronouns, one: list[str], many: list[str]) -> None:
    cases: tuple[grammar.Case, ...] = ("subject", "object", "possessive")
    assert [grammar.pronoun(pronouns, case, 1) for case in cases] == one
    for count in (0, 2, 3):
        assert [grammar.pronoun(pronouns, case, count) for case in cases] == many


def test_joined() -> None:
    assert grammar.joined([]) == "nobody"
    assert grammar.joined(["A"]) == "A"
    assert grammar.joined(["A", "B"]) == "A and B"
    assert grammar.joined(["A", "B", "C"]) == "A, B and C"


def test_what_needs_no_dictionary_does_not_import_inflect() -> None:
    code = (
        "import sys\n"
        "from simulator.kinds.conversation import grammar\n"
        "grammar.counted('police_officer', 1), grammar.number_word(12)\n"
        "grammar.possessive('boss'), grammar.third_person('try'), grammar.joined(['A', 'B'])\n"
        "assert 'inflect' not in sys.modules\n"
        "grammar.plural('guard')\n"
        "assert 'inflect' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
