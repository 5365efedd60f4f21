"""Matching the place names of an event file to the towns and regions of the pack."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple

from anyascii import anyascii
from rapidfuzz import fuzz, process

from qantar.evidence.entities import MIN_SPELLING_SIMILARITY, Entities, Entity, Gazetteer, fold

How = Literal["exact", "spelling", "near", "region", "country", "none"]
"""Matched by name, another spelling or approximately; to a region or country only; unmatched."""

REMEMBERED = 200_000
"""Different names whose match is kept."""

OFFERED = 3
"""Candidates named for a place that was not matched."""

MIN_CANDIDATE_SIMILARITY = 50.0
"""Minimum similarity, in percent, of a candidate."""

_REGION_WORD = re.compile(r"\b(oblast|oblys\w*|region|province)\b")
_IN_BRACKETS = re.compile(r"\s*\(.*\)")
_NO_LETTERS = re.compile(r"[\W_]+")


class PlaceCandidate(NamedTuple):
    """A place or region that claims may name.

    `name` is what claims call it, `region` the pack's region that holds it (empty outside all).
    """

    name: str
    region: str
    level: Literal["place", "region", "country", "other"]


class PlaceMatch(NamedTuple):
    """The result of matching a place name.

    `place` is empty where the row can have no claims about a place; `why` then says why, and
    `candidates` what was nearest. `region` is the pack's region as far as it is known.
    """

    place: str
    region: str
    level: str
    how: How
    why: str = ""
    candidates: tuple[str, ...] = ()


class PlaceMatcher:
    """Matches names to a gazetteer, with the spellings of the entities.

    Parameters
    ----------
    gazetteer : Gazetteer
    entities : Entities
    accept_near : bool
        Whether an approximate match is used; otherwise it is only offered.
    """

    def __init__(
        self, gazetteer: Gazetteer, entities: Entities, *, accept_near: bool = False
    ) -> None:
        self.accept_near = accept_near
        self._exact: dict[str, list[PlaceCandidate]] = {}
        self._folded: dict[str, list[PlaceCandidate]] = {}
        self._region_exact: dict[str, list[PlaceCandidate]] = {}
        self._region_folded: dict[str, list[PlaceCandidate]] = {}
        self._country = PlaceCandidate(gazetteer.country, "", "country")
        self._add(self._country, gazetteer.country)
        for town, region in gazetteer.region_of.items():
            spot = PlaceCandidate(town, region, "place")
            self._add(spot, town)
            self._note(self._folded, fold(_IN_BRACKETS.sub("", town)), spot)
        for region in gazetteer.regions:
            name = gazetteer.regions[region]
            towns = gazetteer.area([name])
            if len(towns) == 1:  # the region and its only town are the same area
                spot = PlaceCandidate(next(iter(towns)), region, "place")
            else:
                spot = PlaceCandidate(name, region, "region")
            for spelling in (region, name):
                self._add(spot, spelling)
                self._note(self._region_exact, _plain(spelling), spot)
                self._note(self._region_folded, fold(spelling), spot)
        for entity in entities.by_id.values():
            self._add_entity(entity)
        self.match: Callable[[str, str, bool], PlaceMatch] = lru_cache(REMEMBERED)(self._match)
        self._regions_of = lru_cache(REMEMBERED)(self._region_names)

    def _match(self, name: str, region: str, exact_place: bool = True) -> PlaceMatch:
        """Return the match of a name, given the cell that names its region."""
        regions = self._regions_of(region)
        if not exact_place:
            return self._only_region(regions, "the file marks the place as not exact")
        if not name:
            return self._only_region(regions, "no place given")
        elsewhere: list[PlaceCandidate] = []
        tiers: tuple[tuple[How, list[PlaceCandidate]], ...] = (
            ("exact", self._exact.get(_plain(name), [])),
            ("spelling", self._folded.get(fold(name), [])),
        )
        for how, found in tiers:
            spot = _choose(name, _inside(found, regions))
            if spot is not None:
                return _matched(spot, how)
            elsewhere += [each for each in found if each not in elsewhere]
        if elsewhere:
            names = tuple(f"{s.name} in {s.region}" if s.region else s.name for s in elsewhere)
            if _inside(elsewhere, regions):
                why = "several places have this name"
            else:
                why = "the region given is another"
            return PlaceMatch("", _only(regions), "", "none", why, names[:OFFERED])
        return self._near(name, regions)

    def _near(self, name: str, regions: frozenset[str]) -> PlaceMatch:
        """Return the nearest names, and the first of them as a match if that was asked for."""
        close = process.extract(
            fold(name), list(self._folded), scorer=fuzz.ratio, limit=3 * OFFERED
        )
        spots: dict[PlaceCandidate, float] = {}
        for key, likeness, _ in close:
            for each in self._folded[key]:
                spots.setdefault(each, likeness)
        # A place outside the pack is offered only if it is very close.
        least = {
            spot: MIN_SPELLING_SIMILARITY if spot.level == "other" else MIN_CANDIDATE_SIMILARITY
            for spot in spots
        }
        offered = (spot.name for spot, likeness in spots.items() if likeness >= least[spot])
        names = tuple(dict.fromkeys(offered))
        best = [s for s, like in spots.items() if like >= MIN_SPELLING_SIMILARITY]
        top = [s for s in best if spots[s] == spots[best[0]]]
        spot = _choose(name, _inside(top, regions))
        if spot is not None and self.accept_near:
            return _matched(spot, "near")._replace(candidates=names[:OFFERED])
        why = "near miss, not used" if spot is not None else "no such place in the pack"
        return PlaceMatch("", _only(regions), "", "none", why, names[:OFFERED])

    def _only_region(self, regions: frozenset[str], why: str) -> PlaceMatch:
        region = _only(regions)
        if region:
            spot = self._region_exact[_plain(region)][0]
            return PlaceMatch(spot.name, region, spot.level, "region", why)
        return PlaceMatch("", region, "", "none", why)

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
        spot = self._known(entity) or PlaceCandidate(entity.name, "", "other")
        for spelling in entity.spellings:
            self._note(self._folded, fold(spelling.name), spot)
            if entity.kind == "region" and spot.region:
                self._note(self._region_folded, fold(spelling.name), spot)
        if spot.level == "other":
            self._note(self._exact, _plain(entity.name), spot)

    def _known(self, entity: Entity) -> PlaceCandidate | None:
        """Return the town, region or country of the pack that an entity is."""
        levels = {"place": ("place",), "region": ("region", "place"), "state": ("country",)}
        for index, key in ((self._exact, _plain), (self._folded, fold)):
            for level in levels[entity.kind]:
                for spelling in entity.spellings:
                    spots = [s for s in index.get(key(spelling.name), []) if s.level == level]
                    if len(spots) == 1:
                        return spots[0]
        return None

    def _add(self, spot: PlaceCandidate, name: str) -> None:
        self._note(self._exact, _plain(name), spot)
        self._note(self._folded, fold(name), spot)

    @staticmethod
    def _note(index: dict[str, list[PlaceCandidate]], key: str, spot: PlaceCandidate) -> None:
        spots = index.setdefault(key, [])
        if key and spot not in spots:
            spots.append(spot)


def _inside(spots: list[PlaceCandidate], regions: frozenset[str]) -> list[PlaceCandidate]:
    return [s for s in spots if not regions or not s.region or s.region in regions]


def _worded(name: str, spots: list[PlaceCandidate]) -> list[PlaceCandidate]:
    """Return regions alone, and those called so, where a name says `oblast` or the like."""
    if not _REGION_WORD.search(anyascii(name).lower()):
        return spots
    regions = [spot for spot in spots if spot.level == "region"]
    called = [spot for spot in regions if _REGION_WORD.search(spot.name.lower())]
    return called or regions or spots


def _choose(name: str, spots: list[PlaceCandidate]) -> PlaceCandidate | None:
    """Return the one spot a name means: a town before a region; None if several are left."""
    spots = _worded(name, spots)
    for level in ("place", "region", "country", "other"):
        found = [spot for spot in spots if spot.level == level]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _matched(spot: PlaceCandidate, how: How) -> PlaceMatch:
    if spot.level == "country":
        return PlaceMatch("", "", "country", "country", "the place is the whole country")
    return PlaceMatch(spot.name, spot.region, spot.level, how)


def _only(regions: frozenset[str]) -> str:
    return next(iter(regions)) if len(regions) == 1 else ""


def _plain(name: str) -> str:
    """Return a name without case and punctuation."""
    return _NO_LETTERS.sub(" ", name).strip().casefold()
