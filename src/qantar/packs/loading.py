"""Reading and checking of country packs.

`load_country` reads the files, checks them and returns a `Country`, or raises at the first error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.files import read_csv, read_yaml
from qantar.base.provenance import Reference, load_references, load_sources
from qantar.packs.country import (
    COMMON,
    PARAMETERS_FILE,
    REFERENCES_FILE,
    Country,
    outside_folders,
    packs_folder,
)
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.tables import (
    Office,
    PackHeader,
    Place,
    PlaceValue,
    Region,
    RegionValue,
    Value,
    load_variables,
)
from qantar.packs.years import has_years, load_years


@dataclass(frozen=True)
class GradeCounts:
    """Number of values in a pack by grade, and the names of assumed ones."""

    counts: dict[str, int]
    assumed: tuple[str, ...]


Row = TypeVar("Row", bound=Value)


def check_country(country: Country) -> None:
    """Check a pack for consistency.

    Raises
    ------
    FileError
        If a region, place, variable or reference is unknown, a value is out of range, a name
        appears twice, populations do not sum to their total, or its years are at fault.
    """
    _check_names(country)
    _check_totals(country)
    _check_values(country)
    _check_references(country)
    if has_years(country):
        load_years(country)


def grades(country: Country) -> GradeCounts:
    """Count the values of a pack by grade, and list the assumed ones."""
    counts: Counter[str] = Counter(value.grade for value in country.all_values())
    assumed = {
        f"{variable} ({number} values)"
        for variable, number in Counter(
            value.variable for value in country.all_values() if value.grade == "assumed"
        ).items()
    }
    for mechanism, parameters in country.numbers.items():
        for name, parameter in parameters.items():
            counts[parameter.grade] += 1
            if parameter.grade == "assumed":
                assumed.add(f"parameter {mechanism}.{name}")
    for name, group in country.header.groups.items():
        for trait, stated in group.traits.items():
            counts[stated.grade] += 1
            if stated.grade == "assumed":
                assumed.add(f"trait {name}.{trait}")
    return GradeCounts(dict(counts), tuple(sorted(assumed)))


def _check_names(country: Country) -> None:
    folder = country.folder
    regions = [region.region for region in country.regions]
    places = [place.place for place in country.places]
    for path, names in ((folder / "regions.csv", regions), (folder / "places.csv", places)):
        for row, name in enumerate(names):
            if name in names[:row]:
                raise FileError(path, f"{name!r} appears twice", line=row + 2)
    for line, place in enumerate(country.places, start=2):
        _known(folder / "places.csv", place.region, regions, "region", line)
    for region, _ in country.region_values:
        _known(folder / "region_values.csv", region, [*regions, country.header.country], "region")
    for name, _ in country.place_values:
        _known(folder / "place_values.csv", name, places, "place")
    _known(folder / "pack.yaml", country.header.capital, places, "place (the capital)")


def _check_totals(country: Country) -> None:
    """Check that populations of places sum to their region, and regions to the country."""
    path = country.folder / "places.csv"
    for region in country.regions:
        whole = country.region_value(region.region, "population").value
        parts = sum(p.population for p in country.places if p.region == region.region)
        if parts != whole:
            raise FileError(
                path,
                f"the places of {region.region!r} sum to {parts:,} persons",
                expected=f"{whole:,.0f}, the population of the region",
                hint="adjust the rural rest of the region",
            )
    total = sum(place.population for place in country.places)
    if total != country.header.population:
        raise FileError(
            country.folder / "pack.yaml",
            f"the places sum to {total:,} persons",
            expected=f"{country.header.population:,}",
        )


def _check_values(country: Country) -> None:
    _check_level(country, "region", country.folder / "region_values.csv")
    _check_level(country, "place", country.folder / "place_values.csv")


def _check_level(country: Country, level: str, path: Path) -> None:
    table: Iterable[Value] = (
        country.region_values.values() if level == "region" else country.place_values.values()
    )
    for line, value in enumerate(table, start=2):
        declared = country.variables.get(value.variable)
        if declared is None or declared.level != level:
            hint = nearest(value.variable, country.variables)
            raise FileError(
                path,
                f"unknown {level} variable {value.variable!r}",
                line=line,
                expected=hint or "a variable of variables.yaml",
            )
        if not declared.low <= value.value <= declared.high:
            raise FileError(
                path,
                f"{value.variable!r} is out of range",
                line=line,
                value=value.value,
                expected=f"{declared.low:g} to {declared.high:g} {declared.unit}",
            )
        if value.unit != declared.unit:
            raise FileError(
                path,
                f"{value.variable!r} has the wrong unit",
                line=line,
                value=value.unit,
                expected=declared.unit,
            )


def _check_references(country: Country) -> None:
    """Check that every reference is declared."""
    folder = country.folder
    tables = (
        ("regions.csv", [row.reference for row in country.regions]),
        ("places.csv", [row.reference for row in country.places]),
        ("region_values.csv", [row.reference for row in country.region_values.values()]),
        ("place_values.csv", [row.reference for row in country.place_values.values()]),
        ("offices.csv", [row.reference for row in country.offices]),
    )
    for name, references in tables:
        for line, reference in enumerate(references, start=2):
            for key in reference.split(";"):
                _known(folder / name, key.strip(), country.sources, "source", line)
    _check_header_references(country)
    for mechanism, parameters in country.numbers.items():
        for name, parameter in parameters.items():
            path = country.number_files[f"{mechanism}.{name}"]
            for key in parameter.references:
                _known(path, key, {**country.references, **country.sources}, "reference")


def _check_header_references(country: Country) -> None:
    folder, header = country.folder, country.header
    quoted = [header.population_reference]
    for group in header.groups.values():
        quoted += [group.size.reference, *(trait.reference for trait in group.traits.values())]
    for reference in quoted:
        _known(folder / "pack.yaml", reference, country.sources, "source")
    for variable in country.variables.values():
        if variable.default is not None:
            path = folder / "variables.yaml"
            _known(path, variable.default_reference, country.sources, "source")


def _known(path: Path, name: str, known: Iterable[str], kind: str, line: int | None = None) -> None:
    names = list(known)
    if name not in names:
        raise FileError(
            path,
            f"unknown {kind}",
            line=line,
            value=name,
            expected=nearest(name, names) or f"one of {len(names)} declared names",
        )


def find_pack(name: str) -> Path:
    """Return the folder of a pack given by path or, for shipped packs, by name.

    Raises
    ------
    UnknownNameError
        If neither exists.
    """
    given = Path(name)
    if (given / "pack.yaml").is_file():
        return given
    shipped = {path.parent.name: path.parent for path in packs_folder().glob("*/pack.yaml")}
    if name in shipped:
        return shipped[name]
    if given.is_dir():
        hint = "`qantar new country NAME` writes one"
        raise FileError(given, "is not a pack: it has no pack.yaml", hint=hint)
    raise UnknownNameError("pack", name, shipped)


def load_country(name: str | Path) -> Country:
    """Read and check a country pack.

    Parameters
    ----------
    name : str or Path
        The name of a shipped pack, or a folder.

    Returns
    -------
    Country

    Raises
    ------
    FileError
        At the first error in the pack.
    """
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
        region_values=_by_owner_and_variable(
            folder / "region_values.csv", RegionValue, lambda row: row.region
        ),
        place_values=_by_owner_and_variable(
            folder / "place_values.csv", PlaceValue, lambda row: row.place
        ),
        offices=tuple(read_csv(folder / "offices.csv", Office)),
        parameters=parameters,
        parameter_files=files,
        rules=rules,
        rule_files=rule_files,
    )
    check_country(country)
    return country


def _references(folder: Path) -> dict[str, Reference]:
    """Return the literature of the pack, of the common pack and of outside mechanisms.

    For duplicate keys, the pack has priority, then the common pack.
    """
    references: dict[str, Reference] = {}
    for outside in outside_folders().values():
        references |= load_references(outside / REFERENCES_FILE)
    references |= load_references(packs_folder() / COMMON / REFERENCES_FILE)
    own = folder / REFERENCES_FILE
    return {**references, **load_references(own)} if own.is_file() else references


def _all_parameters(
    folder: Path, kind: str
) -> tuple[dict[str, dict[str, Parameter]], dict[str, Path]]:
    """Return common parameters, overridden by those of the pack, and the file of each.

    Parameters
    ----------
    kind : str
        ``parameters``, one file per mechanism, or ``rules``, one file per office.
    """
    parameters: dict[str, dict[str, Parameter]] = {}
    files: dict[str, Path] = {}
    common = {p.stem: p for p in sorted((packs_folder() / COMMON / kind).glob("*.yaml"))}
    if kind == "parameters":
        common |= {name: each / PARAMETERS_FILE for name, each in outside_folders().items()}
    for owner, path in common.items():
        parameters[owner] = load_parameters(path)
        files.update({f"{owner}.{name}": path for name in parameters[owner]})
    for path in sorted((folder / kind).glob("*.yaml")):
        if path.stem not in parameters:
            hint = nearest(path.stem, parameters) or ", ".join(parameters)
            raise FileError(path, "file name is not a mechanism or office", expected=hint)
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


def _by_owner_and_variable(
    path: Path, shape: type[Row], owner: Callable[[Row], str]
) -> dict[tuple[str, str], Row]:
    """Read a table of values, by place or region and by variable."""
    result: dict[tuple[str, str], Row] = {}
    for line, row in enumerate(read_csv(path, shape), start=2):
        key = (owner(row), row.variable)
        _once(path, line, key, result)
        result[key] = row
    return result


def _once(path: Path, line: int, key: tuple[str, str], seen: Iterable[tuple[str, str]]) -> None:
    if key in seen:
        raise FileError(path, f"{key[1]!r} of {key[0]!r} appears twice", line=line)
