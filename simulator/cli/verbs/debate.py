"""`debate`: hold a debate that flags describe, or search for its temperatures.

The original program's flags and ours, where the names differ: `--n_questions` is `--questions`,
`--n_rounds` `--rounds`, `--data_sample_seed` `--data-seed`, `--n_sols_each_ques` `--samples` with
`--mode majority`, `--top_ps` and `--top_p_emb` `--top-p`, `--top_k_emb` `--top-k`, `--l2_norm`
`--unit-length`, `--point_path` `--points`, `--use_bayesian` `--bayesian`,
`--bayesian_num_init_points` `--init-points`, `--bayesian_criterion` `--objective`,
`--temperature_min` `--t-min`. The debaters' suffixes `_expert` and `_dummy_expert` are the debaters
`expert` and `misleading`. `--partial_cipher_when_not_confident` with the greatest probability and
`--partial_cipher_when_confident` with the entropy are `--partial confident`, the other two
`--partial unsure`; `--partial_thres` of a probability is 1 less `--threshold`. `docs/debate.md` has
them as a table, with those that have no counterpart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.debate_options import (
    SECTIONS,
    debate_options,
    design_changes,
    launch_settings,
)
from simulator.cli.launch_options import LARGEST_SEED, pace_option
from simulator.cli.limit_options import limit_options, limits_of
from simulator.cli.model_options import model_options
from simulator.cli.sections import SectionedVerb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=SectionedVerb, sections=SECTIONS)
@click.argument("design", required=False)
@debate_options
@click.option("--seed", "-s", type=click.IntRange(0, LARGEST_SEED), metavar="N",
              help="Of the first run, the next ones count up; of a search, 0 unless "
              "given.")  # fmt: skip
@click.option("--repeat", "-r", type=click.IntRange(1, 10_000), default=1, metavar="R",
              help="Runs with new seeds, of each point.")  # fmt: skip
@click.option("--name", metavar="NAME", help="Of the experiment, instead of what the flags say.")
@click.option("--dry-run", is_flag=True, help="Only say what it would take.")
@limit_options
@pace_option
@model_options
@click.pass_obj
def debate(
    session: Session,
    /,
    design: str | None,
    seed: int | None,
    repeat: int,
    name: str | None,
    dry_run: bool,
    cost_limit: float | None,
    token_limit: int | None,
    pace: float,
    **options: Any,
) -> int:
    """Hold a debate and say how good it is, or search for its temperatures.

    DESIGN is a YAML file, a seed such as `debate_arithmetic`, or a stored experiment; without one
    the options alone describe the debate. Ctrl-C pauses; the same search, given again, plays only
    what is missing.
    """
    check(options)
    changes, settings = design_changes(options), launch_settings(options)

    async def main(services: Services) -> int:
        from simulator.cli.debating import Debating, Wanted

        wanted = Wanted(
            options, changes, settings, named=design, name=name or "", seed=seed, repeat=repeat,
            pace_s=pace, limits=limits_of(session.settings, cost_limit, token_limit),
        )  # fmt: skip
        debating = Debating(session, services, wanted)
        return await (debating.foresee() if dry_run else debating.hold())

    return session.work(main)


def check(options: dict[str, Any]) -> None:
    """Raises UsageError when options contradict each other."""
    if options["vector"] and options["mode"] not in (None, "cipher"):
        raise UsageError(
            f"--vector is --mode cipher, and not {options['mode']}.", remedy="Leave one out."
        )
    if options["judge"] and options["final"] not in (None, "judge"):
        raise UsageError(
            f"With --final {options['final']} nobody judges.", remedy="Leave --judge out."
        )
    searched = [f"--{name}" for name in ("points", "bayesian") if options[name]]
    if options["mode"] == "all" and (searched or options["point_count"]):
        raise UsageError(
            "Temperatures are searched for one mode at a time.", remedy="Name one with --mode."
        )
    if options["temperatures"] and searched:
        raise UsageError(
            f"--temperatures says what {searched[0]} is to find.", remedy="Leave one out."
        )
    if options["bayesian"] and not options["point_count"]:
        raise UsageError(
            "--bayesian ends after a number of points.", remedy="Say how many with --point-count."
        )
