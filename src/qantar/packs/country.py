"""The country described by a pack: places, groups, offices and parameters.

`cohorts` computes the number of citizens of each group in each place by the rules of the pack.
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
from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.base.provenance import Reference, Source
from qantar.model.plugins import outside_mechanisms
from qantar.packs.parameters import Parameter
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
)

COMMON = "common"
PARAMETERS_FILE = "parameters.yaml"
REFERENCES_FILE = "references.yaml"


@dataclass(frozen=True, repr=False)
class Country:
    """Content of a country pack.

    Attributes
    ----------
    folder : Path
        Folder of the pack.
    header : PackHeader
        Name, country, clock, capital, population.
    sources : dict
        Sources of claims, by id.
    references : dict
        Literature and data sources of values, by id.
    variables : dict
        Variables of places or regions, by name.
    regions : tuple of Region
    places : tuple of Place
        The order of every array dimension of places.
    region_values : dict
        By region, or country, and variable.
    place_values : dict
        By place and variable.
    offices : tuple of Office
        Holders of offices.
    parameters, rules : dict
        Parameters of mechanisms, and of offices, by file and name.
    parameter_files, rule_files : dict
        The file that declares each of them, by ``mechanism.parameter``.
    """

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
        """A hash over every file of the pack, of the common pack and of other mechanisms."""
        digest = hashlib.sha256()
        for folder in (self.folder, packs_folder() / COMMON):
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
        for mechanism, folder in sorted(outside_folders().items()):
            for name in (PARAMETERS_FILE, REFERENCES_FILE):
                digest.update(f"{mechanism}/{name}".encode())
                digest.update((folder / name).read_bytes())
        return digest.hexdigest()

    @property
    def numbers(self) -> dict[str, dict[str, Parameter]]:
        """Parameters of mechanisms and of offices, by file and name."""
        return {**self.parameters, **self.rules}

    @property
    def number_files(self) -> dict[str, Path]:
        """The file that declares each of them, by ``mechanism.parameter``."""
        return {**self.parameter_files, **self.rule_files}

    def region_value(self, region: str, variable: str) -> RegionValue:
        """Return the value of a region, or else the national value.

        Parameters
        ----------
        region : str
            Name of a region.
        variable : str
            Name of a variable.

        Returns
        -------
        RegionValue

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
        """Return the value of a variable of a place or of its region.

        Parameters
        ----------
        place : Place
        variable : str
            Name of a variable, of places or of regions.

        Returns
        -------
        float
            In the unit of the variable; the default if no row gives a value.
        """
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

    def __repr__(self) -> str:
        return (
            f"<Country {self.header.country}: {len(self.regions)} regions, "
            f"{len(self.places)} places, pack {self.header.name!r}>"
        )

    def all_values(self) -> Iterable[Value]:
        """Yield every value of the pack.

        Returns
        -------
        iterable of Value
            Those of regions first.
        """
        yield from self.region_values.values()
        yield from self.place_values.values()


def packs_folder() -> Path:
    """Return the folder of the shipped packs, in an installed wheel or in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "shipped_packs"
    return installed if installed.is_dir() else package.parents[1] / "packs"


def outside_folders() -> dict[str, Path]:
    """Return the folder of the parameters and literature of each mechanism of other packages.

    Raises
    ------
    QantarError
        If a mechanism has parameters but no folder.
    """
    folders = {}
    for mechanism in outside_mechanisms():
        if mechanism.folder is not None:
            folders[mechanism.name] = mechanism.folder
        elif mechanism.parameters is not None:
            raise QantarError(
                f"the mechanism {mechanism.name!r} has parameters but no folder",
                expected=f"a folder with {PARAMETERS_FILE} and {REFERENCES_FILE}",
                hint="declare `folder=Path(__file__).parent`",
            )
    return folders


def cohorts(country: Country) -> People:
    """Return the size of every cohort.

    Returns
    -------
    int array (places, groups)
        Integers; every row sums to the population of the place.

    Raises
    ------
    FileError
        If the groups of a place exceed its population, or not exactly one group has the rule
        ``rest``.
    """
    groups = country.header.groups
    rest = [name for name, group in groups.items() if group.size.rule == "rest"]
    path = country.folder / "pack.yaml"
    if len(rest) != 1:
        raise FileError(path, "exactly one group must have the size rule `rest`", value=rest)
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
            f"the groups of {country.places[row].place!r} exceed its population",
            value=int(population[row] - sizes[row, remainder]),
            expected=f"at most {population[row]:,}",
            hint="lower a share or a place weight",
        )
    return sizes


def _applies(place: Place, within: str) -> bool:
    return within in ("everywhere", place.kind)


def _share(country: Country, place: Place, group: Group) -> int:
    """Return the size of a group by the rule ``share``, rounded down."""
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
    """Return the sizes of a group by the rule ``total``, which sum exactly to the total."""
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
    """Return integers in proportion to `shares` that sum exactly to `total`."""
    exact = shares * total
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return np.asarray(whole, np.int64)
