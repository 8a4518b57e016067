"""Placeholders of prompts."""

import re
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import DesignInvalidError
from simulator.kinds.conversation.placeholders import (
    Facts,
    Pronouns,
    RoleFacts,
    available,
    check,
    escape,
    fill,
    tags,
)

ROLES = ("guard", "prisoner")
GUARDS = ("Guard_117", "Guard_204", "Guard_350")


def facts(
    guards: int = 1,
    prisoners: int = 1,
    *,
    reader: str | None = "Prisoner_1",
    pronouns: Pronouns = "he/she",
    days: int = 1,
) -> Facts:
    roles = (
        RoleFacts("guard", guards, pronouns, GUARDS[:guards]),
        RoleFacts(
            "prisoner", prisoners, names=tuple(f"Prisoner_{n + 1}" for n in range(prisoners))
        ),
    )
    role = reader.split("_")[0].lower() if reader else None
    return Facts(roles, days=days, messages=20, self_name=reader, self_role=role)


def test_example_a_of_the_original() -> None:
    text = (
        "You are a guard, approaching <PRISONER_NUM> <PRISONER_NOUN>.\n\n## Personality\n\n"
        "Abusive toward the <PRISONER_NOUN>, the <PRISONER_POSS> rights.\n\n"
        "## Communication rules\n\nSpeak in first person. <AGENTS_NUM> agents, <ROLES_NUM> roles.\n"
    )
    assert fill(text, facts(1, 2)) == (
        "You are a guard, approaching 2 prisoners.\n\n## Personality\n\nAbusive toward the "
        "prisoners, the prisoners' rights.\n\n## Communication rules\n\n"
        "Speak in first person. 3 agents, 2 roles.\n"
    )


@pytest.mark.parametrize(
    ("guards", "expected"),
    [
        (0, "There are 0 guards and the guards' keys; the guards make rules"),
        (1, "There is 1 guard and the guard's keys; the guard makes rules"),
        (2, "There are 2 guards and the guards' keys; the guards make rules"),
    ],
)
def test_example_b_of_the_original_mended(guards: int, expected: str) -> None:
    text = (
        "There <GUARD_VERB_BE> <GUARD_NUM> <GUARD_NOUN> and the <GUARD_POSS> keys; "
        "the <GUARD_NOUN> <GUARD_VERB_MAKE> rules"
    )
    assert fill(text, facts(guards)) == expected


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("GUARD_NUM", ("0", "1", "2", "3")),
        ("GUARD_NUM_WORD", ("zero", "one", "two", "three")),
        ("GUARD_NOUN", ("guards", "guard", "guards", "guards")),
        ("GUARD_A_NOUN", ("guards", "a guard", "guards", "guards")),
        ("GUARD_POSS", ("guards'", "guard's", "guards'", "guards'")),
        ("GUARD_PRON", ("they", "he/she", "they", "they")),
        ("GUARD_OBJPRON", ("them", "him/her", "them", "them")),
        ("GUARD_POSSPRON", ("their", "his/her", "their", "their")),
        ("GUARD_VERB_MAKE", ("make", "makes", "make", "make")),
        ("GUARD_VERB_BE", ("are", "is", "are", "are")),
        ("GUARD_VERB_WAS", ("were", "was", "were", "were")),
        ("GUARD_VERB_HAVE", ("have", "has", "have", "have")),
        ("GUARD_VERB_DO_NOT_TRY", ("do not try", "does not try", "do not try", "do not try")),
        ("GUARD_VERB_MUST", ("must", "must", "must", "must")),
        (
            "GUARD_NAMES",
            (
                "nobody",
                "Guard_117",
                "Guard_117 and Guard_204",
                "Guard_117, Guard_204 and Guard_350",
            ),
        ),
        ("GUARD_THERE_BE", ("there are", "there is", "there are", "there are")),
        ("AGENTS_NUM", ("1", "2", "3", "4")),
        ("AGENTS_NUM_WORD", ("one", "two", "three", "four")),
        ("AGENTS_NOUN", ("agent", "agents", "agents", "agents")),
        ("ROLES_NUM", ("1", "2", "2", "2")),
        ("ROLES_NUM_WORD", ("one", "two", "two", "two")),
        ("ROLES_NOUN", ("role", "roles", "roles", "roles")),
        ("OTHERS_NUM", ("0", "1", "2", "3")),
        ("OTHERS_NUM_WORD", ("zero", "one", "two", "three")),
        ("OTHERS_VERB_BE", ("is", "is", "are", "are")),
        (
            "OTHERS_NAMES",
            (
                "nobody",
                "Guard_117",
                "Guard_117 and Guard_204",
                "Guard_117, Guard_204 and Guard_350",
            ),
        ),
        ("GUARD_OTHERS_NUM", ("0", "1", "2", "3")),
        ("PRISONER_OTHERS_NUM", ("0", "0", "0", "0")),
        ("SELF_NAME", ("Prisoner_1",) * 4),
        ("SELF_ROLE", ("prisoner",) * 4),
        ("MESSAGES_NUM", ("20",) * 4),
        ("MESSAGES_NUM_WORD", ("twenty",) * 4),
        ("MESSAGES_NOUN", ("messages",) * 4),
    ],
)
def test_every_tag_by_the_number_of_guards(tag: str, values: tuple[str, ...]) -> None:
    for count, value in enumerate(values):
        assert fill(f"<{tag}>", facts(count)) == value
        assert fill(f"<{tag.capitalize()}>", facts(count)) == value[:1].upper() + value[1:]


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("GUARD_OTHERS_NUM", ("0", "1", "2")),
        ("GUARD_OTHERS_NUM_WORD", ("zero", "one", "two")),
        ("GUARD_OTHERS_NOUN", ("guards", "guard", "guards")),
        ("GUARD_OTHERS_VERB_MAKE", ("make", "makes", "make")),
        ("GUARD_OTHERS_NAMES", ("nobody", "Guard_117", "Guard_117 and Guard_350")),
        ("GUARD_OTHERS_THERE_BE", ("there are", "there is", "there are")),
    ],
)
def test_tags_of_the_others_of_a_role(tag: str, values: tuple[str, ...]) -> None:
    for others, value in enumerate(values):
        reader = "Guard_204" if others else "Guard_117"
        assert fill(f"<{tag}>", facts(others + 1, reader=reader)) == value


