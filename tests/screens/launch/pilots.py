"""What tests do with the launch screen."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Input, Static

from screens.launch.fields import ChoiceField, Field
from screens.launch.forecast import ForecastPane
from screens.launch.model_choice import ModelChoice
from screens.launch.screen import LaunchScreen
from tests.screens.conftest import still
from tests.waiting import until


def screen_of(pilot: Pilot[int]) -> LaunchScreen:
    screen = pilot.app.screen
    assert isinstance(screen, LaunchScreen)
    return screen


def field(pilot: Pilot[int], name: str) -> Field:
    return screen_of(pilot).form.field(name)


def models(pilot: Pilot[int]) -> ModelChoice:
    found = field(pilot, "model")
    assert isinstance(found, ModelChoice)
    return found


async def looked(pilot: Pilot[int], since: int, changes: int) -> None:
    """Wait until the screen has taken in so many changes of the form."""
    await until(lambda: screen_of(pilot).looks >= since + changes)
    await pilot.pause()


async def type_into(pilot: Pilot[int], name: str, text: str) -> None:
    """Type into a field with keys, after what is there."""
    since = screen_of(pilot).looks
    field(pilot, name).go_to()
    await pilot.press(*("space" if letter == " " else letter for letter in text))
    await looked(pilot, since, 0 if name == "model" else len(text))


async def put(pilot: Pilot[int], name: str, text: str) -> None:
    """Set the line of a field."""
    since = screen_of(pilot).looks
    found = field(pilot, name)
    found.go_to()
    found.query_one(Input).value = text
    await looked(pilot, since, 1)


async def name_model(pilot: Pilot[int], model: str) -> None:
    """Write the name of a model above the list, and wait until the list is that of the name."""
    models(pilot).go_to()
    models(pilot).query_one(Input).value = model
    await until(lambda: models(pilot).shown_for == model)


async def tick_all(pilot: Pilot[int], name: str) -> None:
    """Tick every value of a field with its key."""
    since = screen_of(pilot).looks
    found = field(pilot, name)
    assert isinstance(found, ChoiceField)
    more = len(found.parameter.choices) - len(found.ticked)
    found.go_to()
    await pilot.press("a")
    await looked(pilot, since, more)


def product(pilot: Pilot[int]) -> str:
    return str(screen_of(pilot).query_one("#product", Static).content)


def forecast(pilot: Pilot[int]) -> str:
    return screen_of(pilot).query_one(ForecastPane).text


def fault(pilot: Pilot[int], name: str) -> str:
    line = field(pilot, name).query_one(".field-fault", Static)
    return str(line.content) if line.display else ""


def told(pilot: Pilot[int]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


def plain(pilot: Pilot[int]) -> str:
    """The letters of the screen, a line for each of its lines."""
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in pilot.app.screen._compositor.render_strips()
    )


async def estimated(pilot: Pilot[int]) -> str:
    """Wait for the estimate and all providers; its lines."""
    await until(
        lambda: (
            bool(screen_of(pilot).query(ForecastPane))
            and bool(forecast(pilot))
            and "Working out" not in forecast(pilot)
            and len(models(pilot)._reports)
            == len(screen_of(pilot).laboratory.catalogue.providers())
            and models(pilot)._news is None
        )
    )
    await still(pilot)
    return forecast(pilot)
