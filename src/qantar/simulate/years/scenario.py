"""A scenario of the years: country, law, reforms, and drawn parameters of every member."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, get_type_hints

import numpy as np
from pydantic import Field

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, QantarError, UnknownNameError, nearest
from qantar.base.files import Declared, read_text, read_yaml
from qantar.base.provenance import Grade
from qantar.model.month import (
    COUNTRY_FIELDS,
    PARAMETERS,
    PARTS,
    REGION_FIELDS,
    SWITCHED,
    SWITCHES,
    UNFITTED,
    MonthParameters,
)
from qantar.model.months.declaration import Past
from qantar.model.months.institutions import Institutions
from qantar.model.records import Records
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.loading import load_country
from qantar.packs.parameters import load_parameters
from qantar.packs.years import Years, has_years, load_years
from qantar.packs.years_faults import check_reference
from qantar.packs.years_tables import FOLDER, Month
from qantar.rng import key_of, normal, stable_id, uniform
from qantar.simulate.parameters import Number
from qantar.simulate.years.inputs import make_past, month_index, months_until
from qantar.simulate.years.institutions import make_institutions

LAWS = "laws"
REFORMS = "reforms"
FITTED = "fitted"
LEFT_OUT = "left-out"
FULL = "full"
"""The fit to all that is observed; the others leave a wave out."""

YearsBelief = Literal["posterior", "prior"]
"""Where parameters come from: the fit shipped with the pack, or the prior."""

NATIONAL_WAVE = "national_wave"
"""Name of the chance of a national wave among the quantities of which a reform says the sign."""

OF_THE_RECORD = ("constitution.first_president",)
"""Numbers that change the record itself: a reform of them does not leave it."""

Sign = Literal["+", "-", "either", "none"]
"""Expected sign of a difference: ``either`` where literature or prior leave it open, ``none`` where
the laws have no way from the reform to the quantity."""

_PARTS = get_type_hints(MonthParameters)
_SCORES = stable_id("years.parameters") & 0xFFFF
_ROWS = stable_id("years.posterior") & 0xFFFF


class Law(Declared):
    """A file of ``laws``: a rival law of the years.

    Attributes
    ----------
    mechanisms : tuple of str
        Those of `qantar.model.month.SWITCHED` that are on.
    fixed : dict
        Parameters with a value instead of their prior.
    """

    title: str
    summary: str
    references: tuple[str, ...]
    mechanisms: tuple[str, ...]
    fixed: dict[str, float] = Field(default_factory=dict)


class ReformChange(Declared):
    """A change of one parameter by a reform: one of `set`, `add` and `times`."""

    set: float | None = None
    add: float | None = None
    times: float | None = None
    grade: Grade
    note: str = ""

    def apply_to(self, values: Numbers) -> Numbers:
        """Return changed values."""
        if self.set is not None:
            return np.full_like(values, self.set)
        if self.times is not None:
            return values * self.times
        return values + (self.add or 0.0)


class Expectation(Declared):
    """What a reform is expected to do to one quantity, written before it was run.

    Attributes
    ----------
    quantity : str
        A variable of the country or of regions, or `NATIONAL_WAVE`; see `quantities`.
    sign : {"+", "-", "either", "none"}
        Of the mean difference to the twin without the reform.
    because : str
    """

    quantity: str
    sign: Sign
    because: str


class Reform(Declared):
    """A file of ``years/reforms``: parameters that change from a month on.

    Attributes
    ----------
    expected : tuple of Expectation
        Signs of differences to a twin without the reform.
    """

    title: str
    summary: str
    begins: Month = Field(alias="from")
    changes: dict[str, ReformChange]
    expected: tuple[Expectation, ...] = ()
    references: tuple[str, ...]


@dataclass(frozen=True)
class YearsScenario:
    """Everything that determines a run of the years except seed and number of members.

    Attributes
    ----------
    country : Country
    years : Years
    law_name : str
    law : Law
    numbers : tuple of Number
        Every parameter, in the order of `parameter_names`.
    until : str
        Last year or month.
    reforms : dict of Reform
        By name, in the order in which they are applied.
    belief : {"posterior", "prior"}
    overridden : frozenset of str
        Parameters that the user fixed.
    leaving : tuple of str
        Parts of the state that leave the record, as under a reform, although nothing changes.
    leaves : str or None
        The month in which they do.
    split : str
        The fit from which a posterior is drawn: `FULL`, or one without a wave.
    """

    country: Country
    years: Years
    law_name: str
    law: Law
    numbers: tuple[Number, ...]
    until: str
    reforms: dict[str, Reform]
    belief: YearsBelief
    overridden: frozenset[str] = frozenset()
    leaving: tuple[str, ...] = ()
    leaves: str | None = None
    split: str = FULL

    @property
    def reformed_parts(self) -> tuple[str, ...]:
        """Parts of the state whose numbers a reform changes; they leave the record with it.

        A number of `OF_THE_RECORD` changes the record and does not leave it.
        """
        names = {name for reform in self.reforms.values() for name in reform.changes}
        changed = {name.partition(".")[0] for name in names.difference(OF_THE_RECORD)}
        return tuple(part for part in PARTS if part in changed)

    @cached_property
    def months(self) -> int:
        """Months of a history."""
        return months_until(self.years, self.until)

    @cached_property
    def past(self) -> Past:
        """What is given from outside."""
        return make_past(self.country, self.years, self.months)

    @cached_property
    def institutions(self) -> Institutions:
        """What the pack says of the parts of the state."""
        return make_institutions(self.country, self.years, self.past)

    @cached_property
    def free(self) -> tuple[int, ...]:
        """Positions of the parameters with a prior that the data can inform."""
        return tuple(k for k in self._with_prior if not self._is_unfitted(k))

    @cached_property
    def unfitted(self) -> tuple[int, ...]:
        """Positions of the parameters with a prior that stay at it: those of institutions."""
        return tuple(k for k in self._with_prior if self._is_unfitted(k))

    @property
    def _with_prior(self) -> list[int]:
        return [k for k, number in enumerate(self.numbers) if number.prior is not None]

    def _is_unfitted(self, k: int) -> bool:
        return self.numbers[k].name.partition(".")[0] in UNFITTED

    def switches(self) -> Records:
        """Return which mechanisms are on."""
        record = np.zeros(1, SWITCHES)
        for name in self.law.mechanisms:
            record[name] = 1.0
        return record

    def values_at(self, scores: Numbers) -> Numbers:
        """Return parameters at standard normal scores.

        Parameters
        ----------
        scores : float array (members, free)

        Returns
        -------
        float array (members, parameters)
            Those that are not fitted are at their middle; see `with_unfitted`.
        """
        values = np.tile([number.value for number in self.numbers], (len(scores), 1))
        for column, k in enumerate(self.free):
            values[:, k] = [self.numbers[k].at(float(score)) for score in scores[:, column]]
        return values

    def draw(self, seed: int, first: int, last: int) -> Numbers:
        """Return the parameters of members `first` to before `last`: float array."""
        if self.belief == "posterior":
            drawn = posterior_scores(self)
            rows = [self._row(seed, member, len(drawn)) for member in range(first, last)]
            scores = drawn[rows]
        else:
            scores = self._luck(self.free, seed, first, last)
        return self.with_unfitted(self.values_at(scores), seed, first)

    def with_unfitted(self, values: Numbers, seed: int, first: int = 0) -> Numbers:
        """Return parameters of members in which those of institutions are drawn from the prior.

        Parameters
        ----------
        values : float array (members, parameters)
        first : int
            Number of the first member.
        """
        found = values.copy()
        luck = self._luck(self.unfitted, seed, first, first + len(values))
        for column, k in enumerate(self.unfitted):
            found[:, k] = [self.numbers[k].at(float(score)) for score in luck[:, column]]
        return found

    def _luck(self, chosen: tuple[int, ...], seed: int, first: int, last: int) -> Numbers:
        """Return standard normal scores of parameters, keyed by member and name."""
        ids = [stable_id(self.numbers[k].name) for k in chosen]
        scores = np.array(
            [
                [normal(key_of(seed, member), _SCORES, name, 0, 0) for name in ids]
                for member in range(first, last)
            ]
        )
        return scores.reshape(last - first, len(chosen))

    @staticmethod
    def _row(seed: int, member: int, rows: int) -> int:
        """Return the posterior draw of a member: all are used before one is used twice."""
        return int(_order_of_rows(seed, member // rows, rows)[member % rows])

    def after_reforms(self, values: Numbers) -> tuple[Numbers, int]:
        """Return parameters after the reforms, and the month in which they begin."""
        changed, month = values.copy(), self.months
        column = {number.name: k for k, number in enumerate(self.numbers)}
        for reform in self.reforms.values():
            month = min(month, max(month_index(self.years, reform.begins), 0))
            for name, change in reform.changes.items():
                k = column[name]
                declared = self.numbers[k].declared
                moved = change.apply_to(changed[:, k])
                changed[:, k] = np.clip(moved, declared.low, declared.high)
        if self.leaves is not None:
            month = min(month, max(month_index(self.years, self.leaves), 0))
        for part in (*self.reformed_parts, *self.leaving):
            changed[:, column[f"{part}.from_record"]] = 0.0
        return changed, month


@cache
def _order_of_rows(seed: int, turn: int, rows: int) -> tuple[int, ...]:
    """Return all rows of a posterior in random order, another one at every turn."""
    key = key_of(seed, turn)
    luck = [uniform(key, _ROWS, row, 0, 0) for row in range(rows)]
    return tuple(int(row) for row in np.argsort(luck, kind="stable"))


def parameter_names() -> tuple[str, ...]:
    """Return the names of all parameters of the month, in schedule order."""
    return tuple(f"{m}.{name}" for m, part in _PARTS.items() for name in part._fields)


def quantities() -> tuple[str, ...]:
    """Return the names of all quantities of which a reform may say the expected sign."""
    return (*(each.name for each in (*COUNTRY_FIELDS, *REGION_FIELDS)), NATIONAL_WAVE)


def parameter_record(values: Numbers) -> Records:
    """Return the parameter record of a history from values in the order of `parameter_names`."""
    record = np.zeros(1, PARAMETERS)
    record.view(np.float64)[:] = values
    return record


def laws() -> dict[str, Law]:
    """Return the rival laws of the years by name."""
    folder = packs_folder() / COMMON / LAWS
    found = {path.stem: read_yaml(path, Law) for path in sorted(folder.glob("*.yaml"))}
    for law_name, law in found.items():
        for mechanism in law.mechanisms:
            if mechanism not in SWITCHED:
                raise FileError(
                    folder / f"{law_name}.yaml",
                    f"switches {mechanism!r} on",
                    expected="one of " + ", ".join(SWITCHED),
                )
        for name in law.fixed:
            if name not in parameter_names():
                raise FileError(
                    folder / f"{law_name}.yaml",
                    f"fixes {name!r}, which is no parameter of the month",
                    expected=nearest(name, parameter_names()),
                )
    return found


def reforms_of(country: Country) -> dict[str, Reform]:
    """Return the reforms of a pack by name."""
    folder = country.folder / FOLDER / REFORMS
    return {path.stem: read_yaml(path, Reform) for path in sorted(folder.glob("*.yaml"))}


def make_years_scenario(
    pack: str | Path = "kazakhstan",
    *,
    law: str = "stocks",
    until: str | None = None,
    reforms: Sequence[str] = (),
    belief: YearsBelief | None = None,
    overrides: Mapping[str, float] | None = None,
    leaving: Sequence[str] = (),
    leaves: str | None = None,
    split: str = FULL,
    like: YearsScenario | None = None,
) -> YearsScenario:
    """Return a scenario of the years.

    Parameters
    ----------
    pack : str or Path
    law : str
        Name of a rival law, see `laws`.
    until : str, optional
        Last year or month; by default the last month whose triggers are dated.
    reforms : sequence of str
        Names of reforms of the pack.
    belief : {"posterior", "prior"}, optional
        By default the posterior, if the pack ships one for this law.
    overrides : mapping, optional
        Values of parameters, by name.
    leaving : sequence of str
        Parts of the state (`qantar.model.month.PARTS`) that leave the record although nothing
        changes: what a reform of them is to be compared with.
    leaves : str, optional
        The month in which they do, as ``YYYY-MM``.
    split : str
        The fit from which a posterior is drawn, such as ``without-january``.
    like : YearsScenario, optional
        Another scenario of the pack with the same end: its data are used and not read again.

    Raises
    ------
    UnknownNameError
        If there is no such law, reform or parameter.
    FileError
        If the pack has no years or they are wrong, or if a parameter is declared but not read.
    QantarError
        If the years end too early, no posterior is shipped, or reforms begin in different months
        or after the last one.
    """
    country = load_country(pack) if like is None else like.country
    years = load_years(country) if like is None else like.years
    known = laws()
    if law not in known:
        raise UnknownNameError("law", law, known)
    offered = reforms_of(country)
    for name in reforms:
        if name not in offered:
            raise UnknownNameError("reform", name, offered)
    numbers = _numbers(known[law], dict(overrides or {}))
    fit = fit_file(country, law, split)
    has_fit = fit.is_file()
    if not has_fit and (belief == "posterior" or split != FULL):
        raise QantarError(
            f"the pack has no fit of the law {law!r}",
            expected=str(fit),
            hint="scripts/fit_years.py makes it, or run with --belief prior",
        )
    scenario = YearsScenario(
        country,
        years,
        law,
        known[law],
        numbers,
        until or years.header.observed_until,
        {name: offered[name] for name in reforms},
        belief or ("posterior" if has_fit else "prior"),
        frozenset(overrides or ()),
        tuple(leaving),
        leaves,
        split,
    )
    _check_changes(scenario)
    _check_beginnings(scenario)
    if like is not None and like.until == scenario.until:
        vars(scenario).update(past=like.past, institutions=like.institutions)
    return scenario


def check_years(country: Country) -> None:
    """Check all that a run of the years reads, every reform too; nothing if a pack has no years.

    Raises
    ------
    FileError
        If the model lacks a series, or a reform is wrong.
    """
    if not has_years(country):
        return
    scenario = make_years_scenario(country.folder, belief="prior")
    _ = scenario.past
    reforms = reforms_of(country)
    _check_changes(replace(scenario, reforms=reforms))
    for name, reform in reforms.items():
        path = country.folder / FOLDER / REFORMS / f"{name}.yaml"
        check_reference(path, reform.references, {*country.sources, *country.references}, None)


def posterior_scores(scenario: YearsScenario) -> Numbers:
    """Return the scores of the posterior shipped with the pack: float array (draws, free).

    A parameter that the scenario fixes is left out.

    Raises
    ------
    FileError
        If a free parameter is missing in the file.
    """
    path = fit_file(scenario.country, scenario.law_name, scenario.split)
    header, *rows = csv.reader(io.StringIO(read_text(path)))
    names = [scenario.numbers[k].name for k in scenario.free]
    lost = [name for name in names if name not in header]
    if lost:
        raise FileError(
            path, f"has no parameter {lost[0]!r}", hint="run scripts/fit_years.py again"
        )
    columns = [header.index(name) for name in names]
    scores: Numbers = np.array([[float(row[k]) for k in columns] for row in rows])
    return scores


def splits_of(country: Country) -> tuple[str, ...]:
    """Return the fits that a pack ships: `FULL`, and those without a wave of any law."""
    folder = country.folder / FOLDER / FITTED / LEFT_OUT
    return (FULL, *sorted({path.stem.partition("--")[2] for path in folder.glob("*.csv")}))


def fit_file(country: Country, law: str, split: str) -> Path:
    """Return where a pack keeps the draws of the posterior of a law and a split."""
    folder = country.folder / FOLDER / FITTED
    return folder / f"{law}.csv" if split == FULL else folder / LEFT_OUT / f"{law}--{split}.csv"


def _numbers(law: Law, overrides: dict[str, float]) -> tuple[Number, ...]:
    """Return every parameter with its prior, or fixed by the law or the user."""
    folder = packs_folder() / COMMON / FOLDER
    names = parameter_names()
    for name in overrides:
        if name not in names:
            raise UnknownNameError("parameter", name, names)
    read = {m: load_parameters(folder / f"{m}.yaml") for m in _PARTS}
    for mechanism, declared in read.items():
        for extra in set(declared) - set(_PARTS[mechanism]._fields):
            raise FileError(
                folder / f"{mechanism}.yaml", f"declares {extra!r}, which no mechanism reads"
            )
    numbers = []
    for name in names:
        mechanism, _, short = name.partition(".")
        parameter = read[mechanism].get(short)
        if parameter is None:
            raise FileError(folder / f"{mechanism}.yaml", f"does not declare {short!r}")
        fixed = overrides.get(name, law.fixed.get(name))
        if fixed is not None and not parameter.low <= fixed <= parameter.high:
            raise QantarError(
                f"{name} = {fixed:g} is out of range",
                expected=f"{parameter.low:g} to {parameter.high:g}",
            )
        idle = mechanism in SWITCHED and mechanism not in law.mechanisms
        prior = None if fixed is not None or idle else parameter.prior
        value = parameter.central if fixed is None else fixed
        numbers.append(Number(name, parameter, prior, value))
    return tuple(numbers)


def _check_changes(scenario: YearsScenario) -> None:
    """Refuse reforms of unknown parameters, and expectations of unknown quantities."""
    for name, reform in scenario.reforms.items():
        path = scenario.country.folder / FOLDER / REFORMS / f"{name}.yaml"
        for parameter, change in reform.changes.items():
            if parameter not in parameter_names():
                raise FileError(path, f"changes {parameter!r}, which is no parameter of the month")
            if sum(part is not None for part in (change.set, change.add, change.times)) != 1:
                raise FileError(path, f"{parameter}: give one of set, add and times")
        named = [each.quantity for each in reform.expected]
        for quantity in named:
            if quantity not in quantities():
                raise FileError(
                    path,
                    f"expects something of {quantity!r}, which is no quantity of the years",
                    expected=nearest(quantity, quantities()),
                )
            if named.count(quantity) > 1:
                raise FileError(path, f"expects something of {quantity!r} twice")


def contradiction_in(reforms: Mapping[str, Reform]) -> str:
    """Return which two reforms change a number in different ways; nothing if none do.

    Two that set it to the same value agree. Steps and factors of two reforms would add up, which
    neither of their files describes.
    """
    first: dict[str, str] = {}
    for name, reform in reforms.items():
        for number, change in reform.changes.items():
            other = first.setdefault(number, name)
            agreed = change.set is not None and change.set == reforms[other].changes[number].set
            if other != name and not agreed:
                return f"{other} and {name} contradict each other: both change {number}"
    return ""


def _check_beginnings(scenario: YearsScenario) -> None:
    """Refuse reforms that contradict each other, begin apart, or never within the run."""
    if len({reform.begins for reform in scenario.reforms.values()}) > 1:
        raise QantarError(
            "these reforms begin in different months: "
            + ", ".join(f"{name} in {each.begins}" for name, each in scenario.reforms.items()),
            expected="reforms of one run that begin in the same month",
            hint="copy one of the files under another name and give it the other's month as `from`",
        )
    contradiction = contradiction_in(scenario.reforms)
    if contradiction:
        raise QantarError(contradiction, hint="leave one of the two out")
    for name, reform in scenario.reforms.items():
        if month_index(scenario.years, reform.begins) >= scenario.months:
            raise QantarError(
                f"the reform {name} begins in {reform.begins}, after the run ends",
                expected=f"a later end than {scenario.until}",
                hint="give a later year with --until",
            )
