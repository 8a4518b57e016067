from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.home.listing import ORDERS, Entry, Filters, Line, arranged, entry_of
from tests.screens.host import NOW
from tests.store.examples import an_experiment

IDS = "abcdefgh"


def an_entry(id_: str = "a", **fields: Any) -> Entry:
    known: dict[str, Any] = {
        "name": "Prison", "note": "", "creator": "ada", "created_at": NOW, "parent_id": None,
        "starred_by": (), "runs": 0, "model": "pocket",
    }  # fmt: skip
    known |= fields
    runs, model = known.pop("runs"), known.pop("model")
    return entry_of(an_experiment(id_, design={"model": model}, **known), runs, "ada")


entries = st.lists(
    st.builds(
        lambda id_, name, parent, runs, days, creator, starred: an_entry(
            id_, name=name, parent_id=parent, runs=runs, creator=creator,
            created_at=NOW - timedelta(days=days), starred_by=("ada",) if starred else (),
        ),
        st.sampled_from(IDS), st.text(max_size=3), st.none() | st.sampled_from(IDS),
        st.integers(0, 3), st.integers(0, 3), st.sampled_from(["ada", "bob"]), st.booleans(),
    ),
    unique_by=lambda entry: entry.id,
)  # fmt: skip
filters = st.builds(
    Filters, words=st.sampled_from(["", "ada", "a b", "X"]),
    creator=st.sampled_from([None, "ada", "bob"]), starred_only=st.booleans(),
    runs=st.sampled_from(["any", "some", "none"]),
)  # fmt: skip


@given(entries, filters, st.sampled_from(list(ORDERS)), st.booleans())
def test_every_order_lists_each_admitted_one_once(
    known: list[Entry], asked: Filters, order: Any, is_reversed: bool
) -> None:
    lines = arranged(known, asked, order, is_reversed=is_reversed)
    shown = [line.entry for line in lines]
    assert sorted(entry.id for entry in shown) == sorted(
        entry.id for entry in known if asked.admit(entry)
    )


@given(entries, st.booleans())
def test_copies_stand_below_what_they_were_copied_from(
    known: list[Entry], is_reversed: bool
) -> None:
    lines = arranged(known, Filters(), "lineage", is_reversed=is_reversed)
    above: list[Line] = []
    for line in lines:
        above = above[: line.depth]
        assert len(above) == line.depth
        if above:
            assert line.entry.parent_id == above[-1].entry.id
        above.append(line)


@given(entries, st.sampled_from([order for order in ORDERS if order != "lineage"]))
def test_reversed_is_the_other_way_around(known: list[Entry], order: Any) -> None:
    lines = arranged(known, Filters(), order)
    assert arranged(known, Filters(), order, is_reversed=True) == lines[::-1]


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("newest", "cba"), ("favourites", "bca"), ("name", "acb"), ("runs", "abc"),
        ("creator", "bca"), ("models", "cab"),
    ],
)  # fmt: skip
def test_orders(order: Any, ids: str) -> None:
    known = [
        an_entry("a", name="apple", runs=9, creator="cho", model="m",
                 created_at=NOW - timedelta(days=2)),
        an_entry("b", name="Cherry", runs=2, creator="Ada", model="z", starred_by=("ada",),
                 created_at=NOW - timedelta(days=1)),
        an_entry("c", name="banana", creator="bob", model="a", created_at=NOW),
    ]  # fmt: skip
    assert "".join(line.entry.id for line in arranged(known, Filters(), order)) == ids


@pytest.mark.parametrize(
    ("asked", "is_admitted"),
    [
        (Filters(words="yard BOB"), True),
        (Filters(words="yard ada"), False),
        (Filters(words="01ab"), True),
        (Filters(words="STRASSE"), True),
        (Filters(words="[/foo]"), True),
        (Filters(kind="conversation", creator="bob", model="pocket"), True),
        (Filters(kind="debate"), False),
        (Filters(model="pock"), False),
        (Filters(starred_only=True), False),
        (Filters(runs="some"), True),
        (Filters(runs="none"), False),
    ],
)
def test_filters(asked: Filters, is_admitted: bool) -> None:
    entry = an_entry(
        "01AB", name="Yard time", note="straße [/foo]", creator="bob", runs=1, starred_by=("eve",)
    )
    assert asked.admit(entry) is is_admitted


def test_models_are_found_wherever_a_kind_has_them() -> None:
    design: Any = {
        "model": "pocket", "roles": [{"model": "openai/x"}, {"model": None}, {"model": "pocket"}],
        "deep": {"judge": {"model": "hf/y"}}, "models": 3,
    }  # fmt: skip
    entry = entry_of(an_experiment(design=design), 0, "ada")
    assert entry.models == ("pocket", "openai/x", "hf/y")


def test_several_models_go_before_a_single_one() -> None:
    design = {"model": "pocket", "models": ["openai/a", "openai/b", "openai/a"]}
    assert entry_of(an_experiment(design=design), 0, "ada").models == ("openai/a", "openai/b")
    design = {"model": "pocket", "models": []}
    assert entry_of(an_experiment(design=design), 0, "ada").models == ("pocket",)
