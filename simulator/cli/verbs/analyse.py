"""`analyse`: what debates, chains of texts or learners came to, in tables, figures and files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from simulator.analysis.debates.answers import FinalRule
from simulator.analysis.debates.grading import Grader
from simulator.cli.chain_options import NAMES as CHAIN_OPTIONS
from simulator.cli.chain_options import ChainOptions, chain_options, refuse
from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services

_MODES = ("natural_language", "cipher", "majority", "single")
ALL_PAIRS = 6
"""Records up to which each two are compared; of more, each with the first."""
_DEBATE_OPTIONS = (
    "grader", "count", "mid_p", "baseline", "mode", "temperatures", "final", "as_original",
)  # fmt: skip
_OF_OTHERS = (
    "classic", *(name for name in CHAIN_OPTIONS if name not in ("sections", "show_all")),
)  # fmt: skip
"""Options that say nothing of learners."""
_OF_LEARNERS = ("learner", "gamma")
"""Options that say nothing of others."""


@click.command(cls=Verb)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--grader", type=click.Choice(get_args(Grader)),
              help="What answers are, instead of what the design or the file says.")  # fmt: skip
@click.option("--classic/--corrected", default=None,
              help="Debates: find answers as the original does, its faults included, or better; "
              "else as the design says, and better in files. Chains: attractors and cycles as the "
              "originals compute them.")  # fmt: skip
@click.option("--first", "count", type=click.IntRange(1), metavar="N",
              help="Only the first N questions of each.")  # fmt: skip
@click.option("--level", "percent", type=click.FloatRange(50, 99.99), default=95, metavar="PERCENT",
              show_default=True, help="Of the intervals.")  # fmt: skip
@click.option("--mid-p", is_flag=True, help="The mid-p variant of McNemar's test.")
@click.option("--baseline", is_flag=True, help="Compare only with the first TARGET.")
@click.option("--mode", type=click.Choice(_MODES), help="Of files whose name does not tell it.")
@click.option("--temperatures", metavar="T,T…",
              help="Of the debaters of such files, or by debater and round.")  # fmt: skip
@click.option("--final", type=click.Choice(get_args(FinalRule)),
              help="Whose answer counts in files.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Write tables (CSV), all of it (JSON) and figures there.")  # fmt: skip
@click.option("--figure", "figures", type=click.Choice(("pdf", "svg", "png")), multiple=True,
              help="Format of the figures, repeatable.  [default: of debates pdf, else none]",
              )  # fmt: skip
@click.option("--as-original", is_flag=True,
              help="With --out, also write runs as the original program does.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over files that exist.")
@click.option("--learner", type=click.Choice(("sampler", "map", "soft-map")), default="sampler",
              show_default=True, help="Of learners: the exact ones beside them.")  # fmt: skip
@click.option("--gamma", type=click.FloatRange(0, 1000, min_open=True), default=3.0,
              show_default=True, metavar="G", help="Exponent of soft-map.")  # fmt: skip
@chain_options
@click.pass_context
def analyse(
    context: click.Context,
    /,
    targets: tuple[str, ...],
    grader: Any,
    classic: bool | None,
    count: int | None,
    mode: str | None,
    temperatures: str | None,
    final: Any,
    percent: float,
    mid_p: bool,
    baseline: bool,
    out: Path | None,
    figures: tuple[Any, ...],
    as_original: bool,
    force: bool,
    learner: Any,
    gamma: float,
    **chosen: Any,
) -> int:
    """Say how good debates are, what becomes of texts that models pass on, or of rules they learn.

    A TARGET is a run or `last`, an experiment for all of its runs, a file that the original
    programs wrote, a file of chains in JSON lines, or a folder of such files. The first one tells
    whether these are debates, chains or learners. Two or more debates are compared on the questions
    that they share, the first one being the baseline. Learners of iterated learning are shown by
    condition, generation after generation.
    """
    from simulator.cli.debates import Gathering, Written, show
    from simulator.debates import Asking

    session: Session = context.obj

    if out is None and (figures or as_original):
        raise UsageError("Figures and files need a place.", remedy="Name a folder with --out.")
    options = ChainOptions(**chosen)
    asking = Asking(grader, classic, mode, _numbers(temperatures), final)
    level = percent / 100

    async def main(services: Services) -> int:
        from simulator.cli.chains import are_chains, show_chains
        from simulator.cli.iterated import are_lineages, show_lineages

        if await are_lineages(session, services, targets[0]):
            refuse(context, _DEBATE_OPTIONS + _OF_OTHERS, "learners", "debates and chains of texts")
            return await show_lineages(
                session, services, targets, sections=options.sections, show_all=options.show_all,
                level=level, out=out, figures=figures, force=force, learner=learner, gamma=gamma,
            )  # fmt: skip
        refuse(context, _OF_LEARNERS, "no learners", "iterated learning")
        if await are_chains(session, services, targets[0]):
            refuse(context, _DEBATE_OPTIONS, "chains of texts", "debates")
            return await show_chains(
                session, services, targets, options, classic=bool(classic), level=level,
                out=out, figures=figures, force=force,
            )  # fmt: skip
        refuse(context, CHAIN_OPTIONS, "debates", "chains of texts")
        from simulator.analysis.debates.comparison import compare_all, pairs_of
        from simulator.analysis.debates.summary import summarize
        from simulator.presentation.debates import comparison_tables, record_tables

        gathered = Gathering(session, services, asking)
        for target in targets:
            await gathered.add(target)
        records = gathered.answered(count)
        only_first = baseline or len(records) > ALL_PAIRS
        if only_first and not baseline:
            gathered.remarks.append(
                f"Of {len(records)} records, each is compared with the first one only."
            )
        places = pairs_of(len(records), baseline_only=only_first)
        summaries = [summarize(record) for record in records]
        comparisons = compare_all(records, level=level, mid_p=mid_p, baseline_only=only_first)
        written = Written(session.output, records, summaries, comparisons, level)
        files: list[Path] = []
        if out is not None:
            originals = await gathered.as_original() if as_original else {}
            files = written.write(out, figures, originals, force=force)
        session.output.result(
            written.document()
            | {"remarks": gathered.remarks, "files": [str(path) for path in files]}
        )
        for remark in gathered.remarks:
            session.output.aside(remark)
        show(session.output, record_tables(summaries, level=level))
        show(session.output, comparison_tables(comparisons, places, level=level, mid_p=mid_p))
        for path in files:
            session.output.line(f"Wrote {path}.")
        return 0

    return session.work(main)


def _numbers(text: str | None) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise UsageError(
            f"{text!r} are no temperatures.", remedy="Write numbers such as 0.2,0.8."
        ) from None
    return found
