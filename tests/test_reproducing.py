"""The original studies: sized, launched, found again, and held against what was published."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from simulator.domain.batches import BatchQuery
from simulator.domain.records import RunQuery
from simulator.errors import NotFoundError, UsageError
from simulator.executing import Executor
from simulator.reproducing.measures import MEASURES, Ours, less
from simulator.reproducing.originals import Band, original_named, originals
from simulator.reproducing.originals import Size as Quantity
from simulator.reproducing.sizing import scaled
from simulator.reproducing.studies import Played, Size, Study, found_runs, launched, study_of
from simulator.reproducing.verdicts import Verdict, compared, is_meant, judged
from simulator.services import Services, open_services
from simulator.settings import Settings

TALK = "scripted/babble"
AS_PUBLISHED = {
    "prison": (1600, 30_400), "chatroom": (180, 18_000), "telephone": (15, 75_000),
    "iterated": (876, 6804), "debate": (100, 75_696),
}  # fmt: skip


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as opened:
        yield opened


def narrow(study: Study) -> Study:
    """The same with the guard's and the prisoner's goal alone varied: two cells."""
    (part,) = study.parts
    (plan,) = part.plans
    axes = [
        axis
        if axis.name in ("settings", "levels.goal")
        else replace(axis, options=axis.options[:1])
        for axis in plan.grid.axes
    ]
    few = replace(plan, grid=replace(plan.grid, axes=tuple(axes)))
    return replace(study, parts=(replace(part, plans=(few,)),))


async def prison(services: Services, scale: float = 0.1) -> Study:
    size = Size(scale, models=(TALK,))
    return narrow(await study_of(services, original_named("prison"), size))


async def play(services: Services, study: Study) -> list[Played]:
    for batch in await launched(services, study):
        await Executor(services, batch).play()
    return await found_runs(services, study)


# ---------------------------------------------------------------- what is known of them


async def test_every_study_is_sound_and_of_its_published_size(services: Services) -> None:
    found = {}
    for original in originals().values():
        whole = await study_of(services, original, Size(), reads_data=False)
        pocket = await study_of(services, original, Size(pocket=True), reads_data=False)
        found[original.name] = (whole.runs, whole.messages)
        assert pocket.runs <= 40
        assert pocket.messages <= 1000
        assert {model for part in pocket.parts for model in part.models} == {"pocket"}
        axes = {part.part.name: part.axes for part in (*pocket.parts, *whole.parts)}
        for band in original.bands:
            check(band, axes)
    assert found == AS_PUBLISHED
    assert not await services.store.batches(BatchQuery())


def check(band: Band, axes: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
    """See that a band is of cells that there are, and of a measure that is known."""
    assert band.low <= band.high, band.claim
    assert band.published is None or band.low <= band.published <= band.high, band.claim
    assert bool(band.measure) != bool(band.people), band.claim
    assert not band.measure or band.measure in MEASURES
    for labels in (band.where, band.less or {}):
        for axis, own in labels.items():
            assert set(own) <= set(axes[band.part][axis]), (band.claim, axis)


def test_a_study_that_there_is_not_is_told_with_near_names() -> None:
    with pytest.raises(NotFoundError) as told:
        original_named("prisn")
    assert "'prison'" in str(told.value.remedy)


# ---------------------------------------------------------------- sizes


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 20)), min_size=1, max_size=3),
    st.floats(0.001, 1),
    st.floats(0.001, 1),
)
def test_a_scale_takes_less_of_everything_and_never_nothing(
    counts: list[tuple[int, int]], one: float, other: float
) -> None:
    sizes = [
        Quantity(of=str(place), published=published, least=min(published, least))
        for place, (published, least) in enumerate(counts)
    ]
    small, large = (list(scaled(sizes, scale).values()) for scale in sorted((one, other)))
    assert list(scaled(sizes, 1.0).values()) == [size.published for size in sizes]
    for size, few, many in zip(sizes, small, large, strict=True):
        assert size.least <= few <= size.published
        assert size.least <= many <= size.published
    assert small[0] <= large[0]


def test_repetitions_are_given_up_before_what_is_played_in_a_run() -> None:
    sizes = [Quantity(of="repeat", published=3), Quantity(of="questions", published=200, least=10)]
    assert scaled(sizes, 0.34) == {"repeat": 1, "questions": 200}
    assert scaled(sizes, 0.1) == {"repeat": 1, "questions": 60}
    assert scaled(sizes, 0.001) == {"repeat": 1, "questions": 10}


# ---------------------------------------------------------------- played, and played again


async def test_a_study_is_played_once_and_grows_with_its_scale(services: Services) -> None:
    study = await prison(services)
    played = await play(services, study)
    assert [one.labels["levels.goal"] for one in played] == ["escape", "yard time"]
    assert {one.run.status for one in played} == {"completed"}

    larger = await prison(services, 0.2)
    (batch,) = await launched(services, larger)
    runs = await services.store.runs(RunQuery(batch_id=batch.id))
    known = {one.run.id for one in played}
    assert {run.id for run in runs if run.status == "completed"} == known
    assert len(runs) == 4
    assert len(await found_runs(services, larger)) == 4
    # The smaller one is completed, and that more is queued now is not its affair.
    assert await launched(services, study) == []
    assert {one.run.id for one in await found_runs(services, study)} == known
    assert len(await launched(services, await prison(services, 0.3))) == 1
    with pytest.raises(UsageError) as told:
        await launched(services, larger)
    assert "--resume" in str(told.value.remedy)
    assert len(await services.store.batches(BatchQuery())) == 1

    found = {one.band.claim: one for one in await compared(services, study, played)}
    guard = found["Messages of the guard in each conversation"]
    assert guard.ours is not None
    assert (guard.ours.value, guard.verdict, guard.model) == (10, "inside", TALK)
    assert found["Conversations that the guard opens"].verdict == "inside"
    toxic = found["Toxic messages of guards: with less without oversight"]
    assert (toxic.ours, toxic.verdict) == (None, "cannot be told")
    assert "people" in found["Odds of success, yard time over escape"].why


async def test_models_without_vectors_leave_only_those_debates_out(services: Services) -> None:
    size = Size(models=(TALK, "pocket"), parts=("arithmetic",))
    study = await study_of(services, original_named("debate"), size)
    (part,) = study.parts
    cells = [(plan.repeat, cell.labels) for plan in part.plans for cell in plan.cells()]
    assert [(times, one["model"]) for times, one in cells if one["method"] == "vectors"] == [
        (1, "pocket")
    ]
    assert [times for times, one in cells if one["method"] == "words"] == [3, 3]
    assert any(TALK in sentence and "vectors" in sentence for sentence in study.left_out)


# ---------------------------------------------------------------- verdicts


def band(**fields: Any) -> Band:
    known: dict[str, Any] = {
        "claim": "It is so", "part": "p", "measure": "converged", "low": 0.4, "high": 0.6,
        "source": "Here.",
    }  # fmt: skip
    return Band.model_validate(known | fields)


@pytest.mark.parametrize(
    ("ours", "verdict", "why"),
    [
        (Ours(0.6, 9), "inside", ""),
        (Ours(0.7, 9), "outside", ""),
        (Ours(0.7, 9, low=0.61, high=0.8), "outside", ""),
        (Ours(0.7, 9, low=0.5, high=0.8), "cannot be told", "by so few runs"),
        (Ours(0.5, 9, instead="by a list of words"), "cannot be told", "by a list of words"),
        (None, "cannot be told", "as it is"),
    ],
)
def test_a_verdict_follows_from_value_interval_and_band(
    ours: Ours | None, verdict: Verdict, why: str
) -> None:
    found = judged(band(), "openai/some", ours, "as it is")
    assert (found.verdict, found.why) == (verdict, why)


def test_numbers_of_other_models_and_of_toys_have_no_verdict() -> None:
    own = band(models=["gpt-3.5"])
    assert is_meant(own, "openai/GPT-3.5-turbo-0125") and not is_meant(own, "openai/gpt-4o")
    assert is_meant(band(), "openai/gpt-4o") and not is_meant(band(), "pocket")
    assert is_meant(band(toy=True), "pocket") and not is_meant(band(), "scripted/say?text=a")
    told = judged(band(), "pocket", Ours(0.5, 9), "")
    assert (told.verdict, told.why) == ("cannot be told", "with this model")
    assert told.ours is not None


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=3),
    st.lists(st.floats(0, 1), min_size=3, max_size=3),
)
def test_the_interval_of_a_difference_holds_it_and_turns_round_with_it(
    one: list[float], two: list[float]
) -> None:
    first, second = (Ours(mid, 9, low=low, high=high) for low, mid, high in map(sorted, (one, two)))
    there, back = less(first, second), less(second, first)
    low, high = cast("float", there.low), cast("float", there.high)
    assert low <= there.value <= high
    assert there.value == -back.value
    assert back.low == pytest.approx(-high)
    assert back.high == pytest.approx(-low)
    assert less(first, replace(second, low=None)).low is None
