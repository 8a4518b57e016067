"""Gathers debates that are named on the command line; shows and writes what they came to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis.debates.comparison import Comparison
from simulator.analysis.debates.records import DebateRecord
from simulator.analysis.debates.summary import DebateSummary
from simulator.cli.output import Column, Output
from simulator.debates import Asking, debate_as_original, debate_record, original_debates
from simulator.domain.records import Run, RunQuery
from simulator.errors import DesignInvalidError, NotFoundError, UsageError
from simulator.files import debate_tables as tables
from simulator.presentation.debates import Table, short_name
from simulator.presentation.safe_text import to_json

if TYPE_CHECKING:
    from simulator.analysis.drawing import FigureFormat
    from simulator.cli.session import Session
    from simulator.services import Services


_ALWAYS = 4
"""Columns that a narrow terminal keeps; of the others the last go first."""


class Gathering:
    """The records of all targets, in order."""

    def __init__(self, session: Session, services: Services, asking: Asking) -> None:
        """Begin with none.

        Args:
            session: Of the verb.
            services: Where runs and experiments are.
            asking: How answers are found again.
        """
        self.records: list[DebateRecord] = []
        self.remarks: list[str] = []
        """Sentences on what was left out or taken for granted."""
        self._runs: list[Run] = []
        self._session, self._services, self._asking = session, services, asking

    async def add(self, target: str) -> None:
        """Take a file, a folder of files, a run, or an experiment with its runs.

        Raises:
            NotFoundError: There is no such thing.
            UsageError: It is no debate.
            DesignInvalidError: The file is none of the original's.
        """
        if Path(target).suffix.lower() == ".json" or await asyncio.to_thread(_is_folder, target):
            await asyncio.to_thread(self._add_files, Path(target).expanduser())  # noqa: ASYNC240
        else:
            await self._add_stored(target)

    def answered(self, count: int | None) -> list[DebateRecord]:
        """The records, each with its first so many questions, or with all.

        Raises:
            UsageError: One has no answer.
        """
        for record in self.records:
            if not record.debated:
                raise UsageError(
                    f"{record.name} has no answered question yet.",
                    remedy="Go on with it: `resume` takes its id.",
                )
        if count is None:
            return self.records
        return [
            replace(record, debated=record.debated[:count], missing=0) for record in self.records
        ]

    async def as_original(self) -> dict[str, str]:
        """The runs as the original program writes them, by the names of their files."""
        return dict([await debate_as_original(self._services, run) for run in self._runs])

    def _add_files(self, path: Path) -> None:
        if not path.is_dir():
            self._add_file(path)
            return
        before = len(self.records)
        for file in sorted(path.rglob("*.json")):
            try:
                self._add_file(file)
            except DesignInvalidError as error:
                self._session.output.warn(error.message)
        if len(self.records) == before:
            raise NotFoundError(
                f"{path} holds neither chains of texts nor output of the original debate program.",
                remedy="Name a folder with chains (.jsonl, or output0.json of the original"
                " telephone), or with the JSON files of debates.",
            )

    def _add_file(self, path: Path) -> None:
        found = original_debates(path, self._asking)
        self.records.append(found.record)
        self.remarks += [f"{path.name}: {remark}" for remark in found.remarks]

    async def _add_stored(self, target: str) -> None:
        from simulator.cli.finding import find_either

        found = await find_either(self._session, self._services, target)
        if isinstance(found, Run):
            runs = [found]
        else:
            query = RunQuery(experiment_id=found.id, order="oldest")
            runs = await self._services.store.runs(query)
            if not runs:
                raise UsageError(
                    f"Experiment {found.name!r} has no runs yet.",
                    remedy=f"Start one with `run {found.id}`.",
                )
        for run in runs:
            record = await debate_record(self._services, run, self._asking)
            if not record.debated and len(runs) > 1:
                self.remarks.append(f"Run {run.id} has no answers yet, and is left out.")
                continue
            self.records.append(record)
            self._runs.append(run)
        if runs and not self.records:
            raise UsageError(f"No run of {target} has an answered question yet.")


def _is_folder(target: str) -> bool:
    return Path(target).expanduser().is_dir()


def show(output: Output, shown: Iterable[Table]) -> None:
    """Tables for people."""
    if output.json:
        return
    for table in shown:
        output.line(table.title, "bold")
        columns = [
            Column(
                heading, right=place >= table.words, flexible=table.words > 1 and place == 1,
                goes=max(0, len(table.headings) - place) if place >= _ALWAYS else 0,
            )
            for place, heading in enumerate(table.headings)
        ]  # fmt: skip
        output.table(columns, table.rows)
        if table.note:
            output.line(table.note, "dim")
        output.line()


@dataclass(frozen=True, slots=True)
class Written:
    """What debates came to, as files."""

    output: Output
    records: Sequence[DebateRecord]
    summaries: Sequence[DebateSummary]
    """Of the records."""
    comparisons: Sequence[Comparison]
    """Of the first record with each other one; perhaps others after them."""
    level: float

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "records": [tables.summary_document(one, level=self.level) for one in self.summaries],
            "comparisons": [tables.comparison_document(one) for one in self.comparisons],
        }

    def write(
        self,
        folder: Path,
        figures: Sequence[FigureFormat],
        originals: Mapping[str, str],
        *,
        force: bool,
    ) -> list[Path]:
        """Write tables, figures and files of the original's form into a folder.

        Args:
            folder: Is made where there is none.
            figures: Formats; none is PDF if that can be drawn here.
            originals: Texts by the names of their files.
            force: Whether to write over files.

        Returns:
            The files.

        Raises:
            NotFoundError: Figures were asked for, and matplotlib is not installed.
            SimulatorError: As `make_folder` and `write_file`.
        """
        from simulator.files.saving import make_folder, write_file

        files: dict[str, str | bytes] = {
            "rounds.csv": tables.rounds_csv(self.summaries, level=self.level),
            "shares.csv": tables.shares_csv(self.summaries, level=self.level),
            "answers.csv": tables.answers_csv(self.records),
            "analysis.json": to_json(self.document(), indent=2) + "\n",
        }
        if self.comparisons:
            files["comparisons.csv"] = tables.comparisons_csv(self.comparisons)
        files.update(originals)
        files.update(self._figures(figures))
        make_folder(folder)
        for name, content in files.items():
            write_file(folder / name, content, force=force)
        return [folder / name for name in files]

    def _figures(self, formats: Sequence[FigureFormat]) -> dict[str, bytes]:
        from simulator.analysis.debates.figures import records_figure, rounds_figure

        named = [replace(one, name=short_name(one, n)) for n, one in enumerate(self.summaries)]
        gains = self.comparisons[: len(named) - 1]
        drawn: dict[str, bytes] = {}
        try:
            for format_ in formats or ("pdf",):
                drawn[f"records.{format_}"] = records_figure(
                    named, gains, format_, level=self.level
                )
                if any(len(one.rounds) > 1 for one in named):
                    drawn[f"rounds.{format_}"] = rounds_figure(named, format_, level=self.level)
        except NotFoundError as error:
            if formats:
                raise
            self.output.warn(f"{error.message} {error.remedy}")
        return drawn
