"""How do time and memory grow in a large country, with places, groups and hours?

    python benchmarks/large_country.py [--members 10] [--whole]

Invented countries of `scripts/make_large_pack.py`. First one member, CPU time on one thread, with
and without ties; then whole runs, with `--whole` also one of 100 members with 3,000 places. Figures
depend on the machine: compare ratios. The constants of `qantar.analysis.expected_cost` come from
here.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES: dict[str, tuple[dict[str, int], ...]] = {
    "places": tuple({"places": n} for n in (100, 300, 1000, 3000)),
    "groups": tuple({"groups": n, "places": 1000} for n in (5, 9, 16)),
    "days": tuple({"days": n, "places": 1000} for n in (9, 18, 36)),
}
EPISODE = "spring-unrest"
MAKE = Path(__file__).parents[1] / "scripts" / "make_large_pack.py"

MEMBER = """
import json, resource, sys, time
from qantar.simulate.ensemble import run_member
from qantar.simulate.scenario import make_scenario
from qantar.simulate.tie_accuracy import accuracy_of_ties

def seconds(member):
    times = []
    for _ in range(3):
        start = time.process_time()
        run_member(environment, member, hours)
        times.append(time.process_time() - start)
    return min(times)

scenario = make_scenario(sys.argv[2], pack=sys.argv[1], belief="prior")
start = time.process_time()
environment, hours = scenario.environment, scenario.episode.hours
making = time.process_time() - start
draws = scenario.draws(1, 4)
members = [scenario.member(1, number, draws) for number in range(4)]
whole = sum(map(seconds, members)) / len(members)
for member in members:
    member.switches["ties"] = 0.0
without = sum(map(seconds, members)) / len(members)
ties, worst = accuracy_of_ties(scenario.country, environment, scenario.numbers)
cells = environment.place_count * hours
print(json.dumps({"environment": making, "member": whole, "without ties": without,
    "ns per cohort-hour": 1e9 * without / cells / environment.group_count,
    "ns of ties per place-hour": 1e9 * (whole - without) / cells,
    "one by one": ties.one_by_one, "by district": ties.by_district, "error": worst}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--members", type=int, default=10, help="members of a whole run")
    parser.add_argument("--whole", action="store_true", help="also 100 members, 3,000 places")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for what, sizes in SIZES.items():
            packs = [_make(Path(folder), size) for size in sizes]
            _members(what, sizes, packs)
            _runs(what, sizes, packs, options.members)
        if options.whole:
            pack = _make(Path(folder), {"places": 3000})
            seconds, wall, peak = _run(pack, 100, "all")
            print(f"100 members, 3,000 places: {seconds:.0f} CPU s, {wall:.0f} s, {peak:,.0f} MB")


def _make(folder: Path, size: dict[str, int]) -> Path:
    """Return a pack of a size, made when first asked for."""
    path = folder / "-".join(f"{name}{number}" for name, number in size.items())
    if not path.exists():
        options = [f"--{name}={number}" for name, number in size.items()]
        subprocess.run([sys.executable, MAKE, path, *options], check=True)
    return path


def _members(what: str, sizes: tuple[dict[str, int], ...], packs: list[Path]) -> None:
    """Print what one member costs, beside the size before."""
    print(f"\nOne member by {what}: ms, exponent, without ties, and the accuracy of the ties")
    before: dict[str, Any] | None = None
    for k, (size, pack) in enumerate(zip(sizes, packs, strict=True)):
        command = [sys.executable, "-c", MEMBER, str(pack), EPISODE]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        exponent = ""
        if before is not None:
            ratio = found["member"] / before["member"]
            exponent = f"{math.log(ratio) / math.log(size[what] / sizes[k - 1][what]):.2f}"
        print(
            f"  {size[what]:6,} {1000 * found['member']:8.1f} {exponent:>5} "
            f"{1000 * found['without ties']:8.1f}   one by one {found['one by one']:.2f}, largest "
            f"by district {found['by district']:.2f}, error {found['error']:.3f}   "
            f"{found['ns per cohort-hour']:5.1f} ns a cohort-hour, "
            f"{found['ns of ties per place-hour']:6.1f} ns of ties a place-hour"
        )
        before = found


def _runs(what: str, sizes: tuple[dict[str, int], ...], packs: list[Path], members: int) -> None:
    """Print what whole runs cost, by what they keep."""
    print(f"\nA run of {members} members by {what}: CPU s and peak MB, keeping all, places, facts")
    for size, pack in zip(sizes, packs, strict=True):
        _run(pack, 1, "all")  # compiles
        costs = [_run(pack, members, keep) for keep in ("all", "places", "facts")]
        cells = "   ".join(f"{seconds:6.1f} s {peak:7,.0f} MB" for seconds, _, peak in costs)
        print(f"  {size[what]:6,}   {cells}")


def _run(pack: Path, members: int, keep: str) -> tuple[float, float, float]:
    """Return the CPU seconds, the wall time and the peak memory in MB of a run from the prompt."""
    with tempfile.TemporaryDirectory() as folder:
        options = f"--belief prior --threads 2 --members {members} --keep {keep}".split()
        command = [sys.executable, "-m", "qantar", "run", EPISODE, "--pack", str(pack), *options]
        start = time.perf_counter()
        with subprocess.Popen(
            [*command, "--out", str(Path(folder) / "run")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed")
        wall = time.perf_counter() - start
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / unit


if __name__ == "__main__":
    main()
