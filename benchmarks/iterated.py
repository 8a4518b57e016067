"""Exact learners: chains sampled at once against a plain loop, and against the exact shares.

Then a lineage on pocket, whose hypotheses are scored in one batch.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from random import Random

import numpy as np

from benchmarks import pocket_lineage
from benchmarks.tables import Row, show
from simulator.analysis.iterated.bayes.chains import (
    distributions,
    first_learners,
    long_run,
    transition_matrix,
)
from simulator.analysis.iterated.bayes.enumeration import multiset_count
from simulator.analysis.iterated.bayes.learners import Learner
from simulator.analysis.iterated.bayes.priors import biased_prior
from simulator.analysis.iterated.bayes.sampling import sampled_chains
from simulator.analysis.iterated.bayes.tables import Floats, LikelihoodTable, likelihood_matrix
from simulator.analysis.iterated.worlds.base import Data, Example
from simulator.analysis.iterated.worlds.lights import SCREEN, Lights

CHAINS, GENERATIONS, EXAMPLES = 10_000, 50, 4
LOOP_CHAINS = 20
ASKED_S = 10.0
SEED = 7
NOISE = 0.05


def plain_loop(table: LikelihoodTable, prior: Floats, first: Data, chains: int) -> list[list[int]]:
    """Samplers as one would write them without arrays: hypotheses by chain and generation."""
    rng = Random(SEED)
    chances, priors = table.chances.tolist(), prior.tolist()
    hypotheses = range(len(priors))
    inputs, outputs = range(len(table.inputs)), range(len(table.outputs))
    begun = [divmod(int(item), len(outputs)) for item in table.items(first)]
    found = []
    for _ in range(chains):
        data, held = begun, []
        for _ in range(GENERATIONS):
            joint = [priors[h] * math.prod(chances[h][x][o] for x, o in data) for h in hypotheses]
            (one,) = rng.choices(hypotheses, cum_weights=list(itertools.accumulate(joint)))
            held.append(one)
            read = rng.choices(inputs, k=EXAMPLES)
            data = [(x, rng.choices(outputs, chances[one][x])[0]) for x in read]
        found.append(held)
    return found


def timed(
    table: LikelihoodTable, prior: Floats, first: Data, learner: Learner
) -> tuple[float, Floats]:
    """Seconds of all chains, and the shares of hypotheses."""
    began = time.perf_counter()
    found = sampled_chains(
        table, prior, learner, first=first, examples=EXAMPLES, chains=CHAINS,
        generations=GENERATIONS, seed=SEED,
    )  # fmt: skip
    return time.perf_counter() - began, found.shares


def noisy_transitions(noisy: LikelihoodTable, prior: Floats) -> list[Row]:
    """All data of a bottleneck with noise, against data that are drawn."""
    began = time.perf_counter()
    exact = transition_matrix(noisy, prior, Learner(), EXAMPLES)
    taken = time.perf_counter() - began
    began = time.perf_counter()
    drawn = transition_matrix(noisy, prior, Learner(), EXAMPLES, most=1)
    drawing = time.perf_counter() - began
    assert drawn.error is not None
    all_data = multiset_count(len(noisy.by_item), EXAMPLES)
    off = float((np.abs(exact.matrix - drawn.matrix) / drawn.error).max())
    return [
        Row(f"exact transition of {EXAMPLES} examples, noise {NOISE:g}",
            f"{taken:.2f} s, {exact.data:,} cases for {all_data:,} data",
            "exact", exact.is_exact),
        Row(f"the same estimated, {drawn.data:,} data drawn of each hypothesis",
            f"{drawing:.2f} s, standard errors up to {drawn.error.max():.2g}"),
        Row("estimates off the exact ones, at most, in standard errors", f"{off:.1f}", "< 7",
            off < 7),
    ]  # fmt: skip


def measured() -> list[Row]:
    world = Lights()
    certain, noisy = likelihood_matrix(world), likelihood_matrix(world, NOISE)
    bias = certain.predicting(Example(SCREEN, "off"))
    prior = biased_prior(bias, 0.6)
    truth = world.feasible[33]
    first = world.drawn(truth, 8, Random(SEED))
    began = time.perf_counter()
    held = plain_loop(noisy, prior, first, LOOP_CHAINS)
    each = (time.perf_counter() - began) / sum(map(len, held))
    whole = each * CHAINS * GENERATIONS
    size = f"243 hypotheses x {CHAINS:,} chains x {GENERATIONS} generations"
    rows = [Row(f"a plain loop, {LOOP_CHAINS} chains: a learner", f"{each * 1e6:.0f} us"),
            Row("the same for all chains, extrapolated", f"{whole:.0f} s")]  # fmt: skip
    for name, learner in (("samplers", Learner()), ("MAP", Learner("map")),
                          ("soft-MAP", Learner("soft-map", 3.0))):  # fmt: skip
        taken, _ = timed(noisy, prior, first, learner)
        rows.append(
            Row(f"{size}, {name}, noise {NOISE:g}", f"{taken:.2f} s, {whole / taken:.0f} times "
                "as fast as the loop", f"< {ASKED_S:.0f} s", taken < ASKED_S)
        )  # fmt: skip
    began = time.perf_counter()
    transition = transition_matrix(certain, prior, Learner(), EXAMPLES)
    taken = time.perf_counter() - began
    rows.append(
        Row(f"exact transition of {EXAMPLES} examples, no noise",
            f"{taken:.2f} s, {transition.data:,} sets of hypotheses for "
            f"{len(certain.by_item) ** EXAMPLES:,} sequences")
    )  # fmt: skip
    rows += noisy_transitions(noisy, prior)
    start, _ = first_learners(certain, prior, Learner(), first)
    exact = distributions(transition, start, GENERATIONS).shares
    taken, shares = timed(certain, prior, first, Learner())
    error = np.sqrt(np.maximum(exact * (1 - exact), 1 / CHAINS) / CHAINS)
    off = float((np.abs(shares - exact) / error).max())
    rows += [
        Row("sampled shares off the exact ones, at most, in standard errors", f"{off:.1f}",
            "< 6", off < 6),
        Row("samplers in the long run, off the prior at most",
            f"{np.abs(long_run(transition, start) - prior).max():.1g}", "< 1e-12",
            bool(np.abs(long_run(transition, start) - prior).max() < 1e-12)),
    ]  # fmt: skip
    return rows


def main() -> None:
    show(measured())
    print()
    show(asyncio.run(pocket_lineage.measured()))


if __name__ == "__main__":
    main()
