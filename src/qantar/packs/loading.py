"""Reading a country pack: found, read and checked, or refused as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.provenance import Reference, load_references, load_sources
from qantar.base.reading import read_csv, read_yaml
from qantar.packs.check import check_country
from qantar.packs.country import COMMON as COMMON
from qantar.packs.country import PARAMETERS_FILE, REFERENCES_FILE, outside_folders
from qantar.packs.country import Country as Country
from qantar.packs.country import packs_folder as packs_folder
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.tables import (
    Office,
    PackHeader,
    Place,
    PlaceValue,
    Region,
    RegionValue,
    load_variables,
)


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
    shipped = {path.parent.name: path.parent for path in packs_folder().glob("*/pack.yaml")}
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

    Returns
    -------
    Country

    Raises
    ------
    FileError
        At the first thing in the pack that cannot be right.
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
    """Return the literature of the common pack, that of other mechanisms, and the pack's own.

    The pack goes first where a key stands twice, then the common pack.
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
    """Return common parameters with the pack's own on top, and the file each comes from.

    Parameters
    ----------
    kind : str
        ``parameters``, one file a mechanism, or ``rules``, one file an office.
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
