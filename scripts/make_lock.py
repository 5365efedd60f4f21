"""Write the locks: names, versions and hashes of everything, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOCKS = {
    "run": [],
    "study": ["study", "cluster"],
    "dev": ["dev"],
    "docs": ["docs"],
    "bench": ["bench"],
}
FLAGS = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
FLAGS += ["--python-version", "3.11"]


def main() -> None:
    """Resolve every lock from pyproject.toml, or only those named as arguments."""
    folder = Path("lock")
    uv = Path(sys.executable).with_name("uv")
    asked = sys.argv[1:]
    if not asked:
        (folder / "uv.in").write_text("uv\n", encoding="utf-8")
        _compile(uv, "lock/uv.in", folder / "uv.txt", [])
    for name in asked or LOCKS:
        chosen = [flag for extra in LOCKS[name] for flag in ("--extra", extra)]
        _compile(uv, "pyproject.toml", folder / f"{name}.txt", [*chosen, "lock/build.in"])


def _compile(uv: Path, source: str, lock: Path, more: list[str]) -> None:
    command = [str(uv), "pip", "compile", source, *more, *FLAGS, "--output-file", str(lock)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
