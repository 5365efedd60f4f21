"""The comparison archive: a folder of tables, which a pack can ship.

The manifest (`ArchiveMetadata`) records the hashes of the inputs, so that a reader can see which
have changed since.
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

from qantar.analysis.compare.comparison import Comparison, comparison_headline
from qantar.analysis.inference.calibration_design import Design
from qantar.analysis.inference.problem import InferenceProblem, scenario_of
from qantar.analysis.manifest import changed_inputs, citations, computing_environment, input_hashes
from qantar.base.errors import FileError, QantarError
from qantar.base.files import write_text
from qantar.packs.account import list_accounts, load_account
from qantar.packs.country import Country
from qantar.simulate.draws import digest_of_text

MANIFEST, TABLE = "comparison.json", ".csv"

POSTERIORS, ARCHIVE = "posteriors", "comparison"
"""Folders of a pack: posteriors by episode, and below each the comparison of its accounts."""

REPAIR = "reinstall Qantar, or repeat the comparison: qantar compare EPISODE --from-scratch"
"""What a user can do about a damaged archive."""

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
"""Literature on scores, Bayes factors, cross-validation and simulation-based calibration."""


@dataclass(frozen=True)
class ArchiveMetadata:
    """Metadata of an archived comparison.

    Attributes
    ----------
    pack, episode : str
    accounts : tuple of str
        Names, in the order of the comparison.
    design : dict
        Sizes of every stage, and the seed; see `Design.plan`.
    seed : int
    qantar_version : str
    basis : dict of str to str
        Hash of every input; see `input_hashes`.
    """

    pack: str
    episode: str
    accounts: tuple[str, ...]
    design: dict[str, Any]
    seed: int
    qantar_version: str
    basis: dict[str, str]


def archive_folder(country: Country, episode: str) -> Path:
    """Return the folder in which a pack keeps the comparison of accounts on an episode."""
    return country.folder / POSTERIORS / episode / ARCHIVE


def archive_metadata(
    country: Country, episode: str, accounts: Sequence[str], design: Design
) -> ArchiveMetadata:
    """Return the metadata of a new comparison.

    Parameters
    ----------
    country : Country
    episode : str
    accounts : sequence of str
        Names or files, see `load_account`.
    design : Design
    """
    compared = [load_account(country, account) for account in accounts]
    return ArchiveMetadata(
        country.header.name,
        episode,
        tuple(account.name for account in compared),
        design.plan(),
        design.seed,
        version("qantar"),
        input_hashes(country, episode, compared),
    )


def write_archive(
    folder: Path,
    comparison: Comparison,
    own: ArchiveMetadata,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write the tables of a comparison and their manifest.

    Parameters
    ----------
    folder : Path
        Created if missing. Other files in it stay.
    comparison : Comparison
    own : ArchiveMetadata
    more : mapping, optional
        Further entries of the manifest, JSON values.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    texts = {
        name: table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
        for name, table in comparison.tables.items()
    }
    # CSV has no types: the texts "null" and "" would be read as missing values.
    kinds = {"b": "flag", "i": "count", "u": "count", "f": "number"}
    declared = {}
    for name, text in texts.items():
        table = comparison.tables[name]
        columns = {str(c): kinds.get(table[c].dtype.kind, "text") for c in table.columns}
        declared[name] = {"sha256": digest_of_text(text.encode()), "columns": columns}
    manifest = {
        "headline": comparison.headline,
        **asdict(own),
        "tables": declared,
        **(more or {}),
    }
    for name, text in texts.items():
        write_text(folder / f"{name}{TABLE}", text)
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def read_archive(folder: Path) -> Comparison:
    """Read a comparison; its `found` is empty.

    The verdict is derived from the tables, so its wording does not depend on the version of Qantar
    that wrote the archive.

    Raises
    ------
    FileError
        If there is none, or one of its files is missing or differs from what was written.
    """
    manifest = _read_manifest(folder)
    declared = manifest["tables"]
    tables = {name: _read_table(folder / f"{name}{TABLE}", declared[name]) for name in declared}
    has_verdict = {"accounts", "pairs"} <= set(tables)
    headline = comparison_headline(tables) if has_verdict else str(manifest["headline"])
    return Comparison(tables, headline, {})


def read_archive_metadata(folder: Path) -> ArchiveMetadata:
    """Read the metadata of an archived comparison.

    Raises
    ------
    FileError
        As for `read_archive`.
    """
    manifest = _read_manifest(folder)
    parts = {field.name: manifest[field.name] for field in fields(ArchiveMetadata)}
    return ArchiveMetadata(**{**parts, "accounts": tuple(parts["accounts"])})


def is_stale(folder: Path, country: Country) -> list[str]:
    """Return the inputs that have changed since the comparison was made.

    An account that the pack no longer has counts as changed.

    Raises
    ------
    FileError
        As for `read_archive`, or if an account of the pack cannot be read.
    """
    own = read_archive_metadata(folder)
    known = list_accounts(country)
    accounts = [load_account(country, name) for name in own.accounts if name in known]
    return changed_inputs(own.basis, input_hashes(country, own.episode, accounts))


def _read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of an archive; refuse one that lacks an entry."""
    path = folder / MANIFEST
    needed = {"headline", "tables", *(field.name for field in fields(ArchiveMetadata))}
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        missing = sorted(needed - set(manifest))
        mappings = {key: dict(manifest[key]) for key in ("basis", "tables") if not missing}
    except OSError as error:
        raise FileError(
            folder, "contains no comparison", expected=f"a folder with {MANIFEST}"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise FileError(path, f"is damaged: {error}", hint=REPAIR) from error
    if missing or not mappings["tables"]:
        raise FileError(path, "is damaged", expected=", ".join(missing) or "tables", hint=REPAIR)
    return manifest


def _read_table(path: Path, declared: Any) -> pd.DataFrame:
    """Read one table with the declared column types; refuse one whose hash differs."""
    try:
        raw = path.read_bytes()
        if digest_of_text(raw) != declared["sha256"]:
            raise FileError(path, "was changed after it was written: its hash differs", hint=REPAIR)
        table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)
        typed: dict[str, Any] = {}
        for name, kind in declared["columns"].items():
            column = table[name]
            if kind == "flag":
                typed[name] = column == "True"
            elif kind == "count":
                typed[name] = column.astype(np.int64)
            elif kind == "text":
                typed[name] = column
            else:
                typed[name] = column.where(column != "", "nan").astype(np.float64)
        return table.assign(**typed)
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}", hint=REPAIR) from error
    except QantarError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(path, f"is damaged: {error}", hint=REPAIR) from error


def manifest(
    cases: Sequence[InferenceProblem], *, started: dt.datetime, wall_seconds: float
) -> dict[str, Any]:
    """Return the manifest entries of a comparison that are not in `ArchiveMetadata`.

    Parameters
    ----------
    cases : sequence of InferenceProblem
    started : datetime
        UTC; for a resumed comparison the time at which it was resumed.
    wall_seconds : float
        Duration since then.
    """
    return {
        **computing_environment(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "citations": all_citations(cases),
    }


def all_citations(cases: Sequence[InferenceProblem]) -> list[str]:
    """Return the citations of every account and of the methods, each once."""
    lines: list[str] = []
    for case in cases:
        lines += citations(scenario_of(case, "posterior"))
    return list(dict.fromkeys([*lines, *CITATIONS]))
