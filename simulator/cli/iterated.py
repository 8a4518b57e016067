"""Gathers lineages of learners named on the command line; shows and writes what they came to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis.iterated.conditions import (
    Condition,
    conditions_of,
    means_of,
    status_shares,
    wishes_of,
)
from simulator.analysis.iterated.measured import MeasuredLineage
from simulator.analysis.iterated.overview import counts_of, tops_of
from simulator.chains import path_named
from simulator.cli.progress import progress
from simulator.domain.records import Run, RunQuery
from simulator.errors import UsageError
from simulator.files.chain_tables import plain, rows_csv
from simulator.files.iterated_tables import fit_rows, lineage_rows, mean_rows, share_rows
from simulator.iterations import KIND, lineages_of_runs
from simulator.presentation import iterated as tables
from simulator.presentation.debates import Table
from simulator.presentation.iterated_fits import fit_tables
from simulator.presentation.safe_text import to_json

if TYPE_CHECKING:
    from simulator.cli.session import Session
    from simulator.services import Services

SECTIONS = ("overview", "measures", "probabilities", "fit")
FIRST = ("overview", "measures", "probabilities")
"""Sections that are shown unless others are named."""


async def are_lineages(session: Session, services: Services, target: str) -> bool:
    """Whether a target is a run or an experiment of iterated learning."""
    if await asyncio.to_thread(path_named, target) is not None:
        return False
    from simulator.cli.finding import find_either

    return (await find_either(session, services, target)).kind == KIND


def sections_shown(names: str | None, *, show_all: bool) -> tuple[str, ...]:
    """The sections to show.

    Raises:
        UsageError: There is no such section.
    """
    wanted = [part.strip() for part in (names or "").split(",") if part.strip()]
    if show_all or "all" in wanted:
        return SECTIONS
    for name in wanted:
        if name not in SECTIONS:
            raise UsageError(
                f"There is no section {name!r} of iterated learning.",
                remedy=f"Choose of {', '.join(SECTIONS)}, all.",
            )
    return tuple(name for name in SECTIONS if name in wanted) or FIRST


class LineageAnalysis:
    """What lineages came to, by section."""

    def __init__(
        self,
        session: Session,
        lineages: Sequence[MeasuredLineage],
        level: float,
        learner: Any = "sampler",
        gamma: float = 3.0,
    ) -> None:
        """Begin with nothing known but measures.

        Args:
            session: Of the verb.
            lineages: All of them.
            level: Of the intervals.
            learner: Of the section `fit`: `sampler`, `map` or `soft-map`.
            gamma: Exponent of `soft-map`.
        """
        self.remarks: list[str] = []
        self.conditions: tuple[Condition, ...] = conditions_of(lineages)
        self._session, self._level = session, level
        self._learner, self._gamma = learner, gamma
        self._found: dict[str, Any] = {}

    async def find(self, wanted: Sequence[str]) -> None:
        """Find sections."""
        for name in SECTIONS:
            if name in wanted:
                with progress(self._session.output, f"Section {name}") as hear:
                    self._found[name] = await asyncio.to_thread(self._find, name, hear)

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        sections: dict[str, Any] = {}
        for name, found in self._found.items():
            sections[name] = self._rows(name, found)
        return {"level": self._level, "sections": sections}

    def tables(self, shown: Sequence[str]) -> Iterator[Table]:
        """The sections that are shown."""
        makers: Mapping[str, Callable[[Any], Iterator[Table]]] = {
            "overview": lambda found: iter([tables.overview_table(found)]),
            "measures": lambda found: tables.measure_tables(
                found, self._level, wishes_of(self.conditions)
            ),
            "probabilities": lambda found: tables.probability_tables(*found),
            "fit": lambda found: fit_tables(found, self._level),
        }
        for name in shown:
            if name in self._found:
                yield from makers[name](self._found[name])

    def write(self, folder: Path, figures: Sequence[Any], *, force: bool) -> list[Path]:
        """Write tables and figures into a folder.

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

        files: dict[str, str | bytes] = {}
        for name, found in self._found.items():
            rows = self._rows(name, found)
            parts = rows if isinstance(rows, dict) else {name: rows}
            files |= {f"{part}.csv": rows_csv(flat) for part, flat in parts.items() if flat}
        if "measures" in self._found:
            files["lineages.csv"] = rows_csv(lineage_rows(self.conditions))
        files["analysis.json"] = to_json(self.document(), indent=2) + "\n"
        files |= self._drawn(figures) if figures else {}
        make_folder(folder)
        for name, content in files.items():
            write_file(folder / name, content, force=force)
        return [folder / name for name in files]

    def _find(self, name: str, hear: Callable[[float], None]) -> Any:
        if name == "overview":
            return counts_of(self.conditions)
        if name == "measures":
            return means_of(self.conditions, level=self._level)
        if name == "probabilities":
            return status_shares(self.conditions, level=self._level), tops_of(self.conditions)
        from simulator.analysis.iterated.fits import fits_of

        return fits_of(
            self.conditions, hear, level=self._level, learner=self._learner, gamma=self._gamma
        )

    def _rows(self, name: str, found: Any) -> Any:
        if name == "measures":
            return mean_rows(found)
        if name == "probabilities":
            return {"probabilities": share_rows(found[0]), "most_probable": plain(found[1])}
        if name == "fit":
            return fit_rows(found)
        return plain(found)

    def _drawn(self, formats: Sequence[Any]) -> dict[str, bytes]:
        from simulator.analysis.culture.figures.drawing import NoFigure
        from simulator.analysis.drawing import figure_file
        from simulator.analysis.iterated.figures.catalogue import draw_figures
        from simulator.analysis.iterated.figures.drawing import FigureOptions
        from simulator.analysis.iterated.figures.exact import overlay_figure

        files: dict[str, bytes] = {}
        for one in draw_figures(self.conditions, (), FigureOptions(self._level)):
            if one.figure is None:
                self.remarks.append(f"No figure {one.name}: {one.reason}.")
                continue
            for kind in formats:
                files[f"{one.name}.{kind}"] = figure_file(one.figure, kind)
        if "fit" in self._found:
            overlay = overlay_figure(self._found["fit"])
            if isinstance(overlay, NoFigure):
                self.remarks.append(f"No figure fit: {overlay.reason}.")
            else:
                for kind in formats:
                    files[f"fit.{kind}"] = figure_file(overlay, kind)
        return files


