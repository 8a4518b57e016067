"""The measures of texts by name, those of a researcher's own file among them."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from simulator.analysis.texts.difficulty import DIFFICULTY
from simulator.analysis.texts.measure import TextMeasure
from simulator.analysis.texts.positivity import POSITIVITY
from simulator.analysis.texts.shape import entropy, length, repetition
from simulator.analysis.texts.toxicity import TOXICITY, toxicity_lexicon
from simulator.domain.nearest import nearest
from simulator.errors import NotFoundError, UsageError

TEXT_MEASURES: Mapping[str, TextMeasure] = {
    measure.name: measure
    for measure in (
        TOXICITY, toxicity_lexicon, POSITIVITY, DIFFICULTY, length, entropy, repetition,
    )
}  # fmt: skip
"""By name, in the order in which they are offered."""


def usual_measures() -> tuple[str, ...]:
    """The measures of the paper; toxicity by the lexicon where Detoxify is not installed."""
    toxicity = "toxicity" if find_spec("detoxify") is not None else "toxicity_lexicon"
    return (toxicity, "positivity", "difficulty", "length")


def measures_named(
    names: Sequence[str], own: Mapping[str, TextMeasure] | None = None
) -> tuple[TextMeasure, ...]:
    """Measures by their names; the usual ones and all of a researcher's own where none is named.

    Raises:
        NotFoundError: There is no such measure.
    """
    offered = {**TEXT_MEASURES, **(own or {})}
    wanted = tuple(dict.fromkeys(names)) or (*usual_measures(), *(own or {}))
    for name in wanted:
        if name not in offered:
            meant = nearest(name, list(offered))
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise NotFoundError(
                f"There is no measure {name!r}.{hint}", remedy=f"Choose of {', '.join(offered)}."
            )
    return tuple(offered[name] for name in wanted)


def measures_in(path: Path) -> dict[str, TextMeasure]:
    """The measures that a Python file makes with `text_measure`.

    The file is run: it is the researcher's own program.

    Raises:
        UsageError: It cannot be run, or makes none.
    """
    described = importlib.util.spec_from_file_location("own_measures", path)
    if described is None or described.loader is None or not path.is_file():
        raise UsageError(f"{path} is no Python file.", remedy="Name a file that ends in .py.")
    module = importlib.util.module_from_spec(described)
    try:
        described.loader.exec_module(module)
    except Exception as error:
        # Whatever the researcher's program raises is told by its name.
        raise UsageError(
            f"{path} cannot be run: {type(error).__name__}: {error}.",
            remedy=f"Mend it; `python {path.name}` shows where it fails.",
        ) from error
    found = [value for value in vars(module).values() if isinstance(value, TextMeasure)]
    if not found:
        raise UsageError(
            f"{path} makes no measure.",
            remedy="Put @text_measure(name=…) over a function from a text to a number.",
        )
    return {measure.name: measure for measure in found}
