"""What happens in a lineage of learners who write acronyms."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis.iterated.worlds.base import Data, Game
from simulator.domain.records import Outcome
from simulator.kinds.iterated import places
from simulator.kinds.iterated.games import game_of
from simulator.kinds.iterated.lengths import end_bias
from simulator.kinds.iterated.lineages import Lineage
from simulator.kinds.iterated.pools import first_acronyms, read_next
from simulator.kinds.iterated.prompts import asked_for_more, data_parser


class AcronymLineage(Lineage):
    """Learners who read examples and write more of them."""

    async def played(self) -> Outcome:
        """All generations, as far as they come."""
        design, game = self._design, game_of(self._design)
        share = design.acronyms.easy_share
        start = first_acronyms(design.world.examples, share, self._stage.rng("first data"))
        said = await self._stage.say(
            places.FIRST_DATA_SPEAKER, game.data_text(start), role=places.FIRST_DATA, day=0
        )
        data = game.read_data(said.content).data
        written, bias = [data], end_bias(design, None)
        for generation in range(1, design.generations + 1):
            asked = asked_for_more(game, data, design.made, bias=bias)
            parse = data_parser(game, design.made)
            step = await self._asked(places.DATA, asked, parse, generation)
            await self._told_of_lines(step, generation)
            written.append(game.read_data(step.content).data)
            data = await self._read_next(game, written, generation)
            if not data:
                why = f"nothing is left to read after generation {generation}"
                return self._tally.outcome(design, "no_data", why)
            self._tally.complete += 1
        return self._tally.outcome(design, "generations")

    async def _read_next(self, game: Game, written: Sequence[Data], day: int) -> Data:
        """What the filter leaves for the next learner."""
        found = read_next(self._design, written, self._stage.rng(f"filter {day}"))
        if found.reason:
            await self._note(found.reason, day)
        if found.data == written[-1]:
            return found.data
        said = await self._stage.say(
            places.WORLD_SPEAKER, game.data_text(found.data), role=places.SELECTION, day=day
        )
        return game.read_data(said.content).data
