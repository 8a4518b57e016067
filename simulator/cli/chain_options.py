"""The options of `analyse` that only chains of texts have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from simulator.analysis.culture.cycles import CycleRule
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.analysis.culture.distributions import Unit
    from simulator.analysis.culture.records import Chain

SECTIONS = (
    "overview", "means", "attractors", "prediction", "dynamics", "change", "shapes", "ks",
    "additive", "temperature", "tuning", "convergence", "languages", "cycles",
)  # fmt: skip
FIRST = ("overview", "means", "attractors", "cycles")
"""Sections that are shown unless others are named."""
_UNITS: Mapping[str, Unit] = {"texts": "texts", "text-means": "text means", "chains": "chains"}
_CHECKS = ("exact", "fuzzy", "embedding")

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ChainOptions:
    """What the options say."""

    measure_names: tuple[str, ...]
    measures_file: Path | None
    tasks: tuple[str, ...]
    of_models: tuple[str, ...]
    texts: tuple[str, ...]
    lengths: tuple[int, ...]
    generation: int | None
    bootstrap: int
    draw_seed: int
    similarity: Any
    cycle_check: Any
    cycle_threshold: float
    cycle_repetitions: int
    cycle_period: int
    ks_unit: str | None
    ks_against: str
    sections: str | None
    show_all: bool
    published: Path | None
    standardise: bool | None
    pair_names: tuple[str, ...]

    def shown(self) -> tuple[str, ...]:
        """The sections to show.

        Raises:
            UsageError: There is no such section.
        """
        if self.show_all:
            return SECTIONS
        if self.sections is None:
            return FIRST
        wanted = [part.strip() for part in self.sections.split(",") if part.strip()]
        if "all" in wanted:
            return SECTIONS
        for name in wanted:
            if name not in SECTIONS:
                raise UsageError(
                    f"There is no section {name!r}.",
                    remedy=f"Choose of {', '.join(SECTIONS)}, all.",
                )
        return tuple(name for name in SECTIONS if name in wanted)

    def is_named(self, section: str) -> bool:
        """Whether a section, or its way to compare texts, was asked for by name."""
        ways = {"convergence": self.similarity, "cycles": self.cycle_check}
        wanted = [part.strip() for part in (self.sections or "").split(",")]
        return section in wanted or ways.get(section) == "embedding"

    def early(self, chains: Sequence[Chain]) -> int:
        """The generation that the end of chains is predicted from."""
        from simulator.analysis.culture.prediction import early_of

        return early_of(chains) if self.generation is None else self.generation

    def pairs(self, models: Sequence[str]) -> dict[str, str]:
        """Instructed models by their base models, as far as they were named.

        Raises:
            UsageError: A pair is not two of the models.
        """
        found: dict[str, str] = {}
        for pair in self.pair_names:
            base, _, instruct = pair.partition("=")
            for name in (base, instruct):
                if name not in models:
                    raise UsageError(
                        f"--pair {pair}: there are no chains of {name!r}.",
                        remedy=f"Write BASE=INSTRUCT, of {', '.join(models)}.",
                    )
            found[base] = instruct
        return found

    def unit(self, classic: bool) -> Unit:
        """What the KS test takes to be independent.

        Args:
            classic: Whether numbers are computed as published.
        """
        if self.ks_unit is None:
            return "chains" if classic or self.published is not None else "texts"
        return _UNITS[self.ks_unit]

    def rule(self, classic: bool) -> CycleRule:
        """What counts as a cycle."""
        return CycleRule(
            self.cycle_check, self.cycle_threshold, self.cycle_repetitions, self.cycle_period,
            classic,
        )  # fmt: skip


NAMES = tuple(field.name for field in fields(ChainOptions))
"""Of the options, as click passes them."""


def chain_options(command: _Command) -> _Command:
    """The options of chains, below those of debates."""
    options = [
        click.option("--measure", "measure_names", multiple=True, metavar="NAME",
                     help="Chains: measure of texts; repeatable.  [default: the paper's]"),
        click.option("--measures", "measures_file", type=click.Path(path_type=Path),
                     metavar="FILE.py", help="Chains: measures of your own."),
        click.option("--task", "tasks", multiple=True, metavar="NAME",
                     help="Chains: only of this task; repeatable."),
        click.option("--model", "of_models", multiple=True, metavar="NAME",
                     help="Chains: only of this model; repeatable."),
        click.option("--text", "texts", multiple=True, metavar="NAME",
                     help="Chains: only of this initial text; repeatable."),
        click.option("--chain-length", "lengths", multiple=True, type=click.IntRange(1),
                     metavar="N", help="Chains: only those that were to have N generations; "
                     "repeatable."),
        click.option("--generation", type=click.IntRange(1), metavar="K",
                     help="Chains: predict the end from this generation.  [default: 10, or half "
                     "way along shorter chains]"),
        click.option("--bootstrap", type=click.IntRange(0), default=2000, show_default=True,
                     metavar="N", help="Chains: samples of texts for intervals; 0 for none."),
        click.option("--seed", "draw_seed", type=click.IntRange(0), default=0, metavar="N",
                     help="Chains: of these samples."),
        click.option("--similarity", type=click.Choice(("edit", "tfidf", "embedding")),
                     default="tfidf", show_default=True, help="Chains: how texts are compared, by "
                     "measures of similarity too."),
        click.option("--cycle-check", type=click.Choice(_CHECKS), default="exact",
                     show_default=True, help="Chains: when two texts are the same."),
        click.option("--cycle-threshold", type=click.FloatRange(0, 1, min_open=True), default=0.99,
                     show_default=True, metavar="S", help="Chains: of the other checks."),
        click.option("--cycle-repetitions", type=click.IntRange(2), default=3, show_default=True,
                     metavar="N", help="Chains: how often a cycle must have been said."),
        click.option("--cycle-period", type=click.IntRange(1), default=10, show_default=True,
                     metavar="N", help="Chains: longest cycle that is sought."),
        click.option("--ks-unit", type=click.Choice(tuple(_UNITS)),
                     help="Chains, section ks: what is independent.  [default: texts; with "
                     "--classic or --published chains, as published]"),
        click.option("--ks-against", type=click.Choice(("first", "previous")), default="first",
                     show_default=True, help="Chains, section ks: which generation each is "
                     "compared with."),
        click.option("--show", "sections", metavar="NAME,…",
                     help=f"Chains: sections to show, of {', '.join(SECTIONS)}, or all; learners: "
                     "of overview, measures, probabilities, fit, or all.  "
                     f"[default: {', '.join(FIRST)}; learners: all but fit]"),
        click.option("--standardise/--raw", default=None,
                     help="Chains, section additive: responses in standard deviations, or as "
                     "measured.  [default: positions standardised, unless --classic]"),
        click.option("--pair", "pair_names", multiple=True, metavar="BASE=INSTRUCT",
                     help="Chains, section tuning: a base model and it instructed; repeatable.  "
                     "[default: as names tell]"),
        click.option("--all", "show_all", is_flag=True,
                     help="Chains, learners: show all sections."),
        click.option("--published", type=click.Path(path_type=Path), metavar="FILE.json",
                     help="Chains: positions and strengths to compare with, at the generations "
                     "that the file has."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def refuse(context: click.Context, names: tuple[str, ...], what: str, other: str) -> None:
    """Refuse options that say nothing of what is analysed.

    Raises:
        UsageError: One of them was given.
    """
    given = click.core.ParameterSource.COMMANDLINE
    for parameter in context.command.params:
        if parameter.name in names and context.get_parameter_source(parameter.name) is given:
            raise UsageError(
                f"{parameter.opts[0]} is an option for {other}, and these are {what}.",
                remedy="Leave it out; `analyse --help` says which option is for what.",
            )
