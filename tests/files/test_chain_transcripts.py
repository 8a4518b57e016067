"""Transcripts of games of telephone as files."""

from __future__ import annotations

import csv
import io

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Provenance, Run
from simulator.files.designs import design_document, design_hash
from simulator.files.transcripts import export
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.kind import TelephoneKind
from tests import kept_chains as kept
from tests.screens.host import NOW


def run_of(made: TelephoneDesign) -> Run:
    return Run(
        id=kept.RUN_ID, experiment_id=kept.EXPERIMENT_ID, kind="telephone", creator="ada", seed=7,
        design_hash=design_hash(made), agents=TelephoneKind().cast(made, 7),
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
        created_at=NOW,
    )  # fmt: skip


def exported(form: str, made: TelephoneDesign, steps: list[Step], *, broken: bool = False) -> str:
    experiment = Experiment(
        id=kept.EXPERIMENT_ID, name=made.name, kind="telephone",
        design={"kind": "telephone", "x": 1} if broken else design_document(made),
        design_hash=design_hash(made), creator="ada", created_at=NOW,
    )  # fmt: skip
    return export(form, run_of(made), experiment, steps[::-1])


def whispers() -> TelephoneDesign:
    texts = [{"name": "*loud*", "text": "abcd"}, {"name": "text-2", "text": "b" * 40}]
    data = {"name": "Whispers", "texts": texts, "chains": 2, "generations": 2}
    return TelephoneDesign.model_validate(data)


def test_markdown_has_chains_and_generations_with_the_likeness_of_texts() -> None:
    made = kept.design(2)
    text = exported("markdown", made, kept.journal(made, 2))
    lines = [line for line in text.split("\n") if line.startswith(("###", "**"))]
    assert lines[:7] == [
        "### Chain 1 of 4 · text-20", "**Initial text**",
        "#### Generation 1", "**Writer** (33 % like the initial text)",
        "#### Generation 2", "**Writer** (75 % like the one before)",
        "### Chain 2 of 4 · text-40",
    ]  # fmt: skip


def test_names_of_texts_are_no_markup() -> None:
    made = whispers()
    text = exported("markdown", made, kept.journal(made, 1))
    assert "### Chain 1 of 4 · \\*loud\\* · repetition 1" in text


def test_csv_has_columns_of_chains_in_their_order() -> None:
    made = whispers()
    rows = list(csv.DictReader(io.StringIO(exported("csv", made, kept.journal(made, 2)))))
    assert [row["chain"] for row in rows] == ["1"] * 3 + ["2"] * 3
    last = {name: rows[5][name] for name in ("generation", "initial_text", "repetition", "agent")}
    assert last == {"generation": "2", "initial_text": "*loud*", "repetition": "2", "agent": ""}
    assert [row["likeness"] for row in rows[3:]] == ["", "0.571429", "0.823529"]


def test_a_design_that_cannot_be_read_still_has_its_chains() -> None:
    made = kept.design(1)
    steps = kept.journal(made, 1)
    text = exported("markdown", made, steps, broken=True)
    assert "### Chain 2\n" in text and "#### Generation 1" in text and "**Writer**\n" in text
    rows = list(csv.DictReader(io.StringIO(exported("csv", made, steps, broken=True))))
    assert (rows[3]["chain"], rows[3]["generation"], rows[3]["initial_text"]) == ("2", "1", "")
