"""Why the screen shows nothing, and what to do about it."""

from __future__ import annotations

from screens.analysis.study import Study

NO_EXPERIMENTS = (
    "There are no experiments yet.\n\nWrite one on the page of experiments (F2) and launch it."
)
NO_RUNS = (
    "This experiment has no runs yet.\n\nLaunch it on the page of experiments (F2) with `l`, "
    "or choose another one above."
)
NONE_CHOSEN = "No runs are chosen.\n\nu chooses among those that there are."
NO_ANSWERS = "No question of these runs is answered yet.\n\nr reads them again, u chooses others."
NO_STEPS = "Nothing has been said in these runs yet.\n\nr reads them again, u chooses others."


def why_nothing(study: Study) -> str:
    """Why there is nothing to show of what was read."""
    if study.experiment is None:
        return NO_EXPERIMENTS
    if not study.runs:
        return NO_RUNS
    return NO_STEPS if study.chosen_runs else NONE_CHOSEN
