"""`reproduce`: the original studies listed, foreseen, played and told of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Simulator

SAYS = "scripted/say?text=Well"
SMALL = ("chatroom", "--pocket", "--model", SAYS)


def data(simulator: Simulator, *words: str) -> Any:
    code, out, err = simulator("reproduce", *words, "--json")
    document = json.loads(out)
    assert (code, document["status"]) == (0, "ok"), (document, err)
    return document["data"]


def test_a_study_is_foreseen_played_and_set_beside_the_published(simulator: Simulator) -> None:
    studies = {one["name"]: one for one in data(simulator)["studies"]}
    assert studies["telephone"]["published"] == {"runs": 15, "messages": 75_000}
    foreseen = data(simulator, *SMALL, "--dry-run")
    (part,) = foreseen["parts"]
    assert (foreseen["runs"], part["axes"]["model"]) == (9, [SAYS])
    assert [one["calls"] for one in foreseen["estimates"]] == [360]
    assert all(one["source"] for one in foreseen["bands"])
    assert data(simulator, *SMALL, "--results")["completed"] == 0

    code, out, err = simulator("reproduce", *SMALL)
    assert (code, "All 9 runs are completed" in err) == (0, True), err
    assert "a toy" in out and "cannot be told with this model" in out
    told = data(simulator, *SMALL, "--results")
    assert told["completed"] == 9
    ours = {one["claim"]: one for one in told["bands"]}
    converged = ours["Talks in which a text comes to replicate itself"]
    assert (converged["ours"]["value"], converged["ours"]["n"]) == (1, 9)
    assert (converged["verdict"], converged["why"]) == ("cannot be told", "with this model")
    assert ours["Talks that end by convergence or after all turns"]["verdict"] == "inside"

    code, out, err = simulator("reproduce", *SMALL, "--json")
    (last,) = [json.loads(line) for line in out.splitlines()]
    assert (last["type"], last["completed"], last["batches"]) == ("reproduced", 9, [])


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("chatroom", "--pocket", "--scale", "0.1"), 2, "--scale"),
        (("chatroom", "--dry-run", "--results"), 2, "--results"),
        (("chatroom", "--part", "walls"), 2, "talks"),
        (("chatroon",), 3, "chatroom"),
        (("chatroom", "--scale", "0"), 2, "0"),
    ],
)
def test_what_is_wrong_is_told(
    simulator: Simulator, words: tuple[str, ...], code: int, told: str
) -> None:
    found, _, err = simulator("reproduce", *words)
    assert (found, told in err) == (code, True), err
