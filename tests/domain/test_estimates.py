from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.estimates import Estimate, KnownModel, Reckoning, Speed
from simulator.domain.prices import FREE, Price
from simulator.domain.workloads import Workload

SLOW = Speed(s_per_token=0.1, side_by_side=1.0, runs=3)
CHEAP = Price(input_usd=1.0, output_usd=10.0)
KNOWN = {
    "lab/far": KnownModel("lab/far", speed=SLOW, price=CHEAP, context_length=8192),
    "lab/new": KnownModel("lab/new", price=CHEAP),
    "lab/secret": KnownModel("lab/secret", speed=SLOW),
    "pocket": KnownModel(
        "pocket", speed=Speed(0.1, 4.0, 2), price=FREE, context_length=1024, is_computed_here=True
    ),
}


def work(model: str = "lab/far", tokens: int = 1000, context: int = 500) -> Workload:
    return Workload(model, 10, 5 * tokens, tokens, context)


def reckoned(*cells: list[Workload], repeat: int = 1, live: int = 4) -> Estimate:
    reckoning = Reckoning(repeat, live, KNOWN.__getitem__)
    for cell in cells:
        reckoning.add(cell)
    return reckoning.estimate()


def test_every_cell_counts_as_often_as_it_is_repeated() -> None:
    estimate = reckoned([work()], [work(), work("pocket", 300)], repeat=3)
    assert (estimate.cells, estimate.runs) == (2, 6)
    far, pocket = estimate.models
    assert (far.known.model, far.runs, far.calls) == ("lab/far", 6, 60)
    assert (far.prompt_tokens, far.completion_tokens) == (30_000, 6000)
    assert (pocket.runs, pocket.calls, pocket.completion_tokens) == (3, 30, 900)
    assert (estimate.calls, estimate.prompt_tokens) == (90, 34_500)
    assert estimate.completion_tokens == 6900


def test_money_is_added_up_unless_a_price_is_missing() -> None:
    estimate = reckoned([work("lab/far", 1000), work("pocket")])
    assert estimate.cost_usd == 5000 / 1e6 + 10 * 1000 / 1e6
    assert estimate.unpriced == ()
    unknown = reckoned([work(), work("lab/secret")])
    assert unknown.cost_usd is None
    assert unknown.unpriced == ("lab/secret",)
    assert unknown.models[0].cost_usd == 0.015


def test_runs_that_wait_for_servers_wait_side_by_side() -> None:
    assert reckoned([work()], live=4).time_s == 100.0
    estimate = reckoned([work()], repeat=8, live=4)
    assert (estimate.side_by_side, estimate.time_s) == (4, 200.0)
    assert reckoned([work()], repeat=3, live=4).side_by_side == 3


def test_runs_that_this_machine_computes_take_turns() -> None:
    estimate = reckoned([work("pocket")], repeat=8, live=8)
    assert estimate.time_s == estimate.models[0].time_s == 8 * 100.0 / 4.0
    assert reckoned([work("pocket")], live=8).time_s == 100.0 / 4.0, "nobody else takes turns"


def test_answers_that_are_scored_take_time() -> None:
    scoring = Workload("pocket", 0, 0, 0, 900, scored=243, scored_bytes=5000)
    estimate = reckoned([scoring, work(tokens=0)], repeat=2)
    assert (estimate.scored, estimate.calls, estimate.time_s) == (486, 20, None)
    assert estimate.unmeasured == ("pocket",)
    fast = replace(KNOWN["pocket"], speed=Speed(None, 2.0, 1, s_per_scored_byte=0.01))
    reckoning = Reckoning(2, 4, lambda model: fast if model == "pocket" else KNOWN[model])
    reckoning.add([scoring])
    assert reckoning.estimate().time_s == 2 * 5000 * 0.01 / 2
    reckoning.add([work("pocket")])
    assert reckoning.estimate().time_s is None, "nobody knows how fast it writes"


def test_no_launch_is_shorter_than_its_longest_run() -> None:
    estimate = reckoned([work(tokens=100)], [work(tokens=5000)], live=16)
    assert estimate.time_s == 500.0


def test_without_a_measured_speed_there_is_no_time() -> None:
    estimate = reckoned([work(), work("lab/new")])
    assert estimate.time_s is None
    assert estimate.unmeasured == ("lab/new",)
    assert [part.time_s for part in estimate.models] == [100.0, None]


def test_the_longest_prompt_must_fit_into_the_least_room() -> None:
    asks = Workload("lab/far", 1, 1, 1, 3000, context_limit=2048)
    (part,) = reckoned([work(context=100)], [asks]).models
    assert (part.context_needed, part.context_limit, part.fits) == (3000, 2048, False)
    (free,) = reckoned([work(context=8192)]).models
    assert (free.context_limit, free.fits) == (8192, True)
    (unknown,) = reckoned([work("lab/new", context=99_999)]).models
    assert (unknown.context_limit, unknown.fits) == (None, True)


def test_cells_that_cannot_be_run_are_counted_by_their_problems() -> None:
    reckoning = Reckoning(2, 4, KNOWN.__getitem__)
    reckoning.add([work()])
    reckoning.add_bad(["too few messages"])
    reckoning.add_bad(["no such role", "too few messages"])
    estimate = reckoning.estimate()
    assert (estimate.cells, estimate.runs, estimate.bad_cells) == (3, 2, frozenset({1, 2}))
    assert [(one.text, one.cells, one.first) for one in estimate.problems] == [
        ("too few messages", 2, 1),
        ("no such role", 1, 2),
    ]


def test_a_person_is_asked_for_if_any_cell_asks_for_one() -> None:
    reckoning = Reckoning(1, 4, KNOWN.__getitem__)
    reckoning.add([work()], asks_person=True)
    reckoning.add([work()])
    assert reckoning.estimate().asks_person
    assert not reckoned([work()]).asks_person


def test_nothing_takes_nothing() -> None:
    estimate = reckoned()
    assert (estimate.runs, estimate.calls, estimate.cost_usd, estimate.time_s) == (0, 0, 0.0, 0.0)


@given(
    st.lists(st.lists(st.sampled_from(["lab/far", "pocket"]), max_size=3), max_size=6),
    st.integers(1, 5), st.integers(1, 20),
)  # fmt: skip
def test_more_places_never_take_longer(cells: list[list[str]], repeat: int, live: int) -> None:
    worked = [[work(model) for model in dict.fromkeys(models)] for models in cells]
    few, many = (reckoned(*worked, repeat=repeat, live=places) for places in (live, live + 1))
    assert few.time_s is not None and many.time_s is not None
    assert many.time_s <= few.time_s
    assert many.calls == few.calls == sum(10 * repeat for cell in worked for _ in cell)
