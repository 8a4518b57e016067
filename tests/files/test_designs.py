from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import (
    DesignChangedError,
    DesignInvalidError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
)
from simulator.files.designs import (
    MAX_BYTES,
    design_document,
    design_hash,
    document_hash,
    load_design,
    read_design,
    read_document,
)
from simulator.files.faults import MAX_FAULTS
from simulator.files.malformed import MAX_DEPTH
from simulator.files.seeds import seed_designs
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.registry import KINDS as REAL_KINDS
from tests.files.kinds import KINDS, TALK

SEEDS = seed_designs()
GOOD = """\
kind: conversation
name: Prison
starting_message: Start.
roles:
  - name: guard
    starting_prompt: You are a guard.
    sections:
      Goal: Keep order.
      Mood: Calm.
  - name: prisoner
    starting_prompt: You are a prisoner.
factors:
  risks:
    no: {}
    yes:
      guard:
        Goal: a
        Mood: b
      shared:
        Risks: c
"""


def design(text: str = GOOD) -> ConversationDesign:
    read = read_design(text, "p.yaml", KINDS)
    assert isinstance(read, ConversationDesign)
    return read


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(DesignInvalidError) as error:
        read_design(text, "p.yaml", KINDS)
    return error.value.problems


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_every_seed_is_a_design(path: Path) -> None:
    assert load_design(path, REAL_KINDS).name


