"""What every store answers to a question that it refuses, in the same words."""

from __future__ import annotations

from simulator.domain.records import Lease
from simulator.errors import (
    ConflictError,
    DesignChangedError,
    LeaseLostError,
    NotFoundError,
)


def not_found(what: str, id_: str) -> NotFoundError:
    """There is no experiment or run of that id."""
    return NotFoundError(f"there is no {what} {_shown(id_)}")


def taken(what: str, id_: str) -> ConflictError:
    """There is an experiment or run of that id."""
    return ConflictError(
        f"there is {'an' if what[0] in 'aeiou' else 'a'} {what} {_shown(id_)} already"
    )


def has_runs(experiment_id: str) -> ConflictError:
    """The design of an experiment cannot change any more."""
    return ConflictError(
        f"experiment {_shown(experiment_id)} has runs of the design that it has",
        remedy="Duplicate it, and edit the copy.",
    )


def revised(experiment_id: str) -> ConflictError:
    """Somebody else changed the design first."""
    return ConflictError(
        f"experiment {_shown(experiment_id)} was changed by somebody else meanwhile",
        remedy="Look at it again, or keep yours as a copy.",
    )


def made_for_another(run_id: str, experiment_id: str) -> DesignChangedError:
    """The run's design is not the one that its experiment has."""
    return DesignChangedError(
        f"run {_shown(run_id)} was made for another design than experiment "
        f"{_shown(experiment_id)} has by now",
        remedy="Somebody edited it meanwhile; look at it, then launch it again.",
    )


def given_twice(run_id: str, scope: str, index: int) -> ConflictError:
    """A journal has two steps of one name."""
    return ConflictError(f"{_place(run_id, scope, index)} is given twice")


def occupied(run_id: str, scope: str, index: int) -> ConflictError:
    """Another step has this one's name."""
    return ConflictError(
        f"another step stands at {_place(run_id, scope, index)}",
        remedy="Another process may have played this run; look at it, or fork it.",
    )


def being_played(run_id: str, lease: Lease) -> ConflictError:
    """The run cannot go: somebody plays it."""
    return ConflictError(
        f"Run {_shown(run_id)} is being played by {_shown(lease.player)}.", remedy="Stop it first."
    )


def taken_over(run_id: str, lease: Lease) -> LeaseLostError:
    """The step's player does not own the run any more."""
    return LeaseLostError(
        f"Run {_shown(run_id)} was taken over by {_shown(lease.player)}.",
        remedy="Watch it instead.",
    )


def _place(run_id: str, scope: str, index: int) -> str:
    return f"step {index} of scope {_shown(scope)} of run {_shown(run_id)}"


def _shown(text: str) -> str:
    """A text that can be printed."""
    return text.encode("utf-8", "replace").decode()
