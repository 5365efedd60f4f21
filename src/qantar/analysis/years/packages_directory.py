"""A comparison of packages on disk: manifest, tables and page, moved into place when complete."""

from __future__ import annotations

import datetime as dt
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qantar.analysis.manifest import computing_environment
from qantar.analysis.run_directory import MANIFEST, REPORT
from qantar.analysis.years.directory import FLOATS, LIBRARIES
from qantar.analysis.years.packages import PackageStudy
from qantar.base.files import AtomicDirectory

WORK = "packages"
"""What the manifest calls this kind of work."""


def packages_manifest(
    study: PackageStudy, *, started: dt.datetime, wall_seconds: float
) -> dict[str, Any]:
    """Return the manifest of a comparison of packages."""
    return {
        "work": WORK,
        "qantar_version": version("qantar"),
        **computing_environment(LIBRARIES, started=started, wall_seconds=wall_seconds),
        **study.plan.plain(),
    }


def write_packages(
    study: PackageStudy, destination: Path, *, manifest: dict[str, Any], page: str
) -> None:
    """Write the folder of a comparison, all at once.

    Raises
    ------
    OutputError
        If the destination exists, or the disk refuses; nothing is left behind.
    """
    with AtomicDirectory(destination) as folder:
        for name, table in (("chances", study.table()), ("verdicts", study.verdicts())):
            text = table.to_csv(index=False, float_format=FLOATS)
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        (folder / REPORT).write_text(page, encoding="utf-8")
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8")
