"""Posts of a state, the people who held them, and their factions, kin and ties.

`load_offices` reads the files of the part from the folder ``state`` of a pack: ``posts.csv``,
``people.csv``, ``holdings.csv`` and ``factions.csv``, and, if there, ``areas.csv``, ``ties.csv``
and ``elite_counts.csv``. A pack without ``posts.csv`` has no such part.

Only people whom a source names as holders of a public office, or as public figures, belong here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.offices_checks import check_offices
from qantar.packs.state.rows import FOLDER, Sourced, check_source
from qantar.packs.years_tables import Moment, Share, names_of

POSTS, PEOPLE, HOLDINGS = "posts.csv", "people.csv", "holdings.csv"
FACTIONS, AREAS, TIES = "factions.csv", "areas.csv", "ties.csv"
ELITE_COUNTS = "elite_counts.csv"

PostKind = Literal["central", "security", "regional", "company", "media"]
"""What a post belongs to."""

Ending = Literal[
    "",
    "resigned",
    "left",
    "dismissed",
    "arrested",
    "died",
    "moved",
    "abolished",
    "lost",
    "not told",
]
"""How a holding ended; empty while it lasts."""


class Faction(Sourced):
    """A row of ``factions.csv``."""

    faction: str
    label: str


class Area(Sourced):
    """A row of ``areas.csv``: the part of the country to which a region belongs."""

    region: str
    area: str


class Post(Sourced):
    """A row of ``posts.csv``.

    Attributes
    ----------
    post, label : str
    kind : {"central", "security", "regional", "company", "media"}
    region : str
        The region that it governs, if one.
    rank : float
        How much it weighs, 0 to 1. The post of the highest rank is the top; people move up only.
    seats : int
        How many such posts there are; more than one only where no holder is named.
    team : str
        The post with whose fall it falls, as a cabinet with its premier.
    beside : str
        Posts that its holder may hold at the same time, separated by ``;``.
    carried : {"yes", "no"}
        Whether the model fills it after the record; ``no`` for posts known from one holder alone.
    """

    post: str
    label: str
    kind: PostKind
    region: str = ""
    rank: Share
    seats: int = Field(default=1, ge=1, le=30, description="an integer number, 1 to 30")
    team: str = ""
    beside: str = ""
    carried: Literal["yes", "no"] = "yes"


class Person(Sourced):
    """A row of ``people.csv``: a holder of an office, or a public figure, whom a source names.

    Attributes
    ----------
    person, name : str
    faction : str
    kin : str
        Name of a kin group, empty where no source tells of one.
    origin : str
        The region of origin, empty where no source tells.
    """

    person: str
    name: str
    faction: str
    kin: str = ""
    origin: str = ""


class Holding(Sourced):
    """A row of ``holdings.csv``: who held which post, and how it ended.

    Attributes
    ----------
    post, person : str
    since, until : str
        ``until`` is empty while it lasts. Where the end is not told, the last moment in office.
    how : str
        How it ended: see `Ending`.
    """

    post: str
    person: str
    since: Moment
    until: Moment | Literal[""] = ""
    how: Ending = ""


class Tie(Sourced):
    """A row of ``ties.csv``: what binds two people.

    Attributes
    ----------
    first, second : str
    kind : {"kin", "trust", "career"}
    relation : str
    """

    first: str
    second: str
    kind: Literal["kin", "trust", "career"]
    relation: str = ""


class EliteCount(Sourced):
    """A row of ``elite_counts.csv``: how many of a group of office holders are of some sort.

    Attributes
    ----------
    date : str
    group, what : str
    code : str
        ``native``, ``kept``, ``first-timer``, ``old``, or ``area:`` and an area.
    number, of : int
    use : {"input", "check"}
        Whether a prior rests on it, or it is kept for a check.
    """

    date: Moment
    group: str
    what: str
    code: str
    number: int = Field(ge=0, description="an integer number, 0 or more")
    of: int = Field(ge=1, description="an integer number, 1 or more")
    use: Literal["input", "check"]


@dataclass(frozen=True, repr=False)
class Offices:
    """Posts, people and holdings of a pack.

    Attributes
    ----------
    posts : tuple of Post
    people : tuple of Person
    holdings : tuple of Holding
    factions : tuple of Faction
    areas : tuple of Area
    ties : tuple of Tie
    counts : tuple of EliteCount
    """

    posts: tuple[Post, ...]
    people: tuple[Person, ...]
    holdings: tuple[Holding, ...]
    factions: tuple[Faction, ...]
    areas: tuple[Area, ...]
    ties: tuple[Tie, ...]
    counts: tuple[EliteCount, ...]

    @property
    def top(self) -> Post:
        """The post of the highest rank."""
        return max(self.posts, key=lambda post: post.rank)

    def of_post(self, post: str) -> tuple[Holding, ...]:
        """Return the holdings of a post, the earliest first."""
        return tuple(
            sorted((row for row in self.holdings if row.post == post), key=lambda row: row.since)
        )

    def __repr__(self) -> str:
        return (
            f"<Offices: {len(self.posts)} posts, {len(self.people)} people, "
            f"{len(self.holdings)} holdings>"
        )


_Row = TypeVar("_Row", bound=Sourced)


def load_offices(country: Country) -> Offices | None:
    """Read and check the posts of a country and the people in them.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Offices or None
        None if the pack has no ``posts.csv``.

    Raises
    ------
    FileError
        At the first error: an unknown faction, post, person, region or reference, a holding that
        ends before it begins, a post with two holders, or a person in two posts at once.
    """
    folder = country.folder / FOLDER
    if not (folder / POSTS).is_file():
        return None
    posts = _table(folder / POSTS, Post, country)
    people = _table(folder / PEOPLE, Person, country)
    holdings = _table(folder / HOLDINGS, Holding, country)
    factions = _table(folder / FACTIONS, Faction, country)
    areas = _table(folder / AREAS, Area, country, needed=False)
    ties = _table(folder / TIES, Tie, country, needed=False)
    counts = _table(folder / ELITE_COUNTS, EliteCount, country, needed=False)
    check_offices(country, folder, posts, people, holdings, factions, areas, ties, counts)
    return Offices(
        tuple(row for _, row in posts),
        tuple(row for _, row in people),
        tuple(row for _, row in holdings),
        tuple(row for _, row in factions),
        tuple(row for _, row in areas),
        tuple(row for _, row in ties),
        tuple(row for _, row in counts),
    )


def beside(post: Post) -> tuple[str, ...]:
    """Return the posts that may be held beside one."""
    return names_of(post.beside)


def _table(
    path: Path, shape: type[_Row], country: Country, *, needed: bool = True
) -> list[tuple[int, _Row]]:
    """Return the rows of a table with their lines, and check their references."""
    if not needed and not path.is_file():
        return []
    rows = read_rows(path, shape)
    for line, row in rows:
        check_source(path, row, country, line)
    return rows
