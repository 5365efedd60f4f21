"""The timeline: what each source dates to which day, a lane a source, a mark a claim."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from qantar.evidence import Claim
from qantar.view.evidence.draw import badge_mark
from qantar.view.evidence.names import Badge, Reader, dated
from qantar.view.evidence.window import Window
from qantar.view.style import BLUE, GREEN, MUTED, ORANGE, RULE, VERMILION, many

_LEFT, _DAY, _STEP, _TOP = 196.0, 63.0, 11.5, 26.0
_PER_ROW = 5


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
    top, parts = _TOP, []
    for badge, claims in lanes.items():
        height = _height(claims, window)
        parts.append(_lane(badge, claims, window, top, height))
        top += height
    said = "; ".join(f"{badge.short}: {many(len(own), 'claim')}" for badge, own in lanes.items())
    head = (
        f'<svg class="timeline" viewBox="0 0 {width:.0f} {top + 4:.0f}" width="{width:.0f}" '
        f'role="group" aria-label="{escape(f"Claims by day, {window.words}. {said}.")}">'
    )
    return Markup(head + _days(window, top) + "".join(parts) + "</svg>")


def _days(window: Window, bottom: float) -> str:
    parts = []
    for k, day in enumerate(window.days):
        x = _LEFT + _DAY * k
        name = f"{day.day} {day:%b}" if k == 0 or day.day == 1 else str(day.day)
        parts.append(f'<path d="M{x:.0f} 20V{bottom:.0f}" stroke="{RULE}"/>')
        parts.append(
            f'<text x="{x + _DAY / 2:.0f}" y="15" text-anchor="middle" class="d">{name}</text>'
        )
    return "".join(parts)


def _stacks(claims: list[Claim], window: Window) -> dict[int, list[Claim]]:
    stacks: dict[int, list[Claim]] = {}
    for claim in sorted(claims, key=lambda c: (KINDS.index(kind_of(c)), c.claim)):
        stacks.setdefault(window.column(claim), []).append(claim)
    return stacks


def _height(claims: list[Claim], window: Window) -> float:
    most = max((len(stack) for stack in _stacks(claims, window).values()), default=0)
    return max(36.0, _STEP * -(-most // _PER_ROW) + 14)


def _lane(badge: Badge, claims: list[Claim], window: Window, top: float, height: float) -> str:
    middle = top + height / 2
    parts = [
        f'<path d="M0 {top:.0f}H{_LEFT + _DAY * len(window.days):.0f}" stroke="{RULE}"/>',
        badge_mark(badge, 10, middle - 6),
        f'<text x="23" y="{middle - 2:.0f}" class="d">{escape(badge.short)}</text>',
        f'<text x="23" y="{middle + 13:.0f}" class="t">{many(len(claims), "claim")}</text>',
    ]
    for column, stack in sorted(_stacks(claims, window).items()):
        for k, claim in enumerate(stack):
            x = _LEFT + _DAY * column + 9 + _STEP * (k % _PER_ROW)
            y = top + 13 + _STEP * (k // _PER_ROW)
            parts.append(_claim(claim, x, y))
    return "".join(str(part) for part in parts)


def _claim(claim: Claim, x: float, y: float) -> str:
    start, end = claim.dates
    said = f"{dated(claim)}: {claim.paraphrase} ({claim.source} {claim.locator})"
    spot = mark(kind_of(claim), f"translate({x:.0f} {y:.0f})")
    tail = (
        ""
        if start == end
        else f'<path d="M{x + 5:.0f} {y:.0f}h4" stroke="{kind_of(claim).colour}" stroke-width="2"/>'
    )
    return f'<a href="#claim-{escape(claim.claim)}"><title>{escape(said)}</title>{spot}{tail}</a>'
