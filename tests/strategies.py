"""Hypothesis strategies for the records of the domain."""

from datetime import UTC, datetime

from hypothesis import strategies as st
from pydantic import JsonValue

from simulator.domain.batches import Batch
from simulator.domain.journal import Call, SoftToken, Step, Usage
from simulator.domain.latent import LatentSampling
from simulator.domain.prices import Price
from simulator.domain.records import (
    Agent,
    Experiment,
    ForkOrigin,
    Machine,
    ModelState,
    Outcome,
    Provenance,
    Run,
)
from simulator.domain.sampling import Sampling

texts = st.text(st.characters(exclude_categories=()), max_size=20)
"""Any text a model may return, lone surrogates and NUL included."""
counts = st.integers(min_value=0, max_value=2**63 - 1)
floats = st.floats(allow_nan=False)
times = st.builds(
    lambda moment, ms: moment.replace(microsecond=ms * 1000, tzinfo=UTC),
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001
    st.integers(min_value=0, max_value=999),
)
"""Aware, UTC, in whole milliseconds."""
json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | floats | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(texts, json_values, max_size=3)
text_tuples = st.lists(texts, max_size=3).map(tuple)

samplings = st.builds(
    Sampling,
    temperature=st.none() | st.floats(0.0, 2.0),
    top_p=st.none() | st.floats(0.0, 1.0, exclude_min=True),
    top_k=st.none() | st.integers(min_value=1),
    max_tokens=st.none() | st.integers(min_value=1),
    seed=st.none() | st.integers(min_value=0),
    stop=st.lists(st.text(min_size=1, max_size=20), max_size=3).map(tuple),
    context_length=st.none() | st.integers(min_value=1),
    reasoning_effort=st.sampled_from([None, "none", "minimal", "low", "medium", "high"]),
)
usages = st.builds(
    Usage,
    calls=counts,
    prompt_tokens=counts,
    completion_tokens=counts,
    cached_tokens=counts,
    reasoning_tokens=counts,
    cost_usd=st.floats(min_value=0.0, allow_nan=False, allow_infinity=False),
    unpriced_calls=counts,
    estimated_calls=counts,
    model_s=st.floats(min_value=0.0, allow_nan=False),
)
calls = st.builds(
    Call,
    model=texts,
    model_digest=st.none() | texts,
    sampling=samplings,
    seed=st.integers(),
    raw=texts,
    earlier_raw=text_tuples,
    stop_reason=st.sampled_from(["stop", "length", "refusal", "content_filter", "unknown"]),
    usage=usages,
    attempts=st.integers(min_value=1),
    reasoning=texts,
    prompt_truncated=st.booleans(),
    from_cache=st.booleans(),
    latent=st.none()
    | st.builds(
        LatentSampling,
        temperature=st.floats(0.0, exclude_min=True, allow_infinity=False),
        stop=text_tuples,
        greedy=st.sampled_from(["never", "confident", "unsure"]),
        threshold=st.floats(0.0, allow_infinity=False),
    ),
)
finite = st.floats(allow_nan=False, allow_infinity=False)
soft_tokens = st.builds(
    SoftToken,
    token=texts,
    entropy=finite,
    is_mixed=st.booleans(),
    top=st.lists(st.tuples(texts, finite), max_size=2).map(tuple),
)


def steps(run_id: str) -> st.SearchStrategy[Step]:
    """Any step of a run."""
    return st.builds(
        Step,
        run_id=st.just(run_id),
        scope=texts,
        index=counts,
        position=counts,
        kind=st.sampled_from(["say", "ask", "ask_latent", "choose", "score", "interject"]),
        prompt_hash=texts,
        speaker=texts,
        role=texts,
        content=texts,
        day=st.none() | st.integers(),
        in_transcript=st.booleans(),
        parsing=text_tuples,
        method=st.none() | texts,
        options=text_tuples,
        scores=st.lists(floats, max_size=3).map(tuple),
        soft_tokens=st.lists(soft_tokens, max_size=2).map(tuple),
        call=st.none() | calls,
        edited=st.booleans(),
        original_id=st.none() | texts,
        created_at=times,
    )


agents = st.builds(
    Agent,
    name=texts,
    role=texts,
    number=st.integers(min_value=0),
    model=texts,
    sampling=samplings,
    system_prompt=texts,
)
experiments = st.builds(
    Experiment,
    id=texts,
    name=texts,
    kind=texts,
    design=json_objects,
    design_hash=texts,
    note=texts,
    starred_by=st.sets(texts, max_size=2).map(lambda users: tuple(sorted(users))),
    creator=texts,
    parent_id=st.none() | texts,
    original_id=st.none() | texts,
    created_at=times,
)
model_states = st.builds(
    ModelState,
    model=texts,
    digest=st.none() | texts,
    price=st.none() | st.just(Price(input_usd=0.15, output_usd=0.6)),
)


def batches(experiment_id: str) -> st.SearchStrategy[Batch]:
    """Any batch of an experiment."""
    return st.builds(
        Batch,
        id=texts,
        experiment_id=st.just(experiment_id),
        name=texts,
        specification=json_objects,
        specification_hash=texts,
        estimate=st.none() | json_objects,
        order=st.sampled_from(["go", "pause", "cancel"]),
        creator=texts,
        created_at=times,
        amended_at=st.sets(times, max_size=2).map(lambda moments: tuple(sorted(moments))),
    )


outcomes = st.builds(Outcome, reason=texts, detail=texts, values=json_objects)


def runs(experiment_id: str, design_hash: str) -> st.SearchStrategy[Run]:
    """Any run of an experiment that has a design of this hash."""
    return st.builds(
        Run,
        id=texts,
        experiment_id=st.just(experiment_id),
        kind=texts,
        design_hash=st.just(design_hash),
        parameters=json_objects,
        batch_id=st.none() | texts,
        cell=st.none() | counts,
        seed=st.integers(min_value=0),
        agents=st.lists(agents, max_size=2).map(tuple),
        status=st.sampled_from(["queued", "running", "paused", "completed", "failed"]),
        usage=usages,
        outcome=st.none() | outcomes,
        error=st.none() | texts,
        forked_from=st.none()
        | st.builds(
            ForkOrigin,
            run_id=texts,
            position=counts,
            edited=st.booleans(),
            seed=st.none() | st.integers(),
        ),
        original_id=st.none() | texts,
        provenance=st.builds(
            Provenance,
            simulator_version=texts,
            python_version=texts,
            platform=texts,
            packages=st.dictionaries(texts, texts, max_size=2),
            commit=st.none() | texts,
            machine=st.none() | st.builds(Machine, processor=texts, accelerators=text_tuples),
            models=st.lists(model_states, max_size=2).map(tuple),
        ),
        creator=texts,
        note=texts,
        starred_by=st.sets(texts, max_size=2).map(lambda users: tuple(sorted(users))),
        created_at=times,
        started_at=st.none() | times,
        finished_at=st.none() | times,
    )
