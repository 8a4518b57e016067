"""Takes over what the original program stored, from its database or from exports of it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Experiment, ExperimentQuery, RunQuery
from simulator.errors import ConflictError, DesignInvalidError, UsageError, remedies_for_address
from simulator.files.originals.assembling import (
    CHAT_LOG,
    Collection,
    Found,
    ImportedRun,
    Loss,
    Source,
    read_originals,
)
from simulator.files.originals.chatrooms import is_chatroom, read_chatroom
from simulator.files.originals.places import OriginalFiles
from simulator.files.originals.telephone_runs import gathered_runs
from simulator.files.originals.telephones import telephones_in
from simulator.lanes import lanes
from simulator.store.opening import is_mongodb

if TYPE_CHECKING:
    from simulator.store.originals import OriginalDatabase

FILES_NAMED = 3
"""Files with the same fault that are named in a summary."""
_FIELD = re.compile(r"([a-z_]+)(?:\[\d+\])?")
"""Of a file, with the number of a row in it."""
_TELLING_S = 0.2


@dataclass(slots=True)
class ImportReport:
    """What became of the documents."""

    experiments: int = 0
    """Taken over, whether or not they were known."""
    runs: int = 0
    messages: int = 0
    chains: int = 0
    """Of games of telephone."""
    new_experiments: int = 0
    new_runs: int = 0
    losses: list[Loss] = field(default_factory=list)

    @property
    def new(self) -> int:
        """Experiments and runs that were not in the store."""
        return self.new_experiments + self.new_runs

    @property
    def known(self) -> int:
        """Experiments and runs that were."""
        return self.experiments + self.runs - self.new

    def reasons(self, *, whole: bool) -> dict[str, int]:
        """How many documents were left out, or lack something, for each reason."""
        counted = Counter(map(_reason, self._losses(whole=whole)))
        return dict(counted.most_common())

    def told(self, *, whole: bool) -> list[str]:
        """The same in words, the commonest first, with the files while they are few."""
        files: dict[str, list[str]] = {}
        for loss in self._losses(whole=whole):
            if loss.is_file:
                files.setdefault(_reason(loss), []).append(loss.source)
        lines = []
        for reason, count in self.reasons(whole=whole).items():
            few = files.get(reason, []) if count <= FILES_NAMED else []
            lines.append(f"{count} × {reason}" + (f" ({', '.join(few)})" if few else ""))
        return lines

    def _losses(self, *, whole: bool) -> Iterator[Loss]:
        return (loss for loss in self.losses if loss.whole is whole)


def _reason(loss: Loss) -> str:
    """What, the field that is wrong if it is one, and why; rows of a field count together."""
    field_ = _FIELD.fullmatch(loss.id) if loss.is_file else None
    return ": ".join((loss.collection, *([field_[1]] if field_ else []), loss.reason))


async def import_originals(
    store: ExperimentStore,
    places: Sequence[str],
    *,
    dry_run: bool = False,
    hear: Callable[[float], None] = lambda share: None,
    notify: Callable[[str], None] = lambda sentence: None,
) -> ImportReport:
    """Store what is not there yet; what is there is left alone.

    Stopped at any moment and begun again, it goes on: a run is stored with all its messages or
    not at all.

    Args:
        store: Where to.
        places: Files, folders and addresses of databases.
        dry_run: Read and compare, but store nothing.
        hear: Told several times a second how much was read, from 0 to 1.
        notify: Hears sentences for the user.

    Raises:
        UsageError: A place is of a form that is not read, or more than one database could be meant.
        NotFoundError: There is nothing at a place.
        StoreUnavailableError: A database cannot be reached.
    """
    taking = _Taking(store, dry_run)
    found = await asyncio.to_thread(_sorted_out, places)
    taking.report.losses += found.losses
    for number, log in enumerate(found.logs):
        hear(number / len(found.logs))
        await taking.take_log(log)
    if found.games:
        await taking.take_games(found.games, hear)
    for each in _sources(found.rest, notify):
        async with each as source, _told(source, hear):
            await taking.take(source)
    return taking.report


class _Taking:
    def __init__(self, store: ExperimentStore, dry_run: bool) -> None:
        self.report = ImportReport()
        self._store = store
        self._dry_run = dry_run
        self._experiments: dict[str, Experiment] = {}
        """As they are stored."""
        self._runs: set[str] = set()
        """Those that are stored."""

    async def take(self, source: Source) -> None:
        """Store what a source has."""
        async with lanes() as start:
            async for record in read_originals(source):
                if isinstance(record, Loss):
                    self.report.losses.append(record)
                elif isinstance(record, Experiment):
                    await self._take_experiment(record)
                else:
                    await start(self._take_run, record)

    async def take_log(self, path: Path) -> None:
        """Store the run of a file that holds one."""
        try:
            experiment, run, steps = read_chatroom(path)
        except DesignInvalidError as error:
            reason = error.message.removeprefix(f"{path}: ")
            self.report.losses.append(Loss(str(path), "conversations", CHAT_LOG, reason))
            return
        await self._take_experiment(experiment)
        await self._take_run(ImportedRun(run, steps))

    async def take_games(self, paths: Sequence[Path], hear: Callable[[float], None]) -> None:
        """Store the runs of files that hold games of telephone."""
        records = gathered_runs(paths)
        read = 0
        while (record := await asyncio.to_thread(next, records, None)) is not None:
            if isinstance(record, Loss):
                self.report.losses.append(record)
                read += record.whole
            else:
                await self._take_experiment(record.experiment)
                await self._take_run(ImportedRun(record.run, record.steps))
                self.report.chains += len(record.files)
                read += len(record.files)
            hear(read / len(paths))

    async def _take_experiment(self, experiment: Experiment) -> None:
        if experiment.id in self._experiments:
            return
        self.report.experiments += 1
        if await self._is_added(experiment):
            self.report.new_experiments += 1
            self._experiments[experiment.id] = experiment
            return
        known = await self._store.experiment(experiment.id)
        self._experiments[known.id] = known
        self._runs |= {run.id for run in await self._store.runs(RunQuery(experiment_id=known.id))}

    async def _is_added(self, experiment: Experiment) -> bool:
        """Store an experiment, as far as it is allowed; False when it was there already."""
        if self._dry_run:
            return not await self._store.experiments(ExperimentQuery(id_fragment=experiment.id))
        try:
            await self._store.add_experiment(experiment)
        except ConflictError:
            return False
        return True

    async def _take_run(self, imported: ImportedRun) -> None:
        run, steps = imported
        self.report.runs += 1
        self.report.messages += len(steps)
        if run.id in self._runs:
            return
        self._runs.add(run.id)
        if not self._dry_run:
            # An earlier export may have given the experiment another first conversation.
            design_hash = self._experiments[run.experiment_id].design_hash
            run = run.model_copy(update={"design_hash": design_hash})
            try:
                await self._store.add_run(run, steps)
            except ConflictError:
                return
        self.report.new_runs += 1


# ---------------------------------------------------------------- sources


@dataclass(slots=True)
class _SortedOut:
    logs: list[Path] = field(default_factory=list)
    """Talks of chatrooms."""
    games: list[Path] = field(default_factory=list)
    """Games of telephone."""
    rest: list[str] = field(default_factory=list)
    """Places of a database's documents."""
    losses: list[Loss] = field(default_factory=list)


