"""Write the predictions for 2023 to 2025, once; with --check compare the file with its hash.

``predictions/2023-2025.csv`` is written before anything of these years is read, so that it can be
scored on facts that its authors did not use. It is never written again: a later version of the
model writes a file of its own, under another name.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from qantar.analysis.after.overview import describe_after
from qantar.analysis.after.predictions import Prediction, prediction_table
from qantar.analysis.after.years_ahead import years_ahead
from qantar.packs.loading import load_country
from qantar.packs.years import load_years

FOLDER = Path(__file__).resolve().parents[1] / "predictions"
NAME = "2023-2025.csv"
HASHES = "SHA256SUMS"


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--name", default=NAME)
    options = parser.parse_args()
    if options.check:
        check()
        return
    path = FOLDER / options.name
    if path.exists():
        sys.exit(f"{path.name} exists and is never written again; give another --name")
    country = load_country("kazakhstan")
    record = describe_after(country, load_years(country))
    if record is None:
        sys.exit("the pack says nothing of what came after")
    ahead = pd.DataFrame(years_ahead(country, members=options.members), columns=Prediction._fields)
    table = pd.concat([ahead, prediction_table(record)], ignore_index=True)
    table.insert(0, "pack_fingerprint", country.fingerprint[:16])
    table.insert(0, "qantar_version", version("qantar"))
    FOLDER.mkdir(exist_ok=True)
    table.to_csv(path, index=False, float_format="%.4g", lineterminator="\n")
    with (FOLDER / HASHES).open("a", encoding="utf-8") as file:
        file.write(f"{_hash(path)}  {path.name}\n")
    print(f"{len(table)} predictions in {path.name}")


def check() -> None:
    """Stop if a file differs from its hash."""
    for line in (FOLDER / HASHES).read_text(encoding="utf-8").splitlines():
        told, _, name = line.partition("  ")
        if _hash(FOLDER / name) != told:
            sys.exit(f"{name} was changed after it was written")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
