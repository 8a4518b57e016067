"""`report`: texts, differences and curves as one HTML file for colleagues."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services

LARGE = 60_000_000
"""Bytes from which on browsers take seconds to open a report."""


@click.command(cls=Verb)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--out", "-o", "target", type=click.Path(path_type=Path), metavar="FILE.html",
              help="[default: report-NAME.html here]")  # fmt: skip
@click.option("--measure", "measures", multiple=True, metavar="NAME",
              help="Draw this one; repeatable.  [default: all that can be had here]")  # fmt: skip
@click.option("--measures", "measures_file", type=click.Path(path_type=Path), metavar="FILE.py",
              help="Your own measures of texts.")  # fmt: skip
@click.option("--figure", "figures", multiple=True, metavar="NAME",
              help="A figure of chains, repeatable; `all`, or `none`.  [default: evolution, "
              "attractors]")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--open/--no-open", "opens", default=False, help="Show it in your browser.")
@click.pass_obj
def report(
    session: Session,
    targets: tuple[str, ...],
    target: Path | None,
    measures: tuple[str, ...],
    measures_file: Path | None,
    figures: tuple[str, ...],
    force: bool,
    opens: bool,
) -> int:
    """Write one HTML file in which anyone can read runs, without a network or an installation.

    A TARGET is an experiment for all of its runs, a run or `last`, a file of chains in JSON lines,
    or a folder of such files. Chains of texts are read generation by generation, with differences
    and measures; talks and debates as transcripts. Figures are those of `analyse`.
    """
    from simulator.adapters import open_measure_cache
    from simulator.analysis.texts.registry import measures_in
    from simulator.chains import path_named
    from simulator.cli.finding import find_either
    from simulator.cli.progress import progress
    from simulator.files.reports.figures import figures_for_report, figures_named
    from simulator.files.reports.page import report_page
    from simulator.files.saving import write_file
    from simulator.moderation import asked_measures
    from simulator.reporting import Gathering, default_file, measured_for_report

    output = session.output
    drawn = figures_named(figures)

    async def main(services: Services) -> int:
        gathering = Gathering(services)
        for name in targets:
            path = await asyncio.to_thread(path_named, name)
            if path is not None:
                await asyncio.to_thread(gathering.add_path, path)
            else:
                await gathering.add_record(await find_either(session, services, name))
        gathering.check_content()
        file = target or Path(default_file(gathering))
        if await asyncio.to_thread(file.expanduser().exists) and not force:
            # Said before minutes of measuring, not after them.
            raise UsageError(f"{file} exists already.", remedy="Add --force to write over it.")
        own = asked_measures(measures, session.settings, output.warn)
        own |= measures_in(measures_file) if measures_file is not None else {}
        with open_measure_cache(output.warn) as cache, progress(output, "Measuring texts") as hear:
            measured, notes, missing = await asyncio.to_thread(
                measured_for_report, gathering.chains, measures, own, cache, hear
            )
        with progress(output, "Drawing figures") as hear:
            drawings, undrawn = await asyncio.to_thread(figures_for_report, measured, drawn, hear)
        gathering.remarks += [*missing, *undrawn]
        made = gathering.report(measured, notes, datetime.now(UTC), drawings)
        page = (await asyncio.to_thread(report_page, made)).encode("utf-8")
        write_file(file, page, force=force)
        output.result(
            {
                "file": str(file), "bytes": len(page), "chains": len(made.chains.chains),
                "texts": sum(len(chain.texts) for chain in made.chains.chains),
                "transcripts": len(made.transcripts), "measures": list(measured.values),
                "figures": [one.name for one in drawings],
                "left_out": gathering.left_out, "remarks": gathering.remarks,
            }
        )  # fmt: skip
        for remark in gathering.remarks:
            output.aside(remark)
        output.line(f"Wrote {file}: {len(page) / 1e6:,.1f} MB. Open it in any browser.")
        if len(page) > LARGE:
            output.aside("Browsers take a while to open a file of this size.")
        if opens:
            click.launch(str(file.resolve()))
        return 0

    return session.work(main)
