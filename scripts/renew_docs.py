"""Rewrite all output that the README, the tutorials and the how-to pages show.

    python scripts/renew_docs.py [PAGE ...]

Builds and installs the wheel, runs every command and every Python block of the pages from that
installation, and replaces the output that a page shows by what was printed. `scripts/doc_pages.py`
describes the conventions of the pages. Exits with 1 if a page could not be run.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from doc_pages import PageError, documented_pages, install_wheel, renewed_text, run_page


def main() -> None:
    """Renew the pages named on the command line, or all."""
    pages = [Path(name).resolve() for name in sys.argv[1:]] or documented_pages()
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        environment = install_wheel(Path(scratch))
        for number, page in enumerate(pages):
            folder = Path(scratch) / f"page-{number:02d}"
            folder.mkdir()
            text = page.read_text(encoding="utf-8")
            try:
                new = renewed_text(text, run_page(page, environment, folder))
            except PageError as error:
                failed = True
                print(f"{page.name}: failed\n{error}")
                continue
            print(f"{page.name}: {'unchanged' if new == text else 'renewed'}")
            page.write_text(new, encoding="utf-8")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
