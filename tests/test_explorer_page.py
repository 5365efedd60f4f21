"""The page as files: what it preloads is what it loads."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from qantar.explorer.routes import PAGE

HEAT = re.compile(r"--heat-\d: #([0-9a-f]{6})")

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


def lightness(colour: str) -> float:
    """Return the lightness L* of a colour."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return float(116 * luminance ** (1 / 3) - 16)


def test_the_lightness_of_the_classes_is_monotone() -> None:
    found = HEAT.findall((PAGE / "style.css").read_text(encoding="utf-8"))
    assert len(found) == 27  # light, and dark as a choice and as a preference
    for start in (0, 9, 18):
        levels = [lightness(colour) for colour in found[start : start + 9]]
        steps = [b - a for a, b in pairwise(levels)]
        assert all(step < -7 for step in steps) or all(step > 7 for step in steps)
    assert found[9:18] == found[18:]


def test_no_title_is_hard_coded() -> None:
    text = (PAGE / "index.html").read_text(encoding="utf-8")
    assert "<title>Qantar</title>" in text
    assert "2022" not in text
