"""Transcripts of runs as files: JSON lines, CSV and Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite, isnan
from typing import Any, Literal, get_args

from pydantic import JsonValue

from simulator.domain.journal import Call, Step
from simulator.domain.records import Experiment, Outcome, Run
from simulator.domain.remarks import wrong_with
from simulator.errors import UsageError
from simulator.files.chain_lines import chain_labels
from simulator.files.chain_transcripts import ChainTranscript
from simulator.files.debate_transcripts import DebateTranscript
from simulator.files.iterated_transcripts import IteratedTranscript
from simulator.files.placed_transcripts import PlacedTranscript

Format = Literal["jsonl", "csv", "markdown"]

FORMATS: tuple[Format, ...] = get_args(Format)


def export(format: str, run: Run, experiment: Experiment, steps: Sequence[Step]) -> str:  # noqa: A002
    """A run's transcript in one of `FORMATS`; the text can always be written as UTF-8.

    * `jsonl`: every step of the journal with all that is known of it, one JSON object a line,
      exact to the last character (half surrogate pairs as escapes; infinite scores as texts); the
      texts of chains also with what analyses call their chain (`chain_lines`).
    * `csv`: one row for each message, of a debate by question and round and with the answers found
      in them (`debate_transcripts.COLUMNS`), of a game of telephone by chain and generation
      (`chain_transcripts.COLUMNS`), of learners by generation with what was found in rules and
      examples (`iterated_transcripts.COLUMNS`); of an imported run also with the ids that its
      conversation and its messages have in the original program's database. Cells that a
      spreadsheet would take for a formula begin with an apostrophe, and control characters other
      than line breaks and tabs are replaced by their pictures (U+2400 and on); use `jsonl` where
      every character matters.
    * `markdown`: for reading; what models wrote never acts as markup.

    Raises:
        UsageError: There is no such format.
    """
    writers: dict[str, Callable[[Run, Experiment, Sequence[Step]], str]] = {
        "jsonl": _jsonl,
        "csv": _csv,
        "markdown": _markdown,
    }
    if format not in writers:
        raise UsageError(
            f"There is no export format {format!r}.", remedy=f"Choose one of {', '.join(FORMATS)}."
        )
    return writers[format](run, experiment, steps)


def message_document(step: Step) -> dict[str, JsonValue]:
    """One message as JSON: where it stands, who speaks, what was said, and how it came about."""
    rest = step.model_dump(mode="python")
    rest["created_at"] = step.created_at.isoformat()
    first = ("scope", "index", "day", "speaker", "role", "content")
    document: dict[str, Any] = {name: rest.pop(name) for name in first}
    document.update(rest)
    listed: dict[str, JsonValue] = _listed(document)
    return listed


def remarks(step: Step) -> tuple[str, ...]:
    """What a reader should know of how a message came about; empty for most."""
    from_record = step.call is not None and step.call.from_cache
    return (*filter(None, wrong_with(step).values()), *(["from a record"] if from_record else []))


def ended_by(outcome: Outcome) -> str:
    """How a run ended, such as `4 messages were spoken` or `phrase: …`."""
    if outcome.reason != "messages":
        return ": ".join(filter(None, (outcome.reason, outcome.detail)))
    spoken = outcome.values.get("messages")
    if not isinstance(spoken, int):
        return "all messages were spoken"
    return "1 message was spoken" if spoken == 1 else f"{spoken} messages were spoken"


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _transcript(steps: Sequence[Step]) -> Iterator[Step]:
    return (s for s in sorted(steps, key=lambda s: s.position) if s.in_transcript)


def _placed(
    run: Run, experiment: Experiment, steps: Sequence[Step]
) -> PlacedTranscript[Any] | None:
    """Of kinds whose runs have parts, the messages by part."""
    if run.kind == "iterated":
        return IteratedTranscript(run, experiment, steps)
    if run.kind == "debate":
        return DebateTranscript(run, experiment, steps)
    return ChainTranscript(run, experiment, steps) if run.kind == "telephone" else None


def _jsonl(run: Run, experiment: Experiment, steps: Sequence[Step]) -> str:
    labels = chain_labels(run, experiment, steps)
    lines = (
        json.dumps({**message_document(s), **({"chain": label} if label else {})})
        for s in sorted(steps, key=lambda s: s.position)
        for label in (labels.get((s.scope, s.index)),)
    )
    return "".join(f"{line}\n" for line in lines)


def condition_of(run: Run, experiment: Experiment) -> dict[str, str]:
    """The level of each factor: what the launch chose, else the factor's first."""
    condition: dict[str, str] = {}
    for factor in _records(experiment.design.get("factors")):
        first = next(iter(_records(factor.get("levels"))), {})
        condition[str(factor.get("name"))] = str(first.get("name", ""))
    for level in _records(run.parameters.get("levels")):
        condition[str(level.get("name"))] = str(level.get("value"))
    return condition


