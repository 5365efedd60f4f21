"""What do commands cost from the shell prompt to the end? CPU time and memory of the process.

python benchmarks/commands.py [--json FILE]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from table import Row, main

TITLE = "Commands, CPU time of the process and its children"
COMMANDS = (
    "list accounts",
    "check kazakhstan",
    "run january-2022 --members 100 --out {out}",
    "whatif january-2022 --change no-shoot-order --members 20 --out {out}",
)
LIBRARIES = "import numba, numpy, pandas"


def measure() -> list[Row]:
    """Run every command once, after one that fills the caches."""
    cost([sys.executable, "-c", LIBRARIES])
    base, memory = cost([sys.executable, "-c", LIBRARIES])
    rows = [Row(f"python -c '{LIBRARIES}'", base, "s"), Row("  its memory", memory, "MB")]
    with tempfile.TemporaryDirectory() as folder:
        qantar(f"run january-2022 --members 2 --out {folder}/first")
        for number, command in enumerate(COMMANDS):
            seconds, memory = qantar(command.format(out=Path(folder) / str(number)))
            shown = command.removesuffix(" --out {out}")
            rows.append(Row(f"qantar {shown}", seconds, "s", seconds / base, "importing libraries"))
            rows.append(Row("  its memory", memory, "MB"))
    return rows


def qantar(command: str) -> tuple[float, float]:
    """Return the CPU seconds and the peak memory in MB of a command."""
    return cost([sys.executable, "-m", "qantar", *command.split()])


def cost(command: list[str]) -> tuple[float, float]:
    """Return the CPU seconds and the peak memory in MB of a process."""
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed: {errors.read()}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


if __name__ == "__main__":
    main(TITLE, measure)