def test_words_stay_words() -> None:
    levels = design().factors[0].levels
    assert [level.name for level in levels] == ["no", "yes"]
    assert design(changed("name: Prison", "name: 2024-01-01")).name == "2024-01-01"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("starting_message: Start.", "starting_message: ''",
         "3:1: starting_message: the text is empty"),
        ("starting_message: Start.", "messagges: 3\nstarting_message: Start.",
         "3:1: unknown key `messagges`; did you mean `messages`?"),
        ("starting_message: Start.", "start_message: Start.",
         "3:1: unknown key `start_message`; did you mean `starting_message`?"),
        ("starting_message: Start.\n", "",
         "1:1: the key `starting_message` is missing"),
        ("      Goal: Keep order.", "      Goal: '  '",
         "8:7: roles[0].sections.Goal: the section is empty"),
        ("      Goal: Keep order.", "      Goal:",
         "8:7: roles[0].sections.Goal: is empty; write a text"),
        ("      Goal: Keep order.", "      Goal: [x]",
         "8:7: roles[0].sections.Goal: must be a text, not a list"),
        ("      Goal: Keep order.", "      7: Keep order.",
         "8:7: roles[0].sections[7]: must be a text, not the number 7; put it in quotes"),
        ("  - name: guard\n", "  - name: guard\n    count: 0\n",
         "6:5: roles[0].count: must be at least 1, not 0"),
        ("  - name: guard\n", "  - name: guard\n    count: many\n",
         '6:5: roles[0].count: must be a whole number, not the text "many"'),
        ("  - name: guard\n", "  - name: guard\n    count: 1.5\n",
         "6:5: roles[0].count: must be a whole number, not 1.5"),
        ("  - name: guard\n", "  - name: guard\n    pronouns: shee\n",
         "6:5: roles[0].pronouns: must be one of `he`, `she`, `they`, `it`, `he/she`, not the "
         'text "shee"; did you mean `she`?'),
        ("  - name: guard\n", "  - name: 1guard\n",
         '5:5: roles[0].name: the text "1guard" is not allowed here; it must match '
         "^[A-Za-z][A-Za-z0-9 _-]*$"),
        ("name: Prison", "name: Prison\nspeaker: rondom",
         "3:1: speaker: must be one of `round_robin`, `random`, `weighted`, `role_alternating`, "
         '`addressed`, `auto`, `manual`, not the text "rondom"; did you mean `random`?'),
        ("name: Prison", "name: Prison\nspeaker: {method: random, weights: {guard: 2}}",
         "3:1: speaker: weights need `method: weighted`"),
        ("name: Prison", "name: Prison\nspeaker: {method: weighted, weights: {guard: 0}}",
         "3:39: speaker.weights.guard: must be more than 0, not 0"),
        ("name: Prison", "name: Prison\nsampling: {temperature: 9.5}",
         "3:12: sampling.temperature: must be at most 2, not 9.5"),
        ("name: Prison", "name: Prison\nsampling: {temprature: 1}",
         "3:12: sampling: unknown key `temprature`; did you mean `temperature`?"),
        ("name: Prison", "name: Prison\nsampling: {temperature: .nan}",
         "3:25: sampling.temperature: must be a finite number"),
        ("name: Prison", "name: Prison\nsampling: {stop: [END, '']}",
         "3:24: sampling.stop[1]: the text is empty"),
        ("name: Prison", "name: Prison\nstop: [{}]",
         "3:8: stop[0]: an empty stop condition never ends anything"),
        ("name: Prison", "name: Prison\nshared_sections: text",
         '3:1: shared_sections: must be a mapping or a list, not the text "text"'),
        ("name: Prison", "name: Prison\nshared_sections: [{titel: a, content: b}]",
         "3:20: shared_sections[0]: unknown key `titel`; did you mean `title`?"),
        ("name: Prison", "name: Prison\nname: Again",
         "3:1: name: this key stands twice; see line 2"),
        ("    no: {}", "    no: text", "14:5: factors.risks.no: must map each target to its value"),
        ("        Mood: b", "        Mood: 3",
         "18:9: factors.risks.yes.guard.Mood: must be a text, not the number 3; put it in quotes"),
        ("        Risks: c", "        Risks: [c]",
         "20:9: factors.risks.yes.shared.Risks: must be a text, not a list"),
        ("      shared:\n        Risks: c", "      shared: c",
         "19:7: factors.risks.yes.shared: must map each title to its value"),
        ("        Risks: c", "        Risks: blah",
         "20:9: factors.risks.yes.shared.Risks: blah is no word"),
        ("      shared:", "      nobody:",
         "19:7: factors.risks.yes.nobody: there is no such role"),
        ("      Mood: Calm.", "      Mood: blah",
         "9:7: roles[0].sections.Mood: blah is no word"),
        ("name: Prison", "name: Prison\ndays: 99",
         "1:1: messages: fewer messages than days"),
        ("kind: conversation", "kind: conversaton",
         "1:1: kind: there is no kind `conversaton`; did you mean `conversation`?"),
        ("kind: conversation", "kind: 3", "1:1: kind: there is no kind the number 3; the kinds are "
         "`conversation`"),
        ("kind: conversation", "knd: conversation", "1:1: unknown key `knd`; did you mean `kind`?"),
        ("kind: conversation\n", "",
         "1:1: the key `kind` is missing; write `kind: conversation`"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_at_its_place(old: str, new: str, problem: str) -> None:
    assert problems(changed(old, new)) == (f"p.yaml:{problem}",)


def test_a_single_problem_is_the_message() -> None:
    with pytest.raises(DesignInvalidError) as error:
        read_design(changed("name: Prison", "name: ''"), "p.yaml", KINDS)
    assert error.value.message == "p.yaml:2:1: name: the text is empty"


def test_several_problems_come_in_the_order_of_the_file() -> None:
    text = changed("      Mood: Calm.", "      Mood: ''").replace("name: Prison", "name: ''")
    text += "days: 0\nmesages: 1\n"
    with pytest.raises(DesignInvalidError) as error:
        read_design(text, "p.yaml", KINDS)
    assert error.value.message == "p.yaml has 4 problems."
    assert [line.split(":")[1] for line in error.value.problems] == ["2", "9", "21", "22"]


def test_a_file_full_of_faults_is_not_searched_to_its_end() -> None:
    text = GOOD + "shared_sections:\n" + "".join(f"  s{n}: ''\n" for n in range(5000))
    with pytest.raises(DesignInvalidError) as error:
        read_design(text, "p.yaml", KINDS)
    assert error.value.message == f"p.yaml has {MAX_FAULTS} or more problems."
    assert len(error.value.problems) == MAX_FAULTS


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: b: c", "1:5: a colon stands where no key can be: either the indentation does not fit "
         "the line above, or a text has a colon in it; put the text in quotes, or on lines of its "
         "own below `>-`"),
        ("a:\n\tb: 1", "2:1: a tab indents this line; use spaces"),
        ("a: 'x\nb: 1\n", "1:4: the quote that opens on line 1 is never closed"),
        ("a: [1,\nb: 2", "2:5: the bracket that opens on line 1 needs a comma or `]` here"),
        ("a: @x", "1:4: a text cannot begin with `@`; put the text in quotes, or on lines of its "
         "own below `>-`"),
        ("a: *x", "1:4: there is no `&x` before this `*x`"),
        ("a: 'it's'", "1:8: this text does not belong to anything: a quote ends too early, or the "
         "indentation does not fit the lines above"),
        ("- a\nb: 1", "2:1: the indentation does not fit the lines above; the block began on "
         "line 1"),
        ("a: 1\n---\nb: 2", "2:1: only one document can stand in a file; remove the `---`"),
        ("a: \x07", '1:4: the character U+0007 cannot stand in YAML; remove it, or write it as '
         '"\\u0007" in double quotes'),
        ("a: &x [*x]", "1:4: a[0]: this value contains itself"),
        ("[a]: 1", "1:1: a key must be a text, not a list or a mapping"),
        ("- 1", "1:1: a design is a mapping of keys to values, not a list"),
        ("text", '1:1: a design is a mapping of keys to values, not the text "text"'),
    ],
)  # fmt: skip
def test_malformed_yaml_is_explained(text: str, problem: str) -> None:
    assert problems(text) == (f"p.yaml:{problem}",)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~"])
