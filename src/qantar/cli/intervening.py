"""An intervention whole: what happened instead, what is held, what is expected, who says so."""

from __future__ import annotations

import datetime as dt

from qantar.country.pack import Country
from qantar.scenario.change import HOUR
from qantar.scenario.intervention import Amount, Hold, Intervention, Placed
from qantar.scenario.interventions import intervention_file, load_intervention
from qantar.study.evidence import country_ledger, has_evidence


def intervention_lines(country: Country, name: str) -> list[str]:
    """Return an intervention of a pack as lines, the claims it rests on in the ledger's words."""
    found = load_intervention(country, name)
    claims = country_ledger(country).claims if has_evidence(country) else {}
    lines = [
        f"{found.name}: {found.title}",
        f"  instead of  {found.baseline}",
        f"  why asked   {found.reason}",
        f"  grade       {found.grade}",
        f"  episodes    {', '.join(found.episodes) or 'any'}",
        f"  declared    {intervention_file(country, name)}",
        *_chosen(found),
        *_changed(found),
    ]
    for each in found.expected:
        lines.append(f"  expected    {each.sign}, {each.outcome}: {each.because}")
    lines += [f"  literature  {country.references[key].cite()}" for key in found.references]
    for key in found.claims:
        claim = claims.get(key)
        lines.append(f"  claim       {f'{claim.cite()}: {claim.paraphrase}' if claim else key}")
    lines += [f"  mind        {found.caution}"] if found.caution else []
    return [*lines, *([f"  note        {found.note}"] if found.note else [])]


def _chosen(found: Intervention) -> list[str]:
    """Return what may be chosen when it is used."""
    lines = []
    if found.date is not None:
        date = found.date
        between = f"{date.earliest:{HOUR}} to {date.latest:{HOUR}}"
        lines.append(f"  date        {date.default:{HOUR}}, may be {between}")
    if found.dose is not None:
        dose = found.dose
        between = f"{dose.low:g} to {dose.high:g} {dose.unit}"
        lines.append(f"  dose        {dose.default:g}, may be {between}: {dose.label}")
        lines.append(f"              {dose.meaning.strip()}")
    return lines


def _changed(found: Intervention) -> list[str]:
    """Return what it does."""
    lines = [f"  holds       {_held(hold)}" for hold in found.decisions]
    for step in found.parameters:
        lines.append(f"  changes     {step.name}: {step.how} {_amount(step.amount)}")
    for change in found.ground:
        what = f"{change.variable}: {change.how} {_amount(change.amount)}"
        lines.append(f"  changes     {what}, {_where(change)}")
    return lines


def _held(hold: Hold) -> str:
    bounds = [("at least", hold.least), ("at most", hold.most)]
    parts = [f"{word} {_amount(bound)}" for word, bound in bounds if bound is not None]
    if hold.begins is not None:
        parts.append(f"from {_edge(hold.begins)}")
    if hold.until is not None:
        parts.append(f"until {_edge(hold.until)}")
    if hold.lasts is not None:
        parts.append(f"for {hold.lasts} hours")
    return f"{hold.kind} {', '.join(parts)}, {_where(hold)}"


def _edge(edge: dt.datetime | str) -> str:
    return "the date" if isinstance(edge, str) else f"{edge:{HOUR}}"


def _amount(amount: Amount) -> str:
    """Return an amount as a file would write it."""
    if amount.slope == 0:
        return f"{amount.constant:g}"
    slope = "dose" if abs(amount.slope) == 1 else f"{abs(amount.slope):g} * dose"
    if amount.constant == 0 and amount.slope > 0:
        return slope
    return f"{amount.constant:g} {'+' if amount.slope > 0 else '-'} {slope}"


def _where(placed: Placed) -> str:
    where = "everywhere" if placed.where == "everywhere" else ", ".join(placed.where)
    return f"{where} except {', '.join(placed.excluded)}" if placed.excluded else where
