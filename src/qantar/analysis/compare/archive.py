"""A shelf: a comparison as a folder of tables that a pack can ship and anybody can read.

What a comparison says about itself: versions, luck, machine, and whom to cite.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.compare.comparison import Comparison
from qantar.analysis.inference.design import Design
from qantar.analysis.inference.problem import Case
from qantar.analysis.manifest import basis_of, changes, circumstances, citations
from qantar.base.errors import FileError, QantarError
from qantar.base.files import write_text
from qantar.packs.account import list_accounts, load_account
from qantar.packs.country import Country
from qantar.simulate.draws import digest_of_text
from qantar.simulate.scenario import make_scenario

MANIFEST, TABLE = "comparison.json", ".csv"

POSTERIORS, SHELF = "posteriors", "comparison"
"""Folders of a pack: what calibrations of an episode found, and in it what comparing them did."""

MEND = "install Qantar again, or make it anew: qantar compare EPISODE --from-scratch"
"""What to do about a shelf that is damaged."""


@dataclass(frozen=True)
class About:
    """What a comparison on a shelf says about itself.

    Attributes
    ----------
    pack, episode : str
    accounts : tuple of str
        Names, in the order in which they were compared.
    design : dict
        Sizes of every stage, and the seed; see `Design.plan`.
    seed : int
    qantar_version : str
    basis : dict of str to str
        Hash of everything that the result rests on; see `basis_of`.
    """

    pack: str
    episode: str
    accounts: tuple[str, ...]
    design: dict[str, Any]
    seed: int
    qantar_version: str
    basis: dict[str, str]


def shelf_of(country: Country, episode: str) -> Path:
    """Return where a pack keeps the comparison of accounts on an episode."""
    return country.folder / POSTERIORS / episode / SHELF


def about(country: Country, episode: str, accounts: Sequence[str], design: Design) -> About:
    """Return what a comparison that is made now says about itself.

    Parameters
    ----------
    country : Country
    episode : str
    accounts : sequence of str
        Names or files, see `load_account`.
    design : Design
    """
    told = [load_account(country, account) for account in accounts]
    return About(
        country.header.name,
        episode,
        tuple(account.name for account in told),
        design.plan(),
        design.seed,
        version("qantar"),
        basis_of(country, episode, told),
    )


def write_shelf(
    folder: Path, comparison: Comparison, own: About, more: Mapping[str, Any] | None = None
) -> None:
    """Write the tables of a comparison and what it says about itself.

    Parameters
    ----------
    folder : Path
        Made if it is not there. Other files in it stay.
    comparison : Comparison
    own : About
    more : mapping, optional
        What else the manifest shall say, in values that JSON has.

    Raises
    ------
    OutputError
        If the disk refuses.
    """
    texts = {
        name: table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        for name, table in comparison.tables.items()
    }
    manifest = {
        "headline": comparison.headline,
        **asdict(own),
        "tables": {
            name: {
                "sha256": digest_of_text(text.encode()),
                "columns": _columns(comparison.tables[name]),
            }
            for name, text in texts.items()
        },
        **(more or {}),
    }
    for name, text in texts.items():
        write_text(folder / f"{name}{TABLE}", text)
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def read_shelf(folder: Path) -> Comparison:
    """Read a comparison; its `found` is empty.

    Raises
    ------
    FileError
        If there is none, or a file of it is missing or not as it was written.
    """
    manifest = _manifest(folder)
    declared = manifest["tables"]
    tables = {name: _table(folder / f"{name}{TABLE}", declared[name]) for name in declared}
    return Comparison(tables, str(manifest["headline"]), {})


def read_about(folder: Path) -> About:
    """Read what a comparison on a shelf says about itself.

    Raises
    ------
    FileError
        As for `read_shelf`.
    """
    manifest = _manifest(folder)
    parts = {field.name: manifest[field.name] for field in fields(About)}
    return About(**{**parts, "accounts": tuple(parts["accounts"])})


def is_stale(folder: Path, country: Country) -> list[str]:
    """Return what the result rests on and has changed since it was made; nothing if it is fresh.

    An account that the pack no longer has counts as changed.

    Raises
    ------
    FileError
        As for `read_shelf`, or if an account of the pack cannot be read.
    """
    own = read_about(folder)
    known = list_accounts(country)
    told = [load_account(country, name) for name in own.accounts if name in known]
    return changes(own.basis, basis_of(country, own.episode, told))


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    needed = {"headline", "tables", *(field.name for field in fields(About))}
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        missing = sorted(needed - set(manifest))
        told = {key: dict(manifest[key]) for key in ("basis", "tables") if not missing}
    except OSError as error:
        raise FileError(
            folder, "holds no comparison", expected=f"a folder with {MANIFEST}"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise FileError(path, f"is damaged: {error}", mend=MEND) from error
    if missing or not told["tables"]:
        raise FileError(path, "is damaged", expected=", ".join(missing) or "tables", mend=MEND)
    return manifest


def _columns(table: pd.DataFrame) -> dict[str, str]:
    """Return the kind of every column, for CSV has none: "null" is a name, and "" is a text."""
    kinds = {"b": "flag", "i": "count", "u": "count", "f": "number"}
    return {str(name): kinds.get(table[name].dtype.kind, "text") for name in table.columns}


def _table(path: Path, declared: Any) -> pd.DataFrame:
    """Read one table as it was written.

    Raises
    ------
    FileError
        If it is missing or differs by a byte.
    """
    try:
        raw = path.read_bytes()
        if digest_of_text(raw) != declared["sha256"]:
            raise FileError(path, "is not what was written: its hash differs", mend=MEND)
        table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)
        kinds = declared["columns"]
        return table.assign(**{name: _typed(table[name], kinds[name]) for name in kinds})
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}", mend=MEND) from error
    except QantarError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(path, f"is damaged: {error}", mend=MEND) from error


def _typed(column: pd.Series[str], kind: str) -> Any:
    if kind == "text":
        return column
    if kind == "flag":
        return column == "True"
    if kind == "count":
        return column.astype(np.int64)
    return column.where(column != "", "nan").astype(np.float64)


_LIBRARIES = ("numpy", "numba", "pandas", "scipy", "matplotlib")

CITATIONS = (
    "Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and "
    "estimation. Journal of the American Statistical Association 102(477). "
    "https://doi.org/10.1198/016214506000001437",
    "Kass, R. E. and Raftery, A. E. (1995). Bayes factors. Journal of the American Statistical "
    "Association 90(430). https://doi.org/10.1080/01621459.1995.10476572",
    "Roberts, D. R. et al. (2017). Cross-validation strategies for data with temporal, spatial, "
    "hierarchical, or phylogenetic structure. Ecography 40(8). "
    "https://doi.org/10.1111/ecog.02881",
    "Talts, S. et al. (2018). Validating Bayesian inference algorithms with simulation-based "
    "calibration. https://arxiv.org/abs/1804.06788",
)
"""Literature of scores, verdicts, folds and the recovery of known truth."""


def manifest(cases: Sequence[Case], *, started: dt.datetime, wall_seconds: float) -> dict[str, Any]:
    """Return what a comparison says besides what `About` holds.

    Parameters
    ----------
    cases : sequence of Case
    started : datetime
        When it began, UTC; a resumed one when it was resumed.
    wall_seconds : float
        How long it took since.
    """
    return {
        **circumstances(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "citations": all_citations(cases),
    }


def all_citations(cases: Sequence[Case]) -> list[str]:
    """Return everything a comparison rests on, each once."""
    lines: list[str] = []
    for case in cases:
        scenario = make_scenario(
            case.episode, account=case.account_or_file, pack=case.pack, belief="posterior"
        )
        lines += citations(scenario)
    return list(dict.fromkeys([*lines, *CITATIONS]))
