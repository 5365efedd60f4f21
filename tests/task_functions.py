"""Tasks for tests: module-level, because worker processes import them again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.base.errors import FileError, QantarError
from qantar.base.worker_process import Task

SIDE = 120


def product(seed: int) -> dict[str, NDArray[Any]]:
    """Return sums whose last bits depend on the number of BLAS threads."""
    rng = np.random.default_rng([seed, 7])
    left, right = rng.standard_normal((2, SIDE, SIDE))
    return {"product": left @ right, "mean": np.array(left.mean()), "seed": np.array(seed)}


def counted(seed: int, tallies: Path, seconds: float) -> dict[str, NDArray[Any]]:
    """Like `product`, but slow, and leave one file for every time it is finished."""
    time.sleep(seconds)
    result = product(seed)
    (tallies / f"{seed}-{time.time_ns()}-{os.getpid()}").touch()
    return result


def killed_once(seed: int, mark: Path) -> dict[str, NDArray[Any]]:
    """End the whole process the first time, as the kernel does when memory is short."""
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return product(seed)


def killed_always() -> dict[str, NDArray[Any]]:
    os._exit(1)


def fails(how: str) -> dict[str, NDArray[Any]]:
    if how == "file":
        raise FileError(Path("pack.yaml"), "no such place", hint="write it")
    if how == "house":
        raise QantarError("no such place", expected="a place", hint="write it")
    raise ValueError("no such place")


def threads_and_process() -> dict[str, NDArray[Any]]:
    """Return how many threads each numerical library may use, and which process this is."""
    import scipy.linalg  # noqa: F401 - brings a library of its own
    from threadpoolctl import threadpool_info

    limits = [library["num_threads"] for library in threadpool_info()]
    return {"threads": np.array(limits), "process": np.array(os.getpid())}


def products(number: int) -> list[Task]:
    return [Task(f"state/batch-{seed:02d}", product, (seed,)) for seed in range(number)]


def slow_products(number: int, tallies: Path, seconds: float) -> list[Task]:
    return [
        Task(f"state/batch-{seed:02d}", counted, (seed, tallies, seconds), weight=seed + 1)
        for seed in range(number)
    ]


def told(values: tuple[int, ...], report: Callable[[int], None]) -> int:
    """Report some values, and return the niceness of this process."""
    for value in values:
        report(value)
    return os.nice(0)


def sleep(seconds: float) -> None:
    time.sleep(seconds)
