"""The data card of a bundle: what it is, for people who were not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulator.domain.prices import dollars
from simulator.domain.records import Experiment
from simulator.files.bundles import layout
from simulator.files.bundles.messages import COLUMNS
from simulator.files.bundles.tallying import Tally
from simulator.files.transcripts import inline

NO_LICENCE = "To be chosen by whoever publishes this: nothing was said when it was written."
_LISTED = 50
"""Experiments, seeds or models that are named one by one."""

STEP_FIELDS: Mapping[str, str] = {
    "run_id": "Id of the run.",
    "scope": "The sequence of steps that it is in; `main`, or work that ran beside it.",
    "index": "Place in the scope, from 0, without gaps.",
    "position": "Order of commitment in the run, over all scopes.",
    "kind": "`say`, `ask`, `ask_latent`, `choose`, `score` or `interject`.",
    "prompt_hash": "Hash of what the model was shown, or of the words themselves.",
    "speaker": "Unique name of who speaks or chooses.",
    "role": "Role of who speaks.",
    "content": "What was said, after parsing; of a choice, the option chosen.",
    "day": "Day, from 1, of kinds that know days.",
    "in_transcript": "Whether the others hear it.",
    "parsing": "What parsing did to the raw reply, in order.",
    "method": "How a choice was made.",
    "options": "What there was to choose from or to score.",
    "scores": "Log-probabilities of the options, in nats; infinite ones as texts.",
    "soft_tokens": "Of a message as vectors, what was likely at each of them.",
    "call": "How a model came to the reply: model, digest, sampling, seed, raw reply, usage.",
    "edited": "Whether a fork put other words here.",
    "original_id": "Its id in the original program's database.",
    "created_at": "When it was committed, UTC.",
}
"""What stands in a line of a journal."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a data card is made from."""

    tally: Tally
    experiments: Sequence[tuple[Experiment, int]]
    """With how many of their runs are in it."""
    batches: int
    designs: int
    """Files of designs."""
    measures: Sequence[str]
    """Names of those that values are there of."""
    has_table: bool
    left_out: Sequence[str]
    """A sentence for each thing that is not there although it could be."""
    licence: str
    simulator_version: str


def data_card(facts: CardFacts) -> str:
    """The card in Markdown; what users or models wrote never acts as markup."""
    names = [inline(one.name) for one, _ in facts.experiments]
    title = names[0] if len(names) == 1 else f"{len(names)} experiments"
    tally = facts.tally
    lines = [
        f"# {title}: a study with language models",
        "",
        f"{_counted(tally.runs, 'run')} of {_counted(len(names), 'experiment')} with "
        f"{_counted(tally.messages, 'message')}, made with LLM Interaction Simulator and written "
        f"by its {inline(f'version {facts.simulator_version}')}. Every word of every run is in it, "
        "with all that is needed to run it again.",
        "",
        *_section("Experiments", _experiments(facts)),
        *_section("Runs", _runs(tally)),
        *_section("Models", _models(tally)),
        *_section("Files", _files(facts)),
        *_section("Left out", [f"- {sentence}" for sentence in facts.left_out]),
        *_section("Check and import", [_USE]),
        *_section("Columns of the journals", _table(("field", "meaning"), STEP_FIELDS.items())),
    ]
    if facts.has_table:
        rows = [(one.name, one.type, one.meaning) for one in COLUMNS]
        lines += _section("Columns of the table", _table(("column", "type", "meaning"), rows))
    lines += _section("People", [_PEOPLE])
    lines += _section("Licence", [inline(facts.licence) or NO_LICENCE])
    return "\n".join(lines).rstrip("\n") + "\n"


