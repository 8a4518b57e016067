"""The values of measures that are kept for the messages of a bundle."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.adapters import open_measure_cache
from simulator.domain.journal import Step
from simulator.files.transcripts import csv_cell
from simulator.settings import default_measures

if TYPE_CHECKING:
    from simulator.store.measure_cache import KeptMeasure, MeasureCacheFile

COLUMNS = ("run_id", "scope", "index", "measure", "version", "value")


class KeptMeasures:
    """Writes the values of measures that are kept for the messages."""

    def __init__(
        self, cache: MeasureCacheFile | None, kept: Sequence[KeptMeasure], path: Path
    ) -> None:
        self._cache = cache
        self._kept = kept
        self._path = path
        self._names: dict[str, None] = {}

    @property
    def names(self) -> list[str]:
        """Of measures that values were written of."""
        return list(self._names)

    def add(self, steps: Sequence[Step]) -> None:
        """Write what is kept of the messages among the steps of a run."""
        if self._cache is None:
            return
        from simulator.analysis.culture.measuring import text_key

        keys = {step.position: text_key(step.content) for step in steps if step.in_transcript}
        rows = []
        for one in self._kept:
            values = self._cache.values(one.measure, one.version, sorted(set(keys.values())))
            for step in steps:
                value = values.get(keys.get(step.position, b""))
                if value is not None and not isnan(value):
                    cells = (step.run_id, step.scope, step.index, one.measure, one.version, value)
                    rows.append(cells)
                    self._names[one.measure] = None
        self._append(rows)

    def _append(self, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        is_new = not self._path.exists()
        with self._path.open("a", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(COLUMNS)
            writer.writerows([csv_cell(cell) for cell in row] for row in rows)


@contextmanager
def kept_measures(path: Path, *, wanted: bool) -> Iterator[KeptMeasures]:
    """What writes kept values to a file, if there are any, for as long as the block runs."""
    if not wanted or not default_measures().is_file():
        yield KeptMeasures(None, (), path)
        return
    with open_measure_cache(lambda sentence: None) as cache:
        yield KeptMeasures(cache, cache.contents(), path)