def test_an_empty_file_is_called_empty(text: str) -> None:
    with pytest.raises(DesignInvalidError, match=r"^p\.yaml is empty\.$") as error:
        read_design(text, "p.yaml", KINDS)
    assert error.value.remedy


def test_tags_run_no_code(tmp_path: Path) -> None:
    made = tmp_path / "made"
    for tag in ("!!python/object/apply:os.mkdir", "!!python/object/new:os.mkdir", "!x"):
        text = changed("name: Prison", f"name: {tag} ['{made}']")
        assert problems(text) == ("p.yaml:2:1: name: must be a text, not a list",)
    assert not made.exists()
    assert design(changed("name: Prison", "name: !!str 12")).name == "12"


def test_anchors_and_merges_are_followed() -> None:
    text = changed("      Goal: Keep order.", "      Goal: &goal Keep order.")
    text = text.replace("        Mood: b", "        Mood: *goal")
    assert design(text).factors[0].levels[1].changes[1].content == "Keep order."
    text = GOOD.replace("    sections:", "    sections: &own").replace(
        "        Risks: c", "        <<: *own\n        Mood: c"
    )
    changes = design(text).factors[0].levels[1].changes
    assert [(c.title, c.content) for c in changes[2:]] == [("Mood", "c"), ("Goal", "Keep order.")]


def test_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [" + "x, " * 10 + "]"]
    lines += [f"a{n}: &a{n} [" + f"*a{n - 1}, " * 10 + "]" for n in range(1, 9)]
    (problem,) = problems("\n".join(lines))
    assert "aliases make this larger than" in problem


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 3000])
def test_deep_nesting_is_refused(depth: int) -> None:
    (problem,) = problems("a: " + "[" * depth + "]" * depth)
    assert f"nested more than {MAX_DEPTH} deep" in problem


