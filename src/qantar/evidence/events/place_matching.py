"""Place names of a file, matched to the towns and regions of the pack, each name once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple

from anyascii import anyascii
from rapidfuzz import fuzz, process

from qantar.evidence.entities import CLOSE_ENOUGH, Entities, Entity, Gazetteer, fold

How = Literal["exact", "spelling", "near", "region", "country", "none"]
"""By the name itself, by another spelling, by a near miss, only to a region or country, not."""

REMEMBERED = 200_000
"""Different names whose match is kept."""

OFFERED = 3
"""Candidates named for a place that was not matched."""

WORTH_OFFERING = 50.0
"""Least likeness, in percent, of a candidate."""

_REGION_WORD = re.compile(r"\b(oblast|oblys\w*|region|province)\b")
_IN_BRACKETS = re.compile(r"\s*\(.*\)")
_NO_LETTERS = re.compile(r"[\W_]+")


class Spot(NamedTuple):
    """A place or region that claims may name.

    `name` is what claims call it, `region` the pack's region that holds it (empty outside all).
    """

    name: str
    region: str
    level: Literal["place", "region", "country", "other"]


class Match(NamedTuple):
    """What became of a place name.

    `place` is empty where the row can have no claims about a place; `why` then says why, and
    `candidates` what was nearest. `region` is the pack's region as far as it is known.
    """

    place: str
    region: str
    level: str
    how: How
    why: str = ""
    candidates: tuple[str, ...] = ()


class Matcher:
    """Matches names to a gazetteer, with the spellings of the entities.

    Parameters
    ----------
    gazetteer : Gazetteer
    entities : Entities
    accept_near : bool
        Whether a near miss is used; otherwise it is only offered.
    """

    def __init__(
        self, gazetteer: Gazetteer, entities: Entities, *, accept_near: bool = False
    ) -> None:
        self.accept_near = accept_near
        self._exact: dict[str, list[Spot]] = {}
        self._folded: dict[str, list[Spot]] = {}
        self._region_exact: dict[str, list[Spot]] = {}
        self._region_folded: dict[str, list[Spot]] = {}
        self._country = Spot(gazetteer.country, "", "country")
        self._add(self._country, gazetteer.country)
        for town, region in gazetteer.region_of.items():
            spot = Spot(town, region, "place")
            self._add(spot, town)
            self._note(self._folded, fold(_IN_BRACKETS.sub("", town)), spot)
        for region in gazetteer.regions:
            spot = _region_spot(gazetteer, region)
            for name in (region, gazetteer.regions[region]):
                self._add(spot, name)
                self._note(self._region_exact, _plain(name), spot)
                self._note(self._region_folded, fold(name), spot)
        for entity in entities.by_id.values():
            self._add_entity(entity)
        self.match: Callable[[str, str, bool], Match] = lru_cache(REMEMBERED)(self._match)
        self._regions_of = lru_cache(REMEMBERED)(self._region_names)

    def _match(self, name: str, region: str, exact_place: bool = True) -> Match:
        """Return what a name and the region beside it mean."""
        regions = self._regions_of(region)
        if not exact_place:
            return self._only_region(regions, "the file marks the place as not exact")
        if not name:
            return self._only_region(regions, "no place given")
        elsewhere: list[Spot] = []
        tiers: tuple[tuple[How, list[Spot]], ...] = (
            ("exact", self._exact.get(_plain(name), [])),
            ("spelling", self._folded.get(fold(name), [])),
        )
        for how, found in tiers:
            spot = _choose(name, _inside(found, regions))
            if spot is not None:
                return _matched(spot, how)
            elsewhere += [each for each in found if each not in elsewhere]
        if elsewhere:
            return _in_doubt(elsewhere, regions)
        return self._near(name, regions)

    def _near(self, name: str, regions: frozenset[str]) -> Match:
        """Return the nearest names, and the first of them as a match if that was asked for."""
        close = process.extract(
            fold(name), list(self._folded), scorer=fuzz.ratio, limit=3 * OFFERED
        )
        spots: dict[Spot, float] = {}
        for key, likeness, _ in close:
            for each in self._folded[key]:
                spots.setdefault(each, likeness)
        names = tuple(dict.fromkeys(s.name for s, like in spots.items() if _worth(s, like)))
        best = [s for s, like in spots.items() if like >= CLOSE_ENOUGH]
        top = [s for s in best if spots[s] == spots[best[0]]]
        spot = _choose(name, _inside(top, regions))
        if spot is not None and self.accept_near:
            return _matched(spot, "near")._replace(candidates=names[:OFFERED])
        why = "near miss, not used" if spot is not None else "no such place in the pack"
        return Match("", _only(regions), "", "none", why, names[:OFFERED])

    def _only_region(self, regions: frozenset[str], why: str) -> Match:
        region = _only(regions)
        if region:
            spot = self._region_exact[_plain(region)][0]
            return Match(spot.name, region, spot.level, "region", why)
        return Match("", region, "", "none", why)

    def _region_names(self, text: str) -> frozenset[str]:
        """Return the pack's regions that a cell can mean; none if it says nothing of use."""
        if not text:
            return frozenset()
        exact = self._region_exact.get(_plain(text), [])
        found = exact or self._region_folded.get(fold(text), [])
        return frozenset(spot.region for spot in _worded(text, found))

    def _add_entity(self, entity: Entity) -> None:
        """Give a town or region all the spellings that an entity has."""
        if entity.kind not in ("place", "region", "state"):
            return
        spot = self._known(entity) or Spot(entity.name, "", "other")
        for spelling in entity.spellings:
            self._note(self._folded, fold(spelling.name), spot)
            if entity.kind == "region" and spot.region:
                self._note(self._region_folded, fold(spelling.name), spot)
        if spot.level == "other":
            self._note(self._exact, _plain(entity.name), spot)

    def _known(self, entity: Entity) -> Spot | None:
        """Return the town, region or country of the pack that an entity is."""
        levels = {"place": ("place",), "region": ("region", "place"), "state": ("country",)}
        for index, key in ((self._exact, _plain), (self._folded, fold)):
            for level in levels[entity.kind]:
                for spelling in entity.spellings:
                    spots = [s for s in index.get(key(spelling.name), []) if s.level == level]
                    if len(spots) == 1:
                        return spots[0]
        return None

    def _add(self, spot: Spot, name: str) -> None:
        self._note(self._exact, _plain(name), spot)
        self._note(self._folded, fold(name), spot)

    @staticmethod
    def _note(index: dict[str, list[Spot]], key: str, spot: Spot) -> None:
        spots = index.setdefault(key, [])
        if key and spot not in spots:
            spots.append(spot)


