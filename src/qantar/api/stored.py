"""Opening the folders that the commands write."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qantar.analysis.array_labels import labels_of, open_arrays
from qantar.analysis.compare import archive
from qantar.analysis.rebuild import read_manifest, rebuild_run, scenario_of
from qantar.analysis.run_directory import ARRAYS, FACTS, MANIFEST, RunDirectory
from qantar.api.datasets import coordinates
from qantar.api.display import as_html, as_text, shorten
from qantar.api.plots import RunPlots
from qantar.api.run import Run
from qantar.base.errors import FileError, QantarError
from qantar.results import WHATIF_PAGE

if TYPE_CHECKING:
    import pandas as pd
    import xarray

POSTERIOR = "posterior.nc"
SENSITIVITY = "sensitivity.csv"

_LONGEST = 75
_EXPECTED = "a folder written by qantar run, whatif, years, compare, calibrate or sensitivity"
_KEYS = ("episode", "account", "accounts", "members", "seed", "changes", "qantar_version")


def _rows_of(path: Path, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what short representations of a folder show."""
    rows = [("folder", shorten(str(path), _LONGEST))]
    for key in _KEYS:
        value = manifest.get(key)
        if value is not None:
            text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            rows.append((key.replace("_", " "), shorten(text, _LONGEST)))
    return rows


@dataclass(frozen=True, repr=False)
class StoredRun(RunDirectory):
    """A run directory.

    Attributes
    ----------
    path : Path
    manifest : dict
        How it was made.
    pack : str, Path or None
        The pack that `run` and `plot` use; None for the shipped pack that the manifest names.
    """

    pack: str | Path | None = None

    @cached_property
    def run(self) -> Run:
        """The run, rebuilt from its arrays and the pack, and scored; read once.

        Raises
        ------
        QantarError
            If the arrays or the pack cannot be read, or the pack has other places now.
        """
        return Run.of(rebuild_run(self, self.pack))

    @property
    def plot(self) -> RunPlots:
        """Plots: `timeline`, `map`, `deaths` and `scorecard`; the pack must be available."""
        return RunPlots(self.run, self.facts)

    def to_xarray(self) -> xarray.Dataset:
        """Return what is kept of every member; read when it is used.

        By default that is every recorded variable by member, hour and place. With ``--keep places``
        it is daily values by member, place and day, and ``crowd_of_units`` by hour; with ``--keep
        facts`` it is ``value`` by member and fact.

        Coordinates that a run directory of version 0.1 lacks are taken from the pack.

        Raises
        ------
        QantarError
            If xarray is not installed, or the arrays cannot be read.
        """
        path = self.path / ARRAYS
        if not path.is_dir():
            raise FileError(self.path, f"has no {ARRAYS}", hint="repeat the run")
        opened = open_arrays(path)
        if "region" not in opened.coords and self.manifest.get("keep") != "facts":
            labels = labels_of(scenario_of(self, self.pack))
            extent = opened.sizes["member"], opened.sizes["hour"]
            opened = opened.assign_coords(coordinates(labels, *extent))
            for name in set(opened.data_vars) & set(labels.variables):
                opened[name].attrs.update(labels.attributes_of(str(name)))
        return opened

    def __repr__(self) -> str:
        return as_text("StoredRun", _rows_of(self.path, self.manifest))

    def _repr_html_(self) -> str:
        return as_html("Stored run", _rows_of(self.path, self.manifest))


@dataclass(frozen=True, repr=False)
class StoredTables:
    """A folder of tables: a what-if, years, a comparison, a calibration or a sensitivity analysis.

    Attributes
    ----------
    path : Path
    kind : str
        ``whatif``, ``years``, ``comparison``, ``calibration`` or ``sensitivity``.
    manifest : dict
        How it was made.
    """

    path: Path
    kind: str
    manifest: dict[str, Any] = field(repr=False)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name; read once.

        Raises
        ------
        FileError
            If a table cannot be read.
        """
        if self.kind == "comparison":
            return dict(archive.read_archive(self.path).tables)
        import pandas as pd

        found = {}
        for path in sorted(self.path.glob("*.csv")):
            try:
                table = pd.read_csv(path, keep_default_na=False, na_values=["", "nan"])
            except (OSError, ValueError) as error:
                raise FileError(path, f"cannot be read: {error}") from error
            texts = table.select_dtypes(exclude=["number", "bool"]).columns
            found[path.stem] = table.fillna(dict.fromkeys(texts, ""))
        return found

    def to_inference_data(self) -> Any:
        """Return the posterior of a calibration as ArviZ data.

        Raises
        ------
        QantarError
            If this is not a calibration.
        """
        path = self.path / POSTERIOR
        if not path.is_file():
            raise QantarError(
                f"{self.path} has no posterior", expected="a folder of `qantar calibrate`"
            )
        import arviz

        return arviz.from_netcdf(path)

    def __repr__(self) -> str:
        return as_text(f"StoredTables: {self.kind}", self._rows)

    def _repr_html_(self) -> str:
        return as_html(f"Stored {self.kind}", self._rows)

    @property
    def _rows(self) -> list[tuple[str, str]]:
        names = ", ".join(path.stem for path in sorted(self.path.glob("*.csv")))
        return [*_rows_of(self.path, self.manifest), ("tables", shorten(names, _LONGEST))]


def open_results(folder: str | Path, *, pack: str | Path | None = None) -> StoredRun | StoredTables:
    """Open a folder that a command wrote.

    Parameters
    ----------
    folder : str or Path
        Written by ``qantar run``, ``whatif``, ``years``, ``compare``, ``calibrate`` or
        ``sensitivity``.
    pack : str or Path, optional
        The pack of a run, if it is not a shipped one.

    Returns
    -------
    StoredRun
        For a run directory: ``manifest``, ``facts``, ``to_xarray()``, ``run`` and ``plot``.
    StoredTables
        For the others: ``kind``, ``manifest`` and ``tables``.

    Raises
    ------
    FileError
        If there is no such folder, or no command wrote it.
    """
    path = Path(folder)
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        raise FileError(path, what, expected=_EXPECTED, hint="name the folder, not a file in it")
    if (path / archive.MANIFEST).is_file():
        return StoredTables(path, "comparison", read_manifest(path / archive.MANIFEST))
    if not (path / MANIFEST).is_file():
        raise FileError(
            path,
            f"holds no results: there is no {MANIFEST}",
            expected=_EXPECTED,
            hint=_hint(path),
        )
    manifest = read_manifest(path / MANIFEST)
    if (path / FACTS).is_file() and (path / ARRAYS).is_dir():
        return StoredRun(path, manifest, pack)
    if (path / WHATIF_PAGE).is_file():
        return StoredTables(path, "whatif", manifest)
    if manifest.get("work") in ("calibration", "years"):
        return StoredTables(path, str(manifest["work"]), manifest)
    if (path / SENSITIVITY).is_file():
        return StoredTables(path, "sensitivity", manifest)
    raise FileError(
        path,
        f"has a {MANIFEST}, but no results of a known kind",
        expected=_EXPECTED,
        hint="repeat the command",
    )


def _hint(path: Path) -> str:
    """Return which folders inside a folder can be opened."""
    inside = sorted(
        each.name
        for each in path.iterdir()
        if (each / MANIFEST).is_file() or (each / archive.MANIFEST).is_file()
    )
    if not inside:
        return "`qantar run EPISODE --out FOLDER` writes one"
    more = f" and {len(inside) - 3} more" if len(inside) > 3 else ""
    return f"open a folder inside it: {', '.join(inside[:3])}{more}"
