"""Whatever a study holds, it arrives as it was, once, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.domain.batches import BatchQuery
from simulator.errors import BundleDamagedError
from tests.bundling.studies import Study, imported, studies, written
from tests.moving.copying import content, stores


@settings(max_examples=5)
@given(study=studies(), is_zip=st.booleans(), data=st.data())
async def test_a_study_arrives_as_it_was_and_a_changed_one_does_not(
    study: Study, is_zip: bool, data: st.DataObject
) -> None:
    async with stores(2) as (source, target):
        await study.fill(source)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder, "study.zip" if is_zip else "study")
            await written(source, place)
            before = await content(source)
            if not is_zip:
                with changed_in(place, data) as name, pytest.raises(BundleDamagedError) as refused:
                    await imported(target, place)
                assert name in refused.value.message
                assert (await content(target))["experiments"] == {}
            await imported(target, place)
            assert await content(target) == before
            assert await target.batches(BatchQuery()) == await source.batches(BatchQuery())
            again = await imported(target, place)
            assert (again.moved.experiments_new, again.moved.runs["new"]) == (0, 0)
            assert await content(target) == before


@contextmanager
def changed_in(place: Path, data: st.DataObject) -> Iterator[str]:
    """Any byte of any file is another for as long as the block runs; the file's name."""
    files = sorted(path for path in place.rglob("*") if path.is_file() and path.stat().st_size)
    file = data.draw(st.sampled_from(files))
    whole = file.read_bytes()
    at, other = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    file.write_bytes(whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :])
    yield "" if file.name == "SHA256SUMS" else file.relative_to(place).as_posix()
    file.write_bytes(whole)
