"""Measures and analyses chains of texts, a section after the other; tables and files of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.overview import (
    chain_counts,
    chain_cycles,
    cycle_counts,
    means,
)
from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.cli.chain_options import SECTIONS
from simulator.cli.progress import progress
from simulator.errors import DesignInvalidError
from simulator.files.chain_tables import cycle_row, plain, rows_csv
from simulator.files.reading import read_text
from simulator.presentation import chains as tables
from simulator.presentation.debates import Table
from simulator.presentation.safe_text import to_json

if TYPE_CHECKING:
    from simulator.cli.chain_options import ChainOptions
    from simulator.cli.session import Session

_MEASURED = ("means", "attractors", "prediction", "ks")
"""Sections that need measures."""
_PUBLISHED_BYTES = 16_000_000


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
        self._measured = MeasuredChains(self._chains, {})
        self._found: dict[str, tuple[Any, ...]] = {}
        self._deviations: list[dict[str, Any]] = []
        self._cycles: tuple[Any, ...] = ()

    async def measure(
        self, shown: Sequence[str], *, all_of_it: bool, figures: bool = False
    ) -> None:
        """Find what is to be shown, or all of it, and what figures need."""
        wanted = SECTIONS if all_of_it else shown
        needed = any(name in wanted for name in _MEASURED)
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
            document["found_cycles"] = [cycle_row(one, texts=True) for one in self._cycles]
        if self._deviations:
            document["published"] = self._deviations
        return document

    def tables(self, shown: Sequence[str]) -> Iterator[Table]:
        """The sections that are shown, and the comparison with published numbers."""
        last = f"Attractors{' as published' if self._classic else ''}"
        early = f"{last}, predicted from generation {self._options.generation}"
        makers: Mapping[str, Callable[[Any], Table]] = {
            "overview": tables.overview_table,
            "means": tables.means_table,
            "attractors": lambda rows: tables.attractor_table(rows, last, self._level),
            "prediction": lambda rows: tables.attractor_table(rows, early, self._level),
            "ks": tables.ks_table,
            "convergence": lambda rows: tables.convergence_table(rows, self._level),
            "cycles": tables.cycle_table,
        }
        for name in shown:
            if name in self._found and name in makers:
                yield makers[name](self._found[name])
        if self._deviations:
            yield tables.deviation_table(self._deviations)

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
            f"{name}.csv": rows_csv([plain(row) for row in rows])
            for name, rows in self._found.items()
            if rows
        }
        files["analysis.json"] = to_json(self.document(), indent=2) + "\n"
        if self._cycles:
            rows = [cycle_row(one, texts=True) for one in self._cycles]
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
            classic=self._classic, level=self._level, early=self._options.generation
        )
        files: dict[str, bytes] = {}
        for one in draw_figures(self._measured, (), options):
            if one.figure is None:
                self.remarks.append(f"No figure {one.name}: {one.reason}.")
                continue
            for kind in formats:
                files[f"{one.name}.{kind}"] = figure_file(one.figure, kind)
        return files

    # ------------------------------------------------------------ finding

    async def _measure(self) -> None:
        from simulator.adapters import open_measure_cache
        from simulator.analysis.culture.measuring import measure_chains
        from simulator.analysis.texts.registry import measures_in, measures_named

        path = self._options.measures_file
        own = measures_in(path) if path is not None else {}
        measures = measures_named(self._options.measure_names, own)
        output = self._session.output
        with open_measure_cache(output.warn) as cache, progress(output, "Measuring texts") as hear:
            self._measured = await asyncio.to_thread(
                measure_chains, self._chains, measures, cache, hear, classic=self._classic
            )

    def _analyse(self, wanted: Sequence[str]) -> None:
        finders: Mapping[str, Callable[[], tuple[Any, ...]]] = {
            "overview": lambda: chain_counts(self._chains),
            "means": lambda: means(self._measured),
            "attractors": lambda: self._attractors(None),
            "prediction": lambda: self._attractors(self._options.generation),
            "ks": self._drifts,
            "convergence": self._convergences,
            "cycles": self._cycle_counts,
        }
        for name in SECTIONS:
            if name in wanted and name in finders:
                self._found[name] = finders[name]()
        if self._options.published is not None:
            self._deviations = self._compared(self._options.published)

    def _attractors(self, generation: int | None) -> tuple[Any, ...]:
        from simulator.analysis.culture.attractors import attractors_of

        return attractors_of(
            self._measured, generation=generation, classic=self._classic,
            resamples=self._options.bootstrap, level=self._level, seed=self._options.draw_seed,
        )  # fmt: skip

    def _drifts(self) -> tuple[Any, ...]:
        from simulator.analysis.culture.distributions import drifts_of

        return drifts_of(self._measured, classic=self._classic)

    def _convergences(self) -> tuple[Any, ...]:
        from simulator.analysis.culture.convergence import convergences

        return convergences(
            self._chains, self._options.similarity, level=self._level,
            draws=max(1, self._options.bootstrap), seed=self._options.draw_seed,
        )  # fmt: skip

    def _cycle_counts(self) -> tuple[Any, ...]:
        rule = self._options.rule(self._classic)
        with progress(self._session.output, "Seeking cycles") as hear:
            self._cycles = chain_cycles(self._chains, rule, hear=hear)
        return cycle_counts(self._chains, self._cycles)

    def _compared(self, path: Path) -> list[dict[str, Any]]:
        published = read_published(path)
        for name, generation in (("attractors", None), ("prediction", self._options.generation)):
            if name not in self._found:
                self._found[name] = self._attractors(generation)
        rows = []
        for one in (*self._found["attractors"], *self._found["prediction"]):
            # Which values stand for an early generation is told by the file alone.
            early = one in self._found["prediction"]
            theirs = published.get((early, one.measure, one.model, one.task))
            if theirs is None or one.position is None or one.strength is None:
                continue
            position, strength = theirs
            rows.append({
                "model": one.model, "task": one.task, "measure": one.measure,
                "generation": one.generation, "position": one.position,
                "published_position": position, "position_deviation": one.position - position,
                "strength": one.strength, "published_strength": strength,
                "strength_deviation": one.strength - strength,
            })  # fmt: skip
        if not rows:
            self.remarks.append(f"{path} has no attractors of these models, tasks and measures.")
        return rows


def read_published(path: Path) -> dict[tuple[bool, str, str, str], tuple[float, float]]:
    """Published attractors: position and strength by (predicted early, measure, model, task).

    Raises:
        DesignInvalidError: The file has no positions and strengths by measure, model and task.
    """
    found: dict[tuple[bool, str, str, str], tuple[float, float]] = {}
    try:
        document = json.loads(read_text(path, max_bytes=_PUBLISHED_BYTES))
        for early, suffix in ((False, ""), (True, "_10")):
            strengths = document.get(f"strengths{suffix}", {})
            for measure, models in document.get(f"positions{suffix}", {}).items():
                for model, tasks in models.items():
                    for task, position in tasks.items():
                        strength = strengths[measure][model][task]
                        found[early, measure, model, task] = float(position), float(strength)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise DesignInvalidError(
            f"{path} has no published attractors: {type(error).__name__} {error}.",
            remedy="It is an object with positions and strengths by measure, model and task.",
        ) from None
    return found