def _records(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


# ---------------------------------------------------------------- CSV

_CALL_COLUMNS = (
    "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "cost_usd",
    "unpriced_calls", "estimated_calls", "stop_reason", "prompt_truncated", "from_cache",
)  # fmt: skip
_COLUMNS = (
    "run_id", "experiment", "scope", "index", "day", "speaker", "role", "model", "content", "raw",
    *_CALL_COLUMNS, "created_at",
)  # fmt: skip
_ORIGINAL_COLUMNS = ("original_conversation_id", "original_message_id")
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def _csv(run: Run, experiment: Experiment, steps: Sequence[Step]) -> str:
    condition = condition_of(run, experiment)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    original = _ORIGINAL_COLUMNS if run.original_id else ()
    placed = _placed(run, experiment, steps)
    columns = [*_COLUMNS, *original, *(placed.columns if placed is not None else ())]
    writer.writerow([*columns, *(csv_cell(f"factor {name}") for name in condition)])
    for step in _transcript(steps) if placed is None else placed.messages:
        call = step.call
        row: list[str | int | float | None] = [
            run.id, experiment.name, step.scope, step.index, step.day, step.speaker, step.role,
            _model(step) if placed is None else placed.model(step), step.content,
            call.raw if call else None,
            *(_call_cells(call) if call else [None] * len(_CALL_COLUMNS)),
            step.created_at.isoformat(),
            *((run.original_id, step.original_id) if original else ()),
            *(placed.cells(step) if placed is not None else ()),
        ]  # fmt: skip
        writer.writerow([csv_cell(value) for value in [*row, *condition.values()]])
    return stream.getvalue()


def _model(step: Step) -> str | None:
    return None if step.call is None else step.call.model


def _call_cells(call: Call) -> list[str | int | float | None]:
    used = call.usage
    unknown = used.unpriced_calls and not used.cost_usd
    return [
        used.prompt_tokens, used.cached_tokens, used.completion_tokens, used.reasoning_tokens,
        None if unknown else used.cost_usd, used.unpriced_calls,
        used.estimated_calls, call.stop_reason,
        str(call.prompt_truncated).lower(), str(call.from_cache).lower(),
    ]  # fmt: skip


def csv_cell(value: str | int | float | None) -> str | int | float | None:
    """A value that no spreadsheet takes for a formula, without control characters."""
    if not isinstance(value, str):
        return value
    visible = _visible(value)
    acts = visible.startswith("\t") or visible.lstrip().startswith(_FORMULA)
    return f"'{visible}" if acts else visible


def _visible(text: str) -> str:
    """A text without control characters but for line breaks and tabs, and without surrogates."""
    return "".join(map(_picture, text.replace("\r\n", "\n").replace("\r", "\n")))


def _picture(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cs") else character


# ---------------------------------------------------------------- Markdown

_ANYWHERE = re.compile(r"[\\`*_\[\]<>|~$&@^]|(?<=:)//|(?<=www)\.", re.IGNORECASE)
_AT_START = re.compile(r"[#+\-=:]")
_LIST_NUMBER = re.compile(r"\d{1,9}(?=[.)])")
_SPACES = re.compile(r"^[ \t]+")


def _markdown(run: Run, experiment: Experiment, steps: Sequence[Step]) -> str:
    lines = [f"# {inline(experiment.name)}", ""]
    if experiment.note:
        lines += [_block(experiment.note), ""]
    facts: dict[str, Any] = {
        "Run": run.id, "Status": run.status, "Seed": run.seed, "Creator": run.creator,
        "Created": run.created_at.isoformat(), "Design": run.design_hash,
    }  # fmt: skip
    if run.original_id:
        facts["Original"] = run.original_id
    if run.outcome:
        facts["Ended by"] = ended_by(run.outcome)
    if run.error:
        facts["Error"] = run.error
    condition = condition_of(run, experiment)
    parameters = {k: v for k, v in run.parameters.items() if k != "levels"}
    lines += _table("", facts)
    lines += _table("Parameters", {name: _worded(value) for name, value in parameters.items()})
    lines += _table("Condition", condition)
    lines += _agents(run)
    lines += ["## Transcript", ""]
    helpers = {agent.name for agent in run.agents if not agent.number}
    placed = _placed(run, experiment, steps)
    before: Step | None = None
    for step in _transcript(steps) if placed is None else placed.messages:
        headings = _days(step, before) if placed is None else placed.headings(step, before)
        before = step
        for level, heading in headings:
            lines += [f"{'#' * level} {inline(heading)}", ""]
        content = _block(step.content)
        found = placed.notes(step) if placed is not None else ""
        notes = ", ".join(
            [
                *([inline(found)] if found else []),
                *(["summary"] if step.speaker in helpers and placed is None else []),
                *remarks(step),
            ]
        )
        if placed is None and step.speaker in helpers:
            quoted = "\n".join(f"> {line}".rstrip() for line in content.split("\n"))
            lines += [f"> **{inline(step.speaker)}** ({notes})", ">", quoted, ""]
        else:
            lines += [
                f"**{inline(step.speaker)}**{f' ({notes})' if notes else ''}",
                "",
                content,
                "",
            ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _days(step: Step, before: Step | None) -> Iterable[tuple[int, str]]:
    is_new = step.day is not None and (before is None or step.day != before.day)
    return [(3, f"Day {step.day}")] if is_new else []


def _table(title: str, facts: dict[str, Any]) -> list[str]:
    if not facts:
        return []
    rows = [f"- {inline(name)}: {inline(str(value))}" for name, value in facts.items()]
    return [*([f"## {title}", ""] if title else []), *rows, ""]


def _worded(value: JsonValue) -> str:
    """A parameter of a launch: `guard 1, prisoner 2` for a list of such entries."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_worded(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(
            " ".join(map(_worded, item.values())) if isinstance(item, dict) else _worded(item)
            for item in value
        )
    return str(value)


def _agents(run: Run) -> list[str]:
    lines = ["## Agents", ""]
    for agent in run.agents:
        lines += [f"- **{inline(agent.name)}** ({inline(agent.role)}): {inline(agent.model)}"]
        if agent.system_prompt:
            quoted = _block(agent.system_prompt).split("\n")
            lines += ["", *(f"  > {line}".rstrip() for line in quoted), ""]
    return [*lines, ""] if run.agents else []


def inline(text: str) -> str:
    """A text as one line of Markdown in which nothing acts as markup, in tables either."""
    return _escaped(" ".join(_visible(text).split()))


def _block(text: str) -> str:
    """A text whose paragraphs and line breaks show, and nothing else of it acts."""
    lines = [line.rstrip() for line in _visible(text).strip().split("\n")]
    out = []
    for n, line in enumerate(lines):
        indent = _SPACES.match(line)
        width = len(indent[0].expandtabs(4)) if indent else 0
        shown = "&nbsp;" * width + _escaped(line.lstrip())
        hard = bool(shown) and n + 1 < len(lines) and bool(lines[n + 1])
        out.append(shown + ("\\" if hard else ""))
    return "\n".join(out) or "*(nothing)*"


def _escaped(text: str) -> str:
    """A line in which a backslash stands before every character that could be markup."""
    number = _LIST_NUMBER.match(text)
    start = number.end() if number else 0
    escaped = _ANYWHERE.sub(lambda match: f"\\{match[0]}", text.replace("\t", " "))
    if number or _AT_START.match(escaped):
        return f"{escaped[:start]}\\{escaped[start:]}"
    return escaped
