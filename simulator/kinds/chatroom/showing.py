"""What a model is shown of a chatroom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simulator.domain.prompts import ChatMessage, ChatRole, Prompt
from simulator.kinds.chatroom.design import Roles


class Said(NamedTuple):
    """A message."""

    speaker: str
    text: str


def shown(
    system_prompt: str, history: Sequence[Said], name: str, *, roles: Roles, window: int
) -> Prompt:
    """The prompt of a model's next message.

    Args:
        system_prompt: Goes first; an empty one is left out.
        history: All messages so far.
        name: Whose turn it is.
        roles: See `ChatroomDesign.roles`.
        window: Latest messages that are shown; 0 shows all.
    """
    seen = history[-window:] if window else history
    entries = [ChatMessage("system", system_prompt)] if system_prompt else []
    for behind, said in zip(range(len(seen) - 1, -1, -1), seen, strict=True):
        role = _by_place(behind) if roles == "classic" else _by_author(said, name, behind)
        entries.append(ChatMessage(role, said.text))
    return Prompt.of(*entries)


def _by_place(behind: int) -> ChatRole:
    """The newest message is the user's, the one before it the system's, and so on in turns."""
    return "system" if behind % 2 else "user"


def _by_author(said: Said, name: str, behind: int) -> ChatRole:
    return "assistant" if said.speaker == name and behind else "user"
