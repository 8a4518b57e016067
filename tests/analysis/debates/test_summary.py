from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from simulator.analysis.debates.proportions import Proportion
from simulator.analysis.debates.records import DebateRecord
from simulator.analysis.debates.summary import Spent, summarize
from tests.analysis.debates.talk import NOT_ASKED, debated, finals, record, records

DEBATE = record(
    debated([["1", "1", "1"], ["2", "1", "1"]], final="1", question="A"),
    debated([["2", "2", "2"], ["1", "1", "2"]], final="2", question="B"),
    debated([["2", "3", "1"], [None, "3", "3"]], final="1", question="C"),
    debated([["1", None, None], [None, None, None]], final=None, question="D"),
)


def test_accuracy_and_answers_not_found_of_each_debater_in_each_round() -> None:
    first, second = summarize(DEBATE).debaters
    assert first.right == (Proportion(2, 4), Proportion(1, 4), Proportion(2, 4))
    assert second.right == (Proportion(1, 4), Proportion(2, 4), Proportion(1, 4))
    assert first.not_found == (0, 1, 1)
    assert second.not_found == (2, 1, 1)


def test_answers_that_changed_and_which_way() -> None:
    first, second = summarize(DEBATE).debaters
    assert [(one.changed, one.to_right, one.to_wrong) for one in first.changes] == [
        (Proportion(2, 4), 0, 1), (Proportion(1, 4), 1, 0),
    ]  # fmt: skip
    assert first.overall is not None
    assert (first.overall.before, first.overall.after) == (0, 2)
    assert first.overall.changed == Proportion(2, 4)
    assert (first.overall.to_right, first.overall.to_wrong) == (1, 1)
    assert [one.changed for one in second.changes] == [Proportion(2, 4), Proportion(1, 4)]


def test_agreement_and_the_best_debater_of_each_round() -> None:
    rounds = summarize(DEBATE).rounds
    assert [one.agreement for one in rounds] == [
        Proportion(0, 4), Proportion(2, 4), Proportion(2, 4),
    ]  # fmt: skip
    assert [one.best for one in rounds] == [Proportion(2, 4)] * 3


def test_what_the_original_says_for_no_answer_is_none() -> None:
    number = summarize(record(debated([["-99999"], ["-99999"]], final="-99999")))
    assert [one.not_found for one in number.debaters] == [(1,), (1,)]
    assert number.undecided == 1
    assert number.votes["last round"].silent == 1
    # They agree all the same, as they do there.
    assert number.rounds[0].agreement == Proportion(1, 1)


def test_votes_count_ties_and_the_original_guesses_them() -> None:
    votes = summarize(DEBATE).votes
    # In debate rounds A says 1, B is split 3 to 1, C says 3, and D says nothing.
    debate = votes["debate rounds"]
    assert (debate.right, debate.ties, debate.silent) == (Proportion(1, 4), 0, 1)
    last = votes["last round"]
    assert (last.right, last.ties, last.silent) == (Proportion(1, 4), 1, 1)
    everything = votes["all rounds"]
    # Over all rounds D says 1 once and five times nothing, which wins the original's vote.
    assert (everything.right, everything.ties) == (Proportion(2, 4), 0)
    assert everything.classic == Proportion(1, 4)


def test_a_tie_of_the_original_goes_to_who_votes_last() -> None:
    split = debated([["2"], ["1"]])
    votes = summarize(record(split, split, debated([["1"], ["2"]]))).votes
    assert votes["last round"].classic == Proportion(2, 3)
    assert votes["last round"].right == Proportion(0, 3)
    assert votes["last round"].ties == 3
    assert "debate rounds" not in votes


