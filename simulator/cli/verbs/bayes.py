"""`bayes`: exact Bayesian learners in the place of models, and what theory says of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services

MOST_GENERATIONS = 10_000
MOST_CHAINS = 100_000
LARGEST_SEED = 2**63 - 1
_OF_TWINS = (
    "learner", "gamma", "examples", "noise", "prior", "share", "effective", "chains", "seed",
)  # fmt: skip


@click.command(cls=Verb)
@click.argument("design", required=False)
@click.option("--learner", type=click.Choice(("sampler", "map", "soft-map")), default="sampler",
              show_default=True, help="How a rule is chosen from the posterior.")  # fmt: skip
@click.option("--gamma", type=click.FloatRange(0, 1000, min_open=True), default=3.0,
              show_default=True, metavar="G", help="Exponent of soft-map.")  # fmt: skip
@click.option("--generations", type=click.IntRange(1, MOST_GENERATIONS), metavar="N",
              help="Learners, one after another.  [default: the design's, or 20]")  # fmt: skip
@click.option("--examples", type=click.IntRange(1, 1000), metavar="M",
              help="That each learner passes on.  [default: the design's, or 4]")  # fmt: skip
@click.option("--noise", type=click.FloatRange(0, 1), metavar="SHARE",
              help="Of outputs that are any other one.  [default: the design's, or 0]")  # fmt: skip
@click.option("--prior", default="", metavar="uniform|biased|world|FILE",
              help="What learners believe before any data; `world` is the one that numbers and "
              "language have themselves; a JSON file has weights, in the order of hypotheses or "
              "by hypothesis.  [default: biased where the design has a bias]",
              )  # fmt: skip
@click.option("--bias-share", "share", type=click.FloatRange(0, 1), metavar="SHARE",
              help="What a biased prior gives to hypotheses with what the bias wants.  [default: "
              "0.45 weak, 0.6 medium, 0.8 strong], or that of a world to those it prefers.",
              )  # fmt: skip
@click.option("--effective-set/--all-hypotheses", "effective", default=None,
              help="Hold only hypotheses that explain the first data, or all.  [default: the "
              "former after a hypothesis search]")  # fmt: skip
@click.option("--chains", type=click.IntRange(0, MOST_CHAINS), default=0, metavar="N",
              help="Sample so many chains, too.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=1, show_default=True,
              metavar="N", help="Of truth, first data and sampled chains.")  # fmt: skip
@click.option("--theory", is_flag=True,
              help="Show the three claims of theory instead, in the world of lights.")  # fmt: skip
@click.option("--from", "runs", multiple=True, metavar="EXPERIMENT",
              help="With --theory: hold the claims against the runs of a model instead, and draw "
              "the same figures; an experiment or a run, repeatable.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Write tables (CSV), all of it (JSON) and figures there.")  # fmt: skip
@click.option("--figure", "figures", type=click.Choice(("pdf", "svg", "png")), multiple=True,
              help="Format of the figures, repeatable.  [default: none; --theory: pdf]",
              )  # fmt: skip
@click.option("--force", is_flag=True, help="Write over files that exist.")
@click.pass_context
def bayes(
    context: click.Context,
    /,
    design: str | None,
    theory: bool,
    generations: int | None,
    runs: tuple[str, ...],
    out: Path | None,
    figures: tuple[Any, ...],
    force: bool,
    **chosen: Any,
) -> int:
    """Let exact Bayesian learners do what a design of iterated learning asks of models.

    DESIGN is a YAML file, a seed such as `iterated_lights`, or a stored experiment; without one
    they learn the world of lights from data that rule a bias for the screen off out, and the bias
    grows back. No model is asked: how often each rule is held in each generation follows from prior
    and likelihood alone.
    """
    session: Session = context.obj

    if figures and out is None:
        raise UsageError("Figures need a place.", remedy="Name a folder with --out.")
    if theory:
        _refuse(context, design)
    elif _is_given(context, "gamma") and chosen["learner"] != "soft-map":
        raise UsageError(
            f"--gamma says nothing of {chosen['learner']} learners.",
            remedy="Leave it out, or take --learner soft-map.",
        )
    if runs and not theory:
        raise UsageError("--from is for claims of theory.", remedy="Say --theory, too.")
    if runs and generations is not None:
        raise UsageError(
            "--generations says nothing of runs that were played.", remedy="Leave it out."
        )

    async def main(services: Services) -> int:
        from simulator.cli.bayes import show_theory, show_theory_of_runs, show_twin
        from simulator.cli.finding import design_named
        from simulator.iterations import TwinOptions, as_iterated, usual_design

        if runs:
            return await show_theory_of_runs(session, services, runs, out, figures, force=force)
        if theory:
            return await show_theory(session, generations, out, figures, force=force)
        if design is None:
            found = usual_design()
        else:
            found = as_iterated((await design_named(services, design))[0])
        options = TwinOptions(generations=generations, **chosen)
        return await show_twin(session, found, options, out, figures, force=force)

    return session.work(main)


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _refuse(context: click.Context, design: str | None) -> None:
    names = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name in _OF_TWINS and _is_given(context, parameter.name)
    ]
    if design is not None:
        names.insert(0, f"The design {design}")
    if names:
        raise UsageError(
            f"{names[0]} says nothing of --theory, which has a world of its own.",
            remedy="Leave one of them out.",
        )
