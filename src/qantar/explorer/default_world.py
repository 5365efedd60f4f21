"""The world of the default link, computed beforehand and shipped with Qantar as a file.

It holds what the page shows at first: the payload, the frames of the map, and tables, but no single
members. Its key names the model, the pack, the seed and all else that the world depends on, so a
file that no longer agrees with the code is never shown.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from qantar.base.errors import QantarError
from qantar.base.files import AtomicDirectory, atomic_file
from qantar.explorer.workdir import PRECOMPUTED, WORLD

DEFAULT_WORLD = Path(__file__).with_suffix(".zip")
"""The shipped file."""

REBUILD = "python scripts/make_default_world.py"
"""The command that makes the file again."""

_DATE = (1980, 1, 1, 0, 0, 0)  # of every file in the archive: the same world gives the same bytes


def pack_world(folder: Path, path: Path) -> None:
    """Write the files of a finished world, without its arrays, as one archive.

    Parameters
    ----------
    folder : Path
        As written by `qantar.explorer.simulate.run_world`.
    path : Path
        Replaced if it exists.
    """
    told = json.loads((folder / WORLD).read_bytes())
    told["key"] += PRECOMPUTED
    told["precomputed"] = True
    told["single_members"] = False
    contents = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    contents[WORLD] = json.dumps(told, ensure_ascii=False).encode()
    with atomic_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name in sorted(contents):
            about = zipfile.ZipInfo(name, _DATE)
            archive.writestr(about, contents[name], zipfile.ZIP_DEFLATED, compresslevel=9)


def key_of(path: Path) -> str:
    """Return the key of the world in an archive; empty if there is none.

    Raises
    ------
    QantarError
        If the archive is damaged.
    """
    if not path.is_file():
        return ""
    try:
        with zipfile.ZipFile(path) as archive:
            return str(json.loads(archive.read(WORLD))["key"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _damaged(path) from error


def unpack_world(path: Path, folder: Path) -> None:
    """Write the files of an archive into a folder that does not exist, atomically.

    Raises
    ------
    QantarError
        If the archive is damaged.
    """
    with AtomicDirectory(folder) as beside:
        try:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(beside)
        except (zipfile.BadZipFile, ValueError) as error:
            raise _damaged(path) from error


def _damaged(path: Path) -> QantarError:
    return QantarError(f"the precomputed world {path.name} is damaged", hint="install Qantar again")