@pytest.mark.parametrize(
    ("days", "expected"), [(0, "0 zero days"), (1, "1 one day"), (2, "2 two days")]
)
def test_days(days: int, expected: str) -> None:
    assert fill("<DAYS_NUM> <DAYS_NUM_WORD> <DAYS_NOUN>", facts(days=days)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Obey the <GUARD_VERB_GIVE>.", "Obey the give."),
        ("<GUARD_NOUN>, <GUARD_NOUN>; (<GUARD_NOUN>)", "guards, guards; (guards)"),
        ("\"<GUARD_NUM>\" '<GUARD_NUM>' “<GUARD_NUM>”", "\"2\" '2' “2”"),
        ("<GUARD_NUM>\n<GUARD_NUM>", "2\n2"),
        ("<GUARD_NUM><GUARD_NOUN><GUARD_NUM>", "2guards2"),
        ("x<GUARD_NUM>y", "x2y"),
        ("**<GUARD_NUM>**, `<GUARD_NUM>`", "**2**, `2`"),
        ("<<GUARD_NUM>>", "<2>"),
        ("a < <GUARD_NUM> > b", "a < 2 > b"),
        ("<GUARD-VERB-BE>", "are"),
        ("<GUARD_VERB_LOOK AFTER>", "look after"),
    ],
)
def test_tags_stand_anywhere(text: str, expected: str) -> None:
    assert check(text, ROLES) == ()
    assert fill(text, facts(2)) == expected


@pytest.mark.parametrize(
    ("text", "one", "many"),
    [
        ("the <GUARD_NOUN> <GUARD_VERB_MAKE>", "the guard makes", "the guards make"),
        ("<GUARD_PRON> <GUARD_VERB_MAKE>", "they make", "they make"),
        (
            "the <GUARD_NOUN> <GUARD_VERB_SAY> <GUARD_PRON> <GUARD_VERB_BE> ill",
            "the guard says they are ill",
            "the guards say they are ill",
        ),
        (
            "<Guard_pron> <GUARD_VERB_SHOUT>. There <GUARD_VERB_BE> <GUARD_NUM>",
            "They shout. There is 1",
            "They shout. There are 2",
        ),
        (
            "<Guard_pron> <GUARD_VERB_SHOUT>\n\n<GUARD_VERB_BE>",
            "They shout\n\nis",
            "They shout\n\nare",
        ),
        (
            "<GUARD_PRON> and <PRISONER_NOUN> <PRISONER_VERB_TALK>",
            "they and prisoner talks",
            "they and prisoner talks",
        ),
        ("<GUARD_NAMES> <GUARD_VERB_SIT>", "Guard_117 sits", "Guard_117 and Guard_204 sit"),
        ("<GUARD_A_NOUN> <GUARD_VERB_SIT>", "a guard sits", "guards sit"),
    ],
)
def test_a_verb_agrees_with_the_subject_before_it(text: str, one: str, many: str) -> None:
    assert fill(text, facts(1, pronouns="they")) == one
    assert fill(text, facts(2, pronouns="they")) == many


