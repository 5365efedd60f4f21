"""A country pack: places, groups, offices and parameters, read whole or refused whole.

Cohorts: how many citizens of each group live in each place, by the stated rules of the pack.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from qantar.base.arrays import People
from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.provenance import Reference, Source, load_references, load_sources
from qantar.base.reading import read_csv, read_yaml
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.tables import (
    Group,
    Office,
    PackHeader,
    Place,
    PlaceValue,
    Region,
    RegionValue,
    Value,
    Variable,
    load_variables,
)

COMMON = "common"


@dataclass(frozen=True)
class Country:
    """Everything a pack says about a country. Plain data; nothing is computed from it here."""

    folder: Path
    header: PackHeader
    sources: dict[str, Source]
    references: dict[str, Reference]
    variables: dict[str, Variable]
    regions: tuple[Region, ...]
    places: tuple[Place, ...]
    region_values: dict[tuple[str, str], RegionValue]
    place_values: dict[tuple[str, str], PlaceValue]
    offices: tuple[Office, ...]
    parameters: dict[str, dict[str, Parameter]]
    parameter_files: dict[str, Path]
    rules: dict[str, dict[str, Parameter]]
    rule_files: dict[str, Path]

    @cached_property
    def region_of(self) -> dict[str, Region]:
        """The region of every place, by the place's name."""
        by_name = {region.region: region for region in self.regions}
        return {place.place: by_name[place.region] for place in self.places}

    @cached_property
    def fingerprint(self) -> str:
        """A hash over every file of the pack and of the common pack."""
        digest = hashlib.sha256()
        for folder in (self.folder, packs_home() / COMMON):
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()

    @property
    def numbers(self) -> dict[str, dict[str, Parameter]]:
        """Every parameter, of mechanisms and of offices, by the file it stands in."""
        return {**self.parameters, **self.rules}

    @property
    def number_files(self) -> dict[str, Path]:
        """The file that declares each of them, by ``mechanism.parameter``."""
        return {**self.parameter_files, **self.rule_files}

    def region_value(self, region: str, variable: str) -> RegionValue:
        """Return a region's value, or the national one that stands for it.

        Raises
        ------
        UnknownNameError
            If the variable is not declared.
        FileError
            If neither row exists.
        """
        if variable not in self.variables:
            raise UnknownNameError("variable", variable, self.variables)
        for owner in (region, self.header.country):
            found = self.region_values.get((owner, variable))
            if found is not None:
                return found
        raise FileError(
            self.folder / "region_values.csv",
            f"{variable!r} is missing for {region!r}",
            expected=f"a row for {region!r} or for {self.header.country!r}",
        )

    def number(self, place: Place, variable: str) -> float:
        """Return the value of a variable in a place, from the place or from its region."""
        declared = self.variables.get(variable)
        if declared is None:
            raise UnknownNameError("variable", variable, self.variables)
        if declared.level == "region":
            return self.region_value(place.region, variable).value
        found = self.place_values.get((place.place, variable))
        if found is not None:
            return found.value
        if declared.default is None:
            raise FileError(
                self.folder / "place_values.csv", f"{variable!r} is missing for {place.place!r}"
            )
        return declared.default

    def all_values(self) -> Iterable[Value]:
        """Yield every value of the pack."""
        yield from self.region_values.values()
        yield from self.place_values.values()


def packs_home() -> Path:
    """Return the folder of the shipped packs, in an installed wheel or in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "shipped_packs"
    return installed if installed.is_dir() else package.parents[1] / "packs"


def find_pack(name: str) -> Path:
    """Return a pack's folder from a path or from the name of a shipped pack.

    Raises
    ------
    UnknownNameError
        If neither exists.
    """
    given = Path(name)
    if (given / "pack.yaml").is_file():
        return given
    shipped = {path.parent.name: path.parent for path in packs_home().glob("*/pack.yaml")}
    if name in shipped:
        return shipped[name]
    if given.is_dir():
        raise FileError(given, "is no pack: it holds no pack.yaml", mend="copy packs/template")
    raise UnknownNameError("pack", name, shipped)


def load_country(name: str | Path) -> Country:
    """Read and check a country pack.

    Parameters
    ----------
    name : str or Path
        The name of a shipped pack, or a folder.

    Raises
    ------
    FileError
        At the first thing in the pack that cannot be right.
    """
    from qantar.packs.check import check_country

    folder = find_pack(str(name))
    header = read_yaml(folder / "pack.yaml", PackHeader)
    parameters, files = _all_parameters(folder, "parameters")
    rules, rule_files = _all_parameters(folder, "rules")
    country = Country(
        folder=folder,
        header=header,
        sources=load_sources(folder / "sources.yaml"),
        references=_references(folder),
        variables=load_variables(folder / "variables.yaml"),
        regions=tuple(read_csv(folder / "regions.csv", Region)),
        places=tuple(read_csv(folder / "places.csv", Place)),
        region_values=_keyed_regions(folder / "region_values.csv"),
        place_values=_keyed_places(folder / "place_values.csv"),
        offices=tuple(read_csv(folder / "offices.csv", Office)),
        parameters=parameters,
        parameter_files=files,
        rules=rules,
        rule_files=rule_files,
    )
    check_country(country)
    return country


def _references(folder: Path) -> dict[str, Reference]:
    """Return the literature of the common pack, with the pack's own on top."""
    references = load_references(packs_home() / COMMON / "references.yaml")
    own = folder / "references.yaml"
    return {**references, **load_references(own)} if own.is_file() else references


