"""Shared style of all reports: colours, formats of numbers and days, SVG figures, templates."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import jinja2
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qantar.analysis.scores import Verdict

INK = "#1a1a1a"
MUTED = "#595959"
RULE = "#d9d9d9"
BLUE = "#0072B2"
SKY = "#56B4E9"
ORANGE = "#E69F00"
VERMILION = "#D55E00"
GREEN = "#009E73"
"""Colour-blind-safe colours of Okabe and Ito (2008)."""

HEAT = ("#ffffe5", "#fff2b8", "#fee08b", "#fec44f", "#fe9929", "#cc4c02", "#7f2704")
"""Yellow to brown, from low to high; also readable in greyscale."""

HALO = 'paint-order="stroke"'
"""Draws the outline of text below its fill, so that a white outline keeps it readable.

An attribute rather than a style rule, because CSS checkers do not know the property.
"""


class Mark(NamedTuple):
    """How a verdict is shown: by word and symbol as well as colour."""

    word: str
    symbol: str
    colour: str


VERDICTS: dict[Verdict, Mark] = {
    "hit": Mark("hit", "✓", "#00664b"),
    "near": Mark("near", "≈", "#8a5a00"),
    "miss": Mark("miss", "✗", "#a33f00"),
    "uninformative": Mark("not informative", "–", "#595959"),
}

_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_OPENING = re.compile(r"<svg [^>]*?viewBox=\"([^\"]+)\"[^>]*>", re.DOTALL)
_PATH = re.compile(r" d=\"([^\"]*)\"")
_DECIMALS = re.compile(r"(?<=\.\d)\d+")
_FONT = re.compile(r"'DejaVu Sans'[^;\"]*")
_UNITS_PER_INCH = 72

_LOOK: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "qantar",
    "path.simplify": True,
}


@contextmanager
def styled() -> Iterator[None]:
    """Apply the matplotlib style of reports, and restore the caller's settings afterwards."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_LOOK)
        yield


def rounded(value: float) -> str:
    """Return a count with two significant digits from 100: 5,200, 37 or 0."""
    if math.isnan(value):
        return "none"
    size = abs(value)
    if size >= 999_500:
        return f"{value / 1e6:.2g} million" if size < 9.95e6 else f"{value / 1e6:,.0f} million"
    if size >= 100:
        step = 10 ** (math.floor(math.log10(size)) - 1)
        return f"{round(value / step) * step:,.0f}"
    if size >= 1 or size == 0:
        return f"{value:.0f}"
    return "fewer than 1"


def about(value: float) -> str:
    """Return an approximate count: about 5,200."""
    text = rounded(value)
    return text if text in ("0", "none") or text.startswith("fewer") else f"about {text}"


def exact(value: float) -> str:
    """Return a number with all digits that a source gives: 4,404 or 0.5."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


def percent(share: float) -> str:
    """Return a share in per cent: 94 %; 0 % and 100 % are exact."""
    if math.isnan(share):
        return "none"
    if 0 < share < 0.005:
        return "under 1\u00a0%"
    if 0.995 < share < 1:
        return "over 99\u00a0%"
    return f"{100 * share:.0f}\u00a0%"


def span(low: str, high: str) -> str:
    """Return a range, or one value if both ends are the same text."""
    return low if low == high else f"{low} to {high}"


def short_day(day: dt.date) -> str:
    """Return a day as 3 Jan."""
    return f"{day.day} {day:%b}"


def long_day(day: dt.date) -> str:
    """Return a day as 3 January."""
    return f"{day.day} {day:%B}"


def day_span(first: dt.date, last: dt.date, name: Callable[[dt.date], str]) -> str:
    """Return a range of days without repeating the month: 4 to 6 January."""
    if first == last:
        return name(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {name(last)}"
    return f"{name(first)} to {name(last)}"


def many(count: int, one: str, more: str = "") -> str:
    """Return a number with its noun: 1 day, 3 days."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def cut_at_word(text: str, most: int) -> str:
    """Return a text of at most `most` characters, cut between words if it is longer."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"


def axis_number(value: float) -> str:
    """Return a short number for an axis: 20k, 3M or 0.5."""
    size, sign = abs(value), "\u2212" if value < 0 else ""
    units = ((1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
    for bound, unit, letter in units:
        if size >= bound:
            return f"{sign}{size / unit:g}{letter}"
    return f"{sign}{size:,g}"


def heat_legend(
    bounds: Sequence[str], below: str = "under", above: str = "over"
) -> list[tuple[str, str]]:
    """Return each shade of `HEAT` with its class of values."""
    between = [f"{low} to {high}" for low, high in pairwise(bounds)]
    classes = [f"{below} {bounds[0]}", *between, f"{above} {bounds[-1]}"]
    return list(zip(HEAT, classes, strict=True))


def blank_figure(width: float, height: float) -> Figure:
    """Return an empty figure, sized in CSS pixels; a font size of 11 is then 11 pixels."""
    from matplotlib.figure import Figure  # slow to import, and the terminal needs no figure

    return Figure(figsize=(width / _UNITS_PER_INCH, height / _UNITS_PER_INCH))


def svg_text(figure: Figure) -> str:
    """Return a figure as the text of an SVG file without date and creator."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def to_svg(figure: Figure, name: str, label: str, *, halo: bool = False) -> Markup:
    """Return a figure as SVG for embedding in a page; see `embedded_svg`."""
    return embedded_svg(svg_text(figure), name, label, halo=halo)


def embedded_svg(text: str, name: str, label: str, *, halo: bool = False) -> Markup:
    """Return an SVG file for embedding in a page.

    Parameters
    ----------
    text : str
        The text of the file, from `svg_text`.
    name : str
        Unique on the page: a prefix of all ids in the figure.
    label : str
        Text for screen readers.
    halo : bool
        Whether text has an outline; the style sheet sets its colour and width.

    Returns
    -------
    Markup
        An ``svg`` element.
    """
    text = _METADATA.sub("", text[text.index("<svg ") :])
    text = _PATH.sub(lambda m: ' d="' + _DECIMALS.sub("", " ".join(m[1].split())) + '"', text)
    text = _FONT.sub("var(--figure-font)", text)
    text = text.replace('id="', f'id="{name}-').replace("#", f"#{name}-")
    # Undo the prefix where "#" starts a colour rather than a reference.
    text = re.sub(rf"(?<!href=\")(?<!url\()#{re.escape(name)}-", "#", text)
    if halo:
        text = text.replace("<text ", f"<text {HALO} ")
    opening = _OPENING.search(text)
    assert opening is not None
    head = (
        f'<svg class="{name.rstrip("0123456789-")}" viewBox="{opening[1]}" role="img" '
        f'aria-label="{escape(label)}">'
    )
    return Markup(head + text[opening.end() :])


def render(template: str, **parts: Any) -> str:
    """Return a page made from a template; a missing variable is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("qantar.reports", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(template).render(**parts)
