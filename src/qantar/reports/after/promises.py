"""The board of promises: what is told of each, and its modelled chance to be enacted.

Every status has a symbol as well as a colour; every chance is printed as a number, with the one of
the prior beside it.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from qantar.analysis.after.promise_outlook import Board, BoardRow, Prediction
from qantar.packs.years_tables import first_day
from qantar.reports.style import BLUE, GREEN, INK, MUTED, ORANGE, RULE, VERMILION, cut_at_word

SYMBOLS = {
    "promised": ("○", MUTED),
    "drafted": ("◐", BLUE),
    "enacted": ("●", GREEN),
    "reversed": ("↺", VERMILION),
    "not kept": ("✗", ORANGE),
}
"""Symbol and colour of a status."""

CORE = {"yes": "▲", "no": " ", "open": "?"}
"""Whether a promise costs core powers."""

_WIDTH, _NAME, _STEP, _CHANCE = 1100.0, 350.0, 96.0, 116.0
_HEAD, _ROW, _GROUP, _KEY, _FOOT = 44.0, 20.0, 24.0, 26.0, 22.0
_STEPS = ("promised", "drafted", "enacted", "reversed")


def board_figure(board: Board) -> Markup:
    """Draw the board of promises.

    Parameters
    ----------
    board : Board
        As `qantar.analysis.after.promises.promise_board` made it.

    Returns
    -------
    Markup
        SVG with a text alternative: a row a promise, grouped by occasion; a column a told step,
        with symbol and month; a column a year with the chance to be enacted by its end, in percent.
    """
    groups = list(dict.fromkeys(row.promise.occasion for row in board.rows))
    height = _KEY + _HEAD + _ROW * len(board.rows) + _GROUP * len(groups) + _FOOT
    parts, at = [_key(), _heading(board, _KEY)], _KEY + _HEAD
    for group in groups:
        parts.append(_text(8, at + 16, group, weight="bold"))
        parts.append(_line(at + _GROUP - 2))
        at += _GROUP
        for row in (each for each in board.rows if each.promise.occasion == group):
            parts.append(_row(row, at))
            at += _ROW
    parts.append(_text(8, at + 15, _foot(board), colour=MUTED, size=10))
    told = sum(row.status != "promised" for row in board.rows)
    label = escape(
        f"Board of {len(board.rows)} promises, {told} with a told step after the promise; chances"
        f" to be enacted by the end of {', '.join(map(str, board.years))}, in percent. All values"
        " are in the table below."
    )
    return Markup(
        f'<svg class="board" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="{label}" font-family="DejaVu Sans, sans-serif">{"".join(parts)}</svg>'
    )


def board_rows(board: Board) -> list[dict[str, str]]:
    """Return the rows of the table below the board, one a promise."""
    return [
        {
            "promise": row.promise.label,
            "occasion": row.promise.occasion,
            "theme": row.promise.theme,
            "costs core powers": f"{row.promise.core} ({row.promise.core_grade})",
            **{step: getattr(row.promise, step) or "not told" for step in _STEPS},
            "not kept by": row.promise.open_until or "",
            "grade of the fate": row.promise.fate_grade,
            **{
                f"enacted by the end of {year}, percent": f"{100 * given:.0f} "
                f"(prior {100 * prior:.0f})"
                for year, prior, given in zip(board.years, row.prior, row.given, strict=True)
            },
            "claims": row.promise.claims,
        }
        for row in board.rows
    ]


def prediction_rows(predictions: list[Prediction]) -> list[dict[str, str]]:
    """Return the predictions as rows of text, the prior before what the fates make of it."""
    return [
        {
            "quantity": each.quantity,
            "law": each.law,
            "by the end of": each.by,
            "prior": _percent(*each.prior),
            "given the told fates": _percent(*each.told),
            "one decision left out": " to ".join(f"{100 * mean:.0f}" for mean in each.left_out),
            "silence read as a no": _percent(*each.silent),
        }
        for each in predictions
    ]


def _percent(mean: float, low: float, high: float) -> str:
    return f"{100 * mean:.0f} ({100 * low:.0f} to {100 * high:.0f})"


def _key() -> str:
    """Draw what the symbols mean."""
    parts, at = [], 8.0
    for status, (symbol, colour) in SYMBOLS.items():
        parts.append(_text(at, 17, symbol, colour=colour, size=13))
        parts.append(_text(at + 17, 16, status))
        at += 40 + 7 * len(status)
    parts.append(_text(at + 10, 16, "▲ costs the president core powers   ? open"))
    return "".join(parts)


def _heading(board: Board, top: float) -> str:
    """Draw the heads of the columns."""
    parts = [_text(8, top + 34, "Promise", weight="bold")]
    for k, step in enumerate(_STEPS):
        parts.append(_text(_NAME + _STEP * k, top + 34, step.capitalize(), weight="bold"))
    left = _NAME + _STEP * len(_STEPS)
    title = "Chance to be enacted by the end of the year, % (prior's in brackets)"
    parts.append(_text(_WIDTH - 6, top + 14, title, anchor="end"))
    for k, year in enumerate(board.years):
        parts.append(_text(left + _CHANCE * k, top + 34, str(year), weight="bold"))
    return "".join(parts) + _line(top + _HEAD - 3)


def _row(row: BoardRow, top: float) -> str:
    """Draw a promise."""
    base = top + 14
    parts = [
        _text(8, base, CORE[row.promise.core], size=9),
        _text(22, base, cut_at_word(row.promise.label, 50)),
    ]
    for k, step in enumerate(_STEPS):
        moment: str | None = getattr(row.promise, step)
        if moment:
            symbol, colour = SYMBOLS[step]
            parts.append(_text(_NAME + _STEP * k, base, symbol, colour=colour, size=13))
            parts.append(_text(_NAME + _STEP * k + 17, base, _moment(moment)))
        elif step == "enacted" and row.promise.open_until:
            symbol, colour = SYMBOLS["not kept"]
            parts.append(_text(_NAME + _STEP * k, base, symbol, colour=colour, size=13))
            parts.append(
                _text(_NAME + _STEP * k + 17, base, f"by {_moment(row.promise.open_until)}")
            )
        else:
            parts.append(_text(_NAME + _STEP * k + 17, base, "–", colour=MUTED))
    left = _NAME + _STEP * len(_STEPS)
    for k, (prior, given) in enumerate(zip(row.prior, row.given, strict=True)):
        parts.append(_chance(left + _CHANCE * k, top, prior, given))
    return "".join(parts)


def _chance(left: float, top: float, prior: float, given: float) -> str:
    """Draw a chance as a bar with a tick at that of the prior, and both as numbers."""
    wide = 40.0
    return (
        f'<rect x="{left:.1f}" y="{top + 5:.1f}" width="{wide:.1f}" height="10" fill="none" '
        f'stroke="{MUTED}" stroke-width="0.8"/>'
        f'<rect x="{left:.1f}" y="{top + 5:.1f}" width="{wide * given:.1f}" height="10" '
        f'fill="{BLUE}"/>'
        f'<line x1="{left + wide * prior:.1f}" y1="{top + 2:.1f}" x2="{left + wide * prior:.1f}" '
        f'y2="{top + 18:.1f}" stroke="{INK}" stroke-width="2"/>'
        + _text(left + wide + 6, top + 14, f"{100 * given:.0f} ({100 * prior:.0f})")
    )


def _foot(board: Board) -> str:
    verdicts = ", ".join(f"{law}: {verdict}" for law, verdict in board.verdicts.items())
    return (
        f"Told until {board.told_until}. Chances: all laws, given the fates of the other decisions;"
        f" tick: prior. Scored: {board.scored} promises in {board.decisions} decisions; {verdicts}"
    )


def _moment(moment: str) -> str:
    """Return a year, a month or a day as short text."""
    day = first_day(moment)
    if len(moment) == len("YYYY"):
        return moment
    month = f"{day:%b %Y}"
    return f"{day.day} {month}" if len(moment) > len("YYYY-MM") else month


def _line(y: float) -> str:
    return f'<line x1="4" y1="{y:.1f}" x2="{_WIDTH - 4:.0f}" y2="{y:.1f}" stroke="{RULE}"/>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    colour: str = INK,
    size: float = 10.5,
    weight: str = "normal",
    anchor: str = "start",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size:g}" '
        f'font-weight="{weight}" text-anchor="{anchor}">{escape(text)}</text>'
    )
