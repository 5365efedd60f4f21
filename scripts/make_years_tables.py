"""Write the tables of docs/odd-years.md from what the month declares; with --check only compare.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end of table -->``. NAME is ``country``,
``regions``, ``references``, or the name of a mechanism, whose parameters are listed.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from qantar.base.provenance import ASSUMPTION, Reference, load_references
from qantar.model.mechanism import Field
from qantar.model.month import MECHANISMS, SCHEDULE
from qantar.model.months import drivers
from qantar.model.months.declaration import SERIES
from qantar.packs.country import COMMON, REFERENCES_FILE, packs_folder
from qantar.packs.parameters import Parameter, Prior, load_parameters
from qantar.packs.years_tables import FOLDER
from qantar.simulate.years.scenario import laws

PAGE = Path(__file__).resolve().parents[1] / "docs" / "odd-years.md"
SCORE_OF_95 = 1.6449

_TABLE = re.compile(r"(<!-- table: (\w+) -->)\n.*?(<!-- end of table -->)", re.DOTALL)


def main() -> None:
    """Write the page, or stop if it is not up to date."""
    text = PAGE.read_text(encoding="utf-8")
    new = renewed(text)
    if "--check" in sys.argv[1:]:
        if new != text:
            sys.exit(f"{PAGE.name} is out of date: run python scripts/make_years_tables.py")
        return
    PAGE.write_text(new, encoding="utf-8", newline="\n")


def renewed(text: str) -> str:
    """Return the page with its tables written again."""
    known = load_references(packs_folder() / COMMON / REFERENCES_FILE)
    return _TABLE.sub(
        lambda found: f"{found[1]}\n\n{_content(found[2], known)}\n\n{found[3]}", text
    )


def _content(name: str, known: dict[str, Reference]) -> str:
    if name == "country":
        return _fields((m.name, each) for m in SCHEDULE for each in m.country)
    if name == "regions":
        return _fields((m.name, each) for m in SCHEDULE for each in m.regions)
    if name == "references":
        return "\n".join(f"- {known[key].cite()}" for key in _cited() if key != ASSUMPTION)
    numbers = load_parameters(packs_folder() / COMMON / FOLDER / f"{name}.yaml")
    rows = (_row(short, number, known) for short, number in numbers.items())
    return _table(("parameter", "unit", "prior: 90 % range", "meaning", "rests on"), rows)


def _cited() -> list[str]:
    """Return the keys of everything that the month, its laws and its numbers cite."""
    keys = {key for m in MECHANISMS.values() for key in m.references}
    keys |= {key for law in laws().values() for key in law.references}
    for mechanism in MECHANISMS.values():
        if mechanism.parameters is not None:
            path = packs_folder() / COMMON / FOLDER / f"{mechanism.name}.yaml"
            keys |= {key for each in load_parameters(path).values() for key in each.references}
    return sorted(keys)


def _fields(fields: Iterable[tuple[str, Field]]) -> str:
    """Return a table of state variables, each with the mechanism that owns it."""
    rows = (
        (
            f"`{each.name}`",
            f"`{owner}`",
            each.unit,
            _span(each.low, each.high),
            _meaning(owner, each),
        )
        for owner, each in fields
    )
    return _table(("variable", "mechanism", "unit", "range", "meaning"), rows)


def _meaning(owner: str, field: Field) -> str:
    if owner == drivers.MECHANISM.name and field.name in SERIES:
        return f"series `{field.meaning}` of the pack"
    return field.meaning


def _row(short: str, number: Parameter, known: dict[str, Reference]) -> tuple[str, ...]:
    note = f" ({number.note})" if number.note else ""
    rests = "; ".join(_short(key, known) for key in number.references)
    return (f"`{short}`", number.unit, _belief(number), f"{number.label}{note}", rests)


def _belief(number: Parameter) -> str:
    prior = number.prior
    if prior is None:
        return f"fixed: {number.central:g}"
    low, high = prior.value_at(-SCORE_OF_95), prior.value_at(SCORE_OF_95)
    return f"{prior.distribution}({_two(prior)}): {low:.3g} to {high:.3g}"


def _two(prior: Prior) -> str:
    """Return the two numbers of a prior."""
    first = prior.mean if prior.median is None else prior.median
    both = (prior.low, prior.high) if prior.distribution == "uniform" else (first, prior.sd)
    return ", ".join(f"{each:g}" for each in both if each is not None)


def _short(key: str, known: dict[str, Reference]) -> str:
    """Return a reference as it is cited in a text."""
    if key == ASSUMPTION:
        return "assumed"
    found = known[key]
    names = [each.split(",")[0] for each in re.split(r"\.(?:,| and) ", found.authors)]
    if len(names) > 2:
        return f"{names[0]} et al. {found.year}"
    return f"{' and '.join(names)} {found.year}"


def _span(low: float, high: float) -> str:
    """Return a range as it is read."""
    if math.isinf(low) and math.isinf(high):
        return "no limit"
    if math.isinf(high):
        return f"{low:g} or more"
    return f"{'no limit' if math.isinf(low) else f'{low:g}'} to {high:g}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(_lines(head, rows))


def _lines(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for line in (head, ("---",) * len(head), *rows):
        yield "| " + " | ".join(line) + " |"


if __name__ == "__main__":
    main()
