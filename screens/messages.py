"""Where screens ask the app to go; the app answers each by opening a screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message


@dataclass
class OpenExperiment(Message):
    """Show an experiment in the list of all."""

    experiment_id: str


@dataclass
class NewDesign(Message):
    """Write a new design from the template of its kind."""

    kind: str = "conversation"


@dataclass
class EditDesign(Message):
    """Edit an experiment in place."""

    experiment_id: str


@dataclass
class DuplicateDesign(Message):
    """Edit a copy of an experiment."""

    experiment_id: str


@dataclass
class ResumeDraft(Message):
    """Go on with a design that was left without being saved."""


@dataclass
class LaunchExperiment(Message):
    """Choose what to run of an experiment."""

    experiment_id: str


@dataclass
class OpenMonitor(Message):
    """Show what is being played, with one run in focus."""

    run_id: str | None = None


@dataclass
class OpenTranscript(Message):
    """Read a run."""

    run_id: str


@dataclass
class CompareRuns(Message):
    """Set two runs side by side."""

    left_id: str
    right_id: str


@dataclass
class OpenAnalysis(Message):
    """Count and plot an experiment's runs."""

    experiment_id: str