_USE = f"""\
`sha256sum -c {layout.SUMS}` checks that no file was changed. `python main.py import FOLDER` does so
too, and puts all records under their ids into the store in use; what is there already is left
alone. `python main.py verify RUN` then replays a run against its design, and
`python main.py run designs/N-M.yaml --seed SEED` plays one again: with a model that honours seeds,
on the same weights and versions, it says the same.

Whoever edits this file writes its new sum into `{layout.SUMS}`, as
`sha256sum {layout.CARD}` prints it."""
_PEOPLE = """\
Who launched, starred and annotated what is in it by the names that they gave themselves, and so
are words that people put in. The words of models may be false, offensive, or resemble those of
others."""


def _experiments(facts: CardFacts) -> list[str]:
    rows = [
        (inline(one.name), one.kind, str(runs), inline(one.note), one.design_hash)
        for one, runs in facts.experiments[:_LISTED]
    ]
    more = len(facts.experiments) - len(rows)
    return [
        *_table(("experiment", "kind", "runs", "note", "design"), rows),
        *(["", f"And {more} more, in `{layout.EXPERIMENTS}`."] if more > 0 else []),
    ]


def _runs(tally: Tally) -> list[str]:
    statuses = ", ".join(f"{number} {status}" for status, number in sorted(tally.statuses.items()))
    seeds = sorted(tally.seeds)
    told = ", ".join(map(str, seeds[:_LISTED])) + (", …" if len(seeds) > _LISTED else "")
    lines = [f"- {statuses}", f"- Seeds: {told}", f"- From {tally.earliest} to {tally.latest}"]
    for provenance, runs in tally.launched_with.values():
        parts = [
            f"launched by version {provenance.simulator_version}",
            f"commit {provenance.commit}" if provenance.commit else "",
            f"on Python {provenance.python_version}, {provenance.platform}",
        ]
        lines.append(f"- {_counted(runs, 'run')} {inline(', '.join(filter(None, parts)))}")
    return lines


def _models(tally: Tally) -> list[str]:
    rows = []
    for name, model in sorted(tally.models.items())[:_LISTED]:
        used = model.used.total()
        cost = dollars(used.cost_usd)
        if used.unpriced_calls:
            cost += f", without {_counted(used.unpriced_calls, 'call')} of unknown price"
        digests = ", ".join(map(inline, sorted(model.digests))) or "not told"
        tokens = f"{used.prompt_tokens} / {used.completion_tokens}"
        rows.append((inline(name), digests, str(used.calls), tokens, inline(cost)))
    return _table(("model", "weights", "calls", "tokens read / written", "cost"), rows)


def _files(facts: CardFacts) -> list[str]:
    tally = facts.tally
    contents = {
        layout.MANIFEST: "What the bundle is, and how much it has.",
        layout.EXPERIMENTS: f"{_counted(len(facts.experiments), 'experiment')}, one a line.",
        layout.BATCHES: f"{facts.batches} batches, one a line." if facts.batches != 1
        else "1 batch.",
        layout.RUNS: f"{_counted(tally.runs, 'run')}, one a line: parameters, seed, agents with "
        "their prompts, status, usage, outcome, provenance.",
        layout.JOURNALS: f"{_counted(tally.steps, 'step')}, one a line, run by run, in the order "
        "of commitment; lossless.",
        "designs/": f"{_counted(facts.designs, 'design')} in YAML; `N.yaml` as written, `N-M.yaml` "
        f"with the parameters of runs in it, which `{layout.PROVENANCE}` names.",
        layout.PROVENANCE: "Versions, commits, packages, machines, models with digests and prices, "
        "seeds.",
    }  # fmt: skip
    if facts.has_table:
        contents[layout.MESSAGES] = f"{_counted(tally.messages, 'message')} as a table."
    if facts.measures:
        contents[layout.MEASURES] = f"Values of {', '.join(map(inline, facts.measures))}."
    contents[layout.SUMS] = "SHA-256 of every file."
    return _table(("file", "contents"), ((f"`{name}`", told) for name, told in contents.items()))


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""] if lines else []


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    body = [f"| {' | '.join(row)} |" for row in rows]
    head = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    return [*head, *body] if body else []


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