async def show_lineages(
    session: Session,
    services: Services,
    targets: Sequence[str],
    *,
    sections: str | None,
    show_all: bool,
    level: float,
    out: Path | None,
    figures: Sequence[Any],
    force: bool,
    learner: Any = "sampler",
    gamma: float = 3.0,
) -> int:
    """Gather and analyse lineages; show and write what they came to."""
    from simulator.cli.debates import show

    output = session.output
    shown = sections_shown(sections, show_all=show_all)
    wanted = SECTIONS if out is not None and sections is None else shown
    if out is not None:
        from simulator.files.saving import check_folder

        tables = (f"{name}.csv" for name in wanted)
        check_folder(out, ("analysis.json", *tables), force=force)
    lineages, remarks = await gathered(session, services, targets)
    analysis = LineageAnalysis(session, lineages, level, learner, gamma)
    await analysis.find(wanted)
    files = analysis.write(out, figures, force=force) if out is not None else []
    remarks += analysis.remarks
    output.result(
        analysis.document() | {"remarks": remarks, "files": [str(path) for path in files]}
    )
    for remark in remarks:
        output.aside(remark)
    show(output, analysis.tables(shown))
    for path in files:
        output.line(f"Wrote {path}.")
    return 0


async def gathered(
    session: Session, services: Services, targets: Sequence[str]
) -> tuple[list[MeasuredLineage], list[str]]:
    """The lineages of runs and experiments, with what is to be said of those left out.

    Raises:
        SimulatorError: A target is not there, of another kind, or has no learners yet.
    """
    from simulator.cli.finding import find_either

    runs: dict[str, Run] = {}
    for target in targets:
        found = await find_either(session, services, target)
        if found.kind != KIND:
            raise UsageError(
                f"{target} is of the kind {found.kind}, and the first target of iterated learning.",
                remedy="Analyse each kind on its own.",
            )
        if isinstance(found, Run):
            runs[found.id] = found
        else:
            query = RunQuery(experiment_id=found.id, order="oldest")
            runs |= {run.id: run for run in await services.store.runs(query)}
    lineages = list(await lineages_of_runs(services, runs.values()))
    if not lineages:
        raise UsageError(
            f"No learner of {', '.join(targets)} has concluded anything yet.",
            remedy="Start a run with `run`, or go on with one: `resume` takes its id.",
        )
    left = len(runs) - len(lineages)
    told = "Runs in which no learner has concluded anything yet are left out"
    return lineages, [f"{told}: {left} of {len(runs)}."] if left else []