def _sorted_out(places: Sequence[str]) -> _SortedOut:
    """What stands at places: logs and games, also those in folders, and the JSON beside them."""
    found = _SortedOut()
    for place in places:
        if "://" in place:
            found.rest.append(place)
            continue
        path = Path(place).expanduser()
        games = telephones_in(path)
        inner = sorted(path.glob("*.json")) if path.is_dir() else [path]
        beside = [file for file in inner if file not in games]
        logs = [file for file in beside if is_chatroom(file)]
        found.logs += logs
        found.games += games
        if not logs and not games:
            found.rest.append(place)
            continue
        found.rest += [str(file) for file in beside if file not in logs]
        if games and path.is_dir():
            found.losses += _strangers(path, {*inner, *games})
    found.games = list(dict.fromkeys(found.games))
    return found


def _strangers(folder: Path, known: set[Path]) -> Iterator[Loss]:
    """The JSON among games that is none."""
    for path in sorted(folder.rglob("*.json")):
        if path not in known:
            yield Loss(str(path), "chains", "the file", "it is no game of telephone")


def _sources(
    places: Sequence[str], notify: Callable[[str], None]
) -> Iterator[AbstractAsyncContextManager[Source]]:
    """The databases one by one, and all files together, since they may belong together."""
    paths = []
    for place in places:
        if is_mongodb(place):
            yield _database(place, notify)
        elif "://" in place:
            raise UsageError(
                f"Nothing can be imported from an address of the form {place.partition('://')[0]}://…",
                remedy="Name a file, a folder, or an address such as mongodb://HOST/DATABASE.",
            )
        else:
            paths.append(Path(place).expanduser())
    if paths:
        yield nullcontext(OriginalFiles(paths, _bson_documents))


def _bson_documents(stream: BinaryIO) -> Iterator[tuple[str, Any]]:
    from simulator.store.originals import bson_documents

    return bson_documents(stream)


@asynccontextmanager
async def _database(url: str, notify: Callable[[str], None]) -> AsyncIterator[Source]:
    from simulator.store.originals import open_original

    async with AsyncExitStack() as stack:
        with remedies_for_address():
            database = await stack.enter_async_context(open_original(url, notify))
        yield _DatabaseSource(database)


class _DatabaseSource:
    """A database as a `Source`."""

    def __init__(self, database: OriginalDatabase) -> None:
        self._database = database

    @property
    def share(self) -> float:
        return self._database.share

    async def parents(self) -> AsyncIterator[Found]:
        for collection in ("experiments", "conversations"):
            async for found in self._all(collection):
                yield found

    def messages(self) -> AsyncIterator[Found]:
        return self._all("messages")

    async def _all(self, collection: Collection) -> AsyncIterator[Found]:
        source = f"{self._database.name}.{collection}"
        async for document in self._database.documents(collection):
            yield Found(source, "", collection, document)


@asynccontextmanager
async def _told(source: Source, hear: Callable[[float], None]) -> AsyncIterator[None]:
    """Tell how far the source is read while the block runs."""

    async def tell() -> None:
        while True:
            hear(source.share)
            await asyncio.sleep(_TELLING_S)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
