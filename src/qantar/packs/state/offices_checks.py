"""Checks of posts, people and holdings: each error names the file, the line and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from qantar.base.errors import FileError
from qantar.packs.country import Country
from qantar.packs.state.rows import Sourced
from qantar.packs.years_faults import unknown
from qantar.packs.years_tables import first_day, last_day, names_of

if TYPE_CHECKING:
    from qantar.packs.state.offices import Area, EliteCount, Faction, Holding, Person, Post, Tie

_Row = TypeVar("_Row", bound=Sourced)


def check_offices(
    country: Country,
    folder: Path,
    posts: list[tuple[int, Post]],
    people: list[tuple[int, Person]],
    holdings: list[tuple[int, Holding]],
    factions: list[tuple[int, Faction]],
    areas: list[tuple[int, Area]],
    ties: list[tuple[int, Tie]],
    counts: list[tuple[int, EliteCount]],
) -> None:
    """Check the part as a whole.

    Raises
    ------
    FileError
        At the first error.
    """
    regions = [region.region for region in country.regions]
    _once(folder / "posts.csv", posts, lambda row: row.post, "post")
    _once(folder / "people.csv", people, lambda row: row.person, "person")
    _once(folder / "factions.csv", factions, lambda row: row.faction, "faction")
    _once(folder / "areas.csv", areas, lambda row: row.region, "region")
    _check_posts(folder / "posts.csv", posts, regions)
    known = [row.faction for _, row in factions]
    for line, person in people:
        if person.faction not in known:
            raise unknown(
                folder / "people.csv", "faction", person.faction, known, line, "factions.csv"
            )
        if person.origin and person.origin not in regions:
            raise unknown(
                folder / "people.csv", "region", person.origin, regions, line, "regions.csv"
            )
    for line, area in areas:
        if area.region not in regions:
            raise unknown(folder / "areas.csv", "region", area.region, regions, line, "regions.csv")
    by_post = {row.post: row for _, row in posts}
    by_person = {row.person: row for _, row in people}
    check_holdings(folder / "holdings.csv", holdings, by_post, by_person)
    _check_ties(folder / "ties.csv", ties, by_person)
    _check_counts(folder / "elite_counts.csv", counts, {row.area for _, row in areas})


def _once(
    path: Path, rows: list[tuple[int, _Row]], name_of: Callable[[_Row], str], what: str
) -> None:
    seen: dict[str, int] = {}
    for line, row in rows:
        name = name_of(row)
        if name in seen:
            raise FileError(
                path,
                f"the {what} {name!r} appears twice",
                line=line,
                expected=f"one row a {what}; line {seen[name]} has the other",
                hint="give the second a name of its own, or join the two",
            )
        seen[name] = line


def _check_posts(path: Path, posts: list[tuple[int, Post]], regions: list[str]) -> None:
    names = [row.post for _, row in posts]
    teams = {row.post: row.team for _, row in posts}
    for line, row in posts:
        if row.region and row.region not in regions:
            raise unknown(path, "region", row.region, regions, line, "regions.csv")
        for other in (*names_of(row.beside), *((row.team,) if row.team else ())):
            if other not in names:
                raise unknown(path, "post", other, names, line, "posts.csv")
        if row.kind == "regional" and not row.region:
            raise FileError(
                path,
                f"the regional post {row.post!r} names no region",
                line=line,
                expected="a region of regions.csv",
                hint="fill the cell `region`, or choose another kind",
            )
        if row.team and (row.team == row.post or teams[row.team]):
            raise FileError(
                path,
                f"the team of {row.post!r} has itself a team",
                line=line,
                value=row.team,
                expected="a post that falls on its own, as that of a premier",
                hint="leave `team` empty in the row of the head",
            )


def check_holdings(
    path: Path,
    holdings: list[tuple[int, Holding]],
    posts: dict[str, Post],
    people: dict[str, Person],
) -> None:
    """Check names and dates, and that nobody is in two places and no post is held twice."""
    for line, row in holdings:
        if row.post not in posts:
            raise unknown(path, "post", row.post, posts, line, "posts.csv")
        if row.person not in people:
            raise unknown(path, "person", row.person, people, line, "people.csv")
        _check_dates(path, line, row)
        if posts[row.post].seats > 1:
            raise FileError(
                path,
                f"{row.post!r} stands for {posts[row.post].seats} seats",
                line=line,
                value=row.person,
                expected="a post with one seat",
                hint="give the named holder's seat a row of its own in posts.csv",
            )
    for name in posts:
        _check_apart(
            path,
            [(line, row) for line, row in holdings if row.post == name],
            lambda one, other: True,
            lambda one, other: f"{one.post!r} is held by {one.person!r} and {other.person!r}",
            "one holder at a time",
        )
    together = {(name, other) for name, post in posts.items() for other in names_of(post.beside)}
    for name in people:
        _check_apart(
            path,
            [(line, row) for line, row in holdings if row.person == name],
            lambda one, other: not {(one.post, other.post), (other.post, one.post)} & together,
            lambda one, other: (
                f"{one.person!r} is in two posts at once, {one.post!r} and {other.post!r}"
            ),
            "one post at a time",
        )


def _check_dates(path: Path, line: int, row: Holding) -> None:
    if row.until and first_day(row.since) > last_day(row.until):
        raise FileError(
            path,
            f"the holding of {row.post!r} by {row.person!r} ends before it begins",
            line=line,
            value=f"{row.since} to {row.until}",
            expected="`since` on or before `until`",
            hint="exchange the two dates",
        )
    if bool(row.until) != bool(row.how):
        raise FileError(
            path,
            f"the end of the holding of {row.post!r} by {row.person!r} is half told",
            line=line,
            value=row.until or row.how,
            expected="`until` and `how`, or neither",
            hint="write `not told` into `how` if no source says how it ended",
        )


def _check_apart(
    path: Path,
    rows: Iterable[tuple[int, Holding]],
    matters: Callable[[Holding, Holding], bool],
    says: Callable[[Holding, Holding], str],
    expected: str,
) -> None:
    """Refuse holdings that certainly overlap; a year or a month leaves its days open."""
    ordered = sorted(rows, key=lambda each: first_day(each[1].since))
    for k, (_, one) in enumerate(ordered):
        for line, other in ordered[k + 1 :]:
            if matters(one, other) and _overlap(one, other):
                raise FileError(
                    path,
                    says(one, other),
                    line=line,
                    value=f"{other.since} to {other.until or 'now'}",
                    expected=f"{expected}; the other lasts from {one.since} "
                    f"to {one.until or 'now'}",
                    hint="correct the dates, or name the post in `beside` in posts.csv"
                    if "post at" in expected
                    else "correct the dates, or make it a post of its own",
                )


def _overlap(one: Holding, other: Holding) -> bool:
    """Say whether two holdings overlap whatever days the dates leave open."""
    begins = max(last_day(one.since), last_day(other.since))
    return all(not row.until or begins < first_day(row.until) for row in (one, other))


def _check_ties(path: Path, ties: list[tuple[int, Tie]], people: dict[str, Person]) -> None:
    for line, row in ties:
        for name in (row.first, row.second):
            if name not in people:
                raise unknown(path, "person", name, people, line, "people.csv")
        groups = {people[row.first].kin, people[row.second].kin}
        if row.first == row.second or (row.kind == "kin" and (len(groups) > 1 or "" in groups)):
            raise FileError(
                path,
                f"the tie of {row.first!r} and {row.second!r} contradicts people.csv",
                line=line,
                value=row.kind,
                expected="two people, and for kin the same `kin` in both rows of people.csv",
                hint="correct the tie, or fill `kin` in people.csv",
            )


def _check_counts(path: Path, counts: list[tuple[int, EliteCount]], areas: set[str]) -> None:
    codes = ["native", "kept", "first-timer", "old", *(f"area:{each}" for each in sorted(areas))]
    for line, row in counts:
        if row.code not in codes:
            raise unknown(path, "code", row.code, codes, line, "this table and areas.csv")
        if row.number > row.of:
            raise FileError(
                path,
                "counts more than all",
                line=line,
                value=f"{row.number} of {row.of}",
                expected="`number` up to `of`",
                hint="exchange the two numbers",
            )