def test_a_verb_agrees_with_the_others() -> None:
    text = "the other <GUARD_OTHERS_NOUN> <GUARD_VERB_MAKE>; <GUARD_OTHERS_NAMES> <GUARD_VERB_BE>"
    assert fill(text, facts(1, reader="Guard_117")) == "the other guards make; nobody is"
    assert fill(text, facts(2, reader="Guard_117")) == "the other guard makes; Guard_204 is"
    both = "the <GUARD_NOUN> know that <GUARD_OTHERS_NUM> <GUARD_OTHERS_VERB_SLEEP>"
    assert fill(both, facts(2, reader="Guard_117")) == "the guards know that 1 sleeps"
    inverted = "here <OTHERS_VERB_BE> <OTHERS_NAMES>; <OTHERS_NUM> others <OTHERS_VERB_BE>"
    assert fill(inverted, facts(0)) == "here is nobody; 0 others are"


@pytest.mark.parametrize(
    ("pronouns", "expected"),
    [
        ("he", "he him his makes"),
        ("she", "she her her makes"),
        ("it", "it it its makes"),
        ("they", "they them their make"),
        ("he/she", "he/she him/her his/her makes"),
    ],
)
def test_pronouns_of_one_guard(pronouns: Pronouns, expected: str) -> None:
    text = "<GUARD_PRON> <GUARD_OBJPRON> <GUARD_POSSPRON> <GUARD_VERB_MAKE>"
    assert fill(text, facts(1, pronouns=pronouns)) == expected


@pytest.mark.parametrize(
    "role", ["police officer", "police_officer", "Police-Officer", "POLICE OFFICER"]
)
def test_role_names_of_several_words(role: str) -> None:
    who = Facts((RoleFacts(role, 2),), 1, 2, "Police_officer_1", role)
    text = "<Police_officer_noun> <POLICE_OFFICER_VERB_WALK>; <POLICE OFFICER_A_NOUN>, <SELF_NAME>"
    expected = "Police officers walk; police officers, Police_officer_1"
    assert fill(text, who).replace("-", " ") == expected


def test_the_summarizer_has_no_reader() -> None:
    (problem,) = check("<SELF_NAME>", ROLES, has_reader=False)
    assert "<AGENTS_NAMES>" in problem
    assert "<SELF_" not in check("<SELF_NAM>", ROLES, has_reader=False)[0].partition(";")[2]
    with pytest.raises(DesignInvalidError):
        fill("<Self_role>", facts(reader=None))
    text = "<OTHERS_NUM>: <OTHERS_NAMES>; <GUARD_OTHERS_NAMES>"
    assert check(text, ROLES, has_reader=False) == ()
    assert fill(text, facts(1, reader=None)) == "2: Guard_117 and Prisoner_1; Guard_117"


ORDINARY = [
    "",
    "<3",
    "a < b > c",
    "a<b>c</b>",
    "<think>",
    "<B>",
    "<THINK>",
    "<Think>",
    "<your_name>",
    "<Your_Name>",
    "<A AND B>",
    "<>",
    "< GUARD_NUM >",
    "<GUARD_NUM",
    "<GUARD\n_NUM>",
    "GUARD_NUM>",
    r"\n \\ \<think>",
    "<!-- GUARD_NUM -->",
    "<_NUM>",
    "<2_NUM>",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert tags(text) == ()
    assert check(text, ROLES) == ()
    assert fill(text, facts(2)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\<GUARD_NUM>", "<GUARD_NUM>"),
        (r"\\<GUARD_NUM>", r"\2"),
        (r"\\\<GUARD_NUM>", r"\<GUARD_NUM>"),
        (r"\<FOO_BAR>", "<FOO_BAR>"),
        (r"\<GUARD>", "<GUARD>"),
        (r"\<guard_noun>", "<guard_noun>"),
    ],
)
def test_a_backslash_writes_a_tag_literally(text: str, expected: str) -> None:
    assert check(text, ROLES) == ()
    assert fill(text, facts(2)) == expected


