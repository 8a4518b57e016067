from __future__ import annotations

import csv
import io

from simulator.analysis.gathering import gathered, left_out
from simulator.analysis.measures import MEASURES
from simulator.analysis.summary import Summary
from simulator.files.tables import left_out_csv, summary_csv
from tests.analysis.journals import GUARD, agent, run, said, sheet


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_has_one_row_for_each_group_with_its_numbers_in_full() -> None:
    sheets = [sheet([said(0, GUARD, "a b"), said(1, GUARD, "a")], run(number)) for number in (1, 2)]
    found = gathered(sheets, MEASURES["words"], ["agent", "day"])
    summaries = {key: Summary.of(sample) for key, sample in found.samples.items()}
    (row,) = rows(summary_csv(found, summaries))
    assert (row["measure"], row["unit"], row["per"]) == ("words", "words", "message")
    assert (row["agent"], row["day"], row["n"], row["runs"]) == ("guard 1", "1", "4", "2")
    assert (float(row["mean"]), float(row["total"])) == (1.5, 6.0)
    assert (float(row["mean_95_low"]), float(row["mean_95_high"])) == (1.5, 1.5)


def test_names_that_spreadsheets_would_run_are_made_harmless() -> None:
    wicked = agent("=HYPERLINK(1)", 1, "=1+1")
    sheets = [sheet([said(0, wicked, "a"), said(1, wicked, "")], run(agents=[wicked]))]
    found = gathered(sheets, MEASURES["words"], ["role"])
    summaries = {key: Summary.of(sample) for key, sample in found.samples.items()}
    assert rows(summary_csv(found, summaries))[0]["role"] == "'=HYPERLINK(1)"
    (row,) = rows(left_out_csv(left_out(sheets, MEASURES["words"])))
    assert row == {
        "run_id": run().id, "position": "1", "speaker": "'=1+1", "why": "empty replies",
    }  # fmt: skip


def test_one_run_leaves_its_interval_empty() -> None:
    found = gathered([sheet([said(0, GUARD)])], MEASURES["words"])
    summaries = {key: Summary.of(sample) for key, sample in found.samples.items()}
    (row,) = rows(summary_csv(found, summaries))
    assert (row["mean_95_low"], row["mean_95_high"]) == ("", "")
