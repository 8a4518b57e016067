"""Whatever the stores hold, and however copies are interrupted, they end in the union."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.domain.batches import Batch
from simulator.domain.copies import at_rest
from simulator.domain.journal import Step, Usage
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, Run
from simulator.errors import StoreUnavailableError
from tests import strategies
from tests.moving.copying import WRITES, Watched, content, push_afresh, stores
from tests.store.examples import a_batch, at


@dataclass(frozen=True)
class History:
    """A run as it was at several moments of its life, each with more steps than the one before."""

    journal: Sequence[Step]
    states: Sequence[tuple[Run, int]]


@st.composite
def histories(draw: st.DrawFn, run_id: str, experiment: Experiment) -> History:
    run = draw(strategies.runs(experiment.id, experiment.design_hash))
    run = run.model_copy(
        update={"id": run_id, "starred_by": (), "error": None, "outcome": None,
                "usage": Usage(), "started_at": None, "finished_at": None}
    )  # fmt: skip
    journal = draw(
        st.lists(strategies.steps(run_id), max_size=4, unique_by=lambda s: (s.scope, s.index))
    )
    lengths = sorted(draw(st.lists(st.integers(0, len(journal)), min_size=4, max_size=4)))
    begun = run.model_copy(update={"started_at": at(1)})

    def ended(number: int, **fields: Any) -> Run:
        fields["finished_at"] = at(10 * number)
        return begun.model_copy(update={"usage": Usage(calls=lengths[number])} | fields)

    outcome = draw(strategies.outcomes)
    return History(
        journal,
        [
            (run.model_copy(update={"status": "queued"}), 0),
            (begun.model_copy(update={"status": "running"}), lengths[0]),
            (ended(1, status="failed", error=draw(strategies.texts)), lengths[1]),
            (ended(2, status="paused"), lengths[2]),
            (ended(3, status="completed", outcome=outcome), lengths[3]),
        ],
    )


def after(batch: Batch, amendments: int) -> Batch:
    """The batch once it was amended so often."""
    return batch.model_copy(
        update={
            "specification": {"repeat": amendments},
            "estimate": {"runs": amendments} if amendments else None,
            "amended_at": tuple(at(number) for number in range(amendments)),
        }
    )


@dataclass(frozen=True)
class World:
    """What may be in several stores at once, and how much of it each has."""

    experiments: Sequence[Experiment]
    histories: Sequence[History]
    known: Sequence[Sequence[bool]]
    """Of each store, which experiments it has."""
    reached: Sequence[Sequence[int | None]]
    """Of each store, how far each run has come in it; None where it is not there."""
    stars: Sequence[Sequence[frozenset[str]]]
    launched: Sequence[Batch]
    """The batch of each experiment, before it was amended."""
    amended: Sequence[Sequence[int | None]]
    """Of each store, how often each batch was amended in it; None where it is not there."""

    async def fill(self, store: ExperimentStore, place: int) -> None:
        for experiment, is_known in zip(self.experiments, self.known[place], strict=True):
            if is_known:
                await store.add_experiment(experiment)
        for batch, known, times in zip(
            self.launched, self.known[place], self.amended[place], strict=True
        ):
            if known and times is not None:
                await store.add_batch(after(batch, times))
        for number, history in enumerate(self.histories):
            reached = self.reached[place][number]
            run, length = history.states[reached or 0]
            if reached is not None and self.known[place][self._experiment_of(run)]:
                users = tuple(sorted(self.stars[place][number]))
                run = run.model_copy(update={"starred_by": users})
                steps = sorted(history.journal, key=lambda s: s.position)[:length]
                await store.add_run(run, steps)

    def _experiment_of(self, run: Run) -> int:
        return [one.id for one in self.experiments].index(run.experiment_id)

    def _batches(self) -> dict[str, Batch]:
        found: dict[str, Batch] = {}
        for number, batch in enumerate(self.launched):
            times = [
                reached
                for known, amended in zip(self.known, self.amended, strict=True)
                if known[number] and (reached := amended[number]) is not None
            ]
            if times:
                found[batch.id] = after(batch, max(times))
        return found

    def union(self) -> dict[str, Any]:
        """What all stores together have."""
        known = zip(self.experiments, zip(*self.known, strict=True), strict=True)
        found: dict[str, Any] = {
            "experiments": {one.id: one for one, stores in known if any(stores)},
            "batches": self._batches(),
            "runs": {},
            "journals": {},
        }
        for number, history in enumerate(self.histories):
            experiment = self._experiment_of(history.states[0][0])
            places = [
                place
                for place, reached in enumerate(self.reached)
                if reached[number] is not None and self.known[place][experiment]
            ]
            if not places:
                continue
            run, length = history.states[max(self.reached[p][number] or 0 for p in places)]
            stars = frozenset[str]().union(*(self.stars[place][number] for place in places))
            found["runs"][run.id] = at_rest(run).model_copy(
                update={"starred_by": tuple(sorted(stars))}
            )
            steps = sorted(history.journal, key=lambda s: s.position)[:length]
            found["journals"][run.id] = sorted(steps, key=lambda s: (s.position, s.scope, s.index))
        return found


@st.composite
def worlds(draw: st.DrawFn, places: int = 3) -> World:
    experiments = draw(st.lists(strategies.experiments, max_size=3, unique_by=lambda one: one.id))
    lives: list[History] = []
    if experiments:
        run_ids = draw(st.lists(strategies.texts, max_size=4, unique=True))
        owners = st.sampled_from(range(len(experiments)))
        lives = [draw(histories(run_id, experiments[draw(owners)])) for run_id in run_ids]

    def each(strategy: st.SearchStrategy[Any], number: int) -> list[list[Any]]:
        rows = st.lists(strategy, min_size=number, max_size=number)
        return draw(st.lists(rows, min_size=places, max_size=places))

    return World(
        experiments,
        lives,
        each(st.booleans(), len(experiments)),
        each(st.none() | st.integers(0, 4), len(lives)),
        each(st.frozensets(st.sampled_from(["ada", "bob", "$eve.x"])), len(lives)),
        [a_batch(f"B{number}", one.id) for number, one in enumerate(experiments)],
        each(st.none() | st.integers(0, 2), len(experiments)),
    )


class Cut:
    """Breaks a store after so many writes, before or after the last one took hold."""

    def __init__(self, writes: int, *, late: bool) -> None:
        self.left = writes
        self.late = late

    def applied_to(self, store: ExperimentStore) -> Watched:
        watched = Watched(store)
        if self.late:
            watched.after = self._count
        else:
            watched.before = self._count
        return watched

    def _count(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in WRITES:
            self.left -= 1
            if self.left < 0:
                raise StoreUnavailableError("The database went away.")


cuts = st.builds(lambda writes, late: Cut(writes, late=late), st.integers(0, 12), st.booleans())


@settings(max_examples=40)
@given(
    world=worlds(),
    order=st.permutations([(0, 1), (1, 2), (0, 2)]),
    broken=st.lists(st.tuples(st.sampled_from([(0, 1), (1, 2), (0, 2), (2, 1)]), cuts), max_size=3),
)
async def test_copies_in_any_order_and_however_interrupted_end_in_the_union(
    world: World, order: Sequence[tuple[int, int]], broken: Sequence[tuple[tuple[int, int], Cut]]
) -> None:
    async with stores(3) as opened:
        for place, store in enumerate(opened):
            await world.fill(store, place)
        for (source, target), cut in broken:
            with suppress(StoreUnavailableError):
                await push_afresh(opened[source], cut.applied_to(opened[target]))
        for source, target in order:
            assert (await push_afresh(opened[source], opened[target])).is_whole
        # What arrived in the second store after it was copied on is still to come.
        assert (await push_afresh(opened[1], opened[2])).is_whole
        assert await content(opened[2]) == world.union()

        watched = Watched(opened[2])
        again = await push_afresh(opened[1], watched)
        assert watched.writes == []
        assert again.is_whole
        assert again.runs.total() == again.runs["known"] == again.counted_runs


@settings(max_examples=20)
@given(world=worlds(places=2))
async def test_copying_there_and_back_merges_two_stores(world: World) -> None:
    async with stores(2) as (one, other):
        await world.fill(one, 0)
        await world.fill(other, 1)
        assert (await push_afresh(one, other)).is_whole
        assert (await push_afresh(other, one)).is_whole
        assert await content(one) == await content(other) == world.union()