def test_long_texts_cost_no_more_than_their_length() -> None:
    started = time.process_time()
    for piece in ("\\", "<", "<A", "<A_", "<A_B-C ", "<<>>", ". \n"):
        assert fill(piece * 100_000, facts(2)) == piece * 100_000
    assert time.process_time() - started < 5.0


def test_agents_without_names_are_numbered() -> None:
    who = Facts((RoleFacts("night guard", 2),), 1, 2, "Ann", "night guard")
    assert fill("<NIGHT_GUARD_NAMES>; <OTHERS_NAMES>", who) == (
        "Night_guard_1 and Night_guard_2; Night_guard_1"
    )


@pytest.mark.parametrize("count", [-1, 1])
def test_impossible_roles_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="guard"):
        RoleFacts("guard", count, names=("A", "B"))


@pytest.mark.parametrize(
    ("name", "role"), [("A", None), (None, "guard"), ("A", "ghost"), ("B", "guard")]
)
def test_impossible_readers_are_refused(name: str | None, role: str | None) -> None:
    with pytest.raises(ValueError, match=r"reader|agent"):
        Facts((RoleFacts("guard", 1, names=("A",)),), 1, 2, name, role)


KNOWN = [tag for tag, _ in available(ROLES)]
WRONG = ["<GUARD_MAKE>", "<FOO_BAR>", "<guard_num>", "<GUARD>", "<Guard_mak>", "<GUARD_VERB_HITS>"]
BRACKETS = st.sampled_from(
    ["<", ">", "\\", "_", "-", " ", "\n", "GUARD", "Guard_", "NUM", "é", "_1"]
)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="<>\\"), max_size=8)
TAGS = st.sampled_from(KNOWN) | st.sampled_from(KNOWN).map(lambda tag: f"<{tag[1:].capitalize()}")
ANY_TEXT = st.lists(BRACKETS | TAGS | st.sampled_from([*WRONG, *ORDINARY]) | WORDS).map("".join)
COUNTS = st.integers(0, 3)
READERS = st.sampled_from([None, "Prisoner_1"])


NO_TAGS = st.text(st.characters(codec="utf-8")).filter(lambda text: not re.search(r"<\w", text))


@given(NO_TAGS | st.lists(st.sampled_from(ORDINARY) | WORDS).map("; ".join))
def test_text_without_tags_is_unchanged(text: str) -> None:
    assert fill(text, facts(2)) == text


@given(st.lists(TAGS | WORDS).map("".join), COUNTS)
def test_filling_leaves_no_tag(text: str, guards: int) -> None:
    filled = fill(text, facts(guards))
    assert tags(filled) == ()
    assert not re.search(r"<(GUARD|Guard|SELF|Self)_", filled)


@given(ANY_TEXT, COUNTS, READERS)
def test_check_and_fill_agree(text: str, guards: int, reader: str | None) -> None:
    problems = check(text, ROLES, has_reader=reader is not None)
    try:
        fill(text, facts(guards, reader=reader))
    except DesignInvalidError as error:
        assert problems == error.problems != ()
    else:
        assert problems == ()


@given(ANY_TEXT, READERS)
def test_escaped_text_comes_back(text: str, reader: str | None) -> None:
    escaped = escape(text, ROLES)
    assert tags(escaped) == ()
    assert fill(escaped, facts(2, reader=reader)) == text


def test_a_text_for_one_guard_does_not_import_inflect() -> None:
    code = (
        "import sys\n"
        "from simulator.kinds.conversation.placeholders import Facts, RoleFacts, check, fill\n"
        "facts = Facts((RoleFacts('guard', 1), RoleFacts('boss', 1)), 3, 20, 'Guard_1', 'guard')\n"
        "text = '<GUARD_NOUN> <GUARD_VERB_MAKE> <BOSS_POSS> <OTHERS_NAMES> <DAYS_NUM_WORD>'\n"
        "text += ' <DAYS_NOUN> <Guard_there_be> <GUARD_NUM_WORD> <BOSS_PRON> <AGENTS_NUM>'\n"
        "assert check(text, ('guard', 'boss')) == ()\n"
        "print(fill(text, facts))\n"
        "assert 'inflect' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ("guard makes boss' Boss_1 three days There is one he/she 2")
