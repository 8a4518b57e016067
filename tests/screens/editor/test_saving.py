from __future__ import annotations

from pathlib import Path

from screens.dialogs import AskText, Confirm
from screens.laboratory import Laboratory
from screens.messages import OpenExperiment
from simulator.domain.records import Experiment
from simulator.drafts import Drafts
from simulator.files.designs import read_design
from simulator.files.writing import write_design
from tests.screens.editor.conftest import PRISON, SMALL, Desk, OpenEditor
from tests.screens.host import Host


async def stored(laboratory: Laboratory, text: str = SMALL, *, runs: int = 0) -> Experiment:
    services = laboratory.services
    design = read_design(text, "test", services.kinds)
    experiment = await services.save_design(design)
    if runs:
        settings = {"model": "pocket"}
        await services.launch(design, settings, repeat=runs, experiment=experiment)
    return experiment


def asked(desk: Desk) -> list[str]:
    app = desk.pilot.app
    assert isinstance(app, Host)
    return [one.experiment_id for one in app.asked if isinstance(one, OpenExperiment)]


async def saved(desk: Desk, *keys: str) -> None:
    await desk.pilot.press(*keys)
    await desk.settle()
    await desk.pilot.app.workers.wait_for_complete()
    await desk.pilot.pause()


async def test_a_new_design_becomes_an_experiment(
    open_editor: OpenEditor, laboratory: Laboratory, drafts: Drafts
) -> None:
    async with open_editor() as desk:
        await desk.go("name")
        await desk.pilot.press(*"est", "ctrl+s")
        await saved(desk)
        (experiment_id,) = asked(desk)
        experiment = await laboratory.services.store.experiment(experiment_id)
        assert experiment.name == "Smallest" and experiment.parent_id is None
        assert "saved" in desk.look()
    assert drafts.list() == ()


async def test_an_experiment_without_runs_is_changed_in_place(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    experiment = await stored(laboratory)
    text = write_design(laboratory.services.design_of(experiment))
    async with open_editor(text, experiment_id=experiment.id) as desk:
        await desk.go("starting_message")
        await desk.press("end", "exclamation_mark")
        await saved(desk, "ctrl+s")
        assert asked(desk) == [experiment.id]
        design = laboratory.services.design_of(
            await laboratory.services.store.experiment(experiment.id)
        )
        assert design.starting_message == "Begin.!"  # type: ignore[attr-defined]
        await desk.press("end", "exclamation_mark")
        await saved(desk, "ctrl+s")
        assert asked(desk) == [experiment.id] * 2


async def test_an_experiment_with_runs_is_copied_if_the_user_agrees(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    experiment = await stored(laboratory, runs=2)
    text = write_design(laboratory.services.design_of(experiment))
    async with open_editor(text, experiment_id=experiment.id) as desk:
        await desk.go("name")
        await desk.press("2")
        await desk.pilot.press("ctrl+s")
        await asking(desk)
        assert "2 runs" in desk.look()
        await saved(desk, "n")
        assert asked(desk) == []
        await desk.pilot.press("ctrl+s")
        await asking(desk)
        await saved(desk, "y")
        (copy_id,) = asked(desk)
        copy = await laboratory.services.store.experiment(copy_id)
        assert copy.name == "Small2" and copy.parent_id == experiment.id


async def test_a_copy_knows_what_it_was_copied_from(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    experiment = await stored(laboratory)
    async with open_editor(SMALL, parent_id=experiment.id) as desk:
        await saved(desk, "ctrl+s")
        (copy_id,) = asked(desk)
        assert copy_id != experiment.id
        copy = await laboratory.services.store.experiment(copy_id)
        assert copy.parent_id == experiment.id


async def test_a_copy_of_what_is_edited_in_place(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    experiment = await stored(laboratory)
    text = write_design(laboratory.services.design_of(experiment))
    async with open_editor(text, experiment_id=experiment.id) as desk:
        await desk.go("name")
        await desk.press("B")
        await saved(desk, "alt+s")
        (copy_id,) = asked(desk)
        assert copy_id != experiment.id
        assert (await laboratory.services.store.experiment(experiment.id)).name == "Small"
        assert (await laboratory.services.store.experiment(copy_id)).parent_id == experiment.id


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    experiment = await stored(laboratory)
    services = laboratory.services
    text = write_design(services.design_of(experiment))
    async with open_editor(text, experiment_id=experiment.id) as desk:
        await services.revise(experiment, read_design(PRISON, "test", services.kinds))
        await desk.go("name")
        await desk.press("B")
        await saved(desk, "ctrl+s")
        assert asked(desk) == []
        assert (await services.store.experiment(experiment.id)).name == "Prison"
        assert desk.told()


async def test_an_experiment_that_was_deleted_is_saved_anew(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    experiment = await stored(laboratory)
    async with open_editor(SMALL, experiment_id=experiment.id) as desk:
        await laboratory.services.delete_experiment(experiment)
        await desk.pilot.press("ctrl+s")
        await asking(desk)
        await saved(desk, "y")
        (new_id,) = asked(desk)
        assert new_id != experiment.id


async def test_a_design_with_problems_is_not_saved(
    open_editor: OpenEditor, laboratory: Laboratory
) -> None:
    async with open_editor(SMALL + "days: none\n") as desk:
        await saved(desk, "ctrl+s")
        assert asked(desk) == []
        assert any("1 problem to mend" in told for told in desk.told())
        node = desk.screen.panes.form.node_of(desk.focused)
        assert node is not None and node.place == ("days",)


async def test_the_text_is_exported_with_its_comments(
    open_editor: OpenEditor, tmp_path: Path
) -> None:
    file = tmp_path / "out.yaml"
    async with open_editor() as desk:
        for written_over in (False, True):
            await desk.pilot.press("f9")
            await desk.pilot.pause()
            dialog = desk.pilot.app.screen
            assert isinstance(dialog, AskText)
            dialog.query_one("Input").value = str(file)  # type: ignore[attr-defined]
            await desk.pilot.press("enter")
            if written_over:
                await asking(desk)
                await desk.pilot.press("y")
            await saved(desk)
            assert file.read_text("utf-8") == SMALL
            file.write_text("something else")
        assert any("Wrote" in told for told in desk.told())


async def asking(desk: Desk) -> None:
    """Wait for the question."""
    for _ in range(100):
        if isinstance(desk.pilot.app.screen, Confirm):
            break
        await desk.pilot.pause()
    assert isinstance(desk.pilot.app.screen, Confirm)
    await desk.pilot.pause()
