"""What every store promises of experiments and runs; see `ExperimentStore`."""

import asyncio
from typing import Any

import pytest

from simulator.domain.journal import Usage
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import (
    ExperimentQuery,
    ForkOrigin,
    Outcome,
    RunQuery,
    RunStatus,
)
from simulator.errors import ConflictError, DesignChangedError, NotFoundError
from tests.store.asking import strange
from tests.store.examples import NOON, a_lease, a_run, a_step, an_experiment, at


class TestExperiments:
    async def test_comes_out_as_it_went_in(self, store: ExperimentStore) -> None:
        experiment = an_experiment(
            note="n", starred_by=("ada", "bob"), parent_id="E0", schema_version=7
        )
        await store.add_experiment(experiment)
        assert await store.experiment("E1") == experiment

    async def test_a_taken_id_is_a_conflict(self, store: ExperimentStore) -> None:
        await store.add_experiment(an_experiment(name="first"))
        with pytest.raises(ConflictError, match="E1"):
            await store.add_experiment(an_experiment(name="second"))
        assert (await store.experiment("E1")).name == "first"

    async def test_an_unknown_id_is_not_found(self, store: ExperimentStore) -> None:
        with pytest.raises(NotFoundError, match="nobody"):
            await store.experiment("nobody")

    async def test_the_newest_come_first(self, store: ExperimentStore) -> None:
        for id_, created_at in (("B", at(1)), ("C", at(3)), ("A", at(2)), ("D", at(2))):
            await store.add_experiment(an_experiment(id_, created_at=created_at))
        assert [e.id for e in await store.experiments(ExperimentQuery())] == ["C", "D", "A", "B"]

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            (ExperimentQuery(kind="debate"), ["E2"]),
            (ExperimentQuery(creator="bob"), ["E2", "E1"]),
            (ExperimentQuery(starred_by="eve"), ["E2"]),
            (ExperimentQuery(starred_by="ada"), ["E3", "E2"]),
            (ExperimentQuery(starred_by="ev"), []),
            (ExperimentQuery(name="Prison"), ["E3", "E1"]),
            (ExperimentQuery(name="prison"), []),
            (ExperimentQuery(name=""), []),
            (ExperimentQuery(design_hash="2"), ["E2"]),
            (ExperimentQuery(parent_id="E1"), ["E3"]),
            (ExperimentQuery(ids=("E1", "E3", "E9")), ["E3", "E1"]),
            (ExperimentQuery(ids=("E1", "E3"), creator="bob"), ["E1"]),
            (ExperimentQuery(ids=()), []),
            (ExperimentQuery(limit=2), ["E3", "E2"]),
            (ExperimentQuery(creator="bob", limit=1), ["E2"]),
            (ExperimentQuery(limit=0), []),
            (ExperimentQuery(parent_id="E1", creator="bob"), []),
            (ExperimentQuery(creator="bob", starred_by="ada"), ["E2"]),
            (ExperimentQuery(), ["E3", "E2", "E1"]),
        ],
    )
    async def test_queries_restrict(
        self, store: ExperimentStore, query: ExperimentQuery, ids: list[str]
    ) -> None:
        await store.add_experiment(an_experiment("E1", creator="bob", created_at=at(1)))
        await store.add_experiment(
            an_experiment(
                "E2",
                creator="bob",
                kind="debate",
                name="Judge",
                starred_by=("ada", "eve"),
                design_hash="2",
                created_at=at(2),
            )
        )
        await store.add_experiment(
            an_experiment("E3", starred_by=("ada",), parent_id="E1", created_at=at(3))
        )
        assert [e.id for e in await store.experiments(query)] == ids

    @pytest.mark.parametrize("text", ["", "a\0b\0", "\ud800x", "\N{GRINNING FACE}", "'\"$a.b"])
    async def test_ids_may_be_any_text(self, store: ExperimentStore, text: str) -> None:
        for id_ in (text, "a", text + "b"):
            await store.add_experiment(an_experiment(id_))
        await store.add_run(a_run("R1", text))
        found = await store.experiments(ExperimentQuery(ids=(text, "a", "gone")))
        assert {one.id for one in found} == {text, "a"}
        assert await store.count_runs([text, text + "b"]) == {text: 1, text + "b": 0}

    @pytest.mark.parametrize(
        ("fragment", "ids"),
        [
            ("01A", ["01AXY", "01ABC"]),
            ("XY", ["01AXY"]),
            ("01ABC", ["01ABC"]),
            ("1A", []),
            ("01ABCD", []),
            ("%", []),
            ("_1A", []),
            (".*", []),
            ("", ["02AZZ", "01AXY", "01ABC"]),
        ],
    )
    async def test_id_fragments_are_beginnings_or_ends(
        self, store: ExperimentStore, fragment: str, ids: list[str]
    ) -> None:
        for id_ in ("01ABC", "01AXY", "02AZZ"):
            await store.add_experiment(an_experiment(id_))
            await store.add_run(a_run(id_, id_))
        found = await store.experiments(ExperimentQuery(id_fragment=fragment))
        assert [e.id for e in found] == ids
        assert [r.id for r in await store.runs(RunQuery(id_fragment=fragment))] == ids

    async def test_annotating_leaves_the_rest_alone(self, store: ExperimentStore) -> None:
        original = an_experiment(note="old", starred_by=("bob",))
        await store.add_experiment(original)
        await store.add_experiment(an_experiment("E2"))
        await store.annotate_experiment("E1", note="new")
        assert await store.experiment("E1") == original.model_copy(update={"note": "new"})
        await store.annotate_experiment("E1", star="ada", unstar="bob")
        assert await store.experiment("E1") == original.model_copy(
            update={"note": "new", "starred_by": ("ada",)}
        )
        await store.annotate_experiment("E1", note="")
        await store.annotate_experiment("E1")
        assert (await store.experiment("E1")).note == ""
        assert await store.experiment("E2") == an_experiment("E2")

    async def test_annotating_an_unknown_one(self, store: ExperimentStore) -> None:
        with pytest.raises(NotFoundError, match="nobody"):
            await store.annotate_experiment("nobody", note="x")
        with pytest.raises(NotFoundError, match="nobody"):
            await store.annotate_experiment("nobody")

    async def test_deleting_takes_runs_and_journals(self, playing: ExperimentStore) -> None:
        await playing.commit(a_step())
        await playing.add_experiment(an_experiment("E2", parent_id="E1"))
        await playing.add_run(a_run("R3", "E2"), [a_step(run_id="R3")])
        assert await playing.delete_experiment("E1", now=NOON) == 2
        for run_id in ("R1", "R2"):
            with pytest.raises(NotFoundError):
                await playing.run(run_id)
        with pytest.raises(NotFoundError):
            await playing.experiment("E1")
        assert await playing.steps("R1") == []
        assert len(await playing.steps("R3")) == 1
        assert (await playing.experiment("E2")).parent_id == "E1"
        with pytest.raises(NotFoundError, match="E1"):
            await playing.delete_experiment("E1", now=NOON)


