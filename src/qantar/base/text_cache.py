"""Texts that take long to make, such as pages that depend on a pack alone, kept between runs.

A text is found by a digest of everything that it is made from, including the code of Qantar, so a
stale one is never found. A file that is damaged is made again. A folder that cannot be written is
no error: then nothing is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs

from qantar.base.compilation import source_fingerprint
from qantar.base.errors import OutputError
from qantar.base.files import write_bytes

_CODE = ("**/*.py", "reports/templates/*")
"""Files of the package that a text may be made by."""

_KEPT = 16
"""Texts that are kept; the oldest go first."""


def cached_text(made_from: tuple[str, ...], make: Callable[[], str]) -> str:
    """Return a text that was made before from the same inputs and code, or make and keep it.

    Parameters
    ----------
    made_from : tuple of str
        Everything that the text depends on, such as the fingerprint of a pack.
    make : callable
        Returns the text.
    """
    key = hashlib.sha256("\0".join((source_fingerprint(_CODE), *made_from)).encode()).hexdigest()
    folder = Path(platformdirs.user_cache_dir("qantar")) / "texts"
    path = folder / key
    with suppress(OSError, ValueError):
        digest, _, data = path.read_bytes().partition(b"\n")
        if hashlib.sha256(data).hexdigest().encode() == digest:
            return data.decode("utf-8")
    text = make()
    data = text.encode("utf-8")
    with suppress(OutputError):
        write_bytes(path, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
        _forget_oldest(folder)
    return text


def _forget_oldest(folder: Path) -> None:
    with suppress(OSError):  # another process may delete the same file
        files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in files[:-_KEPT]:
            path.unlink(missing_ok=True)
