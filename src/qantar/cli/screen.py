"""The screen for results: as wide as their tables are laid out for, or as wide as the terminal."""

from __future__ import annotations

from rich.console import Console

from qantar.view.console import WIDTH


def screen_for_results(*, highlight: bool = True) -> Console:
    """Return where results are printed.

    Parameters
    ----------
    highlight : bool
        Whether numbers and paths stand out by their colour.
    """
    screen = Console(highlight=highlight)
    screen.width = min(screen.width, WIDTH) if screen.is_terminal else WIDTH
    return screen
