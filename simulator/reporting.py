"""Reports: what runs and files of chains came to, gathered and measured for one HTML page."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator import __version__
from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.archive import Archive
from simulator.chains import PASSED_ON, chains_of_runs, read_chains, read_folder
from simulator.domain.records import IMPORTED, Experiment, Run, RunQuery
from simulator.errors import SimulatorError, UsageError
from simulator.files.originals.documents import UNKNOWN_TIME
from simulator.files.reports.content import MeasureNote, Report
from simulator.files.reports.drawings import Drawing
from simulator.files.reports.transcripts import Transcript, transcript_of
from simulator.presentation.conditions import conditions_of
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from simulator.analysis.culture.measuring import MeasureCache
    from simulator.analysis.texts.measure import TextMeasure

FURTHER = ("entropy", "repetition", "similarity_to_initial", "similarity_to_previous")
"""Measures that are drawn beside the usual ones of analyses, unless others are named."""
_ONLY_CHAINS = ("telephone",)
"""Kinds whose transcripts say nothing beyond their chains."""
_LISTED = 3

_log = logging.getLogger(__name__)


class Gathering:
    """What goes into a report, gathered from a store and from files."""

    def __init__(self, archive: Archive) -> None:
        """Begin with nothing.

        Args:
            archive: Has the runs.
        """
        self.chains: list[Chain] = []
        self.transcripts: list[Transcript] = []
        self.remarks: list[str] = []
        """Sentences on what was left out."""
        self.left_out = 0
        """Runs, files and rows that are not in it."""
        self._archive = archive
        self._experiments: dict[str, Experiment] = {}
        self._runs: dict[str, Run] = {}
        self._files: list[Path] = []
        self._conditions: dict[tuple[str, str], tuple[Any, list[Run]]] = {}
        """Runs of equal designs, by experiment and design."""

    @property
    def name(self) -> str:
        """What it is about, for people: the experiment, or the file."""
        named = [*(one.name for one in self._experiments.values()), *(f.name for f in self._files)]
        name = ", ".join(one_line(one) for one in named[:_LISTED])
        return f"{name} and {len(named) - _LISTED} more" if len(named) > _LISTED else name

    async def add_record(self, record: Experiment | Run) -> None:
        """Take a run, or an experiment with its runs, as far as they were played."""
        if isinstance(record, Run):
            runs = [record]
        else:
            query = RunQuery(experiment_id=record.id, order="oldest")
            runs = await self._archive.store.runs(query)
        for run in runs:
            if run.id not in self._runs:
                await self._add_run(run)

    def add_path(self, path: Path) -> None:
        """Take a file of chains, or a folder of them.

        Raises:
            NotFoundError: There is none.
            SimulatorError: It cannot be read.
        """
        is_folder = path.is_dir()
        found = read_folder(path, self._leave_out_file) if is_folder else read_chains(path)
        self.chains += found.chains
        self.left_out += found.left_out
        self.remarks += found.remarks
        self._files.append(path.resolve() if is_folder else path)

    def report(
        self,
        measured: MeasuredChains,
        notes: dict[str, MeasureNote],
        written_at: datetime,
        drawings: Sequence[Drawing] = (),
    ) -> Report:
        """All of it.

        Args:
            measured: The chains that were gathered.
            notes: Of the measures.
            written_at: Aware; the moment that the report tells.
            drawings: Figures, in their order.
        """
        return Report(
            title=self.name or "Report",
            facts=tuple(self._facts(written_at).items()),
            remarks=tuple(self.remarks),
            chains=measured,
            measures=notes,
            transcripts=tuple(self.transcripts),
            drawings=tuple(drawings),
            conditions=tuple(
                conditions_of(runs, design) for design, runs in self._conditions.values()
            ),
        )

    def check_content(self) -> None:
        """Raises UsageError where there is nothing to read."""
        if self.chains or any(one.messages for one in self.transcripts):
            return
        if self._runs or self.left_out:
            told = f" {' '.join(self.remarks)}" if self.remarks else ""
            raise UsageError(
                f"Nothing was said in these runs yet.{told}",
                remedy="Go on with them: `resume` takes the id of a run.",
            )
        raise UsageError(
            "There are no runs to report on.", remedy="Launch the design first: `run` takes it."
        )

    # ------------------------------------------------------------ gathering

    async def _add_run(self, run: Run) -> None:
        try:
            experiment, steps = await self._archive.transcript(run)
            chains = await chains_of_runs(self._archive, [run]) if run.kind in PASSED_ON else ()
            design = await self._archive.resolved(run, experiment) if chains else None
        except SimulatorError as error:
            self._leave_out(f"run {run.id}: {error.message}")
            return
        self._experiments[experiment.id] = experiment
        self._runs[run.id] = run
        self.chains += chains
        if design is not None:
            key = (run.experiment_id, design.model_dump_json())
            self._conditions.setdefault(key, (design, []))[1].append(run)
        if run.kind not in _ONLY_CHAINS and steps:
            self.transcripts.append(transcript_of(run, experiment, steps))

    def _leave_out_file(self, error: SimulatorError) -> None:
        self._leave_out(error.message)

    def _leave_out(self, why: str) -> None:
        self.left_out += 1
        self.remarks.append(f"Left out: {why}")

    def _facts(self, written_at: datetime) -> dict[str, str]:
        experiments, runs = tuple(self._experiments.values()), tuple(self._runs.values())
        facts: dict[str, str] = {}
        if experiments:
            facts["Kind"] = _joined(one.kind for one in experiments)
            facts["Design"] = _joined(one.design_hash[:12] for one in experiments)
            facts["Created by"] = _joined(run.creator for run in runs)
            facts["Played"] = _days([run.created_at for run in runs if not _is_undated(run)])
        if runs:
            statuses = Counter(run.status for run in runs)
            told = ", ".join(f"{number} {status}" for status, number in statuses.items())
            facts["Runs"] = f"{len(runs):,} ({told})"
        if self.chains:
            stopped = sum(not chain.is_complete for chain in self.chains)
            facts["Chains"] = f"{len(self.chains):,}" + (
                f", of which {stopped:,} stopped half way" if stopped else ""
            )
            facts["Texts"] = f"{sum(len(chain.texts) for chain in self.chains):,}"
        if self.transcripts:
            facts["Messages"] = f"{sum(len(one.messages) for one in self.transcripts):,}"
        if self.left_out:
            facts["Left out"] = f"{self.left_out:,}"
        notes = [one_line(one.note) for one in experiments if one.note]
        if notes:
            facts["Note"] = " / ".join(notes[:_LISTED])
        facts["Written"] = f"{written_at:%Y-%m-%d %H:%M %Z}, simulator {__version__}"
        return facts


def _joined(values: Iterable[str]) -> str:
    different = [one_line(value) for value in dict.fromkeys(values)]
    more = f" and {len(different) - _LISTED} more" if len(different) > _LISTED else ""
    return ", ".join(different[:_LISTED]) + more


def _is_undated(run: Run) -> bool:
    """Whether it comes from a file that does not say when it was made."""
    is_imported = run.outcome is not None and run.outcome.reason == IMPORTED
    return is_imported and run.created_at == UNKNOWN_TIME


def _days(moments: Sequence[datetime]) -> str:
    if not moments:
        return "not on record"
    first, last = f"{min(moments):%Y-%m-%d}", f"{max(moments):%Y-%m-%d}"
    return first if first == last else f"{first} to {last}"


# ---------------------------------------------------------------- measuring


def measured_for_report(
    chains: Sequence[Chain],
    names: Sequence[str] = (),
    own: Mapping[str, TextMeasure] | None = None,
    cache: MeasureCache | None = None,
    hear: Callable[[float], None] = lambda share: None,
) -> tuple[MeasuredChains, dict[str, MeasureNote], list[str]]:
    """Chains with the curves of a report.

    Args:
        chains: Of any kind; may be none.
        names: Of measures; empty takes the usual ones and `own`, as far as what they need is
            installed.
        own: A researcher's own measures, by name.
        cache: Where values are kept; None measures all anew.
        hear: Is told the share that is done.

    Returns:
        The values, what is to be said of the measures, and sentences on what is missing.

    Raises:
        SimulatorError: A measure that was named is not known, or needs what is not installed.
    """
    from simulator.analysis.culture.measuring import measure_available
    from simulator.analysis.texts.registry import measures_named, usual_measures

    listed = tuple(chains)
    wanted = tuple(dict.fromkeys(names or (*usual_measures(), *FURTHER, *(own or {}))))
    chosen = measures_named(wanted, own)
    found = measure_available(listed, chosen if listed else (), cache, hear, required=names)
    for remark in found.remarks:
        _log.info("of a report: %s", remark)
    notes = {one.name: MeasureNote(one.unit, one.meaning) for one in found.measures}
    return found.measured, notes, list(found.remarks)


def default_file(gathering: Gathering) -> str:
    """A file name made of what a report is about, such as `report-prison.html`."""
    kept = "".join(sign if sign.isalnum() else " " for sign in gathering.name[:60])
    return "-".join(["report", *kept.lower().split()]) + ".html"
