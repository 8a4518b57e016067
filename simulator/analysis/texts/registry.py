"""The measures of texts by name, those of a researcher's own file among them."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.analysis.texts.difficulty import DIFFICULTY
from simulator.analysis.texts.language import LANGUAGE
from simulator.analysis.texts.measure import ChainMeasure, TextMeasure
from simulator.analysis.texts.positivity import POSITIVITY
from simulator.analysis.texts.relations import CHAIN_MEASURES, chain_measures
from simulator.analysis.texts.shape import compression, entropy, hashtags, length, repetition
from simulator.analysis.texts.toxicity import TOXICITY, toxicity_lexicon
from simulator.domain.nearest import nearest
from simulator.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from simulator.analysis.culture.similarity import Way

_MODULE = "own_measures"

TEXT_MEASURES: Mapping[str, TextMeasure] = {
    measure.name: measure
    for measure in (
        TOXICITY, toxicity_lexicon, POSITIVITY, DIFFICULTY, length, entropy, repetition,
        compression, hashtags,
    )
}  # fmt: skip
"""By name, in the order in which they are offered."""
INSTEAD: Mapping[str, str] = {TOXICITY.name: toxicity_lexicon.name}
"""Measures that stand in for others, which need what is not there."""


def usual_measures() -> tuple[str, ...]:
    """The measures of the paper; toxicity by the lexicon where Detoxify is not installed."""
    toxicity = "toxicity" if find_spec("detoxify") is not None else "toxicity_lexicon"
    return (toxicity, "positivity", "difficulty", "length")


def measures_named(
    names: Sequence[str],
    own: Mapping[str, TextMeasure] | None = None,
    similarity: Way = "tfidf",
) -> tuple[TextMeasure | ChainMeasure, ...]:
    """Measures by their names; the usual ones and all of a researcher's own where none is named.

    Args:
        names: Of measures.
        own: Measures of a researcher's own, by name.
        similarity: How measures of similarity compare texts.

    Raises:
        NotFoundError: There is no such measure.
    """
    offered: dict[str, TextMeasure | ChainMeasure] = {
        **TEXT_MEASURES, **chain_measures(similarity), **(own or {}),
    }  # fmt: skip
    wanted = tuple(dict.fromkeys(names)) or (*usual_measures(), *(own or {}))
    for name in wanted:
        if name == LANGUAGE.name and name not in offered:
            raise NotFoundError(
                "The measure 'language' has no numbers, as languages have no order.",
                remedy="Take the measure same_language; `analyse --show languages` counts them.",
            )
        if name not in offered:
            meant = nearest(name, list(offered))
            hint = f" Did you mean {meant!r}?" if meant else ""
            raise NotFoundError(
                f"There is no measure {name!r}.{hint}", remedy=f"Choose of {', '.join(offered)}."
            )
    return tuple(offered[name] for name in wanted)


def measures_in(path: Path) -> dict[str, TextMeasure]:
    """The measures that a Python file makes with `text_measure`, by name.

    The file is run: it is the researcher's own program. Values are kept for as long as the file
    stays as it is, so that a change of anything in it measures anew.

    Raises:
        UsageError: It cannot be run, makes none, or makes one under a name that is taken.
    """
    described = importlib.util.spec_from_file_location(_MODULE, path)
    if described is None or described.loader is None or not path.is_file():
        raise UsageError(f"{path} is no Python file.", remedy="Name a file that ends in .py.")
    module = importlib.util.module_from_spec(described)
    before = sys.modules.get(_MODULE)
    sys.modules[_MODULE] = module  # dataclasses look their module up there
    try:
        digest = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
        described.loader.exec_module(module)
    # Whatever the researcher's program raises is told by its name, its wish to end included.
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{path} cannot be run: {type(error).__name__}: {error}.",
            remedy=f"Mend it; `python {path.name}` shows where it fails.",
        ) from error
    finally:
        sys.modules.pop(_MODULE)
        if before is not None:
            sys.modules[_MODULE] = before
    found = [value for value in vars(module).values() if isinstance(value, TextMeasure)]
    made = [measure for measure in found if measure is not TEXT_MEASURES.get(measure.name)]
    if not made:
        raise UsageError(
            f"{path} makes no measure.",
            remedy="Put @text_measure(name=…) over a function from a text to a number.",
        )
    own: dict[str, TextMeasure] = {}
    for measure in made:
        if measure.name in own or measure.name in TEXT_MEASURES or measure.name in CHAIN_MEASURES:
            raise UsageError(
                f"{path} makes a measure {measure.name!r}, and there is one of that name.",
                remedy="Give it another name.",
            )
        own[measure.name] = replace(measure, version=f"own-{digest}-{measure.version}")
    return own
