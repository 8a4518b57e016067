from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BeforeValidator

from simulator.domain.designs import Design
from simulator.files.designs import (
    design_document,
    load_design,
    read_design,
    read_document,
    write_design,
)
from simulator.files.seeds import seed_designs
from simulator.files.yaml_tree import parse
from simulator.kinds.conversation.design import (
    Change,
    ConversationDesign,
    Factor,
    Level,
    Role,
    Section,
)
from simulator.kinds.registry import KINDS as REAL_KINDS
from tests.files.kinds import KINDS, TALK
from tests.files.strategies import AWKWARD, designs, texts

SEEDS = seed_designs()


def _accepting() -> dict[str, object]:
    return {"conversation": type("Lenient", (), {
        "name": "conversation", "design_type": ConversationDesign,
        "problems": lambda self, design: (),
    })()}  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(designs)
def test_what_is_written_is_read_back_equal(design: ConversationDesign) -> None:
    written = write_design(design)
    assert read_design(written, "x.yaml", _accepting()) == design  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(designs)
def test_a_stored_document_is_read_back_equal(design: ConversationDesign) -> None:
    document = json.loads(json.dumps(design_document(design)))
    assert read_document(TALK, document, design.name, design.note) == design


@settings(max_examples=100, deadline=None)
@given(texts | st.text(alphabet=st.characters(), max_size=60))
def test_any_text_survives(text: str) -> None:
    role = Role(name="guard", starting_prompt="x")
    design = ConversationDesign(
        name="n", note=text, starting_message="s", roles=(role,), section_order=(text, "b")
    )
    assert read_design(write_design(design), "x.yaml", KINDS) == design


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_seeds_are_read_and_written_as_people_write_them(path: Path) -> None:
    design = load_design(path, REAL_KINDS)
    written = write_design(design)
    assert read_design(written, "x.yaml", REAL_KINDS) == design
    assert "title:" not in written and "content:" not in written and "levels:" not in written
    assert "\\n" not in written
    assert all(len(line) <= 130 for line in written.splitlines())


def test_defaults_are_left_out_and_short_forms_used() -> None:
    text = "kind: conversation\nname: A\nstarting_message: Go.\nroles:\n  - name: guard\n"
    text += "    starting_prompt: You guard.\nspeaker: random\n"
    assert write_design(read_design(text, "x", KINDS)) == text


def test_words_that_old_readers_take_for_booleans_are_quoted() -> None:
    role = Role(name="guard", starting_prompt="no")
    design = ConversationDesign(name="yes", starting_message="Go.", roles=(role,))
    assert 'name: "yes"' in write_design(design)
    assert 'starting_prompt: "no"' in write_design(design)


def test_two_sections_of_one_title_keep_their_list() -> None:
    text = "kind: conversation\nname: A\nstarting_message: Go.\nroles:\n  - name: guard\n"
    text += "    starting_prompt: You guard.\n    sections:\n"
    text += "      - {title: Goal, content: a}\n      - {title: Goal, content: b}\n"
    design = read_design(text, "x", KINDS)
    assert read_design(write_design(design), "x", KINDS) == design


@pytest.mark.parametrize("key", [*filter(None, AWKWARD), "< " + ":::< " * 20, "k" * 200])
def test_any_key_survives(key: str) -> None:
    role = Role(name="guard", starting_prompt="x")
    levels = (Level(name=key, changes=(Change(target=key, title=key, content=None),)),)
    design = ConversationDesign(
        name="n", starting_message="s", roles=(role,), factors=(Factor(name=key, levels=levels),)
    )
    written = write_design(design)
    assert "levels" not in written
    assert read_design(written, "x.yaml", KINDS) == design


def _sorted_pairs(value: object) -> object:
    if isinstance(value, dict):
        return [{"title": key, "content": value[key]} for key in sorted(value)]
    return value


class _Album(Design):
    kind: str = "album"
    pages: Annotated[tuple[Section, ...], BeforeValidator(_sorted_pairs)] = ()


@pytest.mark.parametrize("titles", ["ab", "ba"])
def test_a_short_form_that_says_something_else_is_not_used(titles: str) -> None:
    pages = tuple(Section(title=title, content="x") for title in titles)
    album = _Album(name="n", pages=pages)
    written = write_design(album)
    assert ("title" in written) == (titles == "ba")
    assert _Album.model_validate(parse(written)[0].plain()) == album
