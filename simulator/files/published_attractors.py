"""Published attractors, to hold one's own against."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from simulator.errors import DesignInvalidError
from simulator.files.reading import read_text

_BYTES = 16_000_000
_KEY = re.compile(r"positions(?:_(\d+))?")


class Place(NamedTuple):
    """What a published attractor is of."""

    generation: int | None
    """None for the last one."""
    measure: str
    model: str
    task: str


def read_published(path: Path) -> dict[Place, tuple[float, float]]:
    """Positions and strengths; those of generation K stand under `positions_K`, `strengths_K`.

    Raises:
        DesignInvalidError: The file has no positions and strengths by measure, model and task.
    """
    found: dict[Place, tuple[float, float]] = {}
    try:
        document = json.loads(read_text(path, max_bytes=_BYTES))
        for key, measures in document.items():
            known = _KEY.fullmatch(key)
            if known is None:
                continue
            strengths = document[key.replace("positions", "strengths")]
            generation = None if known[1] is None else int(known[1])
            for measure, models in measures.items():
                for model, tasks in models.items():
                    for task, position in tasks.items():
                        strength = strengths[measure][model][task]
                        place = Place(generation, measure, model, task)
                        found[place] = float(position), float(strength)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise DesignInvalidError(
            f"{path} has no published attractors: {type(error).__name__} {error}.",
            remedy="It is an object with positions and strengths by measure, model and task.",
        ) from None
    return found
