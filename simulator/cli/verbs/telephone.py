"""`telephone`: pass texts from model to model, generation after generation.

The original's flags are taken as they are, with hyphens or underscores; several words may follow
`--model`, `--task`, `--temperature`, `--texts`, `--initial-story` and `--personality-list`.
`docs/telephone.md` has them beside ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.launch_options import LARGEST_SEED, pace_option
from simulator.cli.limit_options import limit_options, limits_of
from simulator.cli.model_options import model_options
from simulator.cli.sections import SectionedVerb
from simulator.cli.session import Session
from simulator.cli.spreading import SpreadVerb
from simulator.cli.telephone_options import (
    SECTIONS,
    SPREADS,
    original_options,
    telephone_options,
)
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services


class TelephoneVerb(SpreadVerb, SectionedVerb):
    """Many options, under titles, that several words may follow."""


@click.command(cls=TelephoneVerb, spreads=SPREADS, sections=SECTIONS)
@click.argument("design", required=False)
@telephone_options
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), metavar="N",
              help="Of the first run, the next ones count up.")  # fmt: skip
@click.option("--repeat", "-r", type=click.IntRange(1, 10_000), default=1, metavar="R",
              help="Runs with new seeds, of each condition.")  # fmt: skip
@click.option("--name", metavar="NAME", help="Of the experiment, instead of what the flags say.")
@click.option("--dry-run", is_flag=True, help="Only say what it would take.")
@click.option("--yes", "-y", is_flag=True, help="Begin without asking, however much it is.")
@limit_options
@pace_option
@model_options
@original_options
@click.pass_obj
def telephone(
    session: Session,
    /,
    design: str | None,
    seed: int | None,
    repeat: int,
    name: str | None,
    dry_run: bool,
    yes: bool,
    cost_limit: float | None,
    token_limit: int | None,
    pace: float,
    **options: Any,
) -> int:
    """Pass texts from model to model, and see what becomes of them.

    DESIGN is a YAML file, a seed such as `telephone`, or a stored experiment, and goes before the
    options; without one the options alone describe the game, and usual are 20 texts, 5 chains of
    each and 50 generations. Several tasks, models and temperatures are crossed. Ctrl-C pauses;
    `resume` goes on.
    """
    replaced = notes_of(options)

    async def main(services: Services) -> int:
        from simulator.cli.telephones import Game
        from simulator.cli.wanted import Wanted

        for note in replaced:
            session.output.aside(note)
        wanted = Wanted(
            options, design, name or "", seed, repeat, dry_run, pace,
            limits_of(session.settings, cost_limit, token_limit), is_agreed=yes,
        )  # fmt: skip
        return await Game(session, services, wanted).play()

    return session.work(main)


def notes_of(options: dict[str, Any]) -> list[str]:
    """Sentences on options of the original that have another place here.

    Raises:
        UsageError: One says where models are, and they would be sought elsewhere.
    """
    if options["access_url"] is not None:
        raise UsageError(
            "--access-url is not taken: each model says which server it is on.",
            remedy="Set VLLM_BASE_URL to the address and name the model vllm/NAME, or give the "
            "server a name in endpoints.toml (docs/models.md).",
        )
    notes = []
    if options["output_dir"] is not None or options["output_file"] is not None:
        notes.append(
            "--output-dir, --output-file: everything is stored; `export last --format original "
            "--output DIR` writes the original's files."
        )
    if options["vllm"] is not None:
        notes.append("--vllm: a model vllm/NAME is on a server of vLLM; other models are not.")
    if options["debug"] is not None:
        notes.append("--debug: --log-level debug says how much the log tells.")
    return notes