class TestRevising:
    async def test_replaces_what_is_edited_and_nothing_else(self, store: ExperimentStore) -> None:
        stored = an_experiment(note="old", starred_by=("bob",), parent_id="E0", original_id="o")
        await store.add_experiment(stored)
        await store.add_experiment(an_experiment("E2"))
        edited: dict[str, Any] = {
            "name": "Yard", "note": "", "design": {"days": 3, "$x.y": ["\ud800", 2**70]},
            "design_hash": "e" * 64,
        }  # fmt: skip
        other = an_experiment(
            kind="debate", creator="eve", starred_by=("eve",), created_at=at(9), **edited
        )
        await store.revise_experiment(other, was=stored.design_hash)
        assert await store.experiment("E1") == stored.model_copy(update=edited)
        assert await store.experiment("E2") == an_experiment("E2")
        assert [e.id for e in await store.experiments(ExperimentQuery(name="Yard"))] == ["E1"]
        found = await store.experiments(ExperimentQuery(design_hash="e" * 64, parent_id="E0"))
        assert [e.id for e in found] == ["E1"]

    async def test_of_the_name_alone_keeps_the_hash(self, store: ExperimentStore) -> None:
        await store.add_experiment(an_experiment())
        renamed = an_experiment(name="Yard")
        await store.revise_experiment(renamed, was=renamed.design_hash)
        assert await store.experiment("E1") == renamed

    @strange
    async def test_takes_any_text(self, store: ExperimentStore, text: str) -> None:
        await store.add_experiment(an_experiment(design_hash=text))
        edited = an_experiment(name=text, note=text, design={text: text}, design_hash="new")
        await store.revise_experiment(edited, was=text)
        assert await store.experiment("E1") == edited

    async def test_is_refused_while_there_are_runs(self, playing: ExperimentStore) -> None:
        edited = an_experiment(name="Yard", design={}, design_hash="e")
        for run_id in ("R1", "R2"):
            with pytest.raises(ConflictError, match="has runs") as refused:
                await playing.revise_experiment(edited, was="d" * 64)
            assert "Duplicate" in (refused.value.remedy or "")
            assert await playing.experiment("E1") == an_experiment()
            await playing.delete_run(run_id, now=NOON)
        await playing.revise_experiment(edited, was="d" * 64)
        assert await playing.experiment("E1") == edited

    async def test_of_what_somebody_changed_is_refused(self, store: ExperimentStore) -> None:
        await store.add_experiment(an_experiment())
        theirs = an_experiment(name="theirs", design_hash="t")
        await store.revise_experiment(theirs, was="d" * 64)
        with pytest.raises(ConflictError, match="somebody else"):
            await store.revise_experiment(an_experiment(design_hash="o"), was="d" * 64)
        assert await store.experiment("E1") == theirs

    async def test_of_an_unknown_one(self, store: ExperimentStore) -> None:
        with pytest.raises(NotFoundError, match="nobody"):
            await store.revise_experiment(an_experiment("nobody"), was="d" * 64)
        assert await store.experiments(ExperimentQuery()) == []

    async def test_runs_of_the_design_before_cannot_be_added(self, store: ExperimentStore) -> None:
        await store.add_experiment(an_experiment())
        await store.revise_experiment(an_experiment(design_hash="e"), was="d" * 64)
        with pytest.raises(DesignChangedError, match="R1"):
            await store.add_run(a_run("R1"), [a_step()])
        assert await store.runs(RunQuery()) == []
        assert await store.steps("R1") == []
        await store.add_run(a_run("R1", design_hash="e"), [a_step()])
        assert (await store.count_runs(["E1"]))["E1"] == 1


