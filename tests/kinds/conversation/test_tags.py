"""Which tags a design has, and what is wrong with one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import DesignInvalidError
from simulator.kinds.conversation.placeholders import (
    Facts,
    RoleFacts,
    available,
    check,
    check_role_names,
    fill,
    role_key,
    tags,
)
from simulator.kinds.conversation.tags import renamed

ROLES = ("guard", "prisoner")
KNOWN = [tag for tag, _ in available(ROLES)]
EVERYBODY = Facts((RoleFacts("guard", 2), RoleFacts("prisoner", 1)), 1, 20, "Guard_1", "guard")
NAMES = st.from_regex(r"[A-Za-z_]{1,12}", fullmatch=True)


def test_the_longest_role_wins() -> None:
    roles = ("guard", "guard num", "guard captain")
    assert check_role_names(roles) == ()
    who = Facts(
        (RoleFacts("guard", 1), RoleFacts("guard num", 2), RoleFacts("guard captain", 3)), 1, 1
    )
    text = "<GUARD_NUM> <GUARD_NUM_NUM> <GUARD_CAPTAIN_NUM> <GUARD_NUM_WORD>"
    assert fill(text, who) == "1 2 3 one"
    (problem,) = check("<GUARD_CAPTAIN_NOUNS>", roles)
    assert "did you mean <GUARD_CAPTAIN_NOUN>?" in problem
    refused = Facts((RoleFacts("guard", 1), RoleFacts("guard a", 1)), 1, 1)
    assert fill("<GUARD_A_NOUN>", refused) == "guard a"


@pytest.mark.parametrize(
    ("names", "blamed"),
    [
        (("self",), "<SELF_…>"),
        (("Others",), "<OTHERS_…>"),
        (("agents",), "<AGENTS_…>"),
        (("roles",), "<ROLES_…>"),
        (("days",), "<DAYS_…>"),
        (("messages",), "<MESSAGES_…>"),
        (("police officer", "police_officer"), "<POLICE_OFFICER_…>"),
        (("guard", "guard a"), "<GUARD_A_NOUN>"),
        (("guard", "guard_others"), "<GUARD_OTHERS_NUM>"),
        (("guard verb", "guard"), "<GUARD_VERB_NUM>"),
        (("others verb",), "<OTHERS_VERB_NUM>"),
        (("2nd guard",), "'2nd guard'"),
        (("!",), "'!'"),
    ],
)
def test_role_names_that_make_tags_ambiguous_are_refused(
    names: tuple[str, ...], blamed: str
) -> None:
    problems = check_role_names(names)
    assert len(problems) == 1
    assert blamed in problems[0]


def test_ordinary_role_names_pass() -> None:
    assert (
        check_role_names(["guard", "prisoner", "Police Officer", "agent", "role 2", "警察"]) == ()
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<GUARD_MAKE>", "<GUARD_VERB_MAKE>"),
        ("<GUARD_LOOK_AFTER>", "<GUARD_VERB_LOOK_AFTER>"),
        ("<GUARD_MAKES>", "<GUARD_VERB_MAKE>"),
        ("<GUARD_VERB_MAKES>", "<GUARD_VERB_MAKE>"),
        ("<Guard_verb_looks_after>", "<Guard_verb_look_after>"),
        ("<GUARD_VREB_MAKE>", "<GUARD_VERB_MAKE>"),
        ("<GUARD_VERB>", "<GUARD_VERB_MAKE>"),
        ("<GUARD_VERB_>", "<GUARD_VERB_MAKE>"),
        ("<GUARD_VERB_2>", "<GUARD_VERB_MAKE>"),
        ("<GUARD_NOUNS>", "<GUARD_NOUN>"),
        ("<GUARD_NUM_>", "<GUARD_NUM>"),
        ("<GUARD_NUMBER_WORD>", "<GUARD_NUM_WORD>"),
        ("<Guard_nown>", "<Guard_noun>"),
        ("<GAURD_NUM>", "<GUARD_NUM>"),
        ("<GAURD_VERB_MAKES>", "<GUARD_VERB_MAKE>"),
        ("<PRISONERS_OTHERS_NOUN>", "<PRISONER_OTHERS_NOUN>"),
        ("<GUARD>", "<GUARD_NOUN>"),
        ("<guard_noun>", "<GUARD_NOUN> or <Guard_noun>"),
        ("<Guard_Noun>", "<GUARD_NOUN> or <Guard_noun>"),
        ("<SELF_NAMES>", "<SELF_NAME>"),
        ("<OTHER_NAMES>", "<OTHERS_NAMES>"),
        ("<OTHERS_NAME>", "<OTHERS_NAMES>"),
        ("<AGENT_NUM>", "<AGENTS_NUM>"),
        ("<DAYS_NUMBER>", "<DAYS_NUM>"),
        ("<SELFNAME>", "<SELF_NAME>"),
        ("<GUARDNUM>", "<GUARD_NUM>"),
        ("<GAURDNUM>", "<GUARD_NUM>"),
        ("<GUARDNUMWORD>", "<GUARD_NUM_WORD>"),
        ("<OTHERSNAMES>", "<OTHERS_NAMES>"),
        ("<OTHERNAMES>", "<OTHERS_NAMES>"),
        ("<OTHERSNAME>", "<OTHERS_NAMES>"),
        ("<PRISONERANOUN>", "<PRISONER_A_NOUN>"),
        ("<GUARDVERBMAKES>", "<GUARD_VERB_MAKE>"),
        ("<GUARDVREBMAKE>", "<GUARD_VERB_MAKE>"),
        ("<SELF NAM>", "<SELF_NAME>"),
    ],
)
def test_an_unknown_tag_names_the_nearest(written: str, meant: str) -> None:
    text = f'Beware of "{written}".'
    problems = check(text, ROLES)
    assert len(problems) == 1
    assert problems[0].startswith(f"{written} ")
    assert meant in problems[0]
    with pytest.raises(DesignInvalidError) as caught:
        fill(text, EVERYBODY)
    assert caught.value.problems == problems


@pytest.mark.parametrize(
    "word",
    ["THINK", "B", "INST", "GUARDIAN", "GUARDED", "GUARDS", "SELF", "OTHERS", "AGENTS", "NAME",
     "SELFLESS", "PRISON", "PRONOUN", "ROLES", "DAYS", "OTHERSVERSE", "Selfname", "NOUN",
     "YOUR NAME", "GUARDROOM", "BOLD TEXT"],
)  # fmt: skip
def test_other_words_in_capitals_are_ordinary_text(word: str) -> None:
    assert check(f"<{word}>", ROLES) == ()
    assert fill(f"<{word}>", EVERYBODY) == f"<{word}>"


def test_a_tag_run_together_may_be_written_and_suggests_what_nobody_reads() -> None:
    assert fill(r"\<SELFNAME>", EVERYBODY) == "<SELFNAME>"
    (problem,) = check("<SELFNAME>", ROLES, has_reader=False)
    assert problem.endswith("did you mean <AGENTS_NAMES>?")


@given(st.sampled_from(KNOWN))
def test_every_tag_run_together_is_noticed(tag: str) -> None:
    problems = check(tag.replace("_", ""), ROLES)
    assert len(problems) == 1 and f"did you mean {tag}?" in problems[0]


def test_problems_stand_in_reading_order_each_once() -> None:
    problems = check("<GUARD_MAKE> <FOO_BAR> <GUARD_MAKE>", ROLES)
    assert [problem.split()[0] for problem in problems] == ["<GUARD_MAKE>", "<FOO_BAR>"]


def test_tags_know_their_place() -> None:
    text = 'One <GUARD_NUM>\n\n"<Foo_bar>" \\<GUARD_NOUN> \\\\<GUARD_POSS>'
    found = [(tag.text, tag.name, tag.line, tag.column) for tag in tags(text)]
    assert found == [
        ("<GUARD_NUM>", "GUARD_NUM", 1, 5),
        ("<Foo_bar>", "FOO_BAR", 3, 2),
        ("<GUARD_POSS>", "GUARD_POSS", 3, 29),
    ]
    assert all(text.startswith(tag.text, tag.offset) for tag in tags(text))


def test_everything_available_is_valid() -> None:
    listed = available(("guard", "police officer"))
    assert len({tag for tag, _ in listed}) == len(listed)
    for tag, meaning in listed:
        assert check(tag, ("guard", "police officer")) == ()
        assert f"`{fill(tag, _two_of_each())}`" in meaning
    assert dict(listed)["<POLICE_OFFICER_NOUN>"].endswith("such as `police officers`")
    without = available(ROLES, has_reader=False)
    assert all(check(tag, ROLES, has_reader=False) == () for tag, _ in without)
    assert not any("SELF" in tag for tag, _ in without)


def _two_of_each() -> Facts:
    roles = (RoleFacts("guard", 2), RoleFacts("police officer", 2))
    return Facts(roles, 2, 20, "Guard_1", "guard")


@given(
    NAMES
    | st.tuples(st.sampled_from(KNOWN), NAMES).map(lambda t: f"{t[0][1:-1]}{t[1]}".upper())
    | st.tuples(
        st.sampled_from(KNOWN), st.integers(1, 9), st.sampled_from(["", "A", "S", " "])
    ).map(lambda t: f"{t[0][1 : t[1]]}{t[2]}{t[0][t[1] + 1 : -1]}".replace("_", ""))
)
def test_every_suggestion_is_valid(name: str) -> None:
    for has_reader in (True, False):
        for problem in check(f"<{name}>", ROLES, has_reader=has_reader):
            suggested = re.findall(r"<[\w -]+>", problem.partition(">")[2])
            assert suggested
            assert check(" ".join(suggested), ROLES, has_reader=has_reader) == ()


@given(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9 _-]{0,8}", fullmatch=True), max_size=4))
def test_tags_of_accepted_role_names_have_one_meaning(names: list[str]) -> None:
    if check_role_names(names):
        return
    counts = {name: position + 1 for position, name in enumerate(names)}
    who = Facts(tuple(RoleFacts(name, count) for name, count in counts.items()), 1, 2)
    for name, count in counts.items():
        assert fill(f"<{role_key(name)}_NUM>", who) == str(count)


def test_a_renamed_role_takes_its_tags_along_and_no_others() -> None:
    text = "<GUARD_NUM> <Guard_noun> <GUARD> <GUARD_CAPTAIN_NUM> <PRISONER_NUM> \\<GUARD_NUM> guard"
    assert renamed(text, ("guard", "guard captain", "prisoner"), "guard", "night warden") == (
        "<NIGHT_WARDEN_NUM> <Night_warden_noun> <NIGHT_WARDEN> <GUARD_CAPTAIN_NUM> "
        "<PRISONER_NUM> \\<GUARD_NUM> guard"
    )


@given(st.lists(st.sampled_from([*KNOWN, "words ", "<", "\\"])).map("".join))
def test_renaming_there_and_back_changes_nothing(text: str) -> None:
    there = renamed(text, ROLES, "guard", "night warden")
    assert "<GUARD_" not in there.replace("\\<", "")
    assert renamed(there, ("night warden", "prisoner"), "night warden", "guard") == text
