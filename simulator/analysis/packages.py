"""Packages that not everybody installs."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator.errors import NotFoundError


def imported(module: str, use: str, extra: str = "analysis") -> Any:
    """A module of a package that is optional.

    Args:
        module: Its full name.
        use: What the package is for, its name last, such as `Figures are drawn by matplotlib`.
        extra: Of this project, that installs it.

    Raises:
        NotFoundError: It is not installed, or something that it needs itself; or it is broken.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        needed = str(error.name).partition(".")[0]
        lacking = "" if needed == module.partition(".")[0] else needed
        raise missing(use, extra, lacking) from None
    # Packages that do not fit each other raise whatever they like when they are imported.
    except Exception as error:
        raise _broken(use, extra, error) from error


def packaged_text(package: str, path: Path, use: str, extra: str = "analysis") -> str:
    """A text file that lies in an optional package, which is not imported for it.

    Args:
        package: Its name.
        path: Of the file, within the package.
        use: As of `imported`.
        extra: As of `imported`.

    Raises:
        NotFoundError: The package is not installed, or lacks the file.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise missing(use, extra)
    try:
        return (Path(found.origin).parent / path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(use, extra, error) from error


def missing(use: str, extra: str = "analysis", lacking: str = "") -> NotFoundError:
    """That a package is not installed, or lacks another one; see `imported`."""
    why = f"lacks {lacking}" if lacking else "is not installed"
    return NotFoundError(
        f"{use}, which {why}.", remedy=f"Install it beside main.py: pip install -e '.[{extra}]'."
    )


def _broken(use: str, extra: str, error: Exception) -> NotFoundError:
    told = " ".join(str(error).split())[:200].rstrip(".")
    return NotFoundError(
        f"{use}, whose installation is broken: {type(error).__name__}: {told}.",
        remedy=f"Install it anew beside main.py: pip install --force-reinstall -e '.[{extra}]'.",
    )
