"""Bands, and ours beside the published, as tables and as documents for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.output import Column

if TYPE_CHECKING:
    from simulator.cli.output import Output
    from simulator.reproducing.originals import Band
    from simulator.reproducing.verdicts import Compared

_NOTHING = 1e-9
"""What a difference may come to by rounding."""


def show_bands(output: Output, bands: Sequence[Band]) -> None:
    """What ours is held to, and where that stands."""
    columns = [
        Column("what is measured", flexible=True, overflow="fold"),
        Column("published", right=True), Column("band", right=True),
        Column("of", overflow="fold"), Column("source", flexible=True, overflow="fold", goes=1),
    ]  # fmt: skip
    output.table(
        columns,
        [
            [band.claim, _number(band.published), _band_text(band), _whose(band), band.source]
            for band in bands
        ],
    )


def show_compared(output: Output, found: Sequence[Compared]) -> None:
    """Ours beside the published; why something cannot be told stands below, by number."""
    models = {one.model for one in found if one.model}
    reasons = {why: n for n, why in enumerate(dict.fromkeys(o.why for o in found if o.why), 1)}
    columns = [
        Column("what is measured", flexible=True, overflow="fold"),
        *([Column("model", overflow="fold")] if len(models) > 1 else []),
        Column("ours", right=True), Column("95 %", right=True, goes=1),
        Column("published", right=True), Column("band", right=True), Column("verdict"),
    ]  # fmt: skip
    rows = [
        [
            one.band.claim, *([one.model or "–"] if len(models) > 1 else []),
            "–" if one.ours is None else _number(one.ours.value), _interval_text(one),
            _number(one.band.published), _band_text(one.band),
            f"not told ({reasons[one.why]})" if one.why else one.verdict,
        ]
        for one in found
    ]  # fmt: skip
    output.table(columns, rows)
    for why, number in reasons.items():
        output.line(f"({number}) It cannot be told {why.rstrip('.')}.")
    counts = [
        f"{sum(one.verdict == verdict for one in found)} {verdict}"
        for verdict in ("inside", "outside", "cannot be told")
    ]
    output.line(f"Of {len(found)} comparisons: {', '.join(counts)}.")


def band_document(band: Band) -> dict[str, Any]:
    """A band, for programs."""
    return {
        "claim": band.claim, "part": band.part, "measure": band.measure or None,
        "published": band.published, "low": band.low, "high": band.high, "source": band.source,
        "models": list(band.models), "any_model": band.toy, "people": band.people or None,
    }  # fmt: skip


def compared_document(one: Compared) -> dict[str, Any]:
    """A band with ours and the verdict, for programs."""
    ours: Mapping[str, Any] | None = None
    if one.ours is not None:
        ours = {
            "value": one.ours.value, "low": one.ours.low, "high": one.ours.high, "n": one.ours.n,
            "of": one.ours.of,
        }  # fmt: skip
    return band_document(one.band) | {
        "model": one.model or None, "ours": ours, "verdict": one.verdict, "why": one.why or None,
    }  # fmt: skip


def _whose(band: Band) -> str:
    if band.toy:
        return "any model" if band.part else "no model"
    return band.models[0] if band.models else "any but a toy"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return "0" if abs(value) < _NOTHING else f"{value:.3g}"


def _band_text(band: Band) -> str:
    if band.low == band.high:
        return _number(band.low)
    return f"{_number(band.low)} to {_number(band.high)}"


def _interval_text(one: Compared) -> str:
    if one.ours is None or one.ours.low is None or one.ours.high is None:
        return "–"
    return f"{one.ours.low:.2g} to {one.ours.high:.2g}"
