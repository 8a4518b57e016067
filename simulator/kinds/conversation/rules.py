"""What makes a conversation's design one that can be run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.domain.designs import DesignProblem
from simulator.kinds.conversation.design import (
    RESERVED_ROLES,
    SHARED,
    SUMMARIZER,
    ConversationDesign,
    Section,
)
from simulator.kinds.conversation.parameters import title_key
from simulator.kinds.conversation.placeholders import check, check_role_names
from simulator.kinds.conversation.turns import day_shares

Place = tuple[str | int, ...]


def problems(design: ConversationDesign) -> tuple[DesignProblem, ...]:
    """Everything that is wrong, in reading order; empty when the design can be run."""
    return tuple(
        DesignProblem(place, message)
        for rule in (_roles, _texts, _titles, _turns, _speakers, _summaries, _factors)
        for place, message in rule(design)
    )


def _roles(design: ConversationDesign) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    twice = False
    for number, role in enumerate(design.roles):
        key = title_key(role.name)
        if key in RESERVED_ROLES:
            yield ("roles", number, "name"), f"no role may be called {role.name!r}"
        if key in seen:
            twice = True
            yield ("roles", number, "name"), f"there are two roles called {role.name!r}"
        seen.add(key)
    if not twice:
        for problem in check_role_names([role.name for role in design.roles]):
            yield ("roles",), problem


def _texts(design: ConversationDesign) -> Iterator[tuple[Place, str]]:
    names = [role.name for role in design.roles]
    if check_role_names(names):
        return
    texts: list[tuple[Place, str, bool]] = [(("starting_message",), design.starting_message, False)]
    for number, role in enumerate(design.roles):
        texts.append((("roles", number, "starting_prompt"), role.starting_prompt, True))
        texts += _contents(("roles", number, "sections"), role.sections, True)
    texts += _contents(("shared_sections",), design.shared_sections, True)
    if design.summarizer is not None:
        texts.append((("summarizer", "starting_prompt"), design.summarizer.starting_prompt, False))
        texts += _contents(("summarizer", "sections"), design.summarizer.sections, False)
    for place, text, has_reader in texts:
        for problem in check(text, names, has_reader=has_reader):
            yield place, problem


def _contents(
    place: Place, sections: Sequence[Section], has_reader: bool
) -> list[tuple[Place, str, bool]]:
    return [
        ((*place, number, field), text, has_reader)
        for number, section in enumerate(sections)
        for field, text in (("title", section.title), ("content", section.content))
    ]


def _titles(design: ConversationDesign) -> Iterator[tuple[Place, str]]:
    shared = {title_key(section.title) for section in design.shared_sections}
    yield from _twice(("shared_sections",), design.shared_sections)
    for number, role in enumerate(design.roles):
        yield from _twice(("roles", number, "sections"), role.sections)
        for place, section in enumerate(role.sections):
            if title_key(section.title) in shared:
                yield (
                    ("roles", number, "sections", place),
                    f"{section.title!r} is a shared section already",
                )
    if design.summarizer is not None:
        yield from _twice(("summarizer", "sections"), design.summarizer.sections)
    known = _known_titles(design)
    for number, title in enumerate(design.section_order):
        if title_key(title) not in known:
            yield ("section_order", number), f"no section is called {title!r}"


def _twice(place: Place, sections: Sequence[Section]) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for number, section in enumerate(sections):
        key = title_key(section.title)
        if key in seen:
            yield (*place, number), f"there are two sections called {section.title!r}"
        seen.add(key)


def _known_titles(design: ConversationDesign) -> set[str]:
    sections = [*design.shared_sections, *(s for role in design.roles for s in role.sections)]
    if design.summarizer is not None:
        sections += design.summarizer.sections
    titles = {title_key(section.title) for section in sections}
    return titles | {
        title_key(change.title)
        for factor in design.factors
        for level in factor.levels
        for change in level.changes
    }


def _turns(design: ConversationDesign) -> Iterator[tuple[Place, str]]:
    if min(day_shares(design.messages, design.days, classic=design.classic)) < 1:
        need = 2 * design.days if design.classic else design.days
        yield (
            ("messages",),
            f"{design.messages} messages are too few for {design.days} days; "
            f"at least {need} are needed",
        )


def _speakers(design: ConversationDesign) -> Iterator[tuple[Place, str]]:
    names = [role.name for role in design.roles]
    if design.speaker.method == "weighted" and not design.speaker.weights:
        first = names[0]
        yield (
            ("speaker",),
            f"`weighted` needs weights, such as {{method: weighted, weights: {{{first}: 2}}}}",
        )
    for number, weight in enumerate(design.speaker.weights):
        if weight.role not in names:
            yield (
                ("speaker", "weights", number),
                f"no role is called {weight.role!r}; roles are {', '.join(names)}",
            )


def _summaries(design: ConversationDesign) -> Iterator[tuple[Place, str]]:
    if design.memory == "summaries" and design.days > 1 and design.summarizer is None:
        yield (
            ("memory",),
            "several days with summaries need a `summarizer`; "
            "add one, or set `memory` to `full` or `none`",
        )
    if design.summarize_every_day and design.summarizer is None:
        yield ("summarize_every_day",), "this needs a `summarizer`"


def _factors(design: ConversationDesign) -> Iterator[tuple[Place, str]]:
    names = [role.name for role in design.roles]
    targets = [*names, SHARED, *([SUMMARIZER] if design.summarizer else [])]
    tags_known = not check_role_names(names)
    seen: set[str] = set()
    for number, factor in enumerate(design.factors):
        if factor.name in seen:
            yield ("factors", number), f"there are two factors called {factor.name!r}"
        seen.add(factor.name)
        levels = [level.name for level in factor.levels]
        if len(set(levels)) < len(levels):
            yield ("factors", number), f"factor {factor.name!r} has two levels of one name"
        for place, level in enumerate(factor.levels):
            for nth, change in enumerate(level.changes):
                where: Place = ("factors", number, "levels", place, "changes", nth, "content")
                what = f"level {level.name!r} of {factor.name!r}"
                if change.target not in targets:
                    yield (
                        where,
                        f"{what} changes {change.target!r}; it can change " + (", ".join(targets)),
                    )
                elif change.content is not None and not change.content.strip():
                    yield where, f"{what} empties section {change.title!r}; write null to drop it"
                elif change.content is not None and tags_known:
                    has_reader = change.target != SUMMARIZER
                    for problem in check(change.content, names, has_reader=has_reader):
                        yield where, f"{what}, section {change.title!r}: {problem}"
