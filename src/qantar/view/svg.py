"""Figures as inline SVG that any browser shows alike, with nothing fetched and nothing dated."""

from __future__ import annotations

import io
import re

from markupsafe import Markup, escape
from matplotlib.figure import Figure

_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_OPENING = re.compile(r"<svg [^>]*?viewBox=\"([^\"]+)\"[^>]*>", re.DOTALL)
_PATH = re.compile(r" d=\"([^\"]*)\"")
_DECIMALS = re.compile(r"(\.\d)\d+")
_FONT = re.compile(r"'DejaVu Sans'[^;\"]*")
_UNITS_PER_INCH = 72


def figure_of(width: float, height: float) -> Figure:
    """Return an empty figure of so many CSS pixels; a font size of 11 is then 11 pixels."""
    return Figure(figsize=(width / _UNITS_PER_INCH, height / _UNITS_PER_INCH))


def to_svg(figure: Figure, name: str, label: str) -> Markup:
    """Return a figure as SVG to stand inside a page.

    Parameters
    ----------
    figure : Figure
    name : str
        Unique on the page: it keeps the ids of one figure from those of the next.
    label : str
        What the figure shows, for those who do not see it.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = _METADATA.sub("", text[text.index("<svg ") :])
    text = _PATH.sub(lambda m: f' d="{_DECIMALS.sub(_one_digit, " ".join(m[1].split()))}"', text)
    text = _FONT.sub("var(--figure-font)", text)
    text = text.replace('id="', f'id="{name}-').replace("#", f"#{name}-")
    text = _restore_colours(text, name)
    opening = _OPENING.search(text)
    assert opening is not None
    head = (
        f'<svg class="{name.rstrip("0123456789-")}" viewBox="{opening[1]}" role="img" '
        f'aria-label="{escape(label)}">'
    )
    return Markup(head + text[opening.end() :])


def _one_digit(match: re.Match[str]) -> str:
    return match[1]


def _restore_colours(text: str, name: str) -> str:
    """Undo the prefix where ``#`` began a colour, not a reference."""
    return re.sub(rf"(?<!href=\")(?<!url\()#{re.escape(name)}-", "#", text)
