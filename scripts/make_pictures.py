"""Photograph the report of a run, or another page of results, for the README.

    python scripts/make_pictures.py runs/some-run

Needs Chromium. Writes docs/images/report.png.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")


def main() -> None:
    """Open the report in a headless browser and save its first screen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/images/report.png"))
    parser.add_argument("--size", default="1280,1180")
    parser.add_argument("--page", default="report.html", help="a page in the folder")
    options = parser.parse_args()
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    page = (options.run / options.page).resolve().as_uri()
    picture = f"--screenshot={options.out.resolve()}"
    command = [browser, *FLAGS, *QUIET, picture, f"--window-size={options.size}", page]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
