"""Examples of what debaters would read, for who writes a design."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.domain.latent import SoftPrompt
from simulator.errors import DesignInvalidError
from simulator.kinds.debate.asked import questions_asked
from simulator.kinds.debate.casting import has_judge
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.prompts import debating, judging, opening
from simulator.kinds.debate.turns import is_asked, read_by, speakers

UNREAD = "(a question, once they are read in at the launch)"


def example_prompts(design: DebateDesign) -> Iterator[tuple[str, str]]:
    """What the first debater who asks a model reads, round by round, then the judge.

    Args:
        design: Resolved.

    Yields:
        A title, and the prompt without the system prompt; solutions are named in brackets.
    """
    question = _first_question(design)
    asked = [place for place in speakers(design, 1) if is_asked(design, place)]
    if not asked:
        return
    place = asked[0]
    name = design.names[place]
    yield f"{name}, round 1", _words(opening(design, place, "", question))
    if design.debates and design.rounds > 1:
        said = {p: _solution(design, p) for p in {place, *read_by(design, place)}}
        yield f"{name}, later rounds", _words(debating(design, place, "", question, [said]))
    if has_judge(design):
        said = {p: _solution(design, p) for p in range(len(design.debaters))}
        yield "Judge", _words(judging(design, "", question, said))


def _words(prompt: SoftPrompt) -> str:
    return list(prompt.as_text)[-1].content


def _first_question(design: DebateDesign) -> str:
    try:
        return questions_asked(design)[0].text
    except DesignInvalidError:
        return UNREAD


def _solution(design: DebateDesign, place: int) -> str:
    form = "words" if design.speaks_words else "vectors"
    return f"[what {design.names[place]} said in the round before, as {form}]"
