"""Which requests are read together next, and which can never be."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

from simulator.backends.hf.attention import QUERIES
from simulator.backends.hf.jobs import Job
from simulator.backends.hf.network import Network
from simulator.backends.hf.prefixes import PrefixTree, common_length
from simulator.backends.hf.rows import STEP, places
from simulator.errors import BackendError

LOOKED_AT = 4
"""Times the rows that there are: so many of those who wait are looked at for a group."""
SHARED = 32
"""Tokens that a prompt must share with one that is being read for it to wait for its rows."""
LOGITS_BYTES = 256_000_000
"""Of one forward pass over prompts."""


class Admission:
    """Knows the room that there is for keys and values."""

    def __init__(
        self,
        network: Network,
        prefixes: PrefixTree,
        *,
        name: str,
        rows: int,
        budget_bytes: int,
        vocabulary: int,
    ) -> None:
        """Make one.

        Args:
            network: The model.
            prefixes: What was read before.
            name: Of the model, for errors.
            rows: Requests that are answered side by side, at most.
            budget_bytes: For keys and values of these.
            vocabulary: How many tokens there are.
        """
        self._name = name
        self._has_rows = network.has_rows
        self._least = network.company
        self._most_inputs = network.most_inputs
        self._width = QUERIES if network.exact else 1
        self._prefixes = prefixes
        self._rows = rows
        self._budget_bytes = budget_bytes
        self._place_bytes = network.rows.bytes_per_place
        self._logits_bytes = 4 * vocabulary

    def check(self, job: Job) -> None:
        """Raises BackendError when the job would not fit even alone."""
        needed = self.bytes_of(1, job.room)
        if self._has_rows and needed > self._budget_bytes:
            raise BackendError(
                f"{self._name}: a prompt of {len(job.inputs)} tokens with its reply needs "
                f"{needed / 1e6:,.0f} MB for keys and values; {self._budget_bytes / 1e6:,.0f} MB "
                "may be used.",
                remedy="Ask for shorter replies (max_tokens), or give the model more memory, such "
                f"as memory_mb={needed * 3 // 2_000_000 + 1}.",
            )

    def bytes_of(self, rows: int, room: int) -> int:
        """Bytes that so many rows take, the longest of them with so much room."""
        return max(rows, self._least) * places(room) * self._place_bytes

    def allows(self, rows: int, room: int) -> bool:
        """Whether so many rows of so much room fit."""
        return self.bytes_of(rows, room) <= self._budget_bytes

    def has_room(self, rows: int, width: int) -> bool:
        """Whether so many rows of so many places fit."""
        return rows * width * self._place_bytes <= self._budget_bytes

    def cached(self, job: Job) -> int:
        """Inputs whose rows are there; those whose logits are wanted do not count."""
        most = len(job.inputs) - job.looks_back
        return min(self._prefixes.match(job.inputs.keys), most)

    def next_group(self, waiting: Iterable[Job], live: Collection[Job]) -> list[Job]:
        """Jobs to be read together: of similar length, none of which another would help.

        Args:
            waiting: In the order of their coming; the first is always chosen if it fits.
            live: Those that have rows.
        """
        if len(live) >= self._rows:
            return []
        # Looking further costs every step, and gains little.
        waiting = list(islice(waiting, LOOKED_AT * self._rows))
        room = max((job.room for job in live), default=0)
        chosen: list[Job] = []
        longest = shortest = keep = 0
        left = {job: len(job.inputs) - self.cached(job) for job in waiting}
        # Those of the first one's length make the least padding.
        for job in sorted(waiting, key=lambda one: abs(left[one] - left[waiting[0]])):
            together = len(chosen) + 1
            if len(live) + together > self._rows:
                break
            if not self.allows(len(live) + together, max(room, job.room)):
                if not chosen:
                    break
                continue
            wide, narrow = max(longest, left[job]), min(shortest or left[job], left[job])
            look = max(keep, job.looks_back)
            if chosen and (
                together * -(-wide // self._width) * self._width > self._most_inputs
                or wide > 2 * narrow + STEP
                or together * look * self._logits_bytes > LOGITS_BYTES
                or any(self._helps(one, job, len(job.inputs) - left[job]) for one in chosen)
            ):
                continue
            chosen.append(job)
            room = max(room, job.room)
            longest, shortest, keep = wide, narrow, look
        return chosen

    @staticmethod
    def _helps(first: Job, job: Job, cached: int) -> bool:
        """Whether a job's prompt will have rows for another that comes after it."""
        most = min(first.kept, len(job.inputs) - job.looks_back)
        return common_length(first.inputs.keys[:most], job.inputs.keys[:most]) >= cached + SHARED
