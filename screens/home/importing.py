"""Takes designs over from files, and whole experiments from what the original program stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, ProgressBar, Static

from screens.dialogs.dialog import Dialog
from simulator.domain.records import Experiment, ExperimentQuery
from simulator.errors import NotFoundError, SimulatorError
from simulator.files.designs import design_hash
from simulator.importing import ImportReport
from simulator.presentation.wording import counted
from simulator.services import Services

_YAML = (".yaml", ".yml")
_NAMED = 3
"""Reasons for losses that are named."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A design that was taken over."""

    experiment: Experiment
    is_new: bool
    """Whether the store did not have it already."""


def design_files(place: str) -> list[Path]:
    """The designs at a place: the YAML file itself, or those of a folder; none elsewhere."""
    if "://" in place:
        return []
    path = Path(place).expanduser()
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.suffix in _YAML)
    return [path] if path.suffix in _YAML else []


async def import_designs(services: Services, paths: Sequence[Path]) -> list[Taken]:
    """Store designs, all or none; those that are there already are left alone.

    Raises:
        SimulatorError: One of them cannot be read, or has faults.
    """
    designs = [await services.design_in(one) for one in paths]
    taken = []
    for design in designs:
        known = await services.store.experiments(
            ExperimentQuery(name=design.name, design_hash=design_hash(design))
        )
        taken.append(Taken(known[0] if known else await services.save_design(design), not known))
    return taken


class ImportDialog(Dialog[ImportReport | SimulatorError]):
    """Shows how far an import is; the answer is how it ended, None when it was stopped."""

    CSS_PATH = "../dialogs/dialog.tcss"

    def __init__(self, services: Services, place: str) -> None:
        super().__init__("Importing what the original program stored")
        self._services = services
        self._place = place

    def compose_question(self) -> ComposeResult:
        """The share that is read, and a way out."""
        yield ProgressBar(total=1.0, show_eta=False)
        yield Static(
            "Stopping keeps what was stored; the same import goes on from there.",
            classes="dialog-detail", markup=False,
        )  # fmt: skip
        with Horizontal(classes="dialog-buttons"):
            yield Button("Stop (esc)", id="no")

    def on_mount(self) -> None:
        """Begin."""
        self._import()

    @work(exclusive=True, group="import")
    async def _import(self) -> None:
        try:
            report = await self._services.import_originals([self._place], hear=self._hear)
        except SimulatorError as error:
            self.dismiss(error)
        else:
            self.dismiss(report)

    def _hear(self, share: float) -> None:
        self.query_one(ProgressBar).update(progress=share)

    @on(Button.Pressed)
    def action_cancel(self) -> None:
        """Stop it."""
        self.workers.cancel_group(self, "import")
        self.dismiss(None)


def report_text(report: ImportReport) -> str:
    """What became of an import, for people. Raises NotFoundError when there was nothing."""
    if not report.experiments and not report.runs:
        why = "; ".join(report.told(whole=True)[:_NAMED])
        raise NotFoundError(
            f"There is nothing in it that can be imported{f': {why}' if why else ''}.",
            remedy="Give a YAML design, or exports of the original's three collections together.",
        )
    return " ".join(_sentences(report))


def _sentences(report: ImportReport) -> Iterator[str]:
    yield (
        f"{counted(report.experiments, 'experiment')}, {counted(report.runs, 'conversation')} and "
        f"{counted(report.messages, 'message')} read: {report.new:,} new, "
        f"{report.known:,} known already."
    )
    for whole, what in ((True, "left out"), (False, "taken over in part")):
        reasons = report.reasons(whole=whole)
        if reasons:
            named = "; ".join(report.told(whole=whole)[:_NAMED])
            more = "; …" if len(reasons) > _NAMED else ""
            yield f"{sum(reasons.values()):,} {what}: {named}{more}."