def _all_parameters(
    folder: Path, kind: str
) -> tuple[dict[str, dict[str, Parameter]], dict[str, Path]]:
    """Return common parameters with the pack's own on top, and the file each comes from.

    Parameters
    ----------
    kind : str
        ``parameters``, one file a mechanism, or ``rules``, one file an office.
    """
    parameters: dict[str, dict[str, Parameter]] = {}
    files: dict[str, Path] = {}
    for path in sorted((packs_home() / COMMON / kind).glob("*.yaml")):
        parameters[path.stem] = load_parameters(path)
        files.update({f"{path.stem}.{name}": path for name in parameters[path.stem]})
    for path in sorted((folder / kind).glob("*.yaml")):
        if path.stem not in parameters:
            hint = nearest(path.stem, parameters) or ", ".join(parameters)
            raise FileError(path, "is named after no mechanism or office", expected=hint)
        for name, parameter in load_parameters(path).items():
            if name not in parameters[path.stem]:
                raise FileError(
                    path,
                    f"unknown parameter {name!r}",
                    expected=nearest(name, parameters[path.stem]) or str(list(parameters)),
                )
            parameters[path.stem][name] = parameter
            files[f"{path.stem}.{name}"] = path
    return parameters, files


def _keyed_regions(path: Path) -> dict[tuple[str, str], RegionValue]:
    result: dict[tuple[str, str], RegionValue] = {}
    for line, row in enumerate(read_csv(path, RegionValue), start=2):
        _once(path, line, (row.region, row.variable), result)
        result[row.region, row.variable] = row
    return result


def _keyed_places(path: Path) -> dict[tuple[str, str], PlaceValue]:
    result: dict[tuple[str, str], PlaceValue] = {}
    for line, row in enumerate(read_csv(path, PlaceValue), start=2):
        _once(path, line, (row.place, row.variable), result)
        result[row.place, row.variable] = row
    return result


def _once(path: Path, line: int, key: tuple[str, str], seen: Iterable[tuple[str, str]]) -> None:
    if key in seen:
        raise FileError(path, f"{key[1]!r} of {key[0]!r} stands twice", line=line)


def cohorts(country: Country) -> People:
    """Return the size of every cohort.

    Returns
    -------
    int array (places, groups)
        Whole persons; every row sums exactly to the place's population.

    Raises
    ------
    FileError
        If the groups claim more people than a place has, or no group takes the rest.
    """
    groups = country.header.groups
    rest = [name for name, group in groups.items() if group.size.rule == "rest"]
    path = country.folder / "pack.yaml"
    if len(rest) != 1:
        raise FileError(path, "exactly one group takes the rest", value=rest)
    sizes = np.zeros((len(country.places), len(groups)), np.int64)
    for column, group in enumerate(groups.values()):
        if group.size.rule == "share":
            sizes[:, column] = [_share(country, place, group) for place in country.places]
        elif group.size.rule == "total":
            sizes[:, column] = _spread(country, group)
        else:
            remainder = column
    population = np.array([place.population for place in country.places], np.int64)
    sizes[:, remainder] = population - sizes.sum(axis=1)
    if (sizes < 0).any():
        row, column = np.argwhere(sizes < 0)[0]
        raise FileError(
            path,
            f"the groups claim more people than {country.places[row].place!r} has",
            value=int(population[row] - sizes[row, remainder]),
            expected=f"at most {population[row]:,}",
            mend="lower a share or a place weight",
        )
    return sizes


def _applies(place: Place, within: str) -> bool:
    return within in ("everywhere", place.kind)


def _share(country: Country, place: Place, group: Group) -> int:
    """Return the persons of a group by the rule of shares, rounded down."""
    rule = group.size
    if not _applies(place, rule.within):
        return 0
    product = rule.scale
    for factor in rule.factors:
        unit = country.variables[factor].unit if factor in country.variables else ""
        value = country.number(place, factor)
        product *= value / 100.0 if unit.startswith("%") else value
    return math.floor(place.population * product)


def _spread(country: Country, group: Group) -> People:
    """Spread a national total over regions and places, losing nobody to rounding."""
    rule = group.size
    total = country.region_value(country.header.country, rule.total).value * rule.scale
    weights = np.zeros(len(country.places))
    for region in country.regions:
        inside = [k for k, place in enumerate(country.places) if place.region == region.region]
        pull = np.array(
            [
                country.places[k].population * country.number(country.places[k], rule.place_weight)
                for k in inside
            ]
        )
        share = country.region_value(region.region, rule.regional_share).value
        if pull.sum() > 0:
            weights[inside] = share * pull / pull.sum()
    return largest_remainder(weights / weights.sum(), round(total))


def largest_remainder(shares: np.ndarray, total: int) -> People:
    """Return whole numbers in the proportion of `shares` that sum exactly to `total`."""
    exact = shares * total
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return np.asarray(whole, np.int64)