class TestRuns:
    async def test_comes_out_as_it_went_in(self, playing: ExperimentStore) -> None:
        run = a_run(
            "R3",
            status="failed",
            usage=Usage(calls=3, prompt_tokens=5, model_s=0.1),
            outcome=Outcome(reason="phrase", detail="END", values={"a.b": [1, {"$c": None}]}),
            error="the model left",
            forked_from=ForkOrigin(run_id="R1", position=4, edited=True, seed=9),
            note="n",
            starred_by=("ada", "bob"),
            started_at=at(1),
            finished_at=at(2.5),
            schema_version=3,
        )
        await playing.add_run(run)
        assert await playing.run("R3") == run
        assert await playing.run("R1") == a_run("R1")

    async def test_a_taken_id_is_a_conflict(self, playing: ExperimentStore) -> None:
        with pytest.raises(ConflictError, match="R1"):
            await playing.add_run(a_run("R1", creator="eve"), [a_step()])
        assert await playing.run("R1") == a_run("R1")
        assert await playing.steps("R1") == []

    async def test_its_experiment_must_exist(self, playing: ExperimentStore) -> None:
        with pytest.raises(NotFoundError, match="gone"):
            await playing.add_run(a_run("R3", "gone"), [a_step(run_id="R3")])
        with pytest.raises(NotFoundError, match="R3"):
            await playing.run("R3")
        assert await playing.steps("R3") == []

    async def test_starts_from_a_journal(self, playing: ExperimentStore) -> None:
        journal = [a_step(index, "R3") for index in range(3)]
        await playing.add_run(a_run("R3"), journal)
        assert await playing.steps("R3") == journal

    async def test_a_refused_journal_leaves_no_run(self, playing: ExperimentStore) -> None:
        twice = [a_step(0, "R3"), a_step(0, "R3", content="other")]
        with pytest.raises(ConflictError):
            await playing.add_run(a_run("R3"), twice)
        with pytest.raises(NotFoundError):
            await playing.run("R3")
        await playing.add_run(a_run("R3"))
        assert await playing.steps("R3") == []

    async def test_the_newest_come_first(self, playing: ExperimentStore) -> None:
        for id_, created_at in (("A", at(2)), ("B", at(3)), ("C", at(2))):
            await playing.add_run(a_run(id_, created_at=created_at))
        found = await playing.runs(RunQuery())
        assert [r.id for r in found] == ["B", "C", "A", "R2", "R1"]
        assert [r.id for r in await playing.runs(RunQuery(limit=2))] == ["B", "C"]
        assert await playing.runs(RunQuery(limit=0)) == []

    @pytest.mark.parametrize(
        ("query", "ids"),
        [
            (RunQuery(experiment_id="E2"), ["R4"]),
            (RunQuery(status="paused"), ["R3"]),
            (RunQuery(creator="bob"), ["R4", "R3"]),
            (RunQuery(starred_by="eve"), ["R4"]),
            (RunQuery(experiment_id="E1", creator="bob"), ["R3"]),
            (RunQuery(experiment_id="E3"), []),
            (RunQuery(creator="bob", limit=1), ["R4"]),
        ],
    )
    async def test_queries_restrict(
        self, playing: ExperimentStore, query: RunQuery, ids: list[str]
    ) -> None:
        await playing.add_experiment(an_experiment("E2"))
        await playing.add_run(a_run("R3", creator="bob", status="paused", created_at=at(1)))
        await playing.add_run(
            a_run("R4", "E2", creator="bob", starred_by=("eve",), created_at=at(2))
        )
        assert [r.id for r in await playing.runs(query)] == ids

    async def test_counts_include_nought(self, playing: ExperimentStore) -> None:
        await playing.add_experiment(an_experiment("E2"))
        counts = await playing.count_runs(["E2", "E1", "E9"])
        assert counts == {"E2": 0, "E1": 2, "E9": 0}
        assert await playing.count_runs([]) == {}

    async def test_messages_are_counted_where_they_were_heard(
        self, playing: ExperimentStore
    ) -> None:
        words = ['"in_transcript":false', "\ud800", "plain"]
        for index, content in enumerate(words):
            await playing.commit(a_step(index, content=content))
        await playing.commit(a_step(3, in_transcript=False))
        await playing.commit(a_step(4, content="\ud800", in_transcript=False))
        counts = await playing.count_messages(["R2", "R1", "R9"])
        assert counts == {"R2": 0, "R1": 3, "R9": 0}
        assert await playing.count_messages([]) == {}

    @pytest.mark.parametrize(
        "change",
        [
            {"status": "running"},
            {"usage": Usage(calls=2, cached_tokens=1, model_s=1.5)},
            {"outcome": Outcome(reason="messages", values={"n": 1, "x": 2.0})},
            {"error": "it broke"},
            {"started_at": at(5)},
            {"finished_at": at(6)},
            {"status": "completed", "finished_at": at(7)},
            {},
        ],
        ids=lambda change: "+".join(change) or "nothing",
    )
    async def test_updating_leaves_the_rest_alone(
        self, playing: ExperimentStore, change: dict[str, Any]
    ) -> None:
        full = a_run(
            "R3",
            status="paused",
            usage=Usage(calls=1),
            outcome=Outcome(reason="old"),
            error="old",
            note="n",
            starred_by=("ada",),
            started_at=at(1),
            finished_at=at(2),
        )
        await playing.add_run(full)
        await playing.update_run("R3", **change)
        assert await playing.run("R3") == full.model_copy(update=change)
        assert await playing.run("R1") == a_run("R1")

    async def test_two_updates_of_different_fields_both_stay(
        self, playing: ExperimentStore
    ) -> None:
        await asyncio.gather(
            playing.update_run("R1", status="running"),
            playing.annotate_run("R1", note="mine"),
            playing.annotate_run("R1", star="ada"),
            playing.update_run("R1", usage=Usage(calls=4)),
        )
        run = await playing.run("R1")
        assert (run.status, run.note, run.starred_by, run.usage.calls) == (
            "running",
            "mine",
            ("ada",),
            4,
        )

    async def test_an_updated_run_is_found_by_its_new_status(
        self, playing: ExperimentStore
    ) -> None:
        new: RunStatus = "running"
        await playing.update_run("R1", status=new)
        assert [r.id for r in await playing.runs(RunQuery(status="running"))] == ["R1"]
        assert [r.id for r in await playing.runs(RunQuery(status="queued"))] == ["R2"]

    async def test_an_unknown_run_is_not_found(self, playing: ExperimentStore) -> None:
        for call in (
            playing.run("gone"),
            playing.update_run("gone", status="running"),
            playing.update_run("gone"),
            playing.annotate_run("gone", note="x"),
            playing.delete_run("gone", now=NOON),
            playing.acquire("gone", a_lease(), now=NOON),
            playing.commit(a_step(run_id="gone")),
        ):
            with pytest.raises(NotFoundError, match="gone"):
                await call
        assert await playing.steps("gone") == []
        assert await playing.renew("gone", a_lease()) is False
        await playing.release("gone", "host-1")

    async def test_deleting_takes_the_journal(self, playing: ExperimentStore) -> None:
        await playing.commit(a_step(0, "R1"))
        await playing.commit(a_step(0, "R2"))
        await playing.delete_run("R1", now=NOON)
        assert await playing.steps("R1") == []
        assert len(await playing.steps("R2")) == 1
        with pytest.raises(NotFoundError):
            await playing.run("R1")
        await playing.add_run(a_run("R1"))
        assert await playing.steps("R1") == []
