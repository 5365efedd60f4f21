"""`reform`: packages of reforms compared with doing nothing, for notebooks and the command line."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from qantar.analysis.years.packages import HORIZONS, PackageStudy, plan_packages, run_packages
from qantar.analysis.years.packages_directory import packages_manifest, write_packages
from qantar.api.display import as_html, as_text
from qantar.base.files import refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.packs.loading import load_country
from qantar.reports.years.packages_page import render_packages, summary
from qantar.simulate.years.packages import find_package
from qantar.simulate.years.scenario import FULL
from qantar.simulate.years.scenario import laws as known_laws


@dataclass(frozen=True, repr=False)
class ReformResult:
    """Packages of reforms compared with doing nothing, under every law and its prior.

    Attributes
    ----------
    study : qantar.analysis.years.packages.PackageStudy
    started : datetime
    wall_seconds : float
        Duration of the computation.
    """

    study: PackageStudy
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    wall_seconds: float = 0.0

    def to_frame(self) -> pd.DataFrame:
        """Return every answer: chances and changes by package, law, fit, scope and year.

        Returns
        -------
        DataFrame
            No row has a chance without that of the prior beside it.
        """
        return self.study.table()

    def verdicts(self) -> pd.DataFrame:
        """Return what holds under all laws and fits.

        Returns
        -------
        DataFrame
            package, scope, until, lowest and highest (changes over laws and fits), holds.
        """
        return self.study.verdicts()

    def save(self, folder: str | Path) -> Path:
        """Write manifest, tables and page into a new folder, all at once.

        Parameters
        ----------
        folder : str or Path
            It must not exist.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            If the folder exists, or the disk refuses.
        """
        destination = Path(folder)
        refuse_existing(destination)
        manifest = packages_manifest(
            self.study, started=self.started, wall_seconds=self.wall_seconds
        )
        page = render_packages(self.study, manifest)
        write_packages(self.study, destination, manifest=manifest, page=page)
        return destination

    def __repr__(self) -> str:
        return as_text(self._title, self._rows)

    def _repr_html_(self) -> str:
        return as_html(self._title, self._rows)

    @property
    def _title(self) -> str:
        return f"Packages for {self.study.plan.country.header.country}"

    @property
    def _rows(self) -> list[tuple[str, str]]:
        return [("result", line) for line in summary(self.study)]


def reform(
    pack: str | Path = "kazakhstan",
    packages: Sequence[str] = (),
    *,
    laws: Sequence[str] = (),
    splits: Sequence[str] = (FULL,),
    until: str = HORIZONS[-1],
    members: int = 200,
    seed: int = 1,
    workers: int | None = None,
) -> ReformResult:
    """Compare packages of reforms with doing nothing, under every rival law, with the same luck.

    Parameters
    ----------
    pack : str or Path
        A shipped pack or a folder, with years.
    packages : sequence of str
        Each a name of a package or a reform, reforms as ``a+b``, or the path of a file.
    laws : sequence of str
        Rival laws, by default all of them.
    splits : sequence of str
        Fits: ``full``, and those without a wave, such as ``without-january``.
    until : str
        Last year.
    members, seed : int
    workers : int, optional
        Number of processes; by default this one alone. The result does not depend on it.

    Returns
    -------
    ReformResult

    Raises
    ------
    QantarError
        If a name or value is wrong, or reforms contradict each other.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    country = load_country(pack)
    plan = plan_packages(
        country,
        dict(find_package(country, word) for word in packages),
        laws=list(laws or known_laws()),
        splits=splits,
        until=until,
        members=members,
        seed=seed,
    )
    with open_pool(PoolSettings(workers or 1)) as pool:
        study = run_packages(plan, pool=pool)
    return ReformResult(study, started, time.perf_counter() - clock)
