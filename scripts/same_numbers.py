"""Show that a refactoring moves no number: run two checkouts and compare all that they wrote.

    python scripts/same_numbers.py run CHECKOUT FOLDER      (once for each checkout)
    python scripts/same_numbers.py compare FOLDER FOLDER

`run` executes the commands below with the virtual environment of the checkout. `compare` reads
every table (CSV), array (Zarr) and JSON result in both folders. Tables and arrays must hold the
same bytes. In JSON, entries that name versions, times, paths and hashes of source files are left
out, because they describe the run and not its result.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ACCOUNTS = (
    *("elite-split", "elite-split-blind", "leaderless", "null", "police-first", "stagnation"),
    *("state", "state-blind", "territorial", "territorial-blind", "union"),
)

COMMANDS: dict[str, str] = {
    "run": "run january-2022 --members 100 --seed 1",
    "run-rules": "run january-2022 --members 20 --seed 2 --mode rules --belief posterior",
    **{
        f"run-{name}-{belief}": f"run january-2022 --account {name} --members 8 --seed 7 "
        f"--belief {belief}"
        for name in ACCOUNTS
        for belief in ("prior", "posterior")
    },
    "run-2011": "run zhanaozen-2011 --members 8 --seed 3",
    "run-2016": "run land-2016 --members 8 --seed 3",
    "run-2019": "run transition-2019 --members 8 --seed 3",
    "whatif": "whatif january-2022 --change no-shoot-order --members 100 --explained 6 --discover",
    "whatif-cross": "whatif january-2022 --change no-shutdown --change no-foreign-troops --cross "
    "--members 8 --explained 2 --mode script",
    "whatif-accounts": "whatif january-2022 --change no-foreign-troops --all-accounts --members 6 "
    "--explained 2",
    "precedents": "precedents --members 12",
    "morris": "sensitivity january-2022 --size 4",
    "sobol": "sensitivity january-2022 --method sobol --size 16",
    "compare": "compare january-2022 --members 24",
    "calibrate": "calibrate january-2022 --account police-first --quick",
}
"""Commands by the name of their result folder. Each takes ``--out``."""

TEXTS: dict[str, str] = {
    "claims": "evidence claims --format csv",
    "conflicts": "evidence conflicts --format csv",
    "checks": "evidence checks --format csv",
    "targets": "evidence targets --format csv",
}
"""Commands whose standard output is compared."""

DESCRIPTIVE = (
    "version",
    "time",
    "started",
    "finished",
    "seconds",
    "path",
    "folder",
    "basis",
    "command",
    "git",
    "libraries",
    "fingerprint",
    "sha256",
    "hash",
    "machine",
    "python",
)
"""Parts of JSON keys that describe a run and not its result."""


def main() -> int:
    """Run or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    steps = parser.add_subparsers(dest="step", required=True)
    run = steps.add_parser("run")
    run.add_argument("checkout", type=Path)
    run.add_argument("folder", type=Path)
    run.add_argument("--only", nargs="*", help="names of results")
    compare = steps.add_parser("compare")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    options = parser.parse_args()
    if options.step == "run":
        return run_all(options.checkout.resolve(), options.folder.resolve(), options.only)
    return compare_all(options.before, options.after)


def run_all(checkout: Path, folder: Path, only: list[str] | None) -> int:
    """Run every command in a checkout; return how many failed."""
    program = checkout / ".venv" / "bin" / "qantar"
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, text in {**COMMANDS, **TEXTS}.items():
        if only and name not in only:
            continue
        started = time.perf_counter()
        command = [str(program), *text.split()]
        if name in COMMANDS:
            command += ["--out", str(folder / name)]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
        if name in TEXTS:
            (folder / f"{name}.csv").write_text(done.stdout, encoding="utf-8")
        seconds = time.perf_counter() - started
        print(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'} {seconds:.0f} s", flush=True)
        if done.returncode != 0:
            failed += 1
            print(done.stderr[-2000:], flush=True)
    return failed


def compare_all(before: Path, after: Path) -> int:
    """Print what differs between two folders of results; return how many files do."""
    left, right = (digests(folder) for folder in (before, after))
    differing = sorted(name for name in {*left, *right} if left.get(name) != right.get(name))
    for name in differing:
        state = "differs" if name in left and name in right else "only in one folder"
        print(f"{name}: {state}")
    kinds = {suffix: sum(name.endswith(suffix) for name in left) for suffix in (".csv", ".json")}
    arrays = len(left) - sum(kinds.values())
    print(
        f"{len(left)} files compared ({kinds['.csv']} tables, {arrays} pieces of arrays, "
        f"{kinds['.json']} JSON files): {len(differing)} differ"
    )
    return min(len(differing), 100)


def digests(folder: Path) -> dict[str, str]:
    """Return a hash of every result below a folder, by its path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        in_array = any(part.endswith(".zarr") for part in path.relative_to(folder).parts)
        if path.is_dir() or (in_array and path.name == "zarr.json"):
            continue
        if path.suffix == ".csv" or in_array or path.suffix == ".npy":
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.suffix == ".json":
            text = json.dumps(result_only(json.loads(path.read_text(encoding="utf-8"))))
            found[name] = hashlib.sha256(text.encode()).hexdigest()
    return found


def result_only(value: Any) -> Any:
    """Return a JSON value without the entries that describe the run."""
    if isinstance(value, dict):
        return {
            key: result_only(part)
            for key, part in sorted(value.items())
            if not any(word in key.lower() for word in DESCRIPTIVE)
        }
    return [result_only(part) for part in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main())
