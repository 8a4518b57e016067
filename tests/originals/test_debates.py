from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.debates.proportions import Proportion
from simulator.analysis.debates.summary import summarize
from simulator.errors import DesignInvalidError, NotFoundError, UsageError
from simulator.files.originals.debate_names import DebateName, read_name, write_name
from simulator.files.originals.debates import (
    OriginalDebates,
    name_of,
    parse_debates,
    read_debates,
    write_debates,
)
from tests.analysis.debates.talk import debated, record

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "debate" / "output" / "sample.json"
NAME = (
    "id_2Llama-2-7b-hf_Llama-2-7b-hf_gsm8k_test_gsm8k_full_seed65533_vec_nsols1_r3_temp0.2-0.8"
    "_nques1_2024-Jan-19--23-24-360.85.json"
)
VOTE = "id7_1llama_65B_llama_65B_arithmetic_test_seed1_human_nsols3_r1_temp0.8_nques2.json"


def parse(document: Any, file_name: str = "debates.json", **options: Any) -> OriginalDebates:
    return parse_debates(json.dumps(document), file_name, **options)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of the original's output is not here")
@pytest.mark.parametrize("classic", [False, True])
def test_the_sample_comes_to_what_the_original_says(classic: bool) -> None:
    found = read_debates(SAMPLE, classic=classic)
    (one,) = found.record.debated
    assert (found.grader, one.gold, one.final, one.is_right) == ("number", "21", "21", True)
    summary = summarize(found.record)
    for debater in summary.debaters:
        assert debater.right == (Proportion(1, 1),) * 3
        assert debater.overall is not None
        assert debater.overall.changed == Proportion(0, 1)
    assert [together.agreement for together in summary.rounds] == [Proportion(1, 1)] * 3
    assert {vote.classic for vote in summary.votes.values()} == {Proportion(1, 1)}
    again = json.loads(write_debates(found.record))
    assert list(again) == [one.question]
    assert again[one.question][:2] == json.loads(SAMPLE.read_text())[one.question][:2]


# ---------------------------------------------------------------- names


def test_a_name_tells_the_setting() -> None:
    found = read_name(f"output/log_2024-Jan-19/{NAME}")
    assert found is not None
    assert (found.dataset, found.data_file, found.seed) == ("gsm8k", "test_gsm8k_full", 65533)
    assert (found.mode, found.rounds, found.questions) == ("cipher", 3, 1)
    assert found.model_names == ("Llama-2-7b-hf", "Llama-2-7b-hf")
    assert (found.time, found.threshold) == ("2024-Jan-19--23-24-36", 0.85)
    assert found.by_round(2, 3) == ((0.2,) * 3, (0.8,) * 3)
    assert write_name(found) == NAME


@pytest.mark.parametrize(
    ("language", "samples", "rounds", "mode"),
    [("vec", 1, 3, "cipher"), ("human", 1, 3, "natural_language"), ("human", 1, 1, "single"),
     ("human", 5, 3, "majority")],
)  # fmt: skip
def test_modes(language: str, samples: int, rounds: int, mode: str) -> None:
    found = read_name(
        f"id_2a_b_mmlu_x_seed1_{language}_nsols{samples}_r{rounds}_temp0.1-1e-05_nques3"
    )
    assert found is not None
    assert (found.mode, found.temperatures) == (mode, (0.1, 1e-05))


def test_models_that_differ_are_told_apart() -> None:
    found = read_name("id_2Llama-2-70b-hf_llama_65B_gsm8k_t_seed1_vec_nsols1_r3_temp0.1-1.0_nques9")
    assert found is not None
    assert found.model_names == ("Llama-2-70b-hf", "llama_65B")
    assert replace(found, models="a_b_c_d").model_names == ()


@pytest.mark.parametrize("name", ["sample.json", "", "id_2a_b_other_x_seed1_vec_nsols1_r3.json"])
def test_other_names_tell_nothing(name: str) -> None:
    assert read_name(name) is None


