"""`schema`: for editors that complete and check designs."""

from __future__ import annotations

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import NotFoundError


@click.command(cls=Verb)
@click.argument("kind", default="conversation")
@click.pass_obj
def schema(session: Session, kind: str) -> int:
    """Print the JSON Schema of designs of a KIND.

    Save it and begin a design with `# yaml-language-server: $schema=FILE`.
    """
    from simulator.files.designs import json_schema
    from simulator.presentation.safe_text import to_json
    from simulator.services import KINDS

    _ = session.settings
    if kind not in KINDS:
        raise NotFoundError(f"There is no kind {kind!r}.", remedy=f"Kinds are {', '.join(KINDS)}.")
    document = json_schema(KINDS[kind])
    if session.output.json:
        session.output.result(document)
    else:
        session.output.raw(to_json(document, indent=2) + "\n")
    return 0
