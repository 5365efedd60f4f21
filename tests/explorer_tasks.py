"""Small works for tests of the explorer: module-level, because worker processes import them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from qantar.base.errors import QantarError
from qantar.explorer.jobs import Progress
from qantar.explorer.request import WorldRequest

Report = Callable[[Progress], None]


def _write(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "world.json").write_text(text, encoding="utf-8")


def quick(name: str, folder: Path, report: Report) -> None:
    """Report two steps and write a folder."""
    for step in (1, 2):
        report(Progress("counting", step, 2, {"pairs": step}))
    _write(folder, name)


def patient(name: str, go: Path, folder: Path, report: Report) -> None:
    """Say which process this is, begin a folder, and finish it once a file is there."""
    folder.mkdir()
    (folder / "half").touch()
    report(Progress(str(os.getpid())))
    while not go.exists():
        time.sleep(0.01)
    (folder / "world.json").write_text(name, encoding="utf-8")


def refuses(folder: Path, report: Report) -> None:
    """Refuse as the house does."""
    raise QantarError("no such place", expected="a place", hint="write it")


def breaks(folder: Path, report: Report) -> None:
    """Fail as nobody foresaw."""
    raise ValueError("the secret of the machine")


def ends_itself(folder: Path, report: Report) -> None:
    """Go as a process goes that the kernel ends."""
    os._exit(1)


def world(asked: WorldRequest, folder: Path, report: Report) -> None:
    """Stand for `qantar.explorer.simulate.run_world`."""
    report(Progress("running members", asked.members, asked.members))
    _write(folder, f'{{"key":"{asked.key}"}}')


def keep(asked: WorldRequest, folder: Path, report: Report) -> None:
    """Stand for `qantar.explorer.simulate.keep`."""
    _write(folder, asked.query)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")


def years(pack: str, folder: Path, report: Report) -> None:
    """Stand for `qantar.explorer.years.run_years`."""
    report(Progress("running histories", 100, 400))
    folder.mkdir()
    (folder / "years.json").write_text(f'{{"pack":"{pack}"}}', encoding="utf-8")
