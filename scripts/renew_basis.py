"""Renew the basis of a shipped comparison after a change of form that moved no number.

    python scripts/renew_basis.py january-2022 --against REVISION

A comparison is out of date when something that it rests on has changed. If the change was one of
form, running everything again would give the same bytes; this script proves that on a sample and
then notes the new hashes. It runs `--members` members of every account, from the prior and from the
posterior, with the code and the pack of a revision and with those of the checkout. Only if every
record of every run is the same, byte for byte, is the basis renewed; and only for files of the
model, and for accounts that say the same as at the revision, however they are written. Other
changed data or parameters always call for a new comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from qantar.analysis.compare.archive import MANIFEST, archive_folder, read_archive
from qantar.analysis.compare.comparison import comparison_headline
from qantar.analysis.manifest import changed_inputs, input_hashes
from qantar.base.files import write_text
from qantar.packs.account import load_account
from qantar.packs.loading import load_country

PROBE = """
import hashlib, json, sys
import qantar
episode, pack, members, accounts = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
found = {"content": {}, "records": {}}
for name in accounts:
    for belief in ("prior", "posterior"):
        scenario = qantar.make_scenario(episode, account=name, pack=pack, belief=belief)
        digest = hashlib.sha256()
        qantar.run(
            scenario,
            members=members,
            seed=7,
            each=lambda record: digest.update(record.tobytes()),
            evidence=(None, ()),
        )
        found["records"][f"{name}, {belief}"] = digest.hexdigest()
    found["content"][name] = scenario.account.model_dump(mode="json", exclude_defaults=True)
print(json.dumps(found))
"""
"""What is run in both checkouts, by the public interface, which outlasts a move of modules: what
every account says, and a hash of every record, by account and belief."""


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
    folder = archive_folder(country, options.episode)
    file = folder / MANIFEST
    kept = json.loads(file.read_text(encoding="utf-8"))
    now = input_hashes(
        country, options.episode, [load_account(country, name) for name in kept["accounts"]]
    )
    moved = changed_inputs(kept["basis"], now)
    told = {f"accounts/{name}.yaml": name for name in kept["accounts"]}
    data = [name for name in moved if not name.startswith("model/") and name not in told]
    if data:
        sys.exit(f"data have changed, so the comparison must be made anew: {data}")
    before = _probed(options, kept["accounts"], options.against)
    after = _probed(options, kept["accounts"], None)
    retold = [
        name
        for name in moved
        if name in told and before["content"][told[name]] != after["content"][told[name]]
    ]
    if retold:
        sys.exit(f"accounts say something else, so the comparison must be made anew: {retold}")
    if before["records"] != after["records"]:
        sys.exit("runs differ: numbers have moved, so the comparison must be made anew")
    console.print(
        f"{len(moved)} files of the model or of accounts changed in form, and no record of any run"
    )
    kept["basis"] = now
    kept["headline"] = comparison_headline(read_archive(folder).tables)
    write_text(file, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def _probed(
    options: argparse.Namespace, accounts: list[str], revision: str | None
) -> dict[str, dict[str, Any]]:
    """Return what the probe finds with the code and packs of a revision, or of this checkout."""
    arguments = [options.episode, options.pack, str(options.members), *accounts]
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


def _probe(checkout: Path, arguments: list[str]) -> dict[str, dict[str, Any]]:
    """Run the probe on the source of a checkout."""
    surroundings = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(
        command, env=surroundings, cwd=checkout, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
