"""What can be done with models."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from simulator.cli.menus.guide import Deed, Guide
from simulator.cli.menus.questions import BackError, Option
from simulator.cli.waiting import busy

if TYPE_CHECKING:
    from simulator.catalogue import Catalogue

PATIENCE_S = 5.0
"""Seconds that each provider has to say what it offers."""
SCRIPTED = "scripted"
"""The provider of models for tests."""


def with_models(guide: Guide) -> None:
    """Ask what to do with models."""

    def options() -> list[Option[Deed]]:
        return [
            Option("See which can be used",
                   partial(guide.do, "models", "ls", "--all", is_paged=True)),
            Option("See what is known of one …", partial(_ask_and_do, guide, "show")),
            Option("Check what one really does …", partial(_ask_and_do, guide, "check")),
            Option("Download one to its server …", partial(_download, guide)),
        ]  # fmt: skip

    guide.stay(lambda: "Models", options)


def usable_models(guide: Guide) -> list[str]:
    """Those that can be used now, in the order of their providers."""

    async def look(catalogue: Catalogue) -> dict[str, list[str]]:
        told: dict[str, list[str]] = {}
        async for report in catalogue.reports(catalogue.providers(), patience_s=PATIENCE_S):
            told[report.provider] = [card.model for card in report.models]
        return {name: told[name] for name in catalogue.providers()}

    with busy(guide.session.output, "Asking which models can be used …"):
        by_provider = guide.look_at_models(look)
    return [model for name, models in by_provider.items() if name != SCRIPTED for model in models]


def ask_for_model(guide: Guide, question: str, *before: Option[str | None]) -> str | None:
    """A model that can be used, any that is named, or the value of one of the options before."""
    usable = [Option[str | None](model, model) for model in usable_models(guide)]
    by_name = Option[str | None]("Another, by its name …", "")
    chosen = guide.questions.pick(question, [*before, *usable, by_name])
    if chosen != by_name.value:
        return chosen
    named = guide.questions.text("Its name, such as ollama/llama3.1:8b:")
    if not named:
        raise BackError
    return named


def _ask_and_do(guide: Guide, verb: str) -> None:
    model = ask_for_model(guide, "Which model?")
    assert model is not None
    guide.do("models", verb, model)


def _download(guide: Guide) -> None:
    model = guide.questions.text("Which model?", "ollama/")
    if model and model != "ollama/":
        guide.do("models", "pull", model)
