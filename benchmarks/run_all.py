"""Every benchmark in one run. Figures depend on the machine and its load: compare ratios.

python benchmarks/run_all.py [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = ("engine", "years", "draws", "peers", "commands", "growth")


def main() -> None:
    """Run each in a process of its own: the peak memory of a process includes its parent's."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all rows as JSON")
    options = parser.parse_args()
    documents = []
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            written = Path(folder) / f"{name}.json"
            program = Path(__file__).with_name(f"{name}.py")
            subprocess.run([sys.executable, program, "--json", written], check=True)
            documents.append(json.loads(written.read_text(encoding="utf-8")))
    if options.json is not None:
        options.json.write_text(json.dumps(documents, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
