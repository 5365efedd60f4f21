"""The basis of a comparison: the files that its result rests on, each with its hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qantar.country.pack import COMMON, Country, packs_home
from qantar.model import hour
from qantar.scenario.account import account_file
from qantar.scenario.beliefs import digest_of_text
from qantar.scenario.episode import episode_file

TABLES = ("places.csv", "place_values.csv", "regions.csv", "region_values.csv", "variables.yaml")
"""Files of a pack from which the country is built."""


def basis_of(country: Country, episode: str, accounts: Iterable[str]) -> dict[str, str]:
    """Return the hash of every file that a comparison of accounts rests on.

    The fingerprint of a country will not do: it covers the whole pack, and so the shelf itself.

    Parameters
    ----------
    country : Country
    episode : str
    accounts : iterable of str

    Returns
    -------
    dict of str to str
        SHA-256 by name. A file of the pack is called after its path in the pack, a file of the
        common pack ``common/...`` and a source file of the model ``model/...``.
    """
    files: dict[str, Path] = {}
    own = [
        *(country.folder / name for name in TABLES),
        *(account_file(country, name) for name in sorted(accounts)),
        episode_file(country, episode),
        country.folder / "evidence" / "targets" / f"{episode}.yaml",
        *sorted((country.folder / "evidence" / "claims").glob("*.csv")),
        *sorted((country.folder / "parameters").glob("*.yaml")),
    ]
    files |= {path.relative_to(country.folder).as_posix(): path for path in own if path.is_file()}
    common = packs_home() / COMMON
    shared = [*sorted((common / "parameters").glob("*.yaml")), common / "discrepancy.yaml"]
    files |= {f"{COMMON}/{path.relative_to(common).as_posix()}": path for path in shared}
    model = Path(hour.__file__).parent
    files |= {f"model/{path.name}": path for path in sorted(model.glob("*.py"))}
    return {name: digest_of_text(path.read_bytes()) for name, path in files.items()}


def changes(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return the names of the files that changed, came or went, in alphabetical order."""
    return sorted(name for name in {*then, *now} if then.get(name) != now.get(name))


def named(changed: Sequence[str], most: int = 6) -> str:
    """Return names of files as people list them, the rest counted."""
    shown = ", ".join(changed[:most])
    return f"{shown} and {len(changed) - most} more" if len(changed) > most else shown
