"""Check the prose of code, docs, messages and templates: typing errors, style, plain English.

codespell looks for typing errors everywhere, proselint judges the style of the documents, and
``phrases.toml`` lists phrases that no library knows.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PHRASES = Path(__file__).with_name("phrases.toml")
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "RESPONSIBLE_USE.md", "docs/*.md")
WRITTEN = (
    "*.py",
    "*.md",
    "*.js",
    "*.css",
    "*.j2",
    "*.html",
    "*en.json",
    "*.yaml",
    "*.yml",
    "*.ipynb",
)
QUOTED = (":!packs/*/evidence", ":!packs/*/posteriors", ":!scripts/phrases.toml")
"""Words of sources, and stored results: not ours to correct."""


def main() -> int:
    """Run the three checkers on every file that git tracks; return 0 if none finds anything."""
    files = tracked(*WRITTEN, *QUOTED)
    documents = tracked(*DOCUMENTS)
    failed = False
    for line in unwanted_phrases(files):
        sys.stdout.write(f"{line}\n")
        failed = True
    for name, *arguments in (
        ["codespell", *files],
        ["proselint", "check", "--config", ".proselintrc.json", *documents],
    ):
        checker = Path(sys.executable).with_name(name)
        failed |= subprocess.run([checker, *arguments], cwd=ROOT, check=False).returncode != 0
    return int(failed)


def tracked(*patterns: str) -> list[str]:
    """Return the tracked files that match, relative to the root of the repository."""
    command = ["git", "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def unwanted_phrases(files: list[str]) -> Iterator[str]:
    """Yield a line for every phrase that should be written in another way."""
    rules = tomllib.loads(PHRASES.read_text(encoding="utf-8"))["instead"]
    compiled = [(re.compile(phrase, re.IGNORECASE), wanted) for phrase, wanted in rules.items()]
    for name in files:
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            for phrase, wanted in compiled:
                if match := phrase.search(line):
                    yield f"{name}:{number}: {match.group()!r}: write {wanted}"


if __name__ == "__main__":
    sys.exit(main())