def test_temperatures_by_debater_and_round() -> None:
    name = read_name("id_2a_b_mmlu_x_seed1_vec_nsols1_r2_temp0.1-0.2-0.3-0.4_nques3")
    assert name is not None
    assert name.by_round(2, 2) == ((0.1, 0.2), (0.3, 0.4))
    assert name.by_round(3, 1) == ()


@given(
    st.builds(
        DebateName,
        debaters=st.integers(1, 8),
        models=st.sampled_from(("Llama-2-7b-hf_Llama-2-7b-hf", "llama_65B_expert_llama_65B")),
        dataset=st.sampled_from(("gsm8k", "mmlu", "arithmetic")),
        data_file=st.sampled_from(("test_gsm8k_full", "x", "arithmetic_test200ques")),
        seed=st.integers(0, 10**6),
        vectors=st.booleans(),
        samples=st.integers(1, 9),
        rounds=st.integers(1, 9),
        temperatures=st.lists(
            st.integers(1, 9999).map(lambda n: n / 1000), min_size=1, max_size=6
        ).map(tuple),
        questions=st.integers(1, 2000),
        job=st.sampled_from(("", "15890114")),
        time=st.just("2024-Jan-19--23-24-36"),
        bias=st.booleans(),
        partial=st.sampled_from(("", "partial", "partialNOT")),
        threshold=st.none() | st.sampled_from((0.85, 1.869, 2.0)),
        entropy=st.booleans(),
    )
)
def test_names_read_back_as_they_were_written(name: DebateName) -> None:
    assert read_name(write_name(name)) == name


# ---------------------------------------------------------------- files


def test_answers_of_a_dataset_by_its_name() -> None:
    document = {"Which?\nA. one\nB. two": [["Answer: B"], ["Answer: (A)"], "B"]}
    name = "id_2x_y_mmlu_logic_seed1_human_nsols1_r1_temp0.9-0.1_nques2"
    found = parse(document, f"{name}.json")
    (one,) = found.record.debated
    assert (found.grader, found.remarks) == ("choice", ())
    assert found.record.debaters == ("x", "y")
    assert [said[0].answer for said in one.said if said[0]] == ["B", "A"]
    # The second debater has the lower temperature.
    assert (one.final, one.is_right) == ("A", False)
    assert found.record.missing == 1
    classic = parse(document, f"{name}.json", classic=True).record.debated[0]
    assert classic.said[1][0] is not None
    assert classic.said[1][0].answer == ")"


@pytest.mark.parametrize(
    ("question", "gold", "grader"),
    [("How many?", "2*3=<<2*3=6>>6\n#### 6", "number"), ("a+b?", "-11", "number"),
     ("Which?\nA. x\nB. y\nC. z", "C", "choice"), ("Who?", "Marie Curie", "text")],
)  # fmt: skip
def test_what_answers_are_shows_in_the_right_ones(question: str, gold: str, grader: str) -> None:
    found = parse({question: [[f"Answer: {gold}"], ["?"], gold]})
    assert found.grader == grader
    assert found.record.debated[0].is_right
    assert len(found.remarks) == 2


def test_samples_of_a_majority_vote() -> None:
    document = {
        "1+1?": [["Answer: 2", "Answer: 3", "Answer: 2"], "2"],
        "1+2?": [["Answer: 3", "Answer: 4", "It is hard."], "3"],
    }
    found = parse(document, VOTE)
    assert found.record.mode == "majority"
    assert found.record.debaters == ("sample 1", "sample 2", "sample 3")
    assert found.record.rounds == 1
    assert found.record.temperatures == ((0.8,),) * 3
    assert [one.final for one in found.record.debated] == ["2", None]
    assert json.loads(write_debates(found.record)) == document
    assert parse(document).record == replace(
        found.record, name="debates", temperatures=(), missing=0
    )


