"""The file of kept replies."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.errors import StoreError
from simulator.store.request_cache import ForgivingCache, RequestCacheFile

HOUR_S = 3600.0


class Clock:
    """Seconds since 1970, as told."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cache(tmp_path: Path, clock: Clock) -> AsyncIterator[RequestCacheFile]:
    file = RequestCacheFile(tmp_path / "data" / "requests.db", expiry=timedelta(hours=2), now=clock)
    yield file
    await file.close()


async def test_the_first_value_stays(cache: RequestCacheFile) -> None:
    assert await cache.get("key") is None
    await cache.put("key", "lab/a", "first")
    await cache.put("key", "lab/a", "second")
    assert await cache.get("key") == "first"
    assert await cache.get("other") is None


async def test_a_value_that_has_run_out_is_not_found_and_gives_way(
    cache: RequestCacheFile, clock: Clock
) -> None:
    await cache.put("key", "lab/a", "old")
    clock.seconds += 2 * HOUR_S - 1
    assert await cache.get("key") == "old"
    clock.seconds += 1
    assert await cache.get("key") is None
    await cache.put("key", "lab/a", "new")
    assert await cache.get("key") == "new"


async def test_only_the_owner_may_read_the_file(cache: RequestCacheFile) -> None:
    await cache.put("key", "lab/a", "text")
    for path in cache.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


async def test_requests_can_be_read_in_the_file(cache: RequestCacheFile) -> None:
    await cache.put('{"model":"lab/a"}', "lab/a", "text")
    with sqlite3.connect(cache.path) as connection:
        rows = connection.execute("SELECT request, model, reply FROM replies").fetchall()
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert rows == [('{"model":"lab/a"}', "lab/a", "text")]
    assert mode == "wal"


async def test_contents_are_told_and_cleared_by_model_and_age(
    cache: RequestCacheFile, clock: Clock
) -> None:
    await cache.put("1", "lab/a", "text")
    clock.seconds += 5 * HOUR_S
    await cache.put("2", "lab/a", "text")
    await cache.put("3", "lab/b", "text")
    told = [(one.model, one.replies, one.size_bytes) for one in await cache.contents()]
    assert told == [("lab/a", 2, 10), ("lab/b", 1, 5)]
    assert (await cache.contents())[0].oldest.timestamp() == 1_000_000.0
    assert await cache.clear(older_than=timedelta(hours=1), model="lab/b") == 0
    assert await cache.clear(older_than=timedelta(hours=1)) == 1
    assert await cache.clear(model="lab/b") == 1
    assert await cache.clear() == 1
    assert await cache.contents() == []


WRITER = """
import asyncio, sys
from pathlib import Path
from simulator.store.request_cache import RequestCacheFile

async def main():
    file = RequestCacheFile(Path(sys.argv[1]))
    for number in range(100):
        await file.put(f"{sys.argv[2]} {number}", "lab/" + sys.argv[2], "text")
        await file.put(f"shared {number}", "lab/shared", "text")
    await file.close()

asyncio.run(main())
"""


async def test_several_processes_may_keep_replies_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, str(path), name)
        for name in "abc"
    ]
    assert [await writer.wait() for writer in writers] == [0, 0, 0]
    file = RequestCacheFile(path)
    told = {one.model: one.replies for one in await file.contents()}
    await file.close()
    assert told == {"lab/a": 100, "lab/b": 100, "lab/c": 100, "lab/shared": 100}


def damaged(path: Path) -> RequestCacheFile:
    path.write_bytes(b"this is no database, however long it may be" * 100)
    return RequestCacheFile(path)


async def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    file = damaged(tmp_path / "requests.db")
    with pytest.raises(StoreError, match=r"requests\.db cannot be used: file is not a") as error:
        await file.get("key")
    await file.close()
    assert error.value.remedy is not None and "delete it" in error.value.remedy


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "requests.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    file = RequestCacheFile(path)
    with pytest.raises(StoreError, match="newer version 9"):
        await file.put("key", "lab/a", "text")
    await file.close()


async def test_a_run_goes_on_without_a_damaged_cache_and_says_so_once(tmp_path: Path) -> None:
    warnings: list[str] = []
    cache = ForgivingCache(damaged(tmp_path / "requests.db"), warnings.append)
    assert await cache.get("key") is None
    await cache.put("key", "lab/a", "text")
    assert await cache.get("key") is None
    await cache.close()
    (warning,) = warnings
    assert "cannot be used" in warning and "Every model is asked instead" in warning
