"""What the pane of an experiment says of its design."""

from __future__ import annotations

from screens.home.details import Details, detail_rows
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.kind import TelephoneKind
from simulator.presentation.explaining import explained
from tests import kept_chains as kept
from tests.store.examples import an_experiment


def details_of(made: TelephoneDesign) -> Details:
    return Details(
        experiment=an_experiment(name=made.name, kind="telephone"),
        agents=TelephoneKind().cast(made, 7), explained=explained(made), problem="", parent=None,
        copies=(), runs=(), runs_total=0, messages={}, players={},
    )  # fmt: skip


def test_a_game_says_what_is_asked_and_counts_no_prompt_that_is_not_there() -> None:
    facts, asked, texts = detail_rows(details_of(kept.design()))
    assert "task        rephrase" in facts.text and "agents" not in facts.text
    assert "generation 1" in asked.title and asked.text.endswith("a" * 20)
    assert "text-160 · 160 characters" in texts.text


def test_personalities_of_a_game_are_shown_with_their_length() -> None:
    made = kept.design().model_copy(update={"personalities": ("Be kind.", "")})
    titles = [row.title for row in detail_rows(details_of(made))]
    assert sum("tokens" in title for title in titles) == 1
    assert sum(" Agent " in f" {title}" for title in titles) == 2
