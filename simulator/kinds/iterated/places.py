"""Where a step of a lineage belongs: its generation, and which part of it.

A run is one lineage, and its steps stand in the scope `main`, in the order in which they happen;
samples, which are asked for side by side, each in a scope of its own. A step's day is its
generation; what stands before the first learner has day 0.

=============== ==== =========== ========= =====================================================
role            day  speaker     kind      content
=============== ==== =========== ========= =====================================================
`truth`         0    Truth       say       the rule that the first data come from (`rule_text`)
`alternative`   0    Alternative say       the rule that a bias leads to (`rule_text`), where one
                                           does and it is not the truth
`first data`    0    First data  say       what the first learner reads (`data_text`)
`scores`        1-G  a learner   score     nothing; the step has `options` (`rule_text` of all
                                           hypotheses in their order) and `scores`, none where the
                                           model cannot score; not in the transcript
`weighing`      1-G  a learner   score     as `scores`, of rules or outputs that an answer is then
                                           drawn from; not in the transcript
`sample`        1-G  a learner   ask       a rule, asked for to count; not in the transcript
`rule`          1-G  a learner   ask       the rule that it concludes (`rule_text`), or its reply
                                           as it is where that holds none
`check`         1-G  World       say       how the rule does on the first data
`refinement`    1-G  a learner   ask       the rule after the interaction, as `rule`
`data`          1-G  a learner   ask       what it produces (`data_text`), or its reply as it is
                                           where that holds no example
`selection`     1-G  World       say       what the next learner reads (`data_text`), where a
                                           filter chooses it
`note`          0-G  World       say       why something was left out, or did not go on
=============== ==== =========== ========= =====================================================

A learner without a rule keeps that of the learner before; a refinement without one keeps the
learner's own. The last learner of a world with rules passes nothing on. Where answers are drawn,
`rule`, `refinement` and `data` are said (`say`) in the learner's name, and have no call.

Worlds without rules have neither `truth` nor `rule` nor what belongs to them. A learner's speaker
is the name of its agent: where models alternate, there are as many agents as models.
"""

from __future__ import annotations

from typing import Final

TRUTH: Final = "truth"
ALTERNATIVE: Final = "alternative"
FIRST_DATA: Final = "first data"
SCORES: Final = "scores"
WEIGHING: Final = "weighing"
SAMPLE: Final = "sample"
RULE: Final = "rule"
CHECK: Final = "check"
REFINEMENT: Final = "refinement"
DATA: Final = "data"
SELECTION: Final = "selection"
NOTE: Final = "note"

LEARNER: Final = "learner"
"""Role of a run's agents; their steps have the role of the part instead."""

PARTS: Final = (
    TRUTH, ALTERNATIVE, FIRST_DATA, SCORES, WEIGHING, SAMPLE, RULE, CHECK, REFINEMENT, DATA,
    SELECTION, NOTE,
)  # fmt: skip
"""All roles of steps."""

TRUTH_SPEAKER: Final = "Truth"
ALTERNATIVE_SPEAKER: Final = "Alternative"
FIRST_DATA_SPEAKER: Final = "First data"
WORLD_SPEAKER: Final = "World"


def learner_name(number: int) -> str:
    """Speaker of an agent's steps.

    Args:
        number: Of the agent, from 1.
    """
    return f"Learner {number}"


def agent_of(generation: int, agents: int) -> int:
    """Number of the agent whose turn a generation is; they take turns. All count from 1."""
    return (generation - 1) % agents + 1


def sample_scope(generation: int, number: int) -> str:
    """Name of the scope of a sample; both count from 1."""
    return f"generation-{generation}-sample-{number:03d}"