def test_a_debate_that_ended_early_keeps_its_answers() -> None:
    found = summarize(
        record(
            debated([["1"], ["1"]], final="1", question="A"),
            debated([["2", "1"], ["3", "1"]], final="1", question="B"),
        )
    )
    assert [one.over for one in found.rounds] == [0, 1]
    assert found.debaters[0].right == (Proportion(1, 2), Proportion(2, 2))
    assert found.debaters[0].changes[0].changed == Proportion(1, 2)
    assert found.rounds[1].agreement == Proportion(2, 2)
    assert found.votes["debate rounds"].right == Proportion(2, 2)


def test_a_debater_who_is_not_asked_has_no_accuracy_and_cannot_agree() -> None:
    found = summarize(record(debated([["1", "1"], ["2", NOT_ASKED]], final="1")))
    assert found.debaters[1].right == (Proportion(0, 1), None)
    assert found.debaters[1].overall is not None
    assert found.debaters[1].overall.changed is None
    assert [one.agreement for one in found.rounds] == [Proportion(0, 1), None]
    assert found.rounds[1].best == Proportion(1, 1)
    assert found.votes["last round"].right == Proportion(1, 1)


def test_pairs_of_debaters_are_counted_apart() -> None:
    (found,) = summarize(record(debated([["1"], ["1"], ["2"]]), debaters=3)).rounds
    assert found.pairs == {
        (0, 1): Proportion(1, 1), (0, 2): Proportion(0, 1), (1, 2): Proportion(0, 1),
    }  # fmt: skip
    assert found.pairwise == Proportion(1, 3)
    assert found.agreement == Proportion(0, 1)


def test_what_an_answer_takes() -> None:
    found = summarize(finals("1", "2", "1", None, tokens=300))
    assert found.spent == Spent(1200, 12.0, 0.0)
    assert found.spent.per(found.right).tokens == 600
    assert (found.final, found.undecided) == (Proportion(2, 4), 1)


def test_a_record_without_questions() -> None:
    found = summarize(record())
    assert found.final is None
    assert found.votes == {}
    assert found.rounds == ()
    assert found.right == 0


@given(records())
def test_all_counts_fit_each_other(one: DebateRecord) -> None:
    found = summarize(one)
    for debater in found.debaters:
        for right, unknown in zip(debater.right, debater.not_found, strict=True):
            assert right is None or right.count + unknown <= right.of <= found.questions
        for changes in debater.changes:
            if changes.changed is not None:
                assert changes.to_right + changes.to_wrong <= changes.changed.count
    for vote in (*found.votes.values(), *(together.vote for together in found.rounds)):
        assert vote.right.count + vote.ties + vote.silent <= vote.right.of == found.questions


@given(records())
def test_agreement_does_not_depend_on_the_order_of_debaters(one: DebateRecord) -> None:
    turned = replace(
        one, debated=tuple(replace(each, said=each.said[::-1]) for each in one.debated)
    )
    found, mirrored = summarize(one).rounds, summarize(turned).rounds
    last = len(one.debaters) - 1
    for there, here in zip(found, mirrored, strict=True):
        assert there.agreement == here.agreement
        assert there.best == here.best
        assert there.vote.right == here.vote.right
        assert there.pairs == {(last - b, last - a): p for (a, b), p in here.pairs.items()}


@given(records())
def test_all_agree_no_more_often_than_each_two(one: DebateRecord) -> None:
    for together in summarize(one).rounds:
        if together.agreement is not None and together.agreement.of == len(one.debated):
            every = [p for p in together.pairs.values() if p.of == len(one.debated)]
            assert all(together.agreement.share <= p.share for p in every)


@given(records())
def test_a_vote_of_those_who_agree_is_what_they_say(one: DebateRecord) -> None:
    agreed = [each for each in one.debated if _one_answer(each.said)]
    found = summarize(replace(one, debated=tuple(agreed)))
    for vote in found.votes.values():
        assert vote.ties == 0
        assert vote.right == vote.classic


def _one_answer(said: object) -> bool:
    assert isinstance(said, tuple)
    answers = {words.answer for rounds in said for words in rounds if words is not None}
    return len(answers) == 1 and None not in answers
