"""Lineages of learners gathered for analysis, and the exact Bayesian twins of designs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis.debates.proportions import LEVEL
from simulator.analysis.iterated.measured import MeasuredLineage, measure_lineage
from simulator.analysis.iterated.parts import Parts
from simulator.analysis.iterated.worlds.base import Data, WithPrior, World
from simulator.archive import Archive
from simulator.changing import of_kind
from simulator.domain.designs import Design
from simulator.domain.journal import MAIN_SCOPE
from simulator.domain.records import Run
from simulator.domain.seeds import derive_rng
from simulator.errors import DesignInvalidError, NotFoundError, PermissionDeniedError, UsageError
from simulator.kinds.iterated.beginnings import begun
from simulator.kinds.iterated.biases import SHARES, wanted_by
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import world_of
from simulator.kinds.iterated.results import lineage_of
from simulator.kinds.iterated.rules import problems
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from simulator.analysis.iterated.bayes.curves import Curve
    from simulator.analysis.iterated.bayes.sampling import SampledChains
    from simulator.analysis.iterated.bayes.tables import Flags, Floats, LikelihoodTable
    from simulator.analysis.iterated.bayes.theory import Claim

KIND = "iterated"
GENERATIONS = 20
"""Of a twin without a design."""
_LARGEST_FILE = 50_000_000


async def lineages_of_runs(archive: Archive, runs: Iterable[Run]) -> tuple[MeasuredLineage, ...]:
    """The learners of runs with all measures, as far as they were played.

    Runs in which no learner has concluded anything yet are left out.

    Args:
        archive: Has the runs.
        runs: Of iterated learning.

    Raises:
        UsageError: A run is of another kind.
        DesignChangedError: The stored design is not the one that a run began with.
    """
    found = []
    for run in runs:
        if run.kind != KIND:
            raise UsageError(
                f"Run {run.id} is no iterated learning but of the kind {run.kind}.",
                remedy="Name runs of iterated learning; `ls --runs` lists runs.",
            )
        design: IteratedDesign = await archive.resolved(run)
        lineage = lineage_of(run, design, await archive.store.steps(run.id))
        if lineage.generations:
            found.append(measure_lineage(lineage, world_of(design)))
    return tuple(found)


# ---------------------------------------------------------------- exact twins


@dataclass(frozen=True, slots=True)
class TwinOptions:
    """What is asked of exact learners; None takes what the design says."""

    learner: Any = "sampler"
    """`sampler`, `map` or `soft-map`."""
    gamma: float = 3.0
    """Exponent of `soft-map`."""
    generations: int | None = None
    examples: int | None = None
    """That each learner passes on."""
    noise: float | None = None
    """Of what learners say, and of what they think of it."""
    prior: str = ""
    """`uniform`, `biased`, `world`, or a file; empty is `biased` where the design has a bias."""
    share: float | None = None
    """Prior of what the bias wants, of `biased`, or of what the world prefers, of `world`; None
    takes `SHARES` of the bias's strength, or the world's own."""
    effective: bool | None = None
    """Whether learners hold only hypotheses that explain the first data; None does so where the
    design's interaction is a hypothesis search."""
    chains: int = 0
    """Sampled beside; 0 for none."""
    seed: int = 1
    """Of truth, first data, and sampled chains."""


@dataclass(frozen=True, slots=True)
class Twin:
    """Exact learners in the place of a design's models."""

    name: str
    """Of the design."""
    world: World
    truth: str
    alternative: str | None
    """What the bias leads to from the truth; None where that is the truth, or nothing does."""
    wanted: Parts
    """What the bias wants of a hypothesis, by part; empty where nothing leads anywhere."""
    first: Data
    learner: str
    """In words."""
    prior: str
    """In words."""
    noise: float
    examples: int
    effective: int | None
    """Hypotheses in the effective set; None where all are held."""
    curve: Curve
    sampled: SampledChains | None
    bias: Flags | None
    """Shape (H,): hypotheses with what the bias wants; None where it wants nothing."""


