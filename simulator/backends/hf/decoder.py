"""Answers many requests at once: one thread, one queue, one forward pass for all of them.

Requests join and leave at any token (continuous batching). Rows 0 to n - 1 of the cache are those
that are being answered; rows after them are being read. A row that leaves is filled with the last.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch

from simulator.backends.hf.admission import Admission
from simulator.backends.hf.attention import QUERIES
from simulator.backends.hf.drawing import draw_tokens
from simulator.backends.hf.faults import closed, is_out_of_memory, told_of
from simulator.backends.hf.jobs import Job, LatentJob, ScoreJob, TextJob
from simulator.backends.hf.mixing import Mixer, Mixtures
from simulator.backends.hf.network import Network
from simulator.backends.hf.prefixes import PrefixTree
from simulator.backends.hf.rows import places
from simulator.backends.hf.sequences import Row, prompt_table, rereading, splits_of, step_table
from simulator.backends.hf.speech import Speech
from simulator.backends.latent_rules import rounded
from simulator.domain.journal import SoftToken
from simulator.errors import BackendError, SimulatorError

Tensor = Any

_log = logging.getLogger(__name__)

LONGEST_HOLD_S = 0.25
"""Seconds that replies may be held up by the reading of prompts, one piece of which takes longer
on large models."""


class Decoder:
    """The thread of one loaded model."""

    def __init__(
        self,
        network: Network,
        speech: Speech,
        *,
        name: str,
        rows: int,
        budget_bytes: int,
        threads: int | None = None,
    ) -> None:
        """Start the thread.

        Args:
            network: The model; nobody else may run it from now on.
            speech: Its tokenizer.
            name: Of the model, for errors.
            rows: Requests that are answered side by side, at most.
            budget_bytes: For keys and values; a third of it for prefixes.
            threads: Of the processor; None leaves them as they are.
        """
        self._network = network
        self._speech = speech
        self._name = name
        rows = min(rows, network.most_inputs)
        self._most_rows = max(rows, network.company)
        self._prefixes = PrefixTree(budget_bytes // 3)
        self._admission = Admission(
            network, self._prefixes, name=name, rows=rows,
            budget_bytes=budget_bytes - budget_bytes // 3, vocabulary=len(speech.vocabulary),
        )  # fmt: skip
        self._threads = threads
        self._mixer: Mixer | None = None
        self._rows: list[Row] = []
        self._answering = 0
        """Rows that are being answered; those after them are being read."""
        self._columns = 0
        """Of the prompts that are being read, how many columns are left; see `_read_on`."""
        self._stepped = 0.0
        """When the last step ended."""
        self._waiting: deque[Job] = deque()
        self._inbox: deque[Job] = deque()
        self._in_hand: list[Job] = []
        """Taken out of those who wait, and not in rows yet."""
        self._news = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._work, name=f"decoder of {name}", daemon=True)
        self._thread.start()

    def submit(self, *jobs: Job) -> None:
        """Queue jobs; what becomes of each is delivered to it.

        Raises:
            BackendError: One can never fit, or the decoder was closed.
        """
        for job in jobs:
            self._admission.check(job)
        with self._news:
            if self._is_closing:
                raise closed(self._name)
            self._inbox.extend(jobs)
            self._news.notify()

    def close(self) -> None:
        """Stop after the step in progress; what is not answered fails."""
        with self._news:
            self._is_closing = True
            self._news.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    @property
    def prefix_bytes(self) -> int:
        """What is kept of prompts that were read."""
        return self._prefixes.size_bytes

    # ------------------------------------------------------------ the thread

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def _work(self) -> None:
        if self._threads is not None:
            torch.set_num_threads(self._threads)
        while True:
            with self._news:
                while not (self._inbox or self._waiting or self._rows or self._is_closing):
                    self._news.wait()
                self._waiting.extend(self._inbox)
                self._inbox.clear()
                if self._is_closing:
                    break
            self._waiting = deque(job for job in self._waiting if not job.is_cancelled)
            try:
                self._turn()
            except Exception as error:
                self._fail(error)
        self._fail(closed(self._name))
        self._prefixes.clear()
        self._network.rows.release()

    def _turn(self) -> None:
        """One step for those that are answered, after one piece of those that are read."""
        if not self._network.has_rows:
            if self._waiting:
                self._in_hand = [self._waiting.popleft()]
                self._read_anew(self._in_hand[0])
                self._in_hand = []
            return
        for number in reversed(range(len(self._rows))):
            if self._rows[number].job.is_cancelled:
                self._leave(number)
        if self._columns == 0 and self._waiting:
            self._begin(self._admission.next_group(self._waiting, [r.job for r in self._rows]))
        if self._columns:
            self._read_on()
            # Few rows take nearly as long as many, so newcomers go first for a while.
            if self._waiting and time.monotonic() - self._stepped < LONGEST_HOLD_S:
                return
        if self._answering:
            self._step()
            self._stepped = time.monotonic()

    def _fail(self, error: Exception) -> None:
        """Whatever is in hand ends with an error."""
        jobs = dict.fromkeys([*(row.job for row in self._rows), *self._in_hand, *self._waiting])
        self._rows.clear()
        self._waiting.clear()
        self._in_hand = []
        self._answering = self._columns = 0
        self._network.rows.release()
        if is_out_of_memory(error):
            self._prefixes.clear()
        if not isinstance(error, SimulatorError):
            _log.error("the decoder of %s failed", self._name, exc_info=error)
        told = told_of(error, self._name)
        for job in jobs:
            job.deliver(told)

    # ------------------------------------------------------------ reading prompts

    def _begin(self, jobs: Sequence[Job]) -> None:
        """Give jobs their rows, with what is there of their prompts."""
        if not jobs:
            return
        for job in jobs:
            self._waiting.remove(job)
        self._in_hand = list(jobs)
        self._make_room(len(self._rows) + len(jobs), [row.job for row in self._rows], jobs)
        cache = self._network.rows
        for job in jobs:
            row = Row(job)
            self._rows.append(row)
            most = len(job.inputs) - job.looks_back
            for layers, length in self._prefixes.pieces(job.inputs.keys):
                taken = min(length, most - row.length)
                if taken <= 0:
                    break
                cache.put(len(self._rows) - 1, row.length, layers, taken)
                row.length += taken
            job.cached_tokens = row.length
        self._in_hand = []
        self._columns = self._columns_left()

    def _columns_left(self) -> int:
        reading = self._rows[self._answering :]
        return max((len(row.job.inputs) - row.length for row in reading), default=0)

    def _make_room(self, rows: int, live: Sequence[Job], jobs: Sequence[Job]) -> None:
        """Have room for so many rows: more than that if they fit, as growing copies them all."""
        cache = self._network.rows
        rows = max(rows, self._network.company)
        room = max(job.room for job in (*live, *jobs))
        more = max(cache.rows, _doubled(rows + len(self._waiting), self._most_rows))
        further = max(cache.places, places(room))
        if self._admission.has_room(more, further):
            cache.resize(more, further)
        else:
            cache.resize(rows, places(room))

    def _read_on(self) -> None:
        """One piece of the prompts that are read.

        They stand right-aligned in a table whose columns are read from left to right, so that all
        of them end with the last column.
        """
        reading = self._rows[self._answering :]
        keep = max(row.job.looks_back for row in reading)
        most = self._network.most_inputs // len(reading)
        if self._network.exact:
            most = most // QUERIES * QUERIES
        most = max(most, keep, QUERIES)
        wide = min(self._columns, most)
        if 0 < self._columns - wide < keep:
            wide = self._columns - keep
        after = self._columns - wide
        spans = []
        for row in reading:
            stop = len(row.job.inputs) - after
            spans.append((min(row.length, max(stop, 0)), max(stop, 0)))
        width = max(stop - start for start, stop in spans)
        if self._network.exact:
            width = -(-max(width, self._network.least_rows) // QUERIES) * QUERIES
        inputs, positions = prompt_table(self._network, reading, spans, width)
        logits = self._network.run(
            self._answering, len(self._rows), inputs, positions, keep=1 if after else keep
        )
        for row, (_, stop) in zip(reading, spans, strict=True):
            row.length = max(row.length, stop)
        self._columns = after
        if after == 0:
            self._finish_reading(reading, logits)

    def _finish_reading(self, rows: Sequence[Row], logits: Tensor) -> None:
        """Keep what was read for others, and begin to answer."""
        first = self._answering
        for number, row in enumerate(rows):
            keys = row.job.inputs.keys[: row.job.kept]
            self._prefixes.add(keys, partial(self._network.rows.get, first + number))
        self._answering = len(self._rows)
        over: list[int] = []
        answered: list[tuple[int, Row]] = []
        for number, row in enumerate(rows):
            job = row.job
            if isinstance(job, ScoreJob):
                job.take(logits[number, -job.looks_back :].log_softmax(dim=-1))
                over.append(first + number)
            else:
                answered.append((number, row))
                if isinstance(job, TextJob) and job.top_logprobs:
                    job.note_first(logits[number, -1].log_softmax(dim=-1))
        if answered:
            last = logits[[number for number, _ in answered], -1]
            ended = self._advance([row for _, row in answered], last)
            over += [first + answered[at][0] for at in ended]
        for number in sorted(over, reverse=True):
            self._leave(number)

    def _read_anew(self, job: Job) -> None:
        """Answer one job by itself; for models without rows."""
        row = Row(job)
        for logits in rereading(self._network, row):
            if isinstance(job, ScoreJob):
                job.take(logits[0].log_softmax(dim=-1))
                return
            if isinstance(job, TextJob) and job.top_logprobs and not job.made:
                job.note_first(logits[0, -1].log_softmax(dim=-1))
            if self._advance([row], logits[:, -1]) or job.is_cancelled:
                return
            if self._is_closing:
                raise closed(self._name)

    # ------------------------------------------------------------ answering

    def _step(self) -> None:
        rows = self._rows[: self._answering]
        count = max(len(rows), self._network.least_rows)
        inputs, positions = step_table(self._network, rows, count)
        splits = splits_of(rows) if self._network.can_split else ()
        logits = self._network.run(0, len(rows), inputs, positions, splits=splits)
        for row in rows:
            row.length += 1
        for number in reversed(self._advance(rows, logits[:, -1])):
            self._leave(number)

    def _advance(self, rows: Sequence[Row], logits: Tensor) -> list[int]:
        """Draw or mix the next input of each row; which of them are over, in order."""
        over = self._without_numbers(rows, logits)
        texts = [n for n, row in enumerate(rows) if isinstance(row.job, TextJob) and n not in over]
        softs = [
            n for n, row in enumerate(rows) if isinstance(row.job, LatentJob) and n not in over
        ]
        if texts:
            jobs = [job for n in texts if isinstance(job := rows[n].job, TextJob)]
            part = logits if len(texts) == len(rows) else logits[texts]
            tokens = draw_tokens(part, [job.draw for job in jobs], [job.made for job in jobs])
            for number, job, token in zip(texts, jobs, tokens, strict=True):
                rows[number].next_input = token
                if job.take(token):
                    over.append(number)
        if softs:
            over += self._mix(rows, softs, logits[softs])
        return sorted(over)

    def _without_numbers(self, rows: Sequence[Row], logits: Tensor) -> list[int]:
        """Rows whose logits are no numbers; they fail alone, and leave none behind."""
        sound: list[bool] = torch.isfinite(logits.amax(dim=-1)).tolist()
        lost = [number for number, is_sound in enumerate(sound) if not is_sound]
        failed = [rows[number].job for number in lost]
        for job in failed:
            job.deliver(
                BackendError(
                    f"{self._name} computed something that is no number.",
                    remedy="Try another dtype=…, or a temperature further from 0.",
                )
            )
        self._network.rows.wipe([n for n, row in enumerate(self._rows) if row.job in failed])
        return lost

    def _mix(self, rows: Sequence[Row], numbers: Sequence[int], logits: Tensor) -> list[int]:
        jobs = [job for n in numbers if isinstance(job := rows[n].job, LatentJob)]
        with torch.inference_mode():
            mixed = self.mixer.mix(logits, [job.sampling for job in jobs])
            received = [self._received(job, mixed, at) for at, job in enumerate(jobs)]
        over = []
        for at, (number, job) in enumerate(zip(numbers, jobs, strict=True)):
            vector, token = mixed.vectors[at], mixed.nearest[at]
            rows[number].next_input = vector
            # Not validated: these are many, and come from nowhere else.
            soft = SoftToken.model_construct(
                token=self._speech.token_text(token),
                entropy=rounded(max(mixed.entropies[at], 0.0)),
                is_mixed=mixed.are_mixed[at],
                top=tuple((self._speech.token_text(n), rounded(p)) for n, p in mixed.top[at]),
            )
            if job.take(token, soft, vector, received[at]):
                over.append(number)
        return over

    def _received(self, job: LatentJob, mixed: Mixtures, at: int) -> list[Tensor | None]:
        unit_length = job.sampling.unit_length
        return [
            reader.read(self.mixer, mixed.weights[at], unit_length=unit_length)
            for reader in job.readers
        ]

    @property
    def mixer(self) -> Mixer:
        """Made when first needed; only the decoder's thread asks."""
        if self._mixer is None:
            self._mixer = Mixer(self._network.table, exact=self._network.exact)
        return self._mixer

    def _leave(self, number: int) -> None:
        """Take a row out, and close the gap."""
        end = len(self._rows) - 1
        if number < self._answering:
            last = self._answering - 1
            self._fill(number, last)
            self._fill(last, end)
            self._answering -= 1
            self._rows.pop()
        else:
            self._fill(number, end)
            self._rows.pop()
            self._columns = min(self._columns, self._columns_left())

    def _fill(self, target: int, source: int) -> None:
        if target != source:
            self._rows[target] = self._rows[source]
            self._network.rows.move(source, target, self._rows[source].length)


def _doubled(rows: int, most: int) -> int:
    """Rows to allocate: a power of two, so that they are not copied at every newcomer."""
    size = 1
    while size < rows:
        size *= 2
    return min(size, most)