def test_old_yaml_versions_do_not_change_words() -> None:
    text = "%YAML 1.1\n---\n" + GOOD
    assert [level.name for level in design(text).factors[0].levels] == ["no", "yes"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    def fault(path: Path, kind: type[SimulatorError]) -> SimulatorError:
        with pytest.raises(kind) as error:
            load_design(path, KINDS)
        assert type(error.value) is kind
        assert error.value.remedy
        assert str(path) in error.value.message
        return error.value

    (tmp_path / "prison.yaml").write_text(GOOD)
    near = fault(tmp_path / "prisn.yaml", NotFoundError)
    assert near.remedy == f"Did you mean {tmp_path / 'prison.yaml'}?"
    fault(tmp_path / "nowhere" / "x.yaml", NotFoundError)
    fault(tmp_path / "prison.yaml" / "x", NotFoundError)
    fault(Path("x" * 300), SimulatorError)
    fault(Path("a\0b"), NotFoundError)
    assert "is a folder" in fault(tmp_path, DesignInvalidError).message
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: \xe9t\xe9\n")
    assert "line 2" in fault(tmp_path / "latin.yaml", DesignInvalidError).message
    (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert "larger than 2 MB" in fault(tmp_path / "large.yaml", DesignInvalidError).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(PermissionDeniedError):
        load_design(path, KINDS)


def test_a_refused_file_is_a_matter_of_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionDeniedError, match="may not be read"):
        load_design(SEEDS[0], KINDS)


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_design(path, KINDS) == design()


def test_the_hash_names_what_a_design_says() -> None:
    first = design()
    assert design_hash(first) == design_hash(first.model_copy(update={"name": "x", "note": "y"}))
    assert design_hash(first) != design_hash(first.model_copy(update={"messages": 21}))
    assert len(design_hash(first)) == 32 and int(design_hash(first), 16)
    document = design_document(first)
    assert "name" not in document and "note" not in document
    assert document["messages"] == 20
    assert document_hash(dict(reversed(document.items()))) == design_hash(first)
    assert document_hash({"b": [1, "é"], "a": None}) == "a56edd4bae1914c1a12dbd3956f84c13"


def test_a_stored_design_that_no_longer_fits() -> None:
    document: dict[str, Any] = design_document(design()) | {"colour": "red"}
    with pytest.raises(DesignChangedError) as error:
        read_document(TALK, document, "Prison", "")
    assert error.value.problems == ("colour: Extra inputs are not permitted",)
    assert "'Prison'" in error.value.message and error.value.remedy
    with pytest.raises(DesignChangedError):
        read_document(TALK, {}, "Prison", "")


SCALARS = st.sampled_from(
    ["x", "''", "1", "0", "-1", "1.5", "true", "null", "~", "[]", "{}", "[1]", "[{}]",
     "{a: b}", "no", "{a: {b: c}}", "{a: {b: {c: d}}}", "[[]]", "{1: 2}", "{title: a}",
     "[{title: a, content: b}]",
     ".inf", "'\\x07'", "{null: {true: 1}}", "[{a: {b: c}}, 3, x]",
     "{a: [{target: x}]}", "\"\\ud800\""]
)  # fmt: skip
KEYS = st.sampled_from(
    [*ConversationDesign.model_fields, "nmae", "title", "sections", "levels", "1", "true", "'a.b'"]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(KEYS, SCALARS), max_size=8), st.data())
def test_any_design_is_read_or_refused_in_lines(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = "kind: conversation\n" + "".join(f"{key}: {value}\n" for key, value in pairs)
    lines = GOOD.splitlines()
    if data.draw(st.booleans()):
        at = data.draw(st.integers(1, len(lines) - 1))
        head, colon, _ = lines[at].partition(":")
        lines[at] = head + colon + " " + data.draw(SCALARS)
        text = "\n".join(lines)
    try:
        read_design(text, "p.yaml", KINDS)
    except DesignInvalidError as error:
        assert error.problems or error.message == "p.yaml is empty."
        for line in error.problems:
            assert line.startswith("p.yaml:") and "\n" not in line
            assert int(line.split(":")[1]) <= text.count("\n") + 1
        json.dumps(error.problems)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab:-[]{}\"'|>&*!%@`#,? \n\t\x00\u2028<", max_size=40))
def test_any_text_is_refused_in_lines(text: str) -> None:
    with pytest.raises(DesignInvalidError):
        read_design(text, "p.yaml", KINDS)
