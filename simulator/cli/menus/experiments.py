"""Choosing an experiment or a seed, and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from simulator.cli.finding import find_experiment
from simulator.cli.menus.guide import Deed, Guide
from simulator.cli.menus.launching import launch
from simulator.cli.menus.questions import Option
from simulator.cli.menus.runs import choose_run, deeds_for_all
from simulator.cli.run_tables import SHOWN_ON_A_TERMINAL
from simulator.domain.records import Experiment, ExperimentQuery
from simulator.files.seeds import seed_designs
from simulator.presentation.moments import age
from simulator.presentation.notices import short_id
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.services import Services


def choose_experiment(guide: Guide) -> None:
    """List the experiments and the seeds, and stay with the one that is chosen."""

    async def listed(services: Services) -> list[Option[Deed]]:
        found = await services.store.experiments(ExperimentQuery(limit=SHOWN_ON_A_TERMINAL))
        counts = await services.store.count_runs([experiment.id for experiment in found])
        user = services.settings.creator
        return [
            Option(_label(one, counts[one.id], user), partial(with_experiment, guide, one.id))
            for one in found
        ]

    def options() -> list[Option[Deed]]:
        seeds: list[Option[Deed]] = [
            Option(f"{path.stem} (a seed)", partial(_with_seed, guide, path.stem))
            for path in seed_designs()
        ]
        stored = guide.look(listed)
        more: list[Option[Deed]] = []
        if len(stored) == SHOWN_ON_A_TERMINAL:
            more = [Option("Another, by its name or id …", partial(_named, guide))]
        return [*stored, *more, *seeds]

    guide.stay(lambda: "Which experiment?", options)


def _label(experiment: Experiment, runs: int, user: str) -> str:
    star = "* " if user in experiment.starred_by else ""
    facts = (experiment.name, counted(runs, "run"), experiment.creator, age(experiment.created_at))
    return star + " · ".join(facts)


def _named(guide: Guide) -> None:
    name = guide.questions.text("Its name or id:")
    if name:
        found = guide.look(lambda services: find_experiment(services, name))
        with_experiment(guide, found.id)


def with_experiment(guide: Guide, experiment_id: str) -> None:
    """Ask what to do with a stored experiment."""
    known: list[Experiment] = []

    def question() -> str:
        known[:] = [guide.look(lambda services: services.store.experiment(experiment_id))]
        return f"{known[0].name} ({short_id(experiment_id)})"

    def options() -> list[Option[Deed]]:
        return [
            Option("Launch it …", partial(launch, guide, experiment_id)),
            Option("Read its design", partial(guide.do, "show", experiment_id, is_paged=True)),
            Option("Its runs …", partial(choose_run, guide, known[0])),
            Option("Duplicate it …", partial(_duplicate, guide, experiment_id, known[0].name)),
            *deeds_for_all(guide, known[0]),
        ]

    guide.stay(question, options)


def _with_seed(guide: Guide, seed: str) -> None:
    def options() -> list[Option[Deed]]:
        return [
            Option("Launch it …", partial(launch, guide, seed)),
            Option("Read its design", partial(guide.do, "show", seed, is_paged=True)),
            Option("Duplicate it, to be changed …", partial(_duplicate, guide, seed, seed)),
        ]

    guide.stay(lambda: f"Seed {seed}", options)


def _duplicate(guide: Guide, name: str, called: str) -> None:
    copy = guide.questions.text("Name of the copy:", f"{called} copy", _must_be_given)
    guide.do("duplicate", name, f"--name={copy}")


def _must_be_given(text: str) -> str | None:
    return None if text else "Type a name; Ctrl-C goes back."
