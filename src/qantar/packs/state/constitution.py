"""The constitution of a pack: who holds which power by law, for how long, and who may stand next.

`load_constitution` reads ``state/constitution.yaml``, ``state/constitution.csv`` and
``state/constitution_holders.csv``. An amendment is a dated event that sets rules; a rule holds
until another sets it again. Everything here is the letter of the rules: who obeys them, and who
decides in fact, is another matter.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from qantar.base.errors import FileError, UnknownNameError
from qantar.base.files import read_rows, read_yaml
from qantar.packs.country import Country
from qantar.packs.state.constitution_checks import check_constitution
from qantar.packs.state.constitution_tables import (
    HEADER,
    HOLDERS,
    POWER,
    RULES,
    WORDS,
    Amendment,
    ConstitutionHeader,
    HolderRow,
    RuleRow,
)
from qantar.packs.state.rows import FOLDER
from qantar.packs.years_tables import first_day, last_day

FILLING = ("filled_by", "held_with")
"""Rules of which an office has one: each replaces the other."""


@dataclass(frozen=True)
class OfficeRules:
    """What holds for one office on a day; None or 0 where nothing is ruled.

    Attributes
    ----------
    filled_by : str
        ``voters``, ``law`` or another office.
    held_with : str
        The office whose holder holds this one too.
    term : float
        Years.
    limit : float
        Terms that one person may serve; 0 is no limit.
    counts : {"row", "life"}
        Whether only terms in a row count.
    counts_from : date, optional
        Terms that began before do not count.
    exempt : str
        Status of persons whom the limit does not bind.
    least_age, most_age : float
        Ages at which one may stand; `most_age` 0 is no bar.
    successor : str
        The office whose holder takes this one over in mid-term.
    immunity : bool
    seats : float
        Members who decide; 1 for an office of one person.
    named : float
        Members of a chamber whom the office names.
    """

    filled_by: str = ""
    held_with: str = ""
    term: float = 0.0
    limit: float = 0.0
    counts: str = "row"
    counts_from: dt.date | None = None
    exempt: str = ""
    least_age: float = 0.0
    most_age: float = 0.0
    successor: str = ""
    immunity: bool = False
    seats: float = 1.0
    named: float = 0.0


@dataclass(frozen=True)
class Rules:
    """The rules of one day.

    Attributes
    ----------
    date : date
    offices : dict
        Rules of every office in being, by name.
    powers : dict
        Shares of every power by office; those of a power sum to 1.
    """

    date: dt.date
    offices: dict[str, OfficeRules]
    powers: dict[str, dict[str, float]]


@dataclass(frozen=True, repr=False)
class Constitution:
    """A constitution with its amendments and the holders of its offices.

    Attributes
    ----------
    header : ConstitutionHeader
        Powers, offices, persons and amendments.
    rows : tuple of RuleRow
    holders : tuple of HolderRow
    moved : dict
        Offices that never were, with the office that has their powers: see `without`.
    """

    header: ConstitutionHeader
    rows: tuple[RuleRow, ...]
    holders: tuple[HolderRow, ...]
    moved: dict[str, str] = field(default_factory=dict)

    @cached_property
    def amendments(self) -> tuple[tuple[str, Amendment], ...]:
        """Names and amendments in order of date."""
        return tuple(
            sorted(self.header.amendments.items(), key=lambda each: first_day(each[1].date))
        )

    @cached_property
    def _ordered(self) -> tuple[tuple[dt.date, dt.date | None, RuleRow], ...]:
        """Rows with their first and last day, in order."""
        found = [
            (
                first_day(self.header.amendments[row.amendment].date),
                last_day(row.until) if row.until else None,
                row,
            )
            for row in self.rows
        ]
        return tuple(sorted(found, key=lambda each: each[0]))

    @cached_property
    def _known_rules(self) -> dict[dt.date, Rules]:
        """Rules by day, as far as somebody asked for them."""
        return {}

    def rules_at(self, date: dt.date | str) -> Rules:
        """Return the rules in force on a day. They are kept for later calls: do not change them.

        Parameters
        ----------
        date : date or str
            A day, or ``"YYYY-MM-DD"``; the first day of a month or a year.
        """
        day = first_day(date) if isinstance(date, str) else date
        if day not in self._known_rules:
            self._known_rules[day] = self._make_rules(day)
        return self._known_rules[day]

    def _make_rules(self, day: dt.date) -> Rules:
        values = self._values(day)
        gone = {
            office
            for (office, rule), value in values.items()
            if rule == "abolished" and float(value) > 0
        }
        ruled = {office for office, _ in values} - gone - set(self.moved)
        offices = {name: _office(values, name) for name in self.header.offices if name in ruled}
        powers: dict[str, dict[str, float]] = {name: {} for name in self.header.powers}
        for (office, rule), value in values.items():
            if rule.startswith(POWER) and office not in gone and float(value) > 0:
                shares = powers[rule.removeprefix(POWER)]
                heir = self.moved.get(office, office)
                shares[heir] = shares.get(heir, 0.0) + float(value)
        return Rules(day, offices, powers)

    @cached_property
    def changes(self) -> tuple[dt.date, ...]:
        """Days on which a rule or a holder changes, in order."""
        one = dt.timedelta(1)
        days = {first_day(each.date) for each in self.header.amendments.values()}
        days |= {last_day(row.until) + one for row in self.rows if row.until}
        days |= {first_day(row.begins) for row in self.holders}
        days |= {last_day(row.ends) + one for row in self.holders if row.ends}
        return tuple(sorted(days))

    def holder_at(self, office: str, date: dt.date | str) -> str:
        """Return who held an office on a day, or an empty string.

        The holder of an office that is ``held_with`` another is the holder of that other. On the
        day of a handover it is the newcomer.

        Raises
        ------
        UnknownNameError
            If there is no such office.
        """
        if office not in self.header.offices:
            raise UnknownNameError("office", office, self.header.offices)
        day = first_day(date) if isinstance(date, str) else date
        rules = self.rules_at(day).offices.get(office)
        if rules is None:
            return ""
        if rules.held_with:
            return self.holder_at(rules.held_with, day)
        found = [
            (first_day(row.begins), row.person)
            for row in self.holders
            if row.office == office
            and first_day(row.begins) <= day
            and (row.ends is None or day <= last_day(row.ends))
        ]
        return max(found)[1] if found else ""

    def terms_of(self, person: str, office: str) -> tuple[tuple[dt.date, dt.date | None], ...]:
        """Return the terms that a person began in an office, in order; None is no end yet.

        Who only acts for another begins no term.
        """
        return tuple(
            sorted(
                (first_day(row.begins), last_day(row.ends) if row.ends else None)
                for row in self.holders
                if row.office == office and row.person == person and row.manner != "acting"
            )
        )

    def without(
        self, offices: dict[str, str] | None = None, rules: tuple[str, ...] = ()
    ) -> Constitution:
        """Return the constitution in which some offices or rules never were.

        Parameters
        ----------
        offices : dict, optional
            Offices that never were, each with the office to which its powers go.
        rules : tuple of str
            Rules that were never set, such as ``exempt``.

        Raises
        ------
        UnknownNameError
            If there is no such office.
        """
        moved = {**self.moved, **(offices or {})}
        for name in (*moved, *moved.values()):
            if name not in self.header.offices:
                raise UnknownNameError("office", name, self.header.offices)
        kept = tuple(row for row in self.rows if row.rule not in rules)
        return replace(self, rows=kept, moved=moved)

    def _values(self, day: dt.date) -> dict[tuple[str, str], str]:
        """Return the value of every rule in force, by office and rule."""
        values: dict[tuple[str, str], str] = {}
        for begins, ends, row in self._ordered:
            if begins > day:
                break
            for rule in FILLING if row.rule in FILLING else (row.rule,):
                values.pop((row.office, rule), None)
            if ends is None or day <= ends:
                values[row.office, row.rule] = row.value
        return values


def _office(values: dict[tuple[str, str], str], name: str) -> OfficeRules:
    """Return the rules of one office from the values in force."""
    own = {rule: value for (office, rule), value in values.items() if office == name}
    found: dict[str, Any] = {rule: own[rule] for rule in WORDS if rule in own}
    for rule in ("term", "limit", "least_age", "most_age", "seats", "named"):
        if rule in own:
            found[rule] = float(own[rule])
    if "counts_from" in own:
        found["counts_from"] = first_day(own["counts_from"])
    return OfficeRules(**found, immunity=float(own.get("immunity", 0)) > 0)


def has_constitution(country: Country) -> bool:
    """Whether a pack brings a constitution."""
    return (country.folder / FOLDER / HEADER).is_file()


def load_constitution(country: Country) -> Constitution | None:
    """Read and check the constitution of a pack.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Constitution or None
        None if the pack brings none.

    Raises
    ------
    FileError
        If the constitution contradicts itself: see `docs/howto/write-a-constitution.md`.
    """
    if not has_constitution(country):
        return None
    folder = country.folder / FOLDER
    for name in (RULES, HOLDERS):
        if not (folder / name).is_file():
            raise FileError(
                folder / HEADER,
                f"stands without {name}",
                expected=f"{name} beside it",
                hint=f"write {name}, or copy that of packs/template/state",
            )
    header = read_yaml(folder / HEADER, ConstitutionHeader)
    rows = read_rows(folder / RULES, RuleRow)
    holders = read_rows(folder / HOLDERS, HolderRow)
    check_constitution(country, folder, header, rows, holders)
    return Constitution(header, tuple(row for _, row in rows), tuple(row for _, row in holders))
