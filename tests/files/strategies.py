"""Designs of any content."""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.domain.sampling import Sampling
from simulator.kinds.conversation.design import (
    Change,
    Chosen,
    ConversationDesign,
    Factor,
    Level,
    Role,
    Section,
    Selector,
    Speaker,
    StopCondition,
    Summarizer,
    Weight,
)

AWKWARD = (
    "no", "yes", "On", "null", "~", "", "1", "1.5", "0x1f", ".nan", "1e3", "2024-01-01", "- a",
    "a: b",
    "a #b", "#a", "'a", '"a"', "{a", "[a]", "&a", "*a", "!a", "%a", "@a", "`a`", "a\n", "\na",
    "a\n\nb\n",
    "  a", "a  ", "a \nb", "a\n b", "\ta", "a\tb", "a\r\nb", "\x85", "\u2028", "\ufeff", "\x00",
    "\x7f",
    "...", "---", "a\n---\nb", "a\n...\n", "<<", "=", "word " * 40, "x" * 200, " " * 120,
    "a:", "? a",
    "\U0001f600", ("long line of words " * 8 + "\n") * 3, "a\n\n\n", "|", ">-", "\\", "a\\nb",
    "\u00ad",
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(max_size=40),
    st.text(alphabet=" \n\tab:#-'\"\\", max_size=30),
    st.lists(st.text(alphabet="abc.,:<>_", min_size=1, max_size=12), max_size=40).map(" ".join),
)
names = texts.filter(bool)
filled = texts.filter(lambda text: any(not c.isspace() for c in text if c.isprintable()))
role_names = st.from_regex(r"^[A-Za-z][A-Za-z0-9 _-]{0,12}$", fullmatch=True).map(
    lambda text: text.rstrip("\n")
)
models = st.none() | texts
numbers = st.integers(1, 10**9)
samplings = st.builds(
    Sampling,
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0.001, 1),
    top_k=st.none() | numbers,
    max_tokens=st.none() | numbers,
    seed=st.none() | st.integers(0, 2**63),
    stop=st.lists(names, max_size=3).map(tuple),
)
sections = st.lists(st.builds(Section, title=filled, content=filled), max_size=3).map(tuple)
changes = st.builds(
    Change, target=st.sampled_from(["guard", "shared"]) | texts,
    title=st.sampled_from(["Goal", "Risks"]) | texts, content=st.none() | texts,
)  # fmt: skip
levels = st.builds(Level, name=names, changes=st.lists(changes, max_size=4).map(tuple))
factors = st.builds(Factor, name=names, levels=st.lists(levels, min_size=1, max_size=3).map(tuple))
weights = st.builds(Weight, role=texts, weight=st.floats(0.01, 100))
speakers = st.one_of(
    st.builds(Speaker, method=st.sampled_from(["random", "auto", "round_robin"])),
    st.builds(
        Speaker, method=st.just("weighted"), weights=st.lists(weights, max_size=3).map(tuple)
    ),
)
stops = st.one_of(
    st.builds(StopCondition, messages=numbers),
    st.builds(StopCondition, phrase=names, loop=st.integers(2, 9)),
)
roles = st.builds(
    Role, name=role_names, count=st.integers(1, 1000), starting_prompt=filled, sections=sections,
    pronouns=st.sampled_from(["he", "they", "he/she"]), model=models, sampling=samplings,
)  # fmt: skip
designs = st.builds(
    ConversationDesign,
    name=names,
    note=texts,
    starting_message=filled,
    roles=st.lists(roles, min_size=1, max_size=2).map(tuple),
    shared_sections=sections,
    section_order=st.lists(texts, max_size=3).map(tuple),
    summarizer=st.none() | st.builds(Summarizer, starting_prompt=filled, sections=sections),
    selector=st.builds(Selector, model=models, sampling=samplings),
    messages=numbers,
    days=numbers,
    speaker=speakers,
    memory=st.sampled_from(["summaries", "full"]),
    visible_messages=st.none() | numbers,
    model=texts,
    sampling=samplings,
    reply_profile=st.none() | st.just("none"),
    speaker_labels=st.none() | st.booleans(),
    stop=st.lists(stops, max_size=3).map(tuple),
    factors=st.lists(factors, max_size=2).map(tuple),
    condition=st.lists(st.builds(Chosen, factor=texts, level=texts), max_size=2).map(tuple),
    classic=st.booleans(),
)
