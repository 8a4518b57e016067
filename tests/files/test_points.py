"""Points of a search, as people write them into files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import DesignInvalidError, NotFoundError
from simulator.files.points import points_in, read_points

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "debate" / "points"

published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published points are not here")


@published
def test_the_published_points_can_be_read() -> None:
    found = {path.stem: read_points(path, 2) for path in PUBLISHED.glob("*.txt")}
    assert found["arithmetic_cipher"] == ((0.1, 1.75),)
    assert found["gsm8k_cipher"] == ((0.38, 0.995),)
    assert found["math_NLD"] == ((0.296, 0.485),) * len(found["math_NLD"])
    assert len(found) == 10 and all(found.values())


def test_all_spellings_of_a_point() -> None:
    text = "\ufeff# T of both\n0.1,1\n\n  \n(0.2, 1.75)\n.3;1e-1\n0.4\t2 # hot\n[0.5,0.5],\n% end\n"
    expected = ((0.1, 1.0), (0.2, 1.75), (0.3, 0.1), (0.4, 2.0), (0.5, 0.5))
    assert points_in(text.removeprefix("\ufeff"), "p.txt", 2) == expected


@given(st.lists(st.tuples(*[st.floats(0, 1e6)] * 3), min_size=1, max_size=5))
def test_what_is_written_is_read(points: list[tuple[float, ...]]) -> None:
    text = "".join(",".join(map(repr, point)) + "\r\n" for point in points)
    assert points_in(text, "p.txt", 3) == tuple(points)


def test_every_wrong_line_is_named() -> None:
    text = "0.1,0.2\n0.1\n# fine\n0.1,0.2,0.3\n0.1,hot\n0.1,-1\nnan,1\n"
    with pytest.raises(DesignInvalidError) as caught:
        points_in(text, "p.txt", 2)
    assert caught.value.message == "p.txt has 5 wrong lines."
    assert [problem[:13] for problem in caught.value.problems] == [
        f"p.txt, line {line}" for line in (2, 4, 5, 6, 7)
    ]
    assert "1 temperature, where a point has 2" in caught.value.problems[0]


def test_a_file_without_points_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "points.txt"
    path.write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(DesignInvalidError, match="has no points"):
        read_points(path, 2)
    with pytest.raises(NotFoundError):
        read_points(tmp_path / "none.txt", 2)
