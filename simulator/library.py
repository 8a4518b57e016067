"""Designs and experiments: found by what people call them, stored once, copied."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from simulator.domain.designs import Design
from simulator.domain.ids import id_fragment
from simulator.domain.nearest import nearest
from simulator.domain.ports import ExperimentStore, Kind
from simulator.domain.records import Experiment, ExperimentQuery, Run
from simulator.errors import DesignChangedError, NotFoundError, UsageError
from simulator.files.designs import design_document, design_hash, load_design, read_document
from simulator.files.seeds import DESIGN_SUFFIXES, find_design_file, seed_designs
from simulator.process import SystemClock, fresh_id
from simulator.settings import Settings

_Record = TypeVar("_Record", Experiment, Run)

_log = logging.getLogger(__name__)

SHORTEST_FRAGMENT = 4
"""Characters of an id that are enough to name it, when no other id has them."""

LAUNCH_IT = "Launch it"
"""Begins the remedy where a design is there, and no experiment of it."""


class Library:
    """The experiments of a store, and the designs that are not in it yet."""

    def __init__(
        self, settings: Settings, store: ExperimentStore, kinds: Mapping[str, Kind]
    ) -> None:
        self.settings = settings
        self.store = store
        self.kinds = kinds
        self._clock = SystemClock()
        self._warn: Callable[[str], None] = _log.warning
        """Hears sentences that the user should know, and that stop nothing."""

    async def design_named(self, name: str) -> tuple[Design, Experiment | None]:
        """The design that a file, a seed or an experiment has; the experiment if it is stored.

        Args:
            name: A path to a YAML file, the name of a design in `experiments_seed`, or the id,
                part of the id, or name of a stored experiment; tried in this order.
        """
        path = find_design_file(name)
        if path is not None:
            return self._with_usual_model(self._in_file(path)), None
        experiment = await self.find_experiment(name)
        return self.design_of(experiment), experiment

    async def design_in(self, path: Path) -> Design:
        """The design in a file, with the data that it names.

        Raises:
            SimulatorError: As `load_design` and `completed`.
        """
        return await self.completed(await asyncio.to_thread(self._in_file, path))

    def _in_file(self, path: Path) -> Design:
        from simulator.files.datasets import placed

        return placed(load_design(path, self.kinds), path.parent)

    async def completed(self, design: Design) -> Design:
        """The design with the data that it names read in, so that no run depends on a file.

        Paths are relative to the current directory, unless the design is of `design_named`; then
        they are relative to its file.

        Raises:
            SimulatorError: The data cannot be read, or is no good.
        """
        if "data" not in type(design).model_fields:
            return design
        from simulator.files.datasets import complete

        told: list[str] = []
        found = await asyncio.to_thread(complete, design, None, told.append)
        for sentence in told:
            self._warn(sentence)
        return found

    def _with_usual_model(self, design: Design) -> Design:
        """The design with the settings' model, if its author named none."""
        usual, fields = self.settings.model, type(design).model_fields
        if not usual or "model" not in fields or "model" in design.model_fields_set:
            return design
        return design.model_copy(update={"model": usual})

    def design_of(self, experiment: Experiment) -> Design:
        """A stored design. Raises DesignChangedError when the program cannot read it."""
        return read_document(
            self.kind(experiment.kind), experiment.design, experiment.name, experiment.note
        )

    async def save_design(self, design: Design, *, parent_id: str | None = None) -> Experiment:
        """The experiment of this name and design; a new one only when there is none.

        Args:
            design: As written; it may name the experiment that it was copied from. Its data is
                read in, see `completed`.
            parent_id: What it is a copy of; then it is always a new one.

        Raises:
            SimulatorError: As `completed`.
        """
        design = await self.completed(design)
        known = await self.stored(design) if parent_id is None else None
        if known is not None:
            return known
        experiment = Experiment(
            id=fresh_id(),
            name=design.name,
            kind=design.kind,
            design=design_document(design),
            design_hash=design_hash(design),
            note=design.note,
            creator=self.settings.creator,
            parent_id=parent_id or design.parent,
            created_at=self._clock.now(),
        )
        await self.store.add_experiment(experiment)
        return experiment

    async def stored(self, design: Design) -> Experiment | None:
        """The experiment of this name and design; None when there is none.

        Args:
            design: With its data.
        """
        known = ExperimentQuery(name=design.name, design_hash=design_hash(design))
        # Colleagues who launch a new design in the same moment each store it.
        found = self._preferred(await self.store.experiments(known))
        return found[-1] if found else None

    async def duplicate(self, experiment: Experiment, name: str) -> Experiment:
        """A copy under another name, without the runs."""
        design = self.design_of(experiment).model_copy(update={"name": name})
        return await self.save_design(design, parent_id=experiment.id)

    async def find_experiment(self, name: str) -> Experiment:
        """The experiment of that id, part of an id, or name; or else of a design's file or seed.

        Of several of that name the user's own go first, and of one design the oldest. Of the
        experiments that have the name in a file, one of the same design goes first.

        Raises:
            NotFoundError: None, with near names.
            UsageError: Several.
        """
        found = await self.experiment_called(name)
        if found is not None:
            return found
        every = await self.store.experiments(ExperimentQuery())
        names = [experiment.name for experiment in every]
        folded = [e for e in every if e.name.casefold() == name.casefold()]
        if len(folded) == 1:
            return folded[0]
        path = find_design_file(name)
        if path is not None and path.suffix in DESIGN_SUFFIXES and path.is_file():
            return await self._experiment_of(name, path)
        seeds = [path.stem for path in seed_designs()]
        raise NotFoundError(
            f"There is no design file, experiment or seed called {name!r}.",
            remedy=f"Did you mean {meant!r}?"
            if (meant := nearest(name, [*seeds, *names]))
            else f"Seeds are {', '.join(seeds)}; `ls` lists experiments.",
        )

    async def _experiment_of(self, name: str, path: Path) -> Experiment:
        """What was launched of a design in a file."""
        design = self._with_usual_model(await self.design_in(path))
        same = await self.store.experiments(
            ExperimentQuery(name=design.name, design_hash=design_hash(design))
        )
        found = self._preferred(same)[-1] if same else await self.experiment_called(design.name)
        if found is None or found.name != design.name:
            raise NotFoundError(
                f"Nothing was launched of {name!r} yet, so that there is no experiment.",
                remedy=f"{LAUNCH_IT} with `run {name}`.",
            )
        return found

    async def experiment_called(self, name: str) -> Experiment | None:
        """As `find_experiment`, of exactly that name or id; None when there is none.

        Raises:
            UsageError: Several.
        """
        found = await self.store.experiments(ExperimentQuery(name=name))
        if len({experiment.design_hash for experiment in self._preferred(found)}) == 1:
            return self._preferred(found)[-1]
        if not found and len(name) >= SHORTEST_FRAGMENT:
            found = await self.store.experiments(ExperimentQuery(id_fragment=id_fragment(name)))
        return only(found, name, lambda experiment: experiment.id) if found else None

    def _preferred(self, found: Sequence[Experiment]) -> Sequence[Experiment]:
        """Those that the user made, else all; in their order."""
        return [one for one in found if one.creator == self.settings.creator] or found

    def kind(self, name: str) -> Kind:
        """The kind of that name. Raises DesignChangedError when this version has none."""
        if name not in self.kinds:
            raise DesignChangedError(
                f"This version does not know experiments of the kind {name!r}.",
                remedy=f"It knows {', '.join(self.kinds)}.",
            )
        return self.kinds[name]


def only(found: Sequence[_Record], name: str, id_of: Callable[[_Record], str]) -> _Record:
    """The one record that was found for a name. Raises UsageError when there are several."""
    if len(found) > 1:
        ids = ", ".join(id_of(one) for one in found[:5])
        raise UsageError(f"{name!r} is not unique: {ids}{', …' if len(found) > 5 else ''}.")
    return found[0]