def _region_spot(gazetteer: Gazetteer, region: str) -> Spot:
    """Return a region; its town where it has only one place, for both are then the same area."""
    name = gazetteer.regions[region]
    towns = gazetteer.area([name])
    if len(towns) == 1:
        return Spot(next(iter(towns)), region, "place")
    return Spot(name, region, "region")


def _inside(spots: list[Spot], regions: frozenset[str]) -> list[Spot]:
    return [s for s in spots if not regions or not s.region or s.region in regions]


def _worded(name: str, spots: list[Spot]) -> list[Spot]:
    """Return regions alone, and those called so, where a name says `oblast` or the like."""
    if not _REGION_WORD.search(anyascii(name).lower()):
        return spots
    regions = [spot for spot in spots if spot.level == "region"]
    called = [spot for spot in regions if _REGION_WORD.search(spot.name.lower())]
    return called or regions or spots


def _choose(name: str, spots: list[Spot]) -> Spot | None:
    """Return the one spot a name means: a town before a region; None if several are left."""
    spots = _worded(name, spots)
    for level in ("place", "region", "country", "other"):
        found = [spot for spot in spots if spot.level == level]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _worth(spot: Spot, likeness: float) -> bool:
    """Say whether to offer a candidate; places outside the pack only where they are very close."""
    return likeness >= (CLOSE_ENOUGH if spot.level == "other" else WORTH_OFFERING)


def _matched(spot: Spot, how: How) -> Match:
    if spot.level == "country":
        return Match("", "", "country", "country", "the place is the whole country")
    return Match(spot.name, spot.region, spot.level, how)


def _in_doubt(spots: list[Spot], regions: frozenset[str]) -> Match:
    names = tuple(f"{spot.name} in {spot.region}" if spot.region else spot.name for spot in spots)
    inside = _inside(spots, regions)
    why = "several places have this name" if inside else "the region given is another"
    return Match("", _only(regions), "", "none", why, names[:OFFERED])


def _only(regions: frozenset[str]) -> str:
    return next(iter(regions)) if len(regions) == 1 else ""


def _plain(name: str) -> str:
    """Return a name without case and punctuation."""
    return _NO_LETTERS.sub(" ", name).strip().casefold()
