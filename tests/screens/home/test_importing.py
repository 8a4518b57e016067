from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.home.importing import ImportDialog, design_files
from screens.home.path_dialog import PathDialog, PathInput, completed
from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from simulator.domain.records import ExperimentQuery
from simulator.files.seeds import SEED_DESIGNS
from simulator.services import Services
from tests.originals.examples import whole
from tests.screens.conftest import OpenScreen
from tests.screens.home.shelves import add, listed, plain, ready, settled, told, typed
from tests.waiting import until


async def import_from(pilot: Pilot[int], place: str) -> None:
    await pilot.press("i")
    await settled(pilot)
    assert isinstance(pilot.app.screen, PathDialog)
    await typed(pilot, place)
    await until(lambda: not isinstance(pilot.app.screen, ImportDialog))
    await settled(pilot)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """A folder of exports of the original program, with a message that nobody lists."""
    folder = tmp_path / "dump"
    folder.mkdir()
    documents = whole()
    documents["messages"].append(
        {"_id": {"$oid": "5" * 24}, "speaker": "Guard_001", "content": "Hm.", "day": 1}
    )
    for name, some in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(some), encoding="utf-8")
    return folder


async def test_a_design_is_taken_over_once(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await add(laboratory, "A")
    seed = str(SEED_DESIGNS / "jury.yaml")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await import_from(pilot, seed)
        await until(lambda: len(listed(pilot)) == 2)
        assert screen.table.selected == listed(pilot)[0]
        assert "1 new experiment, 0 known already" in told(pilot)
        await import_from(pilot, f"  {seed} ")
        assert "0 new experiments, 1 known already" in told(pilot)
        assert len(listed(pilot)) == 2


async def test_a_folder_of_designs_is_taken_over_whole_or_not_at_all(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path
) -> None:
    for name in ("jury", "rumour"):
        text = (SEED_DESIGNS / f"{name}.yaml").read_text("utf-8")
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    broken = tmp_path / "z.yaml"
    broken.write_text("kind: conversation\nname: [/foo]\n", encoding="utf-8")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await until(lambda: "no experiments" in plain(pilot))
        await import_from(pilot, str(tmp_path))
        assert "z.yaml" in told(pilot)
        assert await laboratory.services.store.experiments(ExperimentQuery()) == []
        broken.unlink()
        await import_from(pilot, str(tmp_path))
        await until(lambda: len(listed(pilot)) == 2)
        assert "2 new experiments" in told(pilot)


async def test_what_the_original_program_stored_is_taken_over(
    laboratory: Laboratory, open_screen: OpenScreen, dump: Path
) -> None:
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await until(lambda: "no experiments" in plain(pilot))
        await import_from(pilot, str(dump))
        await until(lambda: len(listed(pilot)) == 1)
        assert "2 new, 0 known already" in told(pilot)
        assert "1 left out: 1 × messages: no conversation lists it" in told(pilot)
        screen = await ready(pilot)
        assert screen.table.lines[0].entry.runs == 1


@pytest.mark.parametrize(
    ("content", "says"), [(None, "nowhere"), ("[]", "nothing in it that can be imported")]
)
async def test_nothing_is_not_taken_for_something(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path, content: str | None, says: str
) -> None:
    file = tmp_path / ("nowhere.json" if content is None else "messages.json")
    if content is not None:
        file.write_text(content, encoding="utf-8")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await until(lambda: "no experiments" in plain(pilot))
        await import_from(pilot, str(file))
        assert says in told(pilot)


async def test_an_import_can_be_stopped(
    laboratory: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    stopped = asyncio.Event()

    async def endless(self: Services, places: object, *, hear: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise

    monkeypatch.setattr(Services, "import_originals", endless)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await until(lambda: "no experiments" in plain(pilot))
        await pilot.press("i")
        await settled(pilot)
        pilot.app.screen.query_one(PathInput).value = "mongodb://host/name"
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, ImportDialog))
        await pilot.press("escape")
        await until(lambda: not isinstance(pilot.app.screen, ImportDialog))
        await settled(pilot)
        assert stopped.is_set() and "What was stored is kept" in told(pilot)


async def test_tab_completes_a_path(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "prison.yaml").write_text("", encoding="utf-8")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await until(lambda: "no experiments" in plain(pilot))
        await pilot.press("i")
        await settled(pilot)
        field = pilot.app.screen.query_one(PathInput)
        for begun, whole_path in (
            (str(tmp_path / "li"), f"{tmp_path}/lib/"),
            (f"{tmp_path}/lib/pri", f"{tmp_path}/lib/prison.yaml"),
        ):
            field.value = begun
            field.action_end()
            await until(lambda: bool(field._suggestion))
            await pilot.press("tab")
            assert field.value == whole_path
        await pilot.press("tab")
        assert pilot.app.focused is not field
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, PathDialog)


def test_completion_knows_folders_and_hides_hidden_files(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    (tmp_path / "b.yaml").touch()
    (tmp_path / "c").mkdir()
    assert completed(f"{tmp_path}/") == f"{tmp_path}/b.yaml"
    assert completed(f"{tmp_path}/.h") == f"{tmp_path}/.hidden"
    assert completed(f"{tmp_path}/c") == f"{tmp_path}/c/"
    assert completed(f"{tmp_path}/zz") is None
    assert completed(f"{tmp_path}/nowhere/x") is None


def test_designs_are_told_from_exports(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "c.json"):
        (tmp_path / name).touch()
    assert [path.name for path in design_files(str(tmp_path))] == ["a.yaml", "b.yml"]
    assert design_files(str(tmp_path / "c.json")) == []
    assert design_files(str(tmp_path / "gone.yaml")) == [tmp_path / "gone.yaml"]
    assert design_files("mongodb://host/name.yaml") == []