def test_temperatures_can_be_given() -> None:
    document = {"1+1?": [["Answer: 1", "Answer: 3"], ["Answer: 2", "Answer: 2"], "2"]}
    assert parse(document).record.debated[0].final == "3"
    assert parse(document, temperatures=(0.8, 0.2)).record.debated[0].final == "2"
    four = parse(document, temperatures=(0.1, 0.2, 0.3, 0.4))
    assert four.record.temperatures == ((0.1, 0.2), (0.3, 0.4))
    assert parse(document, final="majority").record.debated[0].final is None
    with pytest.raises(UsageError, match="3 temperatures"):
        parse(document, temperatures=(0.1, 0.2, 0.3))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1"),
        ('{"Q": [["a"],\n ["b"], "1"', "line 2"),
        ("[]", "not an object"),
        ("{}", "no questions"),
        ("[" * 100_000, "nested too deep"),
        ('{"Q": {"a": 1}}', "question 1 ('Q'): its value is no list"),
        ('{"Q": ["1"]}', "no debaters"),
        ('{"Q": [["a"], ["b"], "1"], "R": [["a"], 3, "1"]}', "question 2 ('R'): the messages of"),
        ('{"Q": [["a"], [1], "1"]}', "message 1 of debater 2 is no text"),
        ('{"Q": [["a"], ["b", "c"], "1"]}', "debater 2 has 2 messages, the first 1"),
        ('{"Q": [["a"], ["b"], 1]}', "the right answer at its end is no text"),
        ('{"Q": [[], [], "1"]}', "nobody said anything"),
        ('{"Q": [["a"], ["b"], "1"], "R": [["a"], "1"]}', "question 2 ('R') has 1 debaters"),
        (json.dumps({"word " * 50: []}), "word word…'): it has no debaters"),
        ('{" ": [["a"], "1"]}', "question is empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(text: str, told: str) -> None:
    with pytest.raises(DesignInvalidError) as caught:
        parse_debates(text, "run.json")
    assert "run.json" in caught.value.message
    assert told in caught.value.message
    assert caught.value.remedy


def test_all_faults_are_listed() -> None:
    with pytest.raises(DesignInvalidError) as caught:
        parse({"Q": 1, "R": [["a"], "1"], "S": 2})
    assert [problem.partition(" (")[0] for problem in caught.value.problems] == [
        "question 1", "question 3",
    ]  # fmt: skip


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_debates(tmp_path / "none.json")


def test_whoever_was_not_asked_has_the_last_message_again() -> None:
    one = record(
        debated([["1", "2"], ["1", "not asked"]], final="2", question="A"),
        debated([["1"], ["not asked"]], final="1", question="B"),
    )
    assert json.loads(write_debates(one)) == {
        "A": [["Answer: 1", "Answer: 2"], ["Answer: 1", "Answer: 1"], "1"],
        "B": [["Answer: 1", "Answer: 1"], ["", ""], "1"],
    }


def test_a_question_asked_twice_cannot_be_written() -> None:
    twice = record(debated([["1"]]), debated([["1"]]), debaters=1)
    with pytest.raises(UsageError, match="asked twice"):
        write_debates(twice)


QUESTIONS = st.dictionaries(
    st.text(min_size=1).filter(lambda words: bool(words.strip())),
    st.tuples(
        st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=2, max_size=2),
        st.integers(-50, 50).map(str),
    ),
    min_size=1,
    max_size=4,
)


@given(QUESTIONS)
def test_what_was_written_reads_back_the_same(questions: dict[str, Any]) -> None:
    first = parse({question: [*said, gold] for question, (said, gold) in questions.items()})
    text = write_debates(first.record)
    assert parse_debates(text, "debates.json") == first


def test_a_record_gets_the_name_that_the_original_would_give() -> None:
    one = replace(
        record(debated([["1", "1"], ["1", "1"]], final="1")),
        mode="cipher",
        temperatures=((0.2, 0.2), (0.8, 0.8)),
    )
    name = name_of(
        one, dataset="gsm8k", data_file="my data", models=("hf/Qwen_3", "pocket"), seed=5
    )
    assert write_name(name) == (
        "id_2hf-Qwen-3_pocket_gsm8k_my-data_seed5_vec_nsols1_r2_temp0.2-0.8_nques1.json"
    )
    found = parse_debates(write_debates(one), write_name(name)).record
    assert found.temperatures == one.temperatures
    assert found.debated == one.debated
    assert found.debaters == ("hf-Qwen-3", "pocket")
