"""`verify`: does a run still follow from its design?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from simulator.services import Services


class DoesNotHoldError(SimulatorError):
    """A run does not follow from its design, or its models answer otherwise."""

    code = "does_not_hold"


@click.command(cls=Verb)
@click.argument("run")
@click.option("--models", is_flag=True,
              help="Also ask the models for every reply again, with its seed.")  # fmt: skip
@click.pass_obj
def verify(session: Session, run: str, models: bool) -> int:
    """Replay RUN against its record without changing it; exit code 1 when it does not hold."""

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_run

        found_run = await find_run(session, services, run)
        found = await services.verify(found_run, ask_models=models)
        output = session.output
        if found.problems:
            error = DoesNotHoldError(f"Run {found_run.id} does not hold.")
            if output.json:
                output.event(
                    status="error",
                    error={
                        "code": error.code, "message": error.message, "suggestion": None,
                        "problems": found.problems,
                    },
                )  # fmt: skip
            else:
                output.problem(error)
                for problem in found.problems:
                    output.aside(f"  {problem}")
            return 1
        again = f", {found.regenerated} replies given again word for word" if models else ""
        output.line(
            f"Run {found_run.id} holds: {found.replayed} of {found.steps} steps replayed{again}."
        )
        output.result(
            {
                "run_id": found_run.id, "holds": True, "steps": found.steps,
                "replayed": found.replayed, "regenerated": found.regenerated,
            }
        )  # fmt: skip
        return 0

    # A reply from the cache agrees with itself, whatever the model would say today.
    session.model_settings["cache"] = False
    return session.work(main)
