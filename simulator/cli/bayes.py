"""Shows and writes what exact Bayesian learners come to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.debates import show
from simulator.cli.progress import progress
from simulator.errors import NotFoundError
from simulator.files.chain_tables import plain, rows_csv
from simulator.files.iterated_tables import curve_rows
from simulator.iterations import TwinOptions, claims_of_runs, claims_of_theory, twin_of
from simulator.presentation.iterated import claim_tables, twin_tables
from simulator.presentation.safe_text import to_json

if TYPE_CHECKING:
    from simulator.analysis.iterated.bayes.theory import Claim
    from simulator.cli.session import Session
    from simulator.services import Services

_Files = dict[str, "str | bytes"]
_USUAL: Sequence[Any] = ("pdf",)
"""Formats of the figures of claims, unless others are named."""


async def show_twin(
    session: Session,
    design: Any,
    options: TwinOptions,
    out: Path | None,
    figures: Sequence[Any],
    *,
    force: bool,
) -> int:
    """Follow the exact learners of a design; show and write what they come to.

    Args:
        session: Of the verb.
        design: Of iterated learning.
        options: That go before it.
        out: Folder for files; None writes none.
        figures: Formats; where none is named, none is drawn.
        force: Whether to write over files.
    """
    output = session.output
    tables = ["generations.csv", "hypotheses.csv", "bayes.json"]
    tables += ["sampled.csv"] if options.chains else []
    _check(out, [*tables, *(f"generations.{kind}" for kind in figures)], force=force)
    with progress(output, "Exact learners") as hear:
        twin = await asyncio.to_thread(twin_of, design, options, hear)
    shares = _shares(twin.world.hypotheses, twin.curve.shares)
    document: dict[str, Any] = {
        "design": twin.name, "world": twin.world.name, "truth": twin.truth,
        "alternative": twin.alternative, "first": [list(one) for one in twin.first],
        "learner": twin.learner, "prior": twin.prior, "noise": twin.noise,
        "examples": twin.examples, "effective": twin.effective, "seed": options.seed,
        "transitions": twin.curve.way, "generations": curve_rows(twin.curve),
        "notes": list(twin.curve.notes),
    }  # fmt: skip
    if twin.sampled is not None:
        document["sampled"] = _sampled(twin)
    files: _Files = {}
    if out is not None:
        files = {
            "generations.csv": rows_csv(document["generations"]),
            "hypotheses.csv": rows_csv(shares),
            "bayes.json": to_json(document | {"prior_of": plain(twin.curve.prior)}, indent=2)
            + "\n",
        }
        if twin.sampled is not None:
            files["sampled.csv"] = rows_csv(document["sampled"])
        if figures:
            files |= _drawn_twin(twin, figures)
    paths = _write(out, files, force=force)
    output.result(document | {"files": [str(path) for path in paths]})
    show(output, twin_tables(twin))
    for path in paths:
        output.line(f"Wrote {path}.")
    return 0


async def show_theory(
    session: Session,
    generations: int | None,
    out: Path | None,
    figures: Sequence[Any],
    *,
    force: bool,
) -> int:
    """Show the three claims of theory by exact learners, and write them as figures."""
    _check(out, _names_of_claims(figures), force=force)
    session.output.aside("Following exact learners takes some seconds.")
    with progress(session.output, "Claims of theory") as hear:
        claims = await asyncio.to_thread(claims_of_theory, generations, hear)
    return _show_claims(session, claims, [], out, figures, force=force)


async def show_theory_of_runs(
    session: Session,
    services: Services,
    targets: Sequence[str],
    out: Path | None,
    figures: Sequence[Any],
    *,
    force: bool,
) -> int:
    """Hold the three claims of theory against runs, and write them as the same figures."""
    from simulator.cli.iterated import gathered

    _check(out, _names_of_claims(figures), force=force)
    lineages, remarks = await gathered(session, services, targets)
    claims = await asyncio.to_thread(claims_of_runs, lineages)
    # Only of this claim is the prior that first answers show.
    doubts = dict.fromkeys(note for one in claims[0].curves for note in one.notes)
    remarks += [f"The prior is not sure. {doubt}" for doubt in doubts]
    return _show_claims(session, claims, remarks, out, figures, force=force)


def _show_claims(
    session: Session,
    claims: Sequence[Claim],
    remarks: list[str],
    out: Path | None,
    figures: Sequence[Any],
    *,
    force: bool,
) -> int:
    output = session.output
    document: dict[str, Any] = {
        "claims": [
            {
                "name": one.name, "statement": one.statement, "found": one.found,
                "holds": one.holds, "references": plain(one.references),
                "curves": [
                    {"label": curve.label, "condition": dict(curve.condition)}
                    | {"generations": curve_rows(curve), "notes": list(curve.notes)}
                    for curve in one.curves
                ],
            }
            for one in claims
        ]
    }  # fmt: skip
    files: _Files = {}
    if out is not None:
        shown = [one for one in claims if one.curves]
        for claim in shown:
            rows = [
                {"curve": curve.label} | row for curve in claim.curves for row in curve_rows(curve)
            ]
            files[f"{_file_name(claim)}.csv"] = rows_csv(rows)
        files["theory.json"] = to_json(document, indent=2) + "\n"
        files |= _drawn_claims(session, shown, figures)
        remarks += [f"No figure {_file_name(one)}: {one.found}" for one in claims if not one.curves]
    paths = _write(out, files, force=force)
    output.result(document | {"remarks": remarks, "files": [str(path) for path in paths]})
    for remark in remarks:
        output.aside(remark)
    show(output, claim_tables(claims))
    for path in paths:
        output.line(f"Wrote {path}.")
    return 0


def _shares(hypotheses: Sequence[str], shares: Any) -> list[dict[str, Any]]:
    return [
        {"hypothesis": hypothesis}
        | {f"generation_{number}": float(p) for number, p in enumerate(column, 1)}
        for hypothesis, column in zip(hypotheses, shares.T, strict=True)
    ]


def _sampled(twin: Any) -> list[dict[str, Any]]:
    shares, stopped = twin.sampled.shares, twin.sampled.stopped
    truth = twin.world.hypotheses.index(twin.truth)
    return [
        {
            "generation": place + 1, "chains": len(twin.sampled.hypotheses),
            "bias_probability": None if twin.bias is None else float(row @ twin.bias),
            "truth_probability": float(row[truth]), "stopped": float(stopped[place]),
        }
        for place, row in enumerate(shares)
    ]  # fmt: skip


def _drawn_twin(twin: Any, formats: Sequence[Any]) -> _Files:
    from simulator.analysis.drawing import figure_file
    from simulator.analysis.iterated.figures.exact import curves_figure

    figure: Any = curves_figure([twin.curve], f"{twin.learner}; prior {twin.prior}")
    return {f"generations.{kind}": figure_file(figure, kind) for kind in formats}


def _drawn_claims(session: Session, claims: Sequence[Any], formats: Sequence[Any]) -> _Files:
    from simulator.analysis.drawing import figure_file
    from simulator.analysis.iterated.figures.theory import claim_figure

    files: _Files = {}
    try:
        for claim in claims:
            figure = claim_figure(claim)
            for kind in formats or _USUAL:
                files[f"{_file_name(claim)}.{kind}"] = figure_file(figure, kind)
    except NotFoundError as error:
        if formats:
            raise
        session.output.warn(f"{error.message} {error.remedy}")
    return files


def _file_name(claim: Any) -> str:
    return str(claim.name).replace(" ", "_")


def _names_of_claims(formats: Sequence[Any]) -> list[str]:
    from simulator.analysis.iterated.bayes.theory import STATEMENTS

    endings = ("csv", *(formats or _USUAL))
    files = [f"{name.replace(' ', '_')}.{ending}" for name in STATEMENTS for ending in endings]
    return [*files, "theory.json"]


def _check(folder: Path | None, names: Sequence[str], *, force: bool) -> None:
    from simulator.files.saving import check_folder

    if folder is not None:
        check_folder(folder, names, force=force)


def _write(folder: Path | None, files: _Files, *, force: bool) -> list[Path]:
    from simulator.files.saving import make_folder, write_file

    if folder is None:
        return []
    make_folder(folder)
    for name, content in files.items():
        write_file(folder / name, content, force=force)
    return [folder / name for name in files]
