from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from simulator.analysis.culture.measuring import measure_chains
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.measure import TextMeasure
from simulator.store.measure_cache import MeasureCacheFile


def unheard(sentence: str) -> None:
    raise AssertionError(sentence)


class Counted:
    """Measures lengths, and counts the texts; blank ones have none."""

    def __init__(self, version: str = "1") -> None:
        self.texts = 0
        self.measure = TextMeasure("own", "", "", self._of, version)

    def _of(self, texts: Sequence[str]) -> list[float]:
        self.texts += len(texts)
        return [float(len(text)) if text else math.nan for text in texts]


CHAINS = [Chain(model="m", task="t", text="x", seed=1, texts=("a", "bb", "", "\ud800"))]


def measured(path: Path, version: str = "1") -> tuple[list[float], int]:
    cache, counted = MeasureCacheFile(path, unheard), Counted(version)
    found = measure_chains(CHAINS, [counted.measure], cache).values["own"][0].tolist()
    cache.close()
    return found, counted.texts


def test_a_text_is_measured_once_and_again_for_another_version(tmp_path: Path) -> None:
    path = tmp_path / "new" / "measures.db"
    first, second, other = measured(path), measured(path), measured(path, "2")
    assert [count for _, count in (first, second, other)] == [4, 0, 4]
    for found, _ in (first, second, other):
        assert found[:2] == [1, 2]
        assert math.isnan(found[2])
        assert found[3] == 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "measures.db"
    one, other = MeasureCacheFile(path, unheard), MeasureCacheFile(path, unheard)
    one.keep("m", "1", {b"a": 1.0})
    other.keep("m", "1", {b"a": 1.0, b"b": 2.0})
    assert one.values("m", "1", [b"a", b"b", b"c"]) == {b"a": 1.0, b"b": 2.0}
    one.close()
    other.close()


def test_what_is_kept_is_counted_and_forgotten_by_measure(tmp_path: Path) -> None:
    cache = MeasureCacheFile(tmp_path / "measures.db", unheard)
    cache.keep("a", "1", {b"x": 1.0, b"y": math.nan})
    cache.keep("a", "2", {b"x": 1.0})
    cache.keep("b", "1", {b"x": 1.0})
    counts = [(one.measure, one.version, one.values) for one in cache.contents()]
    assert counts == [("a", "1", 2), ("a", "2", 1), ("b", "1", 1)]
    assert cache.clear("a") == 3
    assert cache.values("b", "1", [b"x"]) == {b"x": 1.0}
    assert cache.clear() == 1 and cache.contents() == []
    cache.close()
    assert cache.contents() == [] and cache.clear() == 0


@pytest.mark.parametrize("broken", [b"no database at all" * 100, None], ids=["damaged", "a folder"])
def test_a_file_that_cannot_be_used_is_told_and_costs_nothing_else(
    tmp_path: Path, broken: bytes | None
) -> None:
    path, told = tmp_path / "measures.db", list[str]()
    if broken is None:
        path.mkdir()
    else:
        path.write_bytes(broken)
    cache, counted = MeasureCacheFile(path, told.append), Counted()
    found = measure_chains(CHAINS, [counted.measure], cache).values["own"][0].tolist()
    cache.close()
    assert found[:2] == [1, 2]
    assert len(told) == 1
    assert "measured anew" in told[0]
