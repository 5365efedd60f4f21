"""Renew the basis of a shipped comparison after a change of code that moved no number.

    python scripts/renew_basis.py january-2022 --against REVISION

A comparison is out of date when a file that it rests on has changed. If the change was one of form,
running everything again would give the same bytes; this script proves that on a sample and then
notes the new hashes. It runs `--members` members of every account, from the prior and from the
posterior, with the code of a revision and with the code of the checkout. Only if every record of
every run is the same, byte for byte, is the basis renewed; and only for files of the model. Changed
data or parameters always call for a new comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from qantar.analysis.compare.archive import MANIFEST, read_shelf, shelf_of
from qantar.analysis.compare.comparison import headline_of
from qantar.analysis.manifest import basis_of, changed_files
from qantar.packs.country import load_country

PROBE = """
import hashlib, sys
from qantar.packs.country import load_country
from qantar.simulate.ensemble import run_ensemble
from qantar.packs.account import list_accounts
from qantar.simulate.scenario import make_scenario
episode, pack, members = sys.argv[1], sys.argv[2], int(sys.argv[3])
for account in list_accounts(load_country(pack)):
    for belief in ("prior", "posterior"):
        scenario = make_scenario(episode, account=account, pack=pack, belief=belief)
        draws, digest = scenario.draws(7, members), hashlib.sha256()
        member = lambda n: scenario.member(7, n, draws)
        hours = scenario.episode.hours
        for record in run_ensemble(scenario.ground, member, members=members, hours=hours):
            digest.update(record.tobytes())
        print(account, belief, digest.hexdigest())
"""
"""What is run in both checkouts: a hash of every record, by account and belief."""


def main() -> None:
    """Compare two checkouts, and renew the basis if they do the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("episode")
    parser.add_argument("--against", required=True, help="revision that the comparison was made of")
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--members", type=int, default=8)
    options = parser.parse_args()
    console = Console()
    country = load_country(options.pack)
    folder = shelf_of(country, options.episode)
    file = folder / MANIFEST
    kept = json.loads(file.read_text(encoding="utf-8"))
    now = basis_of(country, options.episode, kept["accounts"])
    moved = changed_files(kept["basis"], now)
    data = [name for name in moved if not name.startswith("model/")]
    if data:
        sys.exit(f"not code alone has changed, so the comparison must be made anew: {data}")
    if _records(options, options.against) != _records(options, None):
        sys.exit("runs differ: numbers have moved, so the comparison must be made anew")
    console.print(f"{len(moved)} files of the model changed, and no record of any run")
    kept["basis"] = now
    kept["headline"] = headline_of(read_shelf(folder).tables)
    file.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _records(options: argparse.Namespace, revision: str | None) -> str:
    """Return the hashes of the records of all runs with the code of a revision, or of this one."""
    arguments = [options.episode, options.pack, str(options.members)]
    here = Path(__file__).parents[1]
    if revision is None:
        return _probe(here, arguments)
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "then"
        git = ["git", "-C", str(here), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(other), revision], check=True)
        try:
            return _probe(other, arguments)
        finally:
            subprocess.run([*git, "remove", "--force", str(other)], check=True)


def _probe(checkout: Path, arguments: list[str]) -> str:
    """Run the probe on the source of a checkout."""
    surroundings = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(
        command, env=surroundings, cwd=checkout, capture_output=True, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    main()