def as_iterated(design: Design) -> IteratedDesign:
    """The design, which must be one of iterated learning.

    Raises:
        UsageError: It is of another kind.
    """
    return of_kind(design, IteratedDesign, "design of iterated learning")


def usual_design() -> IteratedDesign:
    """The world of lights with a bias for the screen off, where none is named.

    First data are so many that they rule the bias out with most seeds, and fewer examples are
    passed on, so that it is seen to grow.
    """
    return IteratedDesign.model_validate(
        {
            "name": "lights", "generations": GENERATIONS, "bias": {"strength": "strong"},
            "world": {"name": "lights", "truth": 33, "examples": 16}, "passed_on": 4,
        }
    )  # fmt: skip


def twin_of(
    design: IteratedDesign, options: TwinOptions, hear: Callable[[float], None] = lambda share: None
) -> Twin:
    """Let exact learners do what a design asks of models.

    Truth and first data are those of a run of the design with the same seed.

    Args:
        design: With rules.
        options: What goes before it.
        hear: Is told the share that is done.

    Raises:
        DesignInvalidError: The design cannot be run.
        UsageError: It has no rules, its world cannot be listed, or an option is no good.
    """
    from simulator.analysis.iterated.bayes.curves import curve_of
    from simulator.analysis.iterated.bayes.fitting import bias_of
    from simulator.analysis.iterated.bayes.learners import Learner
    from simulator.analysis.iterated.bayes.sampling import sampled_chains
    from simulator.analysis.iterated.bayes.tables import likelihood_matrix
    from simulator.analysis.iterated.records import Lineage

    _check(design)
    world = world_of(design)
    if world is None:
        raise UsageError(
            f"{one_line(design.name)!r} has no rules: the game {design.world.name} cannot be "
            "learnt exactly.",
            remedy="Name a design of another world, such as `lights`.",
        )
    start = begun(design, world, options.seed, partial(derive_rng, options.seed, MAIN_SCOPE))
    if not start.data:
        raise UsageError(start.reason, remedy="Change `world` in the design.")
    noise = design.world.noise if options.noise is None else options.noise
    table = likelihood_matrix(world, noise)
    hear(0.1)
    has_direction = design.has_direction or options.prior == "biased"
    wanted = wanted_by(design.bias.direction, world) if has_direction else {}
    alternative = start.alternative if has_direction else None
    own = Lineage(
        "", world.name, start.truth, alternative, start.data, (), options.seed, wanted=wanted
    )
    bias = bias_of(world, own)
    prior, words = _prior(design, options, world, table, bias)
    if options.effective is None:
        within = design.interaction.kind == "hypothesis_search"
    else:
        within = options.effective
    effective = table.consistent(start.data) if within else None
    learner = Learner(options.learner, options.gamma if options.learner == "soft-map" else 1.0)
    examples = options.examples or design.made
    generations = options.generations or design.generations
    curve = curve_of(
        table, prior, learner, first=start.data, examples=examples, generations=generations,
        label=_learner_words(options), effective=effective, bias=bias, truth=start.truth,
    )  # fmt: skip
    hear(0.8)
    sampled = None
    if options.chains:
        sampled = sampled_chains(
            table, curve.prior, learner, first=start.data, examples=examples,
            chains=options.chains, generations=generations, seed=options.seed,
        )  # fmt: skip
    hear(1.0)
    return Twin(
        design.name, world, start.truth, alternative, wanted, start.data, _learner_words(options),
        words, noise, examples, None if effective is None else int(effective.sum()), curve,
        sampled, bias,
    )  # fmt: skip


def claims_of_theory(
    generations: int | None = None,
    hear: Callable[[float], None] = lambda share: None,
    **settings: Any,
) -> tuple[Claim, ...]:
    """The three claims of theory, shown by exact learners in the world of lights.

    Args:
        generations: Of each chain; None for as many as usual.
        hear: Is told the share that is done.
        settings: Others of `TheorySettings`.
    """
    from simulator.analysis.iterated.bayes.theory import TheorySettings, claims

    return claims(TheorySettings(generations=generations or GENERATIONS, **settings), hear)


