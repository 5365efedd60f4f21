"""When claims say that things happened: decisions of the state by source, and a timeline.

`decision_rows` sets side by side the day that each source gives for each decision. `timeline` draws
a lane for each source with a mark for each claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from qantar.evidence import Claim
from qantar.reports.evidence.charts import badge_mark
from qantar.reports.evidence.names import ClaimLink, Reader, SourceBadge, Window, dated
from qantar.reports.style import BLUE, GREEN, MUTED, ORANGE, RULE, VERMILION, many, short_day

CATEGORIES = (
    "state_decision", "communications", "forces", "foreign", "appointment", "security_service",
    "prices", "narrative", "reform", "detained", "fiscal", "court",
)  # fmt: skip
"""Categories whose events are acts of the state."""

_PITCH, _EDGE = 17.0, 10.0
"""Pixels of a day in a strip of decisions, and of its margins."""

_LEFT, _DAY, _STEP, _TOP = 196.0, 63.0, 11.5, 26.0
_PER_ROW = 5
"""Marks side by side in a day of the timeline."""


@dataclass(frozen=True)
class Kind:
    """A kind of claim with its mark: a shape and a colour."""

    title: str
    shape: str
    colour: str
    categories: tuple[str, ...]


KINDS = (
    Kind("protest and demands", "circle", BLUE, ("protest", "participants", "demand")),
    Kind(
        "violence, dead, wounded, damage", "triangle", VERMILION,
        ("violence", "deaths", "wounded", "damage"),
    ),
    Kind(
        "forces, arrests, courts", "square", "#8E3B75",
        ("forces", "detained", "repression", "court", "security_service"),
    ),
    Kind(
        "decisions of the state", "diamond", GREEN,
        ("state_decision", "communications", "appointment", "prices", "reform", "fiscal"),
    ),
    Kind("other states", "cross", ORANGE, ("foreign",)),
    Kind("what was said, and all else", "ring", MUTED, ()),
)  # fmt: skip

_SHAPES = {
    "circle": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z",
    "triangle": "M0-5L5 4.2H-5Z",
    "square": "M-4-4H4V4H-4Z",
    "diamond": "M0-5.4L5.4 0L0 5.4L-5.4 0Z",
    "cross": "M-1.8-5h3.6v3.2h3.2v3.6h-3.2v3.2h-3.6v-3.2h-3.2v-3.6h3.2Z",
    "ring": "M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0Z",
}


@dataclass(frozen=True)
class Said:
    """What one source says of the day: the day, its stage, and the claims that say so.

    `exact` is false where it gives no day of the window, but a month or an open end.
    """

    text: str
    stage: str
    exact: bool
    refs: tuple[ClaimLink, ...]


@dataclass(frozen=True)
class DecisionRow:
    """One decision with what each source says, and whether they differ.

    `verdict` is ``differ``, ``explained``, ``agree`` or ``one source``.
    """

    title: str
    about: str
    cells: tuple[tuple[Said, ...], ...]
    strip: Markup
    verdict: str
    conflict: str


def decision_rows(
    reader: Reader, window: Window | None, conflicts: Mapping[tuple[str, str], tuple[str, bool]]
) -> list[DecisionRow]:
    """Return a row for each event that a source dates to a day of the window.

    Parameters
    ----------
    reader : Reader
    window : Window or None
    conflicts : mapping
        The anchor of a conflict, and whether it is open, by subject and predicate.
    """
    if window is None:
        return []
    found: dict[tuple[str, str], list[Claim]] = {}
    for claim in reader.ledger.claims.values():
        entity = reader.ledger.entities.by_id.get(claim.subject)
        if (
            entity is not None
            and entity.kind == "event"
            and claim.category in CATEGORIES
            and reader.ledger.codebook.kind(claim) == "day"
            and claim.dates != (None, None)
        ):
            found.setdefault((claim.subject, claim.predicate), []).append(claim)
    rows = []
    for (subject, predicate), claims in found.items():
        inside = [claim for claim in claims if window.holds(claim)]
        if not inside:
            continue
        title = reader.name(subject)
        about = "; ".join(dict.fromkeys(filter(None, (reader.place(claim) for claim in inside))))
        if predicate != "date":
            words = predicate.replace("_", " ")
            title, about = words[:1].upper() + words[1:], "; ".join(filter(None, (title, about)))
        anchor, is_open = conflicts.get((subject, predicate), ("", False))
        if anchor:
            verdict = "differ" if is_open else "explained"
        else:
            verdict = "agree" if len({claim.source for claim in claims}) > 1 else "one source"
        row = DecisionRow(
            title=title,
            about=about,
            cells=tuple(_cell(reader, claims, source, window) for source in reader.badges),
            strip=_strip(reader, window, title, inside),
            verdict=verdict,
            conflict=anchor,
        )
        rows.append((min((window.column(claim), claim.claim) for claim in inside), row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _cell(reader: Reader, claims: list[Claim], source: str, window: Window) -> tuple[Said, ...]:
    """Return the days a source gives; what lies outside the window only if nothing is inside."""
    own = [claim for claim in claims if claim.source == source]
    inside = [claim for claim in own if window.holds(claim)] or own
    said: dict[tuple[str, str], list[Claim]] = {}
    stages = {stage: place for place, stage in enumerate(reader.ledger.codebook.stages)}
    exact = any(window.holds(claim) for claim in own)

    def order(claim: Claim) -> tuple[str, int, str]:
        return claim.date_from or claim.date_to, stages.get(claim.stage, -1), claim.claim

    for claim in sorted(inside, key=order):
        text = dated(claim)
        start, end = claim.dates
        if exact and start and end:
            text = short_day(start) if start == end else f"{start.day} to {short_day(end)}"
        if claim.value in ("morning", "afternoon", "evening", "night"):
            text += f", {claim.value}"
        said.setdefault((text, claim.stage), []).append(claim)
    return tuple(Said(text, stage, exact, reader.refs(c)) for (text, stage), c in said.items())


def _strip(reader: Reader, window: Window, title: str, inside: list[Claim]) -> Markup:
    """Return the days of the window with the letters of the sources on theirs."""
    stacks: dict[int, list[Claim]] = {}
    for claim in sorted(inside, key=lambda c: c.claim):
        column = stacks.setdefault(window.column(claim), [])
        if claim.source not in [other.source for other in column]:
            column.append(claim)
    height = 16 * max(len(stack) for stack in stacks.values()) + 4
    width = 2 * _EDGE + _PITCH * (len(window.days) - 1)
    days = "; ".join(
        f"{short_day(window.days[k])}: {', '.join(reader.badges[c.source].letter for c in stack)}"
        for k, stack in sorted(stacks.items())
    )
    parts = [
        f'<svg class="strip" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
        f'height="{height}" role="img" aria-label="{escape(f"{title}. {days}.")}">'
    ]
    for k in range(len(window.days)):
        x = _EDGE + _PITCH * k
        parts.append(f'<path d="M{x:.0f} 0V{height}" stroke="{RULE}" stroke-width=".6"/>')
    for day, stack in stacks.items():
        for k, claim in enumerate(stack):
            badge = reader.badges[claim.source]
            parts.append(badge_mark(badge, _EDGE + _PITCH * day, 10 + 16 * k))
    return Markup("".join(parts) + "</svg>")


def strip_days(window: Window | None) -> Markup:
    """Return the numbers of the days, shown above the strips."""
    if window is None:
        return Markup("")
    width = 2 * _EDGE + _PITCH * (len(window.days) - 1)
    texts = "".join(
        f'<text x="{_EDGE + _PITCH * k:.0f}" y="12" text-anchor="middle" class="t">{day.day}</text>'
        for k, day in enumerate(window.days)
    )
    return Markup(
        f'<svg class="strip" viewBox="0 0 {width:.0f} 16" width="{width:.0f}" height="16" '
        f'aria-hidden="true">{texts}</svg>'
    )


def kind_of(claim: Claim) -> Kind:
    """Return the kind of a claim by its category."""
    return next((kind for kind in KINDS if claim.category in kind.categories), KINDS[-1])


def mark(kind: Kind, transform: str = "") -> Markup:
    """Return the mark of a kind."""
    fill = "#fff" if kind.shape == "ring" else kind.colour
    moved = f' transform="{transform}"' if transform else ""
    return Markup(f'<path d="{_SHAPES[kind.shape]}" fill="{fill}" stroke="{kind.colour}"{moved}/>')


def timeline(reader: Reader, window: Window | None) -> Markup | None:
    """Return the figure; None if no claim is about a day of a window."""
    if window is None:
        return None
    lanes = {
        badge: [c for c in reader.ledger.claims.values() if c.source == source and window.holds(c)]
        for source, badge in reader.badges.items()
    }
    width = _LEFT + _DAY * len(window.days) + 4
    bottom, lane_parts = _TOP, []
    for badge, claims in lanes.items():
        lane, height = _lane(badge, claims, window, bottom)
        lane_parts.append(lane)
        bottom += height
    words = "; ".join(f"{badge.short}: {many(len(own), 'claim')}" for badge, own in lanes.items())
    parts = [
        f'<svg class="timeline" viewBox="0 0 {width:.0f} {bottom + 4:.0f}" width="{width:.0f}" '
        f'role="group" aria-label="{escape(f"Claims by day, {window.words}. {words}.")}">'
    ]
    for k, day in enumerate(window.days):
        x = _LEFT + _DAY * k
        name = f"{day.day} {day:%b}" if k == 0 or day.day == 1 else str(day.day)
        parts.append(f'<path d="M{x:.0f} 20V{bottom:.0f}" stroke="{RULE}"/>')
        parts.append(
            f'<text x="{x + _DAY / 2:.0f}" y="15" text-anchor="middle" class="d">{name}</text>'
        )
    return Markup("".join([*parts, *lane_parts]) + "</svg>")


def _lane(badge: SourceBadge, claims: list[Claim], window: Window, top: float) -> tuple[str, float]:
    """Return the lane of a source with a mark for each claim, and its height."""
    columns: dict[int, list[Claim]] = {}
    for claim in sorted(claims, key=lambda c: (KINDS.index(kind_of(c)), c.claim)):
        columns.setdefault(window.column(claim), []).append(claim)
    most = max((len(column) for column in columns.values()), default=0)
    height = max(36.0, _STEP * -(-most // _PER_ROW) + 14)
    middle = top + height / 2
    parts = [
        f'<path d="M0 {top:.0f}H{_LEFT + _DAY * len(window.days):.0f}" stroke="{RULE}"/>',
        badge_mark(badge, 10, middle - 6),
        f'<text x="23" y="{middle - 2:.0f}" class="d">{escape(badge.short)}</text>',
        f'<text x="23" y="{middle + 13:.0f}" class="t">{many(len(claims), "claim")}</text>',
    ]
    for day, column in sorted(columns.items()):
        for k, claim in enumerate(column):
            x = _LEFT + _DAY * day + 9 + _STEP * (k % _PER_ROW)
            y = top + 13 + _STEP * (k // _PER_ROW)
            kind = kind_of(claim)
            spot, tail = mark(kind, f"translate({x:.0f} {y:.0f})"), ""
            if claim.dates[0] != claim.dates[1]:
                line = f"M{x + 5:.0f} {y:.0f}h4"
                tail = f'<path d="{line}" stroke="{kind.colour}" stroke-width="2"/>'
            title = f"{dated(claim)}: {claim.paraphrase} ({claim.source} {claim.locator})"
            parts.append(
                f'<a href="#claim-{escape(claim.claim)}"><title>{escape(title)}</title>'
                f"{spot}{tail}</a>"
            )
    return "".join(parts), height
