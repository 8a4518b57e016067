"""Finds the batch that a name on the command line means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.finding import AmbiguousError
from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.ids import id_fragment
from simulator.domain.nearest import nearest
from simulator.errors import NotFoundError
from simulator.library import SHORTEST_FRAGMENT
from simulator.presentation.moments import age
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from simulator.services import Services

LAST = "last"
_LISTED = 20


async def find_batch(services: Services, name: str) -> Batch:
    """The batch of that id, beginning or end of an id, or name, or `last` for the user's newest.

    Of several with a name, those of the user go first.

    Raises:
        NotFoundError: None.
        UsageError: Several; they are named.
    """
    if name == LAST:
        return await _last(services)
    batch = await batch_or_none(services, name)
    if batch is not None:
        return batch
    names = [one.name for one in await services.store.batches(BatchQuery(limit=100))]
    meant = nearest(name, names)
    hint = f"Did you mean {one_line(meant)!r}? " if meant else ""
    raise NotFoundError(f"There is no batch {name!r}.", remedy=f"{hint}`batch` lists them.")


async def batch_or_none(services: Services, name: str) -> Batch | None:
    """As `find_batch`, but None where there is none, and without `last`.

    Raises:
        UsageError: Several; they are named.
    """
    found: list[Batch] = []
    if len(name) >= SHORTEST_FRAGMENT:
        query = BatchQuery(id_fragment=id_fragment(name), limit=_LISTED)
        found = await services.store.batches(query)
    if not found:
        found = [one for one in await services.store.batches(BatchQuery()) if one.name == name]
        user = services.settings.creator
        found = [one for one in found if one.creator == user] or found
    if len(found) <= 1:
        return found[0] if found else None
    lines = [
        f"{short_id(one.id)}  {one_line(one.name)}  {one_line(one.creator)}  "
        f"{age(one.created_at)} old"
        for one in found
    ]
    raise AmbiguousError(name, "batches", short_id(found[0].id), lines)


async def _last(services: Services) -> Batch:
    for creator in (services.settings.creator, None):
        for batch in await services.store.batches(BatchQuery(creator=creator, limit=1)):
            return batch
    raise NotFoundError(
        "There are no batches yet.", remedy="Launch one with `launch prison --factor goal`."
    )
