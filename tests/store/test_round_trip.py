"""Whatever goes into a store comes out equal."""

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.domain.journal import Step
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, ExperimentQuery, Run
from tests import strategies
from tests.store.examples import NOON, a_run, an_experiment

several = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def exactly(record: Step | Run | Experiment) -> str:
    """Tells 1 from 1.0 and True, and 0.0 from -0.0, which `==` does not."""
    return repr(record.model_dump(exclude={"created_at", "started_at", "finished_at"}))


@several
@given(journal=st.lists(strategies.steps("X"), max_size=3, unique_by=lambda s: (s.scope, s.index)))
async def test_steps(store: ExperimentStore, journal: Sequence[Step]) -> None:
    await store.add_experiment(an_experiment("X"))
    await store.add_run(a_run("X", "X"))
    for step in journal:
        await store.commit(step)
        await store.commit(step)
    stored = sorted(await store.steps("X"), key=lambda s: (s.position, s.scope, s.index))
    expected = sorted(journal, key=lambda s: (s.position, s.scope, s.index))
    await store.delete_experiment("X", now=NOON)
    assert stored == expected
    assert list(map(exactly, stored)) == list(map(exactly, expected))


@several
@given(run=strategies.texts.flatmap(lambda design_hash: strategies.runs("X", design_hash)))
async def test_runs(store: ExperimentStore, run: Run) -> None:
    await store.add_experiment(an_experiment("X", design_hash=run.design_hash))
    await store.add_run(run)
    stored = await store.run(run.id)
    await store.delete_experiment("X", now=NOON)
    assert stored == run
    assert exactly(stored) == exactly(run)


@several
@given(experiment=strategies.experiments)
async def test_experiments(store: ExperimentStore, experiment: Experiment) -> None:
    await store.add_experiment(experiment)
    stored = await store.experiment(experiment.id)
    named = await store.experiments(ExperimentQuery(name=experiment.name))
    await store.delete_experiment(experiment.id, now=NOON)
    assert stored == experiment
    assert exactly(stored) == exactly(experiment)
    assert named == [experiment]
