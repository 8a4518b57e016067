from __future__ import annotations

import pytest

from screens.launch.offers import pull_text, rows_of
from simulator.domain.models import EndpointReport, ModelCard, PullProgress
from simulator.domain.prices import FREE, Price
from simulator.errors import BackendUnavailableError, ModelAccessError

OFF = BackendUnavailableError("It is off.", remedy="Start it.")
PROVIDERS = ("pocket", "ollama", "openai", "groq", "slow")
MINI = ModelCard("openai/mini", context_length=128_000, price=Price(input_usd=0.15, output_usd=0.6))
REPORTS = {
    "pocket": EndpointReport("pocket", "", models=(ModelCard("pocket", price=FREE),)),
    "ollama": EndpointReport("ollama", "http://x", OFF),
    "openai": EndpointReport("openai", "http://y", models=(MINI,)),
    "groq": EndpointReport("groq", "http://z", ModelAccessError("No key."), configured=False),
}


def shown(chosen: tuple[str, ...] = (), typed: str = "") -> list[tuple[str, str]]:
    return [(row.act, row.text.plain) for row in rows_of(REPORTS, PROVIDERS, chosen, typed)]


def test_what_can_be_had_then_what_cannot_and_why() -> None:
    assert shown(("pocket",)) == [
        ("toggle", "[x] pocket  free"),
        ("toggle", "[ ] openai/mini  context 128,000 · $0.15 in, $0.60 out a million"),
        ("none", " …  asking slow"),
        ("none", " ✗  ollama: It is off. Start it."),
        ("none", " –  not set up: groq"),
    ]


def test_ticked_models_that_nobody_lists_stay_on_the_list() -> None:
    assert shown(("openai/own",))[0] == ("toggle", "[x] openai/own")


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("MINI", [("toggle", "[ ] openai/mini  context 128,000 · $0.15 in, $0.60 out a million")]),
        ("openai/mini-2", [("toggle", " +  use openai/mini-2")]),
        ("groq/x", [("toggle", " +  use groq/x")]),
        ("ollama/qwen", [("toggle", " +  use ollama/qwen"), ("pull", " ↓  download ollama/qwen")]),
        ("ollama/", []),
        ("nobody/x", []),
        ("[red]", []),
    ],
)
def test_what_is_typed_filters_or_names_a_model(typed: str, rows: list[tuple[str, str]]) -> None:
    assert [row for row in shown(typed=typed) if row[0] != "none"] == rows


def test_a_row_is_known_again_by_what_it_does() -> None:
    use, pull = rows_of(REPORTS, PROVIDERS, (), "ollama/qwen")[:2]
    (ticked,) = rows_of({}, ("ollama",), ("ollama/qwen",), "qwen")[:1]
    assert not use.is_same(pull) and use.is_same(ticked)


def test_foreign_names_are_plain_text() -> None:
    hostile = ModelCard("openai/[/foo]\x1b[31m")
    reports = {"openai": EndpointReport("openai", "", models=(hostile,))}
    (row,) = rows_of(reports, ("openai",), (), "")
    assert row.text.plain == "[ ] openai/[/foo]␛[31m" and row.model == hostile.model


def test_how_far_a_download_is() -> None:
    assert pull_text("ollama/x", PullProgress("pulling")) == "ollama/x: pulling"
    half = PullProgress("pulling", 2_350_000_000, 4_700_000_000)
    assert pull_text("ollama/x", half) == "ollama/x: pulling 50% of 4.7 GB"
