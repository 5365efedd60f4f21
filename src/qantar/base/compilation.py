"""Compilation of the model to machine code, with a cache that follows changes of the model.

Numba notices a change in the file of a cached function but not in the files that the function
calls. A stale mechanism would silently give an older model, so the cache folder is named after a
hash of every compiled source file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import platformdirs

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_PACKAGE = Path(__file__).resolve().parents[1]
_COMPILED = (
    "rng/**/*.py",
    "model/**/*.py",
    "simulate/ensemble.py",
    "analysis/inference/training.py",
    "base/compilation.py",
)
"""Files that hold compiled functions."""


def source_fingerprint(patterns: tuple[str, ...] = _COMPILED) -> str:
    """Return a hash over files of the package, by default over every file that is compiled.

    Parameters
    ----------
    patterns : tuple of str
        Paths from the folder of the package, which may have wildcards.
    """
    digest = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in _PACKAGE.glob(pattern)):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Return a writable folder for compiled code, in the user's cache or else a temporary one."""
    for base in (
        Path(platformdirs.user_cache_dir("qantar")),
        Path(tempfile.gettempdir()) / "qantar",
    ):
        folder = base / "compiled" / source_fingerprint()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="qantar-"))


def is_warm(function: str = "hour_*.run") -> bool:
    """Return whether all compiled code of exactly this model is already on disk.

    Parameters
    ----------
    function : str
        The outermost function, by default the one that runs the hours: module and name, with
        wildcards.
    """
    return any(CACHE.glob(f"**/{function}-*.nbc"))


CACHE = cache_folder()
os.environ["NUMBA_CACHE_DIR"] = str(CACHE)

import numba  # noqa: E402  (numba reads the folder's name when it is imported)
from numba.core.caching import FunctionCache  # noqa: E402
from numba.core.codegen import get_host_cpu_features  # noqa: E402

numba.config.CACHE_DIR = str(CACHE)  # type: ignore[attr-defined]
if numba.config.CPU_FEATURES is None:  # type: ignore[attr-defined]
    features = get_host_cpu_features()  # type: ignore[no-untyped-call]
    if "+avx512f" in features:
        # LLVM would use vectors of half the size.
        numba.config.CPU_FEATURES = f"{features},-prefer-256-bit"  # type: ignore[attr-defined]


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile a function of the model: no Python objects, no lock, plain IEEE arithmetic."""
    own = _is_own(function)
    result: Any = numba.njit(cache=own, nogil=True, error_model="numpy")(function)
    if own:
        result._cache = _MachineCode(function)  # type: ignore[no-untyped-call]
    return cast("Callable[Arguments, Result]", result)


class _MachineCode(FunctionCache):
    """The machine code of a function on disk; a file that is damaged is made again."""

    def load_overload(self: Any, sig: Any, target_context: Any) -> Any:
        """Return the machine code for the types of the arguments; None if there is none."""
        try:
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001  (pickle raises many kinds if a file is cut off)
            self.flush()
            return None


def inlined(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile a small function into each of its callers, so that loops over it vectorise."""
    decorate = numba.njit(cache=_is_own(function), nogil=True, error_model="numpy", inline="always")
    result: Callable[Arguments, Result] = decorate(function)
    return result


def _is_own(function: Callable[Arguments, Result]) -> bool:
    """Return whether a function is part of Qantar.

    The sources of other packages are not in the fingerprint. Their machine code is kept only as a
    part of the hour that calls them, whose file is named after them, too (`qantar.model.compose`).
    """
    return function.__module__.partition(".")[0] == __name__.partition(".")[0]
