"""The page as files: what it preloads is what it loads."""

from __future__ import annotations

import re
from pathlib import Path

from qantar.explorer.routes import PAGE

IMPORT = re.compile(r"""(?:from|import\() ?'\./(\w+)\.js'""")


def loaded(name: str, seen: set[str]) -> set[str]:
    """Return a module and everything that it imports, at once or when it is needed."""
    if name not in seen:
        seen.add(name)
        for other in IMPORT.findall((PAGE / "js" / f"{name}.js").read_text(encoding="utf-8")):
            loaded(other, seen)
    return seen


def preloaded() -> set[str]:
    text = (PAGE / "index.html").read_text(encoding="utf-8")
    return set(re.findall(r'rel="modulepreload" href="/page/js/(\w+)\.js"', text))


def test_what_the_first_picture_needs_is_preloaded() -> None:
    """Else the browser finds one module after the other, each a journey to the server."""
    main = (PAGE / "js" / "main.js").read_text(encoding="utf-8")
    at_once: set[str] = set()
    for name in re.findall(r"from '\./(\w+)\.js'", main):
        loaded(name, at_once)
    assert at_once <= preloaded() | {"main"}


def test_every_module_is_used_and_every_preloaded_one_exists() -> None:
    files = {path.stem for path in Path(PAGE / "js").glob("*.js")}
    named = set(re.findall(r"'(?:\./)?(\w+)(?:\.js)?'", (PAGE / "js" / "main.js").read_text()))
    used = {"main"}
    for name in named & files:
        loaded(name, used)
    assert files == used
    assert preloaded() <= files
