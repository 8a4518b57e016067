"""The kinds of experiment by name."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.domain.ports import Kind
from simulator.kinds.chatroom.kind import ChatroomKind
from simulator.kinds.conversation.kind import ConversationKind
from simulator.kinds.debate.kind import DebateKind
from simulator.kinds.iterated.kind import IteratedKind
from simulator.kinds.telephone.kind import TelephoneKind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        ConversationKind(), DebateKind(), ChatroomKind(), TelephoneKind(), IteratedKind(),
    )
}  # fmt: skip
