"""Debates gathered for analysis: of a store, and of the original program's files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from simulator.analysis.debates.answers import FinalRule
from simulator.analysis.debates.grading import Grader
from simulator.analysis.debates.records import DebateRecord
from simulator.archive import Archive
from simulator.domain.records import Run
from simulator.errors import UsageError
from simulator.files.originals.debate_names import DATASETS, write_name
from simulator.files.originals.debates import OriginalDebates, name_of, read_debates, write_debates
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.regrading import regraded
from simulator.kinds.debate.results import record_of

_DATASETS = {"number": "gsm8k", "choice": "mmlu", "text": "biography"}
"""Of the original, those whose answers are of the same sort."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How answers are found again; None everywhere leaves all as it is."""

    grader: Grader | None = None
    """None is that of the design, or what fits the file."""
    classic: bool | None = None
    """As in the original, its faults included; None is as in the design, and not so for files."""
    mode: str | None = None
    """Of a file whose name does not tell it."""
    temperatures: tuple[float, ...] = ()
    """Of a file whose name does not tell them."""
    final: FinalRule | None = None
    """Whose answer counts in a file."""


async def debate_record(archive: Archive, run: Run, asking: Asking | None = None) -> DebateRecord:
    """What a run of a debate came to, as far as it was played.

    Args:
        archive: Has the run.
        run: Any.
        asking: How its answers are found again.

    Raises:
        UsageError: The run is no debate.
        DesignChangedError: The stored design is not the one that the run began with.
    """
    design = await _design(archive, run)
    record = record_of(run, design, await archive.store.steps(run.id))
    if asking is None or (asking.grader is None and asking.classic is None):
        return record
    return regraded(record, design, grader=asking.grader, classic=asking.classic)


async def debate_as_original(archive: Archive, run: Run) -> tuple[str, str]:
    """A run of a debate as the original program writes it: the file's name, and its text.

    Raises:
        UsageError: The run is no debate, or a question stands in it twice.
    """
    design = await _design(archive, run)
    record = record_of(run, design, await archive.store.steps(run.id))
    dataset = design.data.dataset
    name = name_of(
        record,
        dataset=dataset if dataset in DATASETS else _DATASETS[design.scores_by],
        data_file=Path(design.data.path).stem if design.data.path else design.data.split,
        models=[debater.model or design.model for debater in design.debaters],
        seed=run.seed,
    )
    return write_name(replace(name, job=run.id)), write_debates(record)


def original_debates(path: Path, asking: Asking) -> OriginalDebates:
    """A file of the original program; see `read_debates` for what can be wrong."""
    return read_debates(
        path,
        grader=asking.grader,
        classic=bool(asking.classic),
        mode=asking.mode,
        temperatures=asking.temperatures,
        final=asking.final,
    )


async def _design(archive: Archive, run: Run) -> DebateDesign:
    if run.kind != "debate":
        raise UsageError(
            f"Run {run.id} is no debate but of the kind {run.kind}.",
            remedy="Name runs of debates; `ls --runs` lists runs.",
        )
    design: DebateDesign = await archive.resolved(run)
    return design
