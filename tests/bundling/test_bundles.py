"""What a bundle has, what never gets into it, and which bundles are refused."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator.adapters import open_measure_cache
from simulator.analysis.culture.measuring import text_key
from simulator.bundling.writing import write_bundle
from simulator.domain.copies import at_rest
from simulator.domain.journal import Step
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import ExperimentQuery, RunQuery
from simulator.errors import (
    BundleDamagedError,
    ConflictError,
    DesignChangedError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
    UsageError,
)
from simulator.files.bundles import card, layout, messages, sums
from simulator.store.sqlite import SqliteStore
from tests.bundling.studies import archive, imported, written
from tests.moving.copying import content, fill, stores
from tests.store.examples import a_run, a_step, an_experiment

ADDRESS = "mongodb://ada:opensesame1@lab.example/db"


@pytest.fixture
async def two() -> AsyncIterator[list[SqliteStore]]:
    async with stores(2) as opened:
        yield opened


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def is_empty(store: ExperimentStore) -> bool:
    return not await store.experiments(ExperimentQuery()) and not await store.runs(RunQuery())


async def test_words_of_people_and_models_make_no_file_names_and_no_markup(
    two: list[SqliteStore], tmp_path: Path
) -> None:
    evil = "../../etc/passwd\n# <b>|`x`"
    await two[0].add_experiment(an_experiment(name=evil, note=evil))
    await two[0].add_run(a_run(parameters={evil: evil}), [a_step(content=evil, scope=evil)])
    await written(two[0], tmp_path / "one", licence="CC-BY-4.0")
    await written(two[0], tmp_path / "other", licence="CC-BY-4.0")
    files = files_of(tmp_path / "one")
    assert all(map(layout.is_of_bundle, files)) and set(layout.NEEDED) < set(files)
    text = files[layout.CARD].decode()
    assert "\n# <b>" not in text and "CC\\-BY" not in text and "CC-BY-4.0" in text
    assert files == files_of(tmp_path / "other")
    assert names_in(tmp_path) == ["one", "other"]


def test_the_data_card_tells_of_every_field_of_a_journal() -> None:
    assert set(card.STEP_FIELDS) == set(Step.model_fields)


@pytest.mark.parametrize(
    ("name", "changes"), [("Step 0", {"content": "It is opensesame1."}), ("Run R1", {})]
)
async def test_a_secret_is_not_given_away(
    two: list[SqliteStore], tmp_path: Path, name: str, changes: dict[str, Any]
) -> None:
    await two[0].add_experiment(an_experiment())
    note = "" if changes else "The key is opensesame1"
    await two[0].add_run(a_run(note=note), [a_step(**changes)])
    with pytest.raises(PermissionDeniedError, match=name) as refused:
        runs = await two[0].runs(RunQuery())
        await write_bundle(archive(two[0], ADDRESS), runs, tmp_path / "b", with_measures=False)
    assert "opensesame1" not in refused.value.message
    assert names_in(tmp_path) == []


async def test_an_error_does_not_tell_where_the_store_is(
    two: list[SqliteStore], tmp_path: Path
) -> None:
    await two[0].add_experiment(an_experiment())
    said = a_step(content="I read /nowhere/lab.db.")
    await two[0].add_run(
        a_run(status="failed", error="The disk of /nowhere/lab.db is full."), [said]
    )
    await written(two[0], tmp_path / "b")
    assert b"The disk of *** is full." in (tmp_path / "b" / layout.RUNS).read_bytes()
    assert (await imported(two[0], tmp_path / "b")).moved.runs["known"] == 1


async def test_one_conflict_stops_the_whole_bundle(two: list[SqliteStore], tmp_path: Path) -> None:
    await fill(two[0])
    await written(two[0], tmp_path / "b.zip")
    await two[1].add_experiment(an_experiment())
    await two[1].add_run(a_run("R1", seed=1))
    before = await content(two[1])
    with pytest.raises(ConflictError, match="run R1: another run has this id there"):
        await imported(two[1], tmp_path / "b.zip")
    assert await content(two[1]) == before


async def test_a_run_that_goes_on_is_paused_in_the_bundle_and_caught_up_later(
    two: list[SqliteStore], tmp_path: Path
) -> None:
    await two[0].add_experiment(an_experiment())
    run = a_run(status="running")
    await two[0].add_run(run, [a_step(0)])
    await written(two[0], tmp_path / "b")
    assert (await imported(two[1], tmp_path / "b", dry_run=True)).moved.runs["new"] == 1
    assert await is_empty(two[1])
    await imported(two[1], tmp_path / "b")
    assert await two[1].runs(RunQuery()) == [at_rest(run)]
    await two[0].commit(a_step(1))
    await written(two[0], tmp_path / "b", force=True)
    assert (await imported(two[1], tmp_path / "b")).moved.runs["caught_up"] == 1
    assert len(await two[1].steps(run.id)) == 2


def packed(source: Path, target: Path, *, below: str = "", twice: str = "") -> Path:
    """A ZIP file as a person makes it of a folder."""
    with zipfile.ZipFile(target, "w") as archive, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # zipfile's own, of second files
        for name, data in files_of(source).items():
            for _ in range(2 if name == twice else 1):
                archive.writestr(f"{below}{name}", data)
        archive.writestr("../evil.sh", "rm")
    return target


async def test_bundles_packed_by_hand_are_read_and_what_else_is_there_is_left_alone(
    two: list[SqliteStore], tmp_path: Path
) -> None:
    await fill(two[0])
    await written(two[0], tmp_path / "b")
    by_hand = packed(tmp_path / "b", tmp_path / "hand.zip", below="my study/")
    assert (await imported(two[1], by_hand)).strangers == ("../evil.sh",)
    assert await content(two[1]) == await content(two[0])


async def test_damaged_bundles_are_refused_whole(two: list[SqliteStore], tmp_path: Path) -> None:
    await fill(two[0])
    await written(two[0], tmp_path / "b.zip")
    await written(two[0], tmp_path / "b")
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "bad.zip").write_bytes(whole[:100] + bytes(300) + whole[400:])
    packed(tmp_path / "b", tmp_path / "twice.zip", twice=layout.RUNS)
    for name in ("cut.zip", "bad.zip", "twice.zip"):
        with pytest.raises(BundleDamagedError, match=name):
            await imported(two[1], tmp_path / name)
    (tmp_path / "b" / layout.JOURNALS).unlink()
    (tmp_path / "b" / layout.JOURNALS).symlink_to(tmp_path / "bad.zip")
    with pytest.raises(BundleDamagedError, match=r"journals\.jsonl is missing"):
        await imported(two[1], tmp_path / "b")
    with pytest.raises(NotFoundError):
        await imported(two[1], tmp_path / "none.zip")
    assert await is_empty(two[1])


@pytest.mark.parametrize(
    ("name", "old", "new", "error", "told"),
    [
        (layout.MANIFEST, b'"format": 1', b'"format": 9', DesignChangedError, "was written by"),
        (layout.MANIFEST, b'"runs": 3', b'"runs": 4', BundleDamagedError, "tells of 4 runs"),
        (layout.JOURNALS, b'"run_id": "R2"', b'"run_id": "R9"', BundleDamagedError, "no run has"),
        (layout.RUNS, b'"id": "R1"', b'"id": "R0"', BundleDamagedError, "fit together"),
        (layout.RUNS, b'"seed": 9', b'"seed": -9', BundleDamagedError, "line 1 is no run.*seed"),
        (layout.EXPERIMENTS, b"{", b"[", BundleDamagedError, "line 1 is no experiment.*no JSON"),
    ],
)
async def test_what_is_whole_and_makes_no_sense_is_refused(
    two: list[SqliteStore], tmp_path: Path, name: str, old: bytes, new: bytes,
    error: type[SimulatorError], told: str,
) -> None:  # fmt: skip
    await fill(two[0])
    await written(two[0], tmp_path / "b")
    file = tmp_path / "b" / name
    file.write_bytes(file.read_bytes().replace(old, new))
    listed = {one: sums.sum_of(tmp_path / "b" / one) for one in files_of(tmp_path / "b")}
    del listed[layout.SUMS]
    (tmp_path / "b" / layout.SUMS).write_text(sums.sums_text(listed))
    with pytest.raises(error, match=told):
        await imported(two[1], tmp_path / "b")
    assert await is_empty(two[1])


async def test_only_bundles_are_replaced(two: list[SqliteStore], tmp_path: Path) -> None:
    await fill(two[0])
    for name in ("b", "b.zip"):
        await written(two[0], tmp_path / name)
        with pytest.raises(UsageError):
            await written(two[0], tmp_path / name)
        await written(two[0], tmp_path / name, force=True)
    (tmp_path / "b" / "thesis.md").write_text("years of work")
    with pytest.raises(UsageError, match="holds more than a bundle"):
        await written(two[0], tmp_path / "b", force=True)
    assert (tmp_path / "b" / "thesis.md").exists()
    with pytest.raises(NotFoundError):
        await written(two[0], tmp_path / "nowhere" / "b.zip")


async def test_kept_measures_of_messages_go_along(
    two: list[SqliteStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "measures.db"
    monkeypatch.setattr("simulator.adapters.default_measures", lambda: kept)
    monkeypatch.setattr("simulator.bundling.measures.default_measures", lambda: kept)
    with open_measure_cache(pytest.fail) as cache:
        cache.keep("=joy", "1", {text_key("Line 2"): 0.5, text_key("Line 1"): float("nan")})
    await fill(two[0], runs=1)
    await written(two[0], tmp_path / "b", with_measures=True)
    with (tmp_path / "b" / layout.MEASURES).open(newline="") as file:
        assert list(csv.DictReader(file)) == [
            {"run_id": "R0", "scope": "main", "index": "2", "measure": "'=joy", "version": "1",
             "value": "0.5"},
        ]  # fmt: skip
    assert "Values of =joy" in (tmp_path / "b" / layout.CARD).read_text().replace("\\", "")


async def test_without_pyarrow_the_table_is_left_out_and_told(
    two: list[SqliteStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "find_spec", lambda name: None)
    await fill(two[0], runs=1)
    found = await written(two[0], tmp_path / "b", with_parquet=None)
    assert "pyarrow is not installed" in found.left_out[0]
    assert "pyarrow is not installed" in (tmp_path / "b" / layout.CARD).read_text()


async def test_the_table_has_what_was_said(two: list[SqliteStore], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    await two[0].add_experiment(an_experiment())
    unheard = a_step(1, in_transcript=False)
    await two[0].add_run(a_run(), [a_step(0, content="half \ud800"), unheard, a_step(2, call=None)])
    await written(two[0], tmp_path / "b", with_parquet=True)
    rows = parquet.read_table(tmp_path / "b" / layout.MESSAGES).to_pylist()
    assert [(row["index"], row["content"]) for row in rows] == [(0, "half \ufffd"), (2, "Line 2")]
    assert (rows[0]["prompt_tokens"], rows[1]["prompt_tokens"]) == (20, None)
    assert rows[0]["created_at"] == a_step(0).created_at
    await imported(two[1], tmp_path / "b")
