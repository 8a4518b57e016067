"""The designs that come with the program, by their kind."""

from __future__ import annotations

import re
from pathlib import Path

from simulator.files.seeds import seed_designs


def seeds_of(kind: str) -> list[Path]:
    """Those of a kind."""
    line = re.compile(rf"^kind: {kind}$", re.MULTILINE)
    return [path for path in seed_designs() if line.search(path.read_text(encoding="utf-8"))]


CONVERSATIONS = seeds_of("conversation")
DEBATES = seeds_of("debate")
CHATROOMS = seeds_of("chatroom")
TELEPHONES = seeds_of("telephone")
LINEAGES = seeds_of("iterated")
