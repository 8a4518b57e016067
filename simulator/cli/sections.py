"""Help pages whose options are listed under titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from simulator.cli.commands import Verb


class SectionedVerb(Verb):
    """A verb whose options are listed under titles."""

    def __init__(self, *args: Any, sections: Mapping[str, str], **kwargs: Any) -> None:
        """Make one; `sections` has titles by the parameter that each begins with."""
        super().__init__(*args, **kwargs)
        self._sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write them in their order."""
        title = "Options"
        rows: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            if parameter.name in self._sections:
                _write(formatter, title, rows)
                title, rows = self._sections[parameter.name], []
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                rows.append(record)
        _write(formatter, title, rows)


def _write(formatter: click.HelpFormatter, title: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)
