"""Games of telephone of the command line: put together, checked, told of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from simulator.changing import design_read, document_of, merged, of_kind
from simulator.domain.designs import Design
from simulator.domain.grids import Grid
from simulator.domain.nearest import nearest
from simulator.errors import DesignInvalidError, NotFoundError, UsageError
from simulator.files.telephone_texts import read_texts, shipped_texts
from simulator.kinds.telephone.design import TelephoneDesign, TextSource
from simulator.kinds.telephone.rules import problems
from simulator.kinds.telephone.tasks import TASKS
from simulator.kinds.telephone.workload import texts_too_long
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.estimates import Estimate
    from simulator.services import Services

LONGEST_NAME = 60
"""Characters of what an experiment is called after its task and models."""
_LONGEST_TEXT_NAME = 30
_GAME = "Telephone"
_NETWORK = ("structure", "agents", "cliques", "edges")
_ENDINGS = (".txt", ".json", ".jsonl", ".ndjson", ".csv", ".tsv")
"""Of files that texts are read from."""
_OF_FILES = (
    *_ENDINGS, ".md", ".markdown", ".text", ".rst", ".tex", ".log", ".htm", ".html", ".xml",
    ".yaml", ".yml", ".toml", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".parquet",
    ".gz", ".zip",
)  # fmt: skip
"""Of files that somebody may mean."""
_NAMED = 8
"""Texts that a remedy lists, at most."""


def as_telephone(design: Design) -> TelephoneDesign:
    """The design, which must be a game of telephone's.

    Raises:
        UsageError: It is of another kind.
    """
    return of_kind(design, TelephoneDesign, "game of telephone")


def changed(
    design: TelephoneDesign | None, changes: Mapping[str, Any], name: str = ""
) -> TelephoneDesign:
    """A design with other values, or a new one.

    Args:
        design: What they go over; None begins with a game as it is without a word.
        changes: Fields by name; those of `network`, `format`, `prompts` and `sampling` go over
            theirs one by one. Texts and data go instead of both.
        name: What it is called; empty says task and models, or what was changed.

    Raises:
        UsageError: A value is no good.
    """
    document = document_of(TelephoneDesign, design, changes)
    if "data" in changes or "texts" in changes:
        document.pop("data", None)
        document.pop("texts", None)
    if changes.get("network", {}).get("structure", "own") != "own":
        document["network"] = {**document.get("network", {}), "own": []}
    if "pattern" in changes.get("format", {}):
        document["format"] = {**document.get("format", {}), "start": "", "end": ""}
    elif "start" in changes.get("format", {}):
        document["format"] = {**document.get("format", {}), "pattern": ""}
    document = merged(document, changes)
    if name:
        document["name"] = name
    elif design is None:
        models = document.get("models") or [document.get("model", "pocket")]
        task = document.get("prompts", {}).get("name") or document.get("task", "rephrase")
        document["name"] = title_of([task], ["+".join(models)])
    elif changes:
        document["name"] = f"{design.name}: {', '.join(sorted(changes)).replace('_', ' ')}"
    return design_read(TelephoneDesign, document)


def title_of(tasks: Sequence[str], models: Sequence[str]) -> str:
    """What a game that nobody named is called, after the tasks and models that are played."""
    return shortened(f"{_GAME}: {', '.join(tasks)} with {', '.join(models)}", LONGEST_NAME)


def sized(design: TelephoneDesign) -> TelephoneDesign:
    """A design that nobody named, with its size in its name: texts × chains of each × generations.

    Args:
        design: With its texts.
    """
    size = f"{len(design.texts)}×{design.chains}×{design.generations}"
    name = f"{_GAME} {size}{design.name.removeprefix(_GAME)}"
    return design.model_copy(update={"name": shortened(name, LONGEST_NAME)})


def check_changed(design: TelephoneDesign, before: TelephoneDesign | None) -> None:
    """See that changes left the design sound.

    Args:
        design: With its texts.
        before: What the changes went over; None where they are all of it.

    Raises:
        UsageError: They did not.
    """
    if before is None or not problems(before):
        for problem in problems(design):
            raise UsageError(f"{problem}.", remedy="See `telephone --help`.")


def in_design(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a launch would set, as a design has it.

    Args:
        settings: Parameters of a launch.
    """
    found = {name: value for name, value in settings.items() if name not in _NETWORK}
    network = {name: settings[name] for name in _NETWORK if name in settings}
    texts, personality = found.pop("texts", None), found.pop("personality", None)
    if texts is not None:
        found["data"] = {"names": list(texts)}
    if personality is not None:
        found["personalities"] = [personality]
    return found | ({"network": network} if network else {})


