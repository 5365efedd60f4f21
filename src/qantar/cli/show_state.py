"""What ``qantar show`` prints of a unit of the state: its lifeline, the sources and the claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qantar.analysis.state.lifelines import Moment, Stretch
from qantar.analysis.state.lookup import Unit, claim_values, claims_behind, line_values, units_of
from qantar.base.errors import UnknownNameError
from qantar.packs.country import Country

WIDTH = len("2019-03-20 to 2022-01-05") + 2
"""Columns of a span of time."""


def unit_lines(country: Country, kind: str, name: str) -> list[str]:
    """Return a unit as lines of text.

    Parameters
    ----------
    country : Country
    kind : str
        One of `qantar.analysis.state.lookup.STATE_KINDS`.
    name : str

    Raises
    ------
    UnknownNameError
        If the pack has no such unit; the message suggests the closest name.
    """
    units = _find(country, kind, name)
    claims = claims_behind(country, (unit.line for unit in units))
    numbers = {key: k for k, key in enumerate(claims, start=1)}
    lines = [f"{name}: {units[0].line.label}"]
    for unit in units:
        lines.append(f"  part        {unit.part}; {unit.line.group}")
        lines += [f"  {text}" for text in _lifeline(unit, numbers)]
        lines += [f"  note        {unit.note}"] if unit.note else []
    lines.append(f"  claims      {len(claims)} of the ledger" if claims else "  claims      none")
    for key, claim in claims.items():
        by = f", {claim.attributed_to}" if claim.attributed_to else ""
        lines.append(f"    [{numbers[key]}] {claim.cite()}{by}: {claim.paraphrase}")
    return lines


def unit_json(country: Country, kind: str, name: str) -> dict[str, Any]:
    """Return a unit in values that JSON has."""
    units = _find(country, kind, name)
    claims = claims_behind(country, (unit.line for unit in units))
    return {
        "title": units[0].line.label,
        "lifelines": [
            {"part": unit.part, "note": unit.note, **line_values(unit.line)} for unit in units
        ],
        "claims": {key: claim_values(claim) for key, claim in claims.items()},
    }


def _find(country: Country, kind: str, name: str) -> tuple[Unit, ...]:
    known = units_of(country, kind)
    if name not in known:
        raise UnknownNameError(kind, name, known)
    return known[name]


def _lifeline(unit: Unit, numbers: Mapping[str, int]) -> Iterable[str]:
    """Return stretches and then moments, each with the numbers of its claims."""
    line = unit.line
    if not line.stretches and not line.moments:
        yield "record      nothing is told of it"
    for stretch in line.stretches:
        yield f"{_span(stretch):<{WIDTH}}{_status(stretch)}{_cited(stretch, numbers)}"
    for moment in line.moments:
        said = f"{moment.kind}: {moment.label}" if moment.label else moment.kind
        source = f" ({moment.source})" if moment.source else ""
        yield f"{moment.date:<{WIDTH}}{said}{source}{_cited(moment, numbers)}"


def _span(stretch: Stretch) -> str:
    return f"{stretch.begins} to {stretch.ends}" if stretch.ends else f"from {stretch.begins}"


def _status(stretch: Stretch) -> str:
    words = dict.fromkeys(word for word in (stretch.label, stretch.status) if word)
    return ", ".join(words)


def _cited(each: Stretch | Moment, numbers: Mapping[str, int]) -> str:
    found = ", ".join(str(numbers[key]) for key in each.claims if key in numbers)
    return f" [{found}]" if found else ""
