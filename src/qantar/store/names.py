"""What folders of results are called if nobody names them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qantar.errors import OutputError

MOST = 10_000
"""Results of one name that are told apart by a number."""

_NAMED = 3  # interventions that a name lists; of more, the first ones


def run_name(episode: str, account: str, seed: int) -> str:
    """Return what a run is called."""
    return f"{episode}--{account}--seed{seed}"


def whatif_name(episode: str, interventions: Iterable[str], seed: int) -> str:
    """Return what a what-if is called, by the interventions in it, each once."""
    names = [*dict.fromkeys(interventions)][:_NAMED]
    return f"{episode}--whatif-{'-and-'.join(names)}--seed{seed}"


def free_folder(parent: Path, name: str) -> Path:
    """Return a folder that does not exist yet.

    Parameters
    ----------
    parent : Path
        Where it shall be; it need not exist.
    name : str
        If it is taken, ``--2``, ``--3`` and so on stand behind it.

    Raises
    ------
    OutputError
        If too many of that name are there.
    """
    for k in range(1, MOST):
        folder = parent / (name if k == 1 else f"{name}--{k}")
        if not folder.exists():
            return folder
    raise OutputError(
        f"there are {MOST - 1} results called {name!r} already", mend="remove some of them"
    )
