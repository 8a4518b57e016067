"""A design's text with comments, blank lines and every way to write a value."""

from __future__ import annotations

from pydantic import JsonValue

from simulator.files.design_text import DesignText
from tests.files.kinds import KINDS

TALK = """\
# About this design.
kind: conversation

name:   'Prison'   # a name
starting_message: Start.   # said first
speaker: random
sampling: {temperature: 0.5, "top_p": 1}  # both
section_order: [Goal, # the first
  Mood]
roles:

  # The guards.
  - name: guard # its noun
    count: 2
    starting_prompt: |  # who they are
      You are a guard.

      Be one.

    # What they read.
    sections:
      # Why they talk.
      Goal: >-
        Keep
        order.
      # How they feel.

      Mood: "Calm."

  # The prisoners.
  - starting_prompt: You are a prisoner.
    # Below the prompt.
    name: prisoner

# What varies.
factors:
  risks:
    no:
    yes:
      guard:
        Goal: a
        Mood: b
      shared:
        Risks: c
  goal: {escape: {}, yard: {prisoner: {Goal: Sun.}}}
# The end.
"""


def talk(text: str = TALK) -> DesignText:
    read = DesignText(text, KINDS)
    assert read.is_readable
    return read


SECTION: dict[str, JsonValue] = {"title": "Fear", "content": "None."}


def changed(text: DesignText) -> tuple[str, str]:
    """The lines that an edit took away, and those that it wrote."""
    old, new = TALK.split("\n"), text.text.split("\n")
    first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return "\n".join(old[first : len(old) - last]), "\n".join(new[first : len(new) - last])
