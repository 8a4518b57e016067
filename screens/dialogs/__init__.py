"""Questions in front of a screen; each gives its answer to who pushed it."""

from screens.dialogs.ask_text import AskText
from screens.dialogs.confirm import Confirm
from screens.dialogs.pick import Pick

__all__ = ["AskText", "Confirm", "Pick"]
