"""Measures of texts for plots: kept in memory and on disk, with progress, and stopped at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from simulator.adapters import open_measure_cache
from simulator.analysis.culture.measuring import MeasureCache
from simulator.analysis.texts.measure import ChainMeasure, TextMeasure

_AT_ONCE = 20
"""Texts measured between two looks at whether to stop."""


class Stopped(Exception):
    """Nobody waits for the values any more."""


class Progress:
    """How far measuring in another thread is."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self.share = 0.0
        """Done, from 0 to 1."""
        self.texts = 0
        """Measured, not taken from what is kept."""

    def stop(self) -> None:
        """Let measuring end soon."""
        self._stopped.set()

    def hear(self, share: float) -> None:
        """Note what is done. Raises Stopped."""
        self.check()
        self.share = share

    def check(self) -> None:
        """Raises Stopped."""
        if self._stopped.is_set():
            raise Stopped

    def through(self, measure: TextMeasure | ChainMeasure) -> TextMeasure | ChainMeasure:
        """The same measure, which counts its texts and can be stopped between them."""
        if isinstance(measure, ChainMeasure):
            return measure

        def of_texts(texts: Sequence[str]) -> list[float]:
            values: list[float] = []
            for start in range(0, len(texts), _AT_ONCE):
                self.check()
                values += measure.of_texts(texts[start : start + _AT_ONCE])
                self.texts += len(texts[start : start + _AT_ONCE])
            return values

        return replace(measure, of_texts=of_texts)


@dataclass(frozen=True, slots=True)
class KeptMeasures:
    """Values of measures by text, for as long as the screen is there."""

    _kept: dict[tuple[str, str], dict[bytes, float]] = field(default_factory=dict)

    def values(self, measure: str, version: str, keys: Sequence[bytes]) -> dict[bytes, float]:
        """The values that are kept, by key."""
        known = self._kept.get((measure, version), {})
        return {key: known[key] for key in keys if key in known}

    def keep(self, measure: str, version: str, values: Mapping[bytes, float]) -> None:
        """Keep values by key."""
        self._kept.setdefault((measure, version), {}).update(values)


class _OnDisk:
    """What memory does not have is looked up in the file, which is opened for it."""

    def __init__(self, memory: KeptMeasures, open_file: Callable[[], MeasureCache]) -> None:
        self._memory = memory
        self._open_file = open_file
        self._file: MeasureCache | None = None

    def values(self, measure: str, version: str, keys: Sequence[bytes]) -> dict[bytes, float]:
        found = self._memory.values(measure, version, keys)
        if rest := [key for key in keys if key not in found]:
            known = self._opened().values(measure, version, rest)
            self._memory.keep(measure, version, known)
            found |= known
        return found

    def keep(self, measure: str, version: str, values: Mapping[bytes, float]) -> None:
        self._memory.keep(measure, version, values)
        self._opened().keep(measure, version, values)

    def _opened(self) -> MeasureCache:
        if self._file is None:
            self._file = self._open_file()
        return self._file


@contextmanager
def kept_on_disk(memory: KeptMeasures, warn: Callable[[str], None]) -> Iterator[MeasureCache]:
    """Values from memory, else from the file that `analyse` keeps them in, while the block runs.

    Args:
        memory: Has what was asked for before.
        warn: Hears that the file cannot be used.
    """
    with ExitStack() as stack:
        yield _OnDisk(memory, lambda: stack.enter_context(open_measure_cache(warn)))