def claims_of_runs(lineages: Sequence[MeasuredLineage], level: float = LEVEL) -> tuple[Claim, ...]:
    """The three claims of theory, held against runs of models.

    Args:
        lineages: With all measures, of any conditions.
        level: Of the intervals, between 0 and 1.
    """
    from simulator.analysis.iterated.conditions import conditions_of
    from simulator.analysis.iterated.observed import observed_claims

    return observed_claims(conditions_of(lineages), level)


def _check(design: IteratedDesign) -> None:
    found = problems(design)
    if found:
        raise DesignInvalidError(
            f"{one_line(design.name)!r} cannot be run: {found[0]}.",
            remedy="`validate` tells every fault with its line.",
        )


def _prior(
    design: IteratedDesign,
    options: TwinOptions,
    world: World,
    table: LikelihoodTable,
    bias: Flags | None,
) -> tuple[Floats, str]:
    from simulator.analysis.iterated.bayes.priors import biased_prior, own_prior, uniform_prior

    count = len(table.hypotheses)
    wanted = options.prior or ("biased" if design.bias.strength != "none" else "uniform")
    if wanted == "world":
        return _own_prior(world, options.share, table.hypotheses)
    if wanted == "uniform" and options.share is None:
        return uniform_prior(count), "uniform"
    if wanted == "biased":
        if bias is None:
            raise UsageError(
                "The bias has no direction: nothing is known that a biased prior could lean to.",
                remedy="Set `bias.direction` in the design, or take --prior uniform.",
            )
        strength = design.bias.strength
        usual = SHARES["medium" if strength == "none" else strength]
        share = usual if options.share is None else options.share
        return biased_prior(bias, share), f"biased: {share:g} on {int(bias.sum())} of {count}"
    if options.share is not None:
        raise UsageError(
            f"A share says nothing of the prior {wanted}.",
            remedy="Leave it out, or take --prior biased.",
        )
    return own_prior(
        _weights(Path(wanted).expanduser()), table.hypotheses
    ), f"of {Path(wanted).name}"


def _own_prior(
    world: World, share: float | None, hypotheses: tuple[str, ...]
) -> tuple[Floats, str]:
    """The prior that a world has itself."""
    from simulator.analysis.iterated.bayes.priors import own_prior

    if not isinstance(world, WithPrior):
        raise UsageError(
            f"The world {world.name} has no prior of its own.",
            remedy="Take --prior uniform or biased, or a file; `numbers` and `language` have one.",
        )
    found = world.prior_share if share is None else share
    told = f"of the world: {found:.3g} on {world.preferred}"
    return own_prior(world.prior(found), hypotheses), told


def _weights(path: Path) -> Any:
    """A list of weights in the order of hypotheses, or weights by hypothesis."""
    shape = "Write a JSON list of weights in the order of hypotheses, or an object of them."
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise UsageError(f"{path} is larger than a prior can be.", remedy=shape)
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no prior {str(path)!r}.",
            remedy="It is uniform, biased, world, or a JSON file.",
        ) from None
    except PermissionError:
        raise PermissionDeniedError(
            f"{path} may not be read.", remedy="Ask its owner for leave to read it."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON: {one_line(str(error))}.", remedy=shape) from None
    values = list(found.values()) if isinstance(found, dict) else found
    if not isinstance(values, list) or not all(
        isinstance(one, (int, float)) and not isinstance(one, bool) for one in values
    ):
        raise UsageError(f"{path} holds no weights.", remedy=shape)
    return found


def _learner_words(options: TwinOptions) -> str:
    words = {
        "sampler": "sampler",
        "map": "MAP",
        "soft-map": f"soft-MAP, exponent {options.gamma:g}",
    }
    return words[options.learner]