def check_cells(services: Services, design: TelephoneDesign, grid: Grid) -> None:
    """See that every cell can be played, before anything is stored or asked.

    Raises:
        DesignInvalidError: The design itself cannot be.
        UsageError: What a launch sets over it does not fit.
        BackendError: There is no such model.
    """
    services.preview(design, {})
    for cell in grid.cells():
        try:
            services.preview(design, cell.parameters)
        except DesignInvalidError as error:
            first = error.problems[0] if error.problems else error.message
            raise UsageError(first, remedy=error.remedy) from None


# ---------------------------------------------------------------- texts


def path_meant(word: str) -> Path | None:
    """The path that a word is; None where it is another text.

    A path leads to something that is there, or is one word that ends as files of texts do.
    """
    path = Path(word).expanduser()
    try:
        if word.strip() and path.exists():
            return path
    except (OSError, ValueError):  # too long, or with characters that no path has
        return None
    is_word = not any(letter.isspace() for letter in word)
    return path if is_word and path.suffix.lower() in _ENDINGS else None


def texts_at(path: Path) -> dict[str, str]:
    """The texts of a file or folder, by name. Raises as `read_texts`."""
    return {text.name: text.text for text in read_texts(TextSource(path=str(path)))}


def texts_named(words: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the texts that words mean, each once.

    Args:
        words: Names, case aside; of `Length, short: the lighthouse` also `the lighthouse` alone,
            and `length` for all of that property.
        known: Texts by name.

    Raises:
        UsageError: A word means none.
    """
    found: list[str] = []
    for word in words:
        meant = _meant(word, known)
        if not meant:
            near = nearest(word, [*known, *(_tail(name) for name in known)])
            hint = f" Did you mean {near!r}?" if near else ""
            more = ", …" if len(known) > _NAMED else ""
            listed = "; ".join(list(known)[:_NAMED])
            raise UsageError(
                f"--texts: there is no text {word!r}.{hint}", remedy=f"There are: {listed}{more}"
            )
        found += meant
    return tuple(dict.fromkeys(found))


def shipped() -> Mapping[str, str]:
    """The texts that come along, by name."""
    return shipped_texts()


def initial_texts(words: Sequence[str]) -> list[dict[str, str]]:
    """The texts that chains begin with, as a design has them.

    Args:
        words: Each is the name of a text that comes along, a file, a folder, or a text itself.

    Raises:
        NotFoundError: A word is a path, as far as can be told, and nothing is there.
        SimulatorError: A file cannot be read.
    """
    found: dict[str, str] = {}
    for word in words:
        known = shipped()
        path = None
        names = [name for name in known if _is_called(word, name)]
        if not names:
            path = path_meant(word)
        if names:
            texts = {name: known[name] for name in names}
        elif path is not None:
            texts = texts_at(path)
        elif _is_like_a_path(word):
            raise NotFoundError(
                f"There is no file or folder {one_line(word)}.",
                remedy="A text itself that looks like a path can stand in a .txt file.",
            )
        else:
            name = shortened(one_line(word).strip(), _LONGEST_TEXT_NAME) or "Empty text"
            texts = {name: word}
        for name, text in texts.items():
            found[_unused(name, found)] = text
    return [{"name": name, "text": text} for name, text in found.items()]


def _is_like_a_path(word: str) -> bool:
    """Whether a single word has a slash, or ends as files do."""
    word = word.strip()
    if not word or any(letter.isspace() for letter in word):
        return False
    return "/" in word or "\\" in word or PurePath(word).suffix.lower() in _OF_FILES


def _meant(word: str, known: Mapping[str, str]) -> list[str]:
    exact = [name for name in known if name == word]
    called = exact or [name for name in known if _is_called(word, name)]
    kind = word.strip().casefold()
    beginnings = (f"{kind},", f"{kind}:")
    return called or [name for name in known if name.casefold().startswith(beginnings)]


def _is_called(word: str, name: str) -> bool:
    return word.strip().casefold() in (name.casefold(), _tail(name).casefold())


def _tail(name: str) -> str:
    return name.rpartition(": ")[2]


def _unused(name: str, taken: Mapping[str, str]) -> str:
    number, new = 1, name
    while new in taken:
        number += 1
        new = f"{name} ({number})"
    return new


# ---------------------------------------------------------------- prompts


def prompts_named(
    first: str | None, later: str | None, *, is_base: bool, is_sequence: bool
) -> dict[str, str]:
    """The prompts of the task `own`, as a design has them.

    Args:
        first: Of the first generation: a prompt, or the name of a task for its own prompt.
        later: Of all others, in the same way.
        is_base: Whether they are for models without instructions.
        is_sequence: Whether later generations read a single text.
    """
    prompts = {}
    if first is not None:
        prompts["first"] = _prompt(first, is_base=is_base, is_single=True)
    if later is not None:
        prompts["later"] = _prompt(later, is_base=is_base, is_single=is_sequence)
    return prompts


def _prompt(word: str, *, is_base: bool, is_single: bool) -> str:
    if word not in TASKS:
        return word
    asked = TASKS[word]
    if is_base:
        return asked.base if is_single else asked.base_several
    return asked.one if is_single else asked.several


# ---------------------------------------------------------------- what is told


def shape_lines(design: TelephoneDesign) -> list[str]:
    """What one run is, for people: its texts, chains and generations."""
    texts = counted(len(design.texts), "text")
    chains = counted(design.chain_count, "chain")
    each = f" (each text {design.chains} times)" if design.chains > 1 else ""
    network = ""
    if not design.is_sequence:
        agents, structure = design.network.agents, design.network.structure.replace("_", " ")
        network = f", each of {agents} agents ({structure})"
    generations = counted(design.generations, "generation")
    return [f"A run: {texts}, {chains}{each}{network}, {generations}"]


def long_lines(
    services: Services, design: TelephoneDesign, grid: Grid, found: Estimate
) -> list[str]:
    """Which initial texts are too long for which models, for people; nothing where all fit.

    Args:
        services: Have the kind.
        design: What is launched, with its texts.
        grid: What the launch sets over it; every cell can be played.
        found: What was foreseen of it.
    """
    short = {
        part.known.model: part for part in found.models
        if not part.fits and part.known.habits.reply is not None
    }  # fmt: skip
    if not short:
        return []
    kind = services.kind(design.kind)
    habits = {model: part.known.habits for model, part in short.items()}
    contexts = {model: part.context_limit or 0 for model, part in short.items()}
    long: dict[str, dict[str, None]] = {}
    for cell in grid.cells():
        one: Any = kind.resolve(design, cell.parameters)
        for model, names in texts_too_long(one, kind.cast(one, 0), habits, contexts).items():
            long.setdefault(model, {}).update(dict.fromkeys(names))
    return [_long_line(model, list(names)) for model, names in long.items() if names]


def _long_line(model: str, names: Sequence[str]) -> str:
    more = f"; … {len(names)} in all" if len(names) > _NAMED else ""
    listed = "; ".join(one_line(name) for name in names[:_NAMED])
    of = "it" if len(names) == 1 else "them"
    return (
        f"Too long for {one_line(model)}: {listed}{more}. Chains of {of} will stop, the others "
        "go on; --texts says which are played."
    )


def form_text(values: Mapping[str, JsonValue]) -> str:
    """How many replies had another form than was asked for; empty where none was."""
    return f"{wrong:,}" if isinstance(wrong := values.get("wrong_form"), int) else ""
