"""Packages: reforms of the years that are tried together, by name, by a file, or as ``a+b``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from qantar.base.errors import FileError, QantarError, UnknownNameError, nearest
from qantar.base.files import Declared, line_of, parse_yaml, read_yaml
from qantar.packs.country import Country
from qantar.packs.years_tables import FOLDER
from qantar.simulate.years.scenario import Reform, contradiction_in, reforms_of

PACKAGES = "packages"
"""Folder of a pack's years with packages."""

JOINED = "+"


class Package(Declared):
    """A file of ``years/packages``, or of the user: reforms that are tried together.

    Attributes
    ----------
    title, summary : str
    reforms : tuple of str
        Names of reforms of the pack.
    """

    title: str = Field(min_length=1)
    summary: str = ""
    reforms: tuple[str, ...] = Field(min_length=1)


def packages_of(country: Country) -> dict[str, Package]:
    """Return the packages of a pack by name; every single reform is one too.

    Raises
    ------
    FileError
        If a package names an unknown reform, or reforms that contradict each other.
    """
    reforms = reforms_of(country)
    found = {
        name: Package(title=reform.title, summary=reform.summary, reforms=(name,))
        for name, reform in reforms.items()
    }
    folder = country.folder / FOLDER / PACKAGES
    for path in sorted(folder.glob("*.yaml")):
        found[path.stem] = _read(path, reforms)
    return found


def find_package(country: Country, word: str) -> tuple[str, Package]:
    """Return a package and its name.

    Parameters
    ----------
    country : Country
    word : str
        Name of a package or a reform, reforms as ``a+b``, or the path of a file.

    Raises
    ------
    UnknownNameError
        If there is no such package or reform.
    FileError
        If the file is wrong.
    QantarError
        If the reforms contradict each other.
    """
    reforms = reforms_of(country)
    if word.endswith((".yaml", ".yml")) or "/" in word:
        path = Path(word)
        return path.stem, _read(path, reforms)
    known = packages_of(country)
    if word in known:
        return word, known[word]
    names = tuple(name.strip() for name in word.split(JOINED))
    for name in names:
        if name not in reforms:
            raise UnknownNameError("package or reform", name, known)
        if names.count(name) > 1:
            raise QantarError(f"{name} is given twice in {word!r}", hint="keep one of the two")
    contradiction = contradiction_in({name: reforms[name] for name in names})
    if contradiction:
        raise QantarError(f"{word!r}: {contradiction}", hint="leave one of the two out")
    title = " and ".join(reforms[name].title for name in names)
    return word, Package(title=title, reforms=names)


def _read(path: Path, reforms: dict[str, Reform]) -> Package:
    """Read a package and check its reforms."""
    package = read_yaml(path, Package)
    for number, name in enumerate(package.reforms):
        line = line_of(parse_yaml(path), ("reforms", number))
        if name not in reforms:
            raise FileError(
                path,
                "names an unknown reform",
                line=line,
                value=name,
                expected=nearest(name, reforms) or "a reform of the pack",
                hint="qantar list reforms shows them",
            )
        if package.reforms.count(name) > 1:
            raise FileError(path, "names a reform twice", line=line, value=name)
    contradiction = contradiction_in({name: reforms[name] for name in package.reforms})
    if contradiction:
        raise FileError(path, contradiction, hint="leave one of the two out")
    return package


def names_of(packages: Sequence[tuple[str, Package]]) -> str:
    """Return the names of packages for the name of a folder."""
    return "-and-".join(name.replace(JOINED, "-") for name, _ in packages[:3])
