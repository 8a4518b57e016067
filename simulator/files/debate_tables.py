"""What debates came to, as CSV and JSON: numbers in full, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from simulator.analysis.debates.comparison import Comparison
from simulator.analysis.debates.proportions import LEVEL, Proportion
from simulator.analysis.debates.records import DebateRecord
from simulator.analysis.debates.standing import rounds_held
from simulator.analysis.debates.summary import Changes, DebateSummary, Spent, Vote
from simulator.files.transcripts import csv_cell

_SHARE = ("count", "of", "share", "low", "high")


def summary_document(summary: DebateSummary, *, level: float = LEVEL) -> dict[str, Any]:
    """A summary as JSON; rounds and debaters count from 1, shares are from 0 to 1."""
    return {
        "name": summary.name,
        "mode": summary.mode or None,
        "questions": summary.questions,
        "missing": summary.missing,
        "level": level,
        "final": _share(summary.final, level),
        "undecided": summary.undecided,
        "debaters": [
            {
                "name": debater.name,
                "temperatures": list(debater.temperatures),
                "rounds": [
                    {"round": r, "right": _share(right, level), "not_found": missing}
                    for r, (right, missing) in enumerate(
                        zip(debater.right, debater.not_found, strict=True), 1
                    )
                ],
                "changes": [_changes(one, level) for one in debater.changes],
                "overall": _changes(debater.overall, level) if debater.overall else None,
            }
            for debater in summary.debaters
        ],
        "rounds": [
            {
                "round": r,
                "agreement": _share(together.agreement, level),
                "pairwise_agreement": _share(together.pairwise, level),
                "pairs": [
                    {"debaters": [a + 1, b + 1], "agreement": _share(share, level)}
                    for (a, b), share in together.pairs.items()
                ],
                "best": _share(together.best, level),
                "vote": _vote(together.vote, level),
                "over": together.over,
            }
            for r, together in enumerate(summary.rounds, 1)
        ],
        "votes": {way: _vote(vote, level) for way, vote in summary.votes.items()},
        "spent": asdict(summary.spent),
        "spent_per_question": _part(summary.spent, summary.questions),
        "spent_per_right_answer": _part(summary.spent, summary.right),
    }


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON; the difference is the second's share less the first's."""
    interval, gained = comparison.interval, comparison.per_point
    return {
        "first": comparison.first,
        "second": comparison.second,
        **_pairs(comparison),
        "difference": comparison.pairs.difference if comparison.pairs.n else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "p_value": comparison.p_value,
        "adjusted_p": comparison.adjusted_p,
        "extra_per_question": asdict(comparison.extra),
        "extra_per_point": asdict(gained) if gained else None,
    }


def rounds_csv(summaries: Iterable[DebateSummary], *, level: float = LEVEL) -> str:
    """One row for each record, debater and round: accuracy, answers not found, changes."""
    return _csv(
        (
            "record", "mode", "debater", "temperature", "round", *_SHARE, "not_found", "changed",
            "changed_of", "to_right", "to_wrong",
        ),
        (
            [
                summary.name, summary.mode, debater.name,
                debater.temperatures[r] if r < len(debater.temperatures) else None, r + 1,
                *_cells(right, level), debater.not_found[r],
                *_change_cells(debater.changes[r - 1] if r else None),
            ]
            for summary in summaries
            for debater in summary.debaters
            for r, right in enumerate(debater.right)
        ),
    )  # fmt: skip


def shares_csv(summaries: Iterable[DebateSummary], *, level: float = LEVEL) -> str:
    """One row for each share of all debaters: final answers, votes, agreement, best debaters."""
    return _csv(
        ("record", "mode", "what", "round", *_SHARE),
        (
            [summary.name, summary.mode, what, round_, *_cells(share, level)]
            for summary in summaries
            for what, round_, share in _shares(summary)
        ),
    )


def comparisons_csv(comparisons: Iterable[Comparison]) -> str:
    """One row for each two records."""
    names = (
        "both", "only_first", "only_second", "neither", "unshared_first", "unshared_second",
        "disputed",
    )  # fmt: skip
    return _csv(
        (
            "first", "second", *names, "difference", "low", "high", "p_value", "adjusted_p",
            "extra_tokens", "extra_s", "extra_usd",
        ),
        (
            [
                one.first, one.second, *_pairs(one).values(), one.pairs.difference,
                *((one.interval.low, one.interval.high) if one.interval else (None, None)),
                one.p_value, one.adjusted_p, one.extra.tokens, one.extra.model_s,
                one.extra.cost_usd,
            ]
            for one in comparisons
        ),
    )  # fmt: skip


def answers_csv(records: Sequence[DebateRecord]) -> str:
    """One row for each answer: record, question, debater, round, what was answered, and gold.

    The final answer of a question is that of a debater called `final`, after its last round.
    """
    return _csv(
        ("record", "number", "question", "gold", "debater", "round", "answer", "is_right"),
        (
            [record.name, number, one.question, one.gold, *answer]
            for record in records
            for number, one in enumerate(record.debated, 1)
            for answer in (
                *(
                    (record.debaters[d], r, words.answer, str(words.is_right).lower())
                    for d, rounds in enumerate(one.said)
                    for r, words in enumerate(rounds, 1)
                    if words is not None
                ),
                ("final", rounds_held(one), one.final, str(one.is_right).lower()),
            )
        ),
    )


def _csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return stream.getvalue()


def _share(share: Proportion | None, level: float) -> dict[str, Any] | None:
    return None if share is None else dict(zip(_SHARE, _cells(share, level), strict=True))


def _cells(share: Proportion | None, level: float) -> list[float | None]:
    if share is None:
        return [None] * len(_SHARE)
    found = share.interval(level)
    return [share.count, share.of, share.share, found.low, found.high]


def _changes(changes: Changes, level: float) -> dict[str, Any]:
    return {
        "before": changes.before + 1,
        "after": changes.after + 1,
        "changed": _share(changes.changed, level),
        "to_right": changes.to_right,
        "to_wrong": changes.to_wrong,
    }


def _change_cells(changes: Changes | None) -> list[int | None]:
    if changes is None or changes.changed is None:
        return [None] * 4
    return [changes.changed.count, changes.changed.of, changes.to_right, changes.to_wrong]


def _vote(vote: Vote, level: float) -> dict[str, Any]:
    return {
        "right": _share(vote.right, level),
        "ties": vote.ties,
        "silent": vote.silent,
        "classic": _share(vote.classic, level),
    }


def _shares(summary: DebateSummary) -> Iterable[tuple[str, int | None, Proportion | None]]:
    yield "final answers", None, summary.final
    for way, vote in summary.votes.items():
        yield f"majority of {way}", None, vote.right
        yield f"majority of {way}, ties guessed", None, vote.classic
    for r, together in enumerate(summary.rounds, 1):
        yield "majority", r, together.vote.right
        yield "majority, ties guessed", r, together.vote.classic
        yield "agreement of all", r, together.agreement
        yield "agreement of pairs", r, together.pairwise
        yield "best debater", r, together.best


def _pairs(comparison: Comparison) -> dict[str, int]:
    return {
        **asdict(comparison.pairs),
        "unshared_first": comparison.unshared_first,
        "unshared_second": comparison.unshared_second,
        "disputed": comparison.disputed,
    }


def _part(spent: Spent, number: int) -> dict[str, float] | None:
    return asdict(spent.per(number)) if number else None
