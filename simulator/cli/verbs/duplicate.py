"""`duplicate`: a design to be changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("experiment")
@click.argument("surplus", nargs=-1, metavar="")
@click.option("--name", metavar="NAME", help="Of the copy; else the name with `copy` after it.")
@click.option(
    "--output",
    "-o",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the copy as YAML, to be edited and run, instead of storing it.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.pass_obj
def duplicate(
    session: Session,
    experiment: str,
    surplus: tuple[str, ...],
    name: str | None,
    target: Path | None,
    force: bool,
) -> int:
    """Copy the design of an EXPERIMENT, seed or file under another name, without its runs."""
    if surplus:
        raise UsageError(
            f"There is an argument too many: {surplus[0]!r}.",
            remedy="The name of the copy goes after --name: "
            + session.command("duplicate", experiment, "--name", surplus[0]),
        )

    async def main(services: Services) -> int:
        from simulator.cli.finding import design_named
        from simulator.files.designs import write_design
        from simulator.files.saving import write_file

        design, stored = await design_named(services, experiment)
        copy_name = name or await _free_name(services, design.name)
        output = session.output
        if target is not None:
            parent = stored.id if stored else None
            copy = design.model_copy(update={"name": copy_name, "parent": parent})
            write_file(target, write_design(copy), force=force)
            output.line(f"Wrote {target}. Edit it, then:")
            output.line(f"  {session.command('run', str(target))}", wrap=False)
            output.result({"file": str(target), "name": copy_name, "parent_id": parent})
            return 0
        if stored is None:
            made = await services.save_design(design.model_copy(update={"name": copy_name}))
        else:
            made = await services.duplicate(stored, copy_name)
        output.line(f"Experiment {made.name!r} is {made.id}. Run it with:")
        output.line(f"  {session.command('run', made.id)}", wrap=False)
        output.result({"experiment": made.model_dump(mode="json")})
        return 0

    return session.work(main)


async def _free_name(services: Services, name: str) -> str:
    from simulator.domain.records import ExperimentQuery

    number = 1
    while True:
        copy = f"{name} copy" if number == 1 else f"{name} copy {number}"
        if not await services.store.experiments(ExperimentQuery(name=copy)):
            return copy
        number += 1
