"""The interventions of a pack: which there are, and one of them read and checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qantar.country.pack import Country
from qantar.errors import FileError, UnknownNameError, nearest
from qantar.reading import line_of, parse_yaml, read_yaml
from qantar.scenario.conditions import COUNTRYWIDE, GROUND_VARIABLES, allowed
from qantar.scenario.episode import list_episodes
from qantar.scenario.intervention import KINDS, Amount, Intervention

_SHOWN = 12  # names to show where none is near


def list_interventions(country: Country) -> list[str]:
    """Return the names of a pack's interventions."""
    return sorted(path.stem for path in (country.folder / "interventions").glob("*.yaml"))


def intervention_file(country: Country, name: str) -> Path:
    """Return the file of an intervention."""
    return country.folder / "interventions" / f"{name}.yaml"


def load_intervention(country: Country, name: str | Path) -> Intervention:
    """Read one intervention of a pack, or from a file of the user's own.

    Parameters
    ----------
    country : Country
    name : str or Path
        The name of one of the pack's, or a file whose name ends in ``.yaml``.

    Raises
    ------
    UnknownNameError
        If the pack has no such intervention.
    FileError
        If the file names something that does not exist, uses a dose or a date that it does not
        declare, declares one that it does not use, or goes out of bounds at some dose or date.
    """
    if str(name).endswith(".yaml"):
        path = Path(name)
    else:
        known = list_interventions(country)
        if name not in known:
            raise UnknownNameError("intervention", str(name), known)
        path = intervention_file(country, str(name))
    found = read_yaml(path, Intervention)
    reader = _Reader(path, country, found)
    reader.check()
    return found


class _Reader:
    """One file under check; every complaint carries its line."""

    def __init__(self, path: Path, country: Country, found: Intervention) -> None:
        self.path = path
        self.country = country
        self.found = found
        self.document = parse_yaml(path)

    def check(self) -> None:
        """Refuse what the shape of the file cannot."""
        found = self.found
        if found.name != self.path.stem:
            raise self._error(
                ("name",), "is named otherwise than its file", found.name, self.path.stem
            )
        self._known("episodes", found.episodes, list_episodes(self.country), "episode")
        self._known("references", found.references, self.country.references, "reference")
        self._once("expected", [each.outcome for each in found.expected], "outcome")
        self._check_dose_and_date()
        self._check_decisions()
        self._check_parameters()
        self._check_ground()

    def _check_dose_and_date(self) -> None:
        found = self.found
        dosed = any(amount.slope for amount in found.amounts())
        if dosed and found.dose is None:
            raise self._error((), "uses `dose`, but declares none", None, "a part `dose`")
        if found.dose is not None and not dosed:
            raise self._error(
                ("dose",), "declares a dose that nothing uses", None, "`dose` in an amount"
            )
        dated = "date" in found.edges()
        if dated and found.date is None:
            raise self._error((), "uses `date`, but declares none", None, "a part `date`")
        if found.date is not None and not dated:
            raise self._error(("date",), "declares a date that nothing uses", None, "`from: date`")
        if found.edges() and not found.episodes:
            raise self._error(
                ("decisions",),
                "names a moment, but no episode",
                None,
                "`episodes`: dates belong to one",
            )

    def _check_decisions(self) -> None:
        found = self.found
        dates = [found.date.earliest, found.date.latest] if found.date else [None]
        for k, hold in enumerate(found.decisions):
            at = ("decisions", k)
            if hold.kind not in KINDS:
                raise self._unknown((*at, "kind"), "kind of decision", hold.kind, KINDS)
            self._regions(at, hold.where, hold.excluded)
            least, most = hold.amounts()
            self._within((*at, "least"), "`least`", least, 0.0, 1.0)
            self._within((*at, "most"), "`most`", most, 0.0, 1.0)
            if any(
                low > high for low, high in zip(self._ends(least), self._ends(most), strict=True)
            ):
                raise self._error(
                    at, "`least` exceeds `most`", None, "`least` at most `most`, at every dose"
                )
            for date in dates:
                begins, ends = hold.hours(date)
                if begins >= ends:
                    raise self._error(at, "ends before it begins", str(ends), f"after {begins}")

    def _check_parameters(self) -> None:
        files = self.country.number_files
        self._once("parameters", [step.name for step in self.found.parameters], "parameter")
        for k, step in enumerate(self.found.parameters):
            if step.name not in files:
                raise self._unknown(("parameters", k, "name"), "parameter", step.name, files)
            if step.how == "set":
                group, _, short = step.name.partition(".")
                declared = self.country.numbers[group][short]
                at = ("parameters", k, "set")
                self._within(at, step.name, step.amount, declared.low, declared.high)

    def _check_ground(self) -> None:
        known = [*GROUND_VARIABLES, *COUNTRYWIDE]
        for k, step in enumerate(self.found.ground):
            at = ("ground", k)
            if step.variable not in known:
                raise self._unknown(
                    (*at, "variable"), "variable of the ground", step.variable, known
                )
            self._regions(at, step.where, step.excluded)
            if step.variable in COUNTRYWIDE and (step.where != "everywhere" or step.excluded):
                raise self._error(
                    (*at, "where"), f"{step.variable!r} belongs to no region", None, "no `where`"
                )
            if step.how == "set":
                low, high = allowed(self.country, step.variable)
                self._within((*at, "set"), step.variable, step.amount, low, high)

    def _regions(self, at: tuple[int | str, ...], where: Any, excluded: tuple[str, ...]) -> None:
        known = [region.region for region in self.country.regions]
        for key, names in (("where", () if where == "everywhere" else where), ("except", excluded)):
            for name in names:
                if name not in known:
                    raise self._unknown((*at, key), "region", name, known)

    def _ends(self, amount: Amount) -> list[float]:
        """Return an amount at the lowest and the highest dose; between them it is a line."""
        dose = self.found.dose
        return [amount.at(each) for each in ((dose.low, dose.high) if dose else (None, None))]

    def _within(
        self, at: tuple[int | str, ...], what: str, amount: Amount, low: float, high: float
    ) -> None:
        for value in self._ends(amount):
            if not low <= value <= high:
                raise self._error(
                    at, f"{what} is out of range at some dose", value, f"{low:g} to {high:g}"
                )

    def _known(self, key: str, names: tuple[str, ...], known: Iterable[str], kind: str) -> None:
        for k, name in enumerate(names):
            if name not in known:
                raise self._unknown((key, k), kind, name, known)

    def _once(self, key: str, names: list[str], kind: str) -> None:
        for k, name in enumerate(names):
            if name in names[:k]:
                raise self._error((key, k), f"the {kind} stands twice", name, "one entry")

    def _unknown(
        self, at: tuple[int | str, ...], kind: str, name: str, known: Iterable[str]
    ) -> FileError:
        names = list(known)
        hint = nearest(name, names) or ", ".join(names[:_SHOWN]) or "nothing is declared"
        return self._error(at, f"unknown {kind}", name, hint)

    def _error(
        self, at: tuple[int | str, ...], problem: str, value: object, expected: str
    ) -> FileError:
        line = line_of(self.document, at) or 1
        return FileError(self.path, problem, line=line, value=value, expected=expected)
