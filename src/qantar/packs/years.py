"""The years of a pack: what drove the country month by month, what happened, and what was counted.

`load_years` reads the folder ``years`` of a pack and checks it; packs without one have no years.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from qantar.base.errors import FileError, UnknownNameError
from qantar.base.files import read_yaml
from qantar.packs.country import Country
from qantar.packs.years_checks import check_tables, read_tables
from qantar.packs.years_tables import (
    FOLDER,
    HEADER,
    Answer,
    Driver,
    Election,
    Event,
    PublishedCount,
    Trigger,
    YearsHeader,
)


@dataclass(frozen=True, repr=False)
class Years:
    """Content of the folder ``years`` of a pack.

    Attributes
    ----------
    header : YearsHeader
        Months, series, openings and monitors.
    drivers : tuple of Driver
    triggers : tuple of Trigger
    answers : tuple of Answer
    elections : tuple of Election
    events : tuple of Event
    counts : tuple of PublishedCount
    """

    header: YearsHeader
    drivers: tuple[Driver, ...]
    triggers: tuple[Trigger, ...]
    answers: tuple[Answer, ...]
    elections: tuple[Election, ...]
    events: tuple[Event, ...]
    counts: tuple[PublishedCount, ...]

    @cached_property
    def _by_series(self) -> dict[str, dict[tuple[str, str], Driver]]:
        found: dict[str, dict[tuple[str, str], Driver]] = {name: {} for name in self.header.series}
        for row in self.drivers:
            found[row.series][row.area, row.period] = row
        return found

    def series(self, name: str) -> dict[tuple[str, str], Driver]:
        """Return the values of a series by area and period.

        Parameters
        ----------
        name : str

        Returns
        -------
        dict

        Raises
        ------
        UnknownNameError
            If it is not declared.
        """
        if name not in self._by_series:
            raise UnknownNameError("series", name, self._by_series)
        return dict(self._by_series[name])

    def __repr__(self) -> str:
        return (
            f"<Years from {self.header.first}, observed until {self.header.observed_until}: "
            f"{len(self.header.series)} series, {len(self.drivers)} values, "
            f"{len(self.triggers)} triggers>"
        )


def has_years(country: Country) -> bool:
    """Say whether a pack brings years."""
    return (country.folder / FOLDER).is_dir()


def load_years(country: Country) -> Years:
    """Read and check the years of a country.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Years

    Raises
    ------
    FileError
        If the pack has no years, or at the first error in them.
    """
    folder = country.folder / FOLDER
    if not has_years(country):
        raise FileError(
            folder,
            "this pack brings no years",
            expected=f"a folder with {HEADER} and drivers.csv",
            hint=f"packs/template/{FOLDER} shows the smallest one",
        )
    header = read_yaml(folder / HEADER, YearsHeader)
    tables = read_tables(folder)
    check_tables(country, folder, header, tables)
    return Years(
        header=header,
        drivers=tuple(row for _, row in tables.drivers),
        triggers=tuple(row for _, row in tables.triggers),
        answers=tuple(row for _, row in tables.answers),
        elections=tuple(row for _, row in tables.elections),
        events=tuple(row for _, row in tables.events),
        counts=tuple(row for _, row in tables.counts),
    )
