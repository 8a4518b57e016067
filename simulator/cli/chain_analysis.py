"""Measures and analyses chains of texts, a section after the other; tables and files of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.overview import chain_counts
from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.cli.chain_options import SECTIONS
from simulator.cli.chain_sections import SectionFinder
from simulator.cli.progress import progress
from simulator.errors import NotFoundError
from simulator.files.chain_tables import cycle_row, plain, rows_csv, section_rows
from simulator.files.published_attractors import Place, read_published
from simulator.presentation import chain_effects as effects
from simulator.presentation import chains as tables
from simulator.presentation.chain_cells import by_model
from simulator.presentation.debates import Table
from simulator.presentation.safe_text import one_line, to_json

if TYPE_CHECKING:
    from simulator.cli.chain_options import ChainOptions
    from simulator.cli.session import Session

_UNMEASURED = ("overview", "convergence", "languages", "cycles")
"""Sections that need no measures."""


class ChainAnalysis:
    """What chains came to, by section."""

    def __init__(
        self,
        session: Session,
        chains: Sequence[Chain],
        options: ChainOptions,
        *,
        classic: bool,
        level: float,
    ) -> None:
        """Begin with nothing known of the chains.

        Args:
            session: Of the verb.
            chains: All of them.
            options: What was asked for.
            classic: As the originals compute attractors and find cycles.
            level: Of the intervals.
        """
        self.remarks: list[str] = []
        self._session, self._options = session, options
        self._chains = tuple(chains)
        self._classic, self._level = classic, level
        self._finder = SectionFinder(MeasuredChains(self._chains, {}), options, classic, level)
        self._found: dict[str, tuple[Any, ...]] = {}
        self._deviations: list[dict[str, Any]] = []

    async def measure(
        self, shown: Sequence[str], *, all_of_it: bool, figures: bool = False
    ) -> None:
        """Find what is to be shown, or all of it, and what figures need."""
        wanted = SECTIONS if all_of_it else shown
        needed = any(name not in _UNMEASURED for name in wanted)
        if needed or figures or self._options.published:
            await self._measure()
        await asyncio.to_thread(self._analyse, wanted)

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        document: dict[str, Any] = {
            "classic": self._classic, "level": self._level,
            "sections": {name: plain(rows) for name, rows in self._found.items()},
        }  # fmt: skip
        if "cycles" in self._found:
            document["found_cycles"] = [cycle_row(one, texts=True) for one in self._finder.cycles]
        if self._deviations:
            document["published"] = self._deviations
        return document

    def tables(self, shown: Sequence[str]) -> Iterator[Table]:
        """The sections that are shown, and the comparison with published numbers."""
        title = f"Attractors{' as published' if self._classic else ''}"
        makers: Mapping[str, Callable[[Any], Table | Iterable[Table]]] = {
            "overview": tables.overview_table,
            "means": tables.means_table,
            "attractors": lambda rows: tables.attractor_table(rows, title, self._level),
            "prediction": effects.prediction_table,
            "ks": tables.ks_table,
            "convergence": lambda rows: tables.convergence_table(rows, self._level),
            "languages": tables.language_table,
            "cycles": lambda rows: (
                *_split(tables.cycle_table(rows), rows),
                *_split(tables.swing_table(rows), rows),
            ),
            "dynamics": lambda rows: effects.dynamics_table(rows, self._level),
            "change": lambda rows: effects.change_table(rows, classic=self._classic),
            "shapes": effects.shape_table,
            "additive": effects.additive_tables,
            "temperature": lambda rows: effects.temperature_tables(rows, self._level),
            "tuning": lambda rows: effects.tuning_tables(rows, self._level),
        }
        for name in shown:
            rows = self._found.get(name)
            if rows and not (name == "attractors" and self._lack_lines(rows)):
                made = makers[name](rows)
                yield from _split(made, rows) if isinstance(made, Table) else made
        if self._deviations:
            rows = tuple(SimpleNamespace(**row) for row in self._deviations)
            yield from _split(tables.deviation_table(self._deviations, classic=self._classic), rows)

    def write(self, folder: Path, figures: Sequence[Any], *, force: bool) -> list[Path]:
        """Write tables, texts of cycles and figures into a folder.

        Args:
            folder: Is made where there is none.
            figures: Formats; where none is named, none is drawn.
            force: Whether to write over files.

        Returns:
            The files.

        Raises:
            SimulatorError: As `make_folder` and `write_file`.
        """
        from simulator.files.saving import make_folder, write_file

        files: dict[str, str | bytes] = {
            f"{part}.csv": rows_csv(flat)
            for name, rows in self._found.items()
            for part, flat in section_rows(name, rows).items()
            if flat
        }
        files["analysis.json"] = to_json(self.document(), indent=2) + "\n"
        if self._finder.cycles:
            rows = [cycle_row(one, texts=True) for one in self._finder.cycles]
            files["found_texts.jsonl"] = "".join(json.dumps(row) + "\n" for row in rows)
        if self._deviations:
            files["published.csv"] = rows_csv(self._deviations)
        files |= self._drawn(figures) if figures else {}
        make_folder(folder)
        for name, content in files.items():
            write_file(folder / name, content, force=force)
        return [folder / name for name in files]

    def _drawn(self, formats: Sequence[Any]) -> dict[str, bytes]:
        from simulator.analysis.culture.figures.catalogue import draw_figures
        from simulator.analysis.culture.figures.drawing import FigureOptions
        from simulator.analysis.drawing import figure_file

        options = FigureOptions(
            classic=self._classic, level=self._level, early=self._options.early(self._chains),
            similarity=self._options.similarity, unit=self._options.unit(self._classic),
            successive=self._options.ks_against == "previous",
        )  # fmt: skip
        files: dict[str, bytes] = {}
        for one in draw_figures(self._finder.measured, (), options):
            if one.figure is None:
                self.remarks.append(f"No figure {one.name}: {one.reason}.")
                continue
            for kind in formats:
                files[f"{one.name}.{kind}"] = figure_file(one.figure, kind)
        return files

    # ------------------------------------------------------------ finding

    async def _measure(self) -> None:
        from simulator.adapters import open_measure_cache
        from simulator.analysis.culture.measuring import measure_available
        from simulator.analysis.texts.registry import measures_in, measures_named
        from simulator.moderation import asked_measures

        path = self._options.measures_file
        own = asked_measures(
            self._options.measure_names, self._session.settings, self._session.output.warn
        )
        own |= measures_in(path) if path is not None else {}
        names = self._options.measure_names
        measures = measures_named(names, own, self._options.similarity)
        output = self._session.output
        with open_measure_cache(output.warn) as cache, progress(output, "Measuring texts") as hear:
            found = await asyncio.to_thread(
                measure_available, self._chains, measures, cache, hear, classic=self._classic,
                required={*names, *own},
            )  # fmt: skip
        self._finder.measured = found.measured
        self.remarks += found.remarks

    def _analyse(self, wanted: Sequence[str]) -> None:
        output = self._session.output
        lacking: dict[str, list[str]] = {}
        for name in SECTIONS:
            if name in wanted:
                try:
                    with progress(output, f"Section {name}") as hear:
                        self._found[name] = self._finder.find(name, hear)
                except NotFoundError as error:
                    if self._options.is_named(name):
                        raise
                    why = " ".join(filter(None, (error.message, error.remedy)))
                    lacking.setdefault(why, []).append(name)
                if why := self._finder.missing.get(name, ""):
                    self.remarks.append(f"Section {name}: {one_line(why)}.")
        if why := self._lack_lines(self._found.get("attractors", ())):
            self.remarks.append(f"Section attractors is left out: {one_line(why)}.")
        if any(len(one.lengths) > 1 for one in chain_counts(self._chains)):
            self.remarks.append(
                "Chains that were to have different numbers of generations are compared at one "
                "that they share; --chain-length takes those of one length."
            )
        self.remarks += [
            f"Without section {', '.join(names)}: {why}" for why, names in lacking.items()
        ]
        if self._options.published is not None:
            self._deviations = self._compared(self._options.published)

    def _lack_lines(self, rows: Sequence[Any]) -> str:
        """Why attractors are not worth a table; empty where they are, or were asked for."""
        if self._options.show_all or self._options.is_named("attractors"):
            return ""
        if any(one.slope is not None for one in rows):
            return ""
        return "; ".join(dict.fromkeys(one.reason for one in rows))

    def _compared(self, path: Path) -> list[dict[str, Any]]:
        published = read_published(path)
        rows: list[dict[str, Any]] = []
        met: set[Place] = set()
        for generation in dict.fromkeys(place.generation for place in published):
            for one in self._finder.attractors_at(generation):
                place = Place(generation, one.measure, one.model, one.task)
                if place not in published or one.position is None or one.strength is None:
                    continue
                met.add(place)
                position, strength = published[place]
                rows.append({
                    "model": one.model, "task": one.task, "temperature": one.temperature,
                    "measure": one.measure, "generation": one.generation,
                    "position": one.position, "published_position": position,
                    "position_deviation": one.position - position,
                    "strength": one.strength, "published_strength": strength,
                    "strength_deviation": one.strength - strength,
                })  # fmt: skip
        left = [place for place in published if place not in met]
        if left:
            self.remarks.append(
                f"{len(left):,} of {len(published):,} published attractors have no counterpart"
                f" here{self._why(left)}."
            )
        return rows

    def _why(self, left: Sequence[Place]) -> str:
        """The measures and models of published attractors that there are none of here."""
        measured = self._finder.measured
        lacking = [
            f"{what} {', '.join(names)}"
            for what, names in (
                ("measure", _absent([place.measure for place in left], measured.values)),
                ("model", _absent([place.model for place in left], measured.models)),
                ("task", _absent([place.task for place in left], measured.tasks)),
            )
            if names
        ]
        return f": no {', no '.join(lacking)}" if lacking else ""


def _absent(names: Sequence[str], there: Iterable[str]) -> list[str]:
    return [one_line(name) for name in dict.fromkeys(names) if name not in set(there)]


def _split(table: Table, rows: Sequence[Any]) -> Iterator[Table]:
    return by_model(table, [row.model for row in rows])
