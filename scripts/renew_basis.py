"""Update the input hashes of a shipped comparison after a change that affects no number.

    python scripts/renew_basis.py january-2022 --against REVISION

A comparison is stale if one of its inputs has changed. After a refactoring or a change of wording,
running it again would give the same numbers; this script checks that on a sample and then updates
the hashes. It runs `--members` members of every account, from the prior and from the posterior,
with the code and packs of REVISION and with those of the checkout. The hashes are updated only if
all records are identical byte for byte, and only for changes in files of the model, in the wording
(see `WORDING`) of accounts and YAML files, and in evidence if the targets of the episode stay the
same. Titles in the account table are updated, too.
Any other change of data or parameters requires a new comparison.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from ruamel.yaml import YAML

from qantar.analysis.compare.archive import MANIFEST, TABLE, archive_folder, read_archive
from qantar.analysis.compare.comparison import comparison_headline
from qantar.analysis.manifest import changed_inputs, input_hashes
from qantar.base.files import write_text
from qantar.packs.account import load_account
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.loading import load_country
from qantar.simulate.draws import digest_of_text

WORDING = frozenset({"title", "summary", "because", "label", "note", "says"})
"""Keys of accounts and YAML files whose values are text for readers."""

EVIDENCE = "evidence/"
"""Inputs that reach a comparison through the targets of its episode alone."""

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
from qantar.packs.evidence import country_ledger, reconciled
from qantar.packs.loading import load_country
country = load_country(pack)
found["targets"] = [
    each.target.model_dump(mode="json")
    for each in reconciled(country, country_ledger(country), episode)
]
print(json.dumps(found))
"""
"""Code run in both checkouts: prints the content of every account, the targets of the episode, and
a hash of all records by account and belief. Where it can, it uses the public interface, which is
stable when modules move."""


def main() -> None:
    """Compare two checkouts, and update the hashes if their results are the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("episode")
    parser.add_argument("--against", required=True, help="revision of the comparison")
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
    accounts = {f"accounts/{name}.yaml": name for name in kept["accounts"]}
    data = [
        name
        for name in moved
        if not name.startswith("model/")
        and name not in accounts
        and not name.startswith(EVIDENCE)
        and not _only_wording_changed(country, name, options.against)
    ]
    if data:
        sys.exit(f"data have changed, so a new comparison is needed: {data}")
    before = _probed(options, kept["accounts"], options.against)
    after = _probed(options, kept["accounts"], None)
    if before["targets"] != after["targets"]:
        sys.exit("the targets of the episode have changed, so a new comparison is needed")
    changed = [
        name
        for name in moved
        if name in accounts
        and _without_wording(before["content"][accounts[name]])
        != _without_wording(after["content"][accounts[name]])
    ]
    if changed:
        sys.exit(f"accounts have changed, so a new comparison is needed: {changed}")
    if before["records"] != after["records"]:
        sys.exit("the records of runs differ, so a new comparison is needed")
    console.print(f"{len(moved)} inputs changed; the records of all runs are identical")
    kept["basis"] = now
    titles = {name: content["title"] for name, content in after["content"].items()}
    kept["tables"]["accounts"]["sha256"] = _update_titles(folder / f"accounts{TABLE}", titles)
    write_text(file, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
    kept["headline"] = comparison_headline(read_archive(folder).tables)
    write_text(file, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def _without_wording(value: Any) -> Any:
    """Return a YAML or JSON value without the entries that are text for readers."""
    if isinstance(value, dict):
        return {k: _without_wording(v) for k, v in value.items() if k not in WORDING}
    return [_without_wording(each) for each in value] if isinstance(value, list) else value


def _only_wording_changed(country: Country, name: str, revision: str) -> bool:
    """Return whether a YAML input differs from a revision only in its wording."""
    if not name.endswith(".yaml"):
        return False
    shared = name.startswith(f"{COMMON}/")
    path = packs_folder() / name if shared else country.folder / name
    path = path.resolve()
    shown = subprocess.run(
        ["git", "-C", str(path.parent), "show", f"{revision}:./{path.name}"],
        capture_output=True,
        check=False,
    )
    if shown.returncode != 0 or not path.is_file():
        return False
    before, after = (YAML(typ="safe").load(raw) for raw in (shown.stdout, path.read_bytes()))
    return bool(_without_wording(before) == _without_wording(after))


def _update_titles(path: Path, titles: dict[str, str]) -> str:
    """Write the titles of accounts into the table of accounts; return its hash."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "title": titles[row["account"]]} for row in rows)
    write_text(path, text.getvalue())
    return digest_of_text(text.getvalue().encode())


def _probed(
    options: argparse.Namespace, accounts: list[str], revision: str | None
) -> dict[str, dict[str, Any]]:
    """Run the probe with the code and packs of a revision, or of this checkout."""
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
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(
        command, env=environment, cwd=checkout, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
