"""Matching of place names in event files to the towns and regions of the pack."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple

from anyascii import anyascii
from rapidfuzz import fuzz, process

from qantar.evidence.entities import MIN_SPELLING_SIMILARITY, Entities, Entity, Gazetteer, fold

How = Literal["exact", "spelling", "near", "region", "country", "none"]
"""How a place was matched: by name, spelling or similarity; only to a region or country; or not."""

CACHE_SIZE = 200_000
"""Number of different names whose match is cached."""

MAX_CANDIDATES = 3
"""Maximum number of candidates listed for an unmatched place."""

MIN_CANDIDATE_SIMILARITY = 50.0
"""Minimum similarity, in percent, of a candidate."""

_REGION_WORD = re.compile(r"\b(oblast|oblys\w*|region|province)\b")
_IN_BRACKETS = re.compile(r"\s*\(.*\)")
_NOT_LETTERS = re.compile(r"[\W_]+")


class PlaceCandidate(NamedTuple):
    """A place or region that claims may name.

    `name` is its name in claims, `region` its region in the pack (empty if outside all regions).
    """

    name: str
    region: str
    level: Literal["place", "region", "country", "other"]


class PlaceMatch(NamedTuple):
    """The result of matching a place name.

    `place` is empty if there was no match; then `why` gives the reason and `candidates` the most
    similar names. `region` is the pack's region, if known.
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
        Whether approximate matches are used; otherwise they are only suggested.
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
            candidate = PlaceCandidate(town, region, "place")
            self._add(candidate, town)
            self._note(self._folded, fold(_IN_BRACKETS.sub("", town)), candidate)
        for region in gazetteer.regions:
            name = gazetteer.regions[region]
            towns = gazetteer.area([name])
            if len(towns) == 1:  # the region and its only town are the same area
                candidate = PlaceCandidate(next(iter(towns)), region, "place")
            else:
                candidate = PlaceCandidate(name, region, "region")
            for spelling in (region, name):
                self._add(candidate, spelling)
                self._note(self._region_exact, _plain(spelling), candidate)
                self._note(self._region_folded, fold(spelling), candidate)
        for entity in entities.by_id.values():
            self._add_entity(entity)
        self.match: Callable[[str, str, bool], PlaceMatch] = lru_cache(CACHE_SIZE)(self._match)
        self._regions_of = lru_cache(CACHE_SIZE)(self._region_names)

    def _match(self, name: str, region: str, exact_place: bool = True) -> PlaceMatch:
        """Return the match of a name, given the cell that names its region."""
        regions = self._regions_of(region)
        if not exact_place:
            return self._only_region(regions, "the file marks the place as inexact")
        if not name:
            return self._only_region(regions, "no place given")
        elsewhere: list[PlaceCandidate] = []
        tiers: tuple[tuple[How, list[PlaceCandidate]], ...] = (
            ("exact", self._exact.get(_plain(name), [])),
            ("spelling", self._folded.get(fold(name), [])),
        )
        for how, found in tiers:
            candidate = _choose(name, _inside(found, regions))
            if candidate is not None:
                return _matched(candidate, how)
            elsewhere += [each for each in found if each not in elsewhere]
        if elsewhere:
            names = tuple(f"{s.name} in {s.region}" if s.region else s.name for s in elsewhere)
            if _inside(elsewhere, regions):
                why = "several places have this name"
            else:
                why = "places of this name are in other regions"
            return PlaceMatch("", _only(regions), "", "none", why, names[:MAX_CANDIDATES])
        return self._near(name, regions)

    def _near(self, name: str, regions: frozenset[str]) -> PlaceMatch:
        """Return the most similar names, and the first as a match if `accept_near` is set."""
        close = process.extract(
            fold(name), list(self._folded), scorer=fuzz.ratio, limit=3 * MAX_CANDIDATES
        )
        candidates: dict[PlaceCandidate, float] = {}
        for key, similarity, _ in close:
            for each in self._folded[key]:
                candidates.setdefault(each, similarity)
        # A place outside the pack is suggested only if it is very similar.
        minimum = {
            candidate: MIN_SPELLING_SIMILARITY
            if candidate.level == "other"
            else MIN_CANDIDATE_SIMILARITY
            for candidate in candidates
        }
        offered = (
            candidate.name
            for candidate, similarity in candidates.items()
            if similarity >= minimum[candidate]
        )
        names = tuple(dict.fromkeys(offered))
        best = [s for s, like in candidates.items() if like >= MIN_SPELLING_SIMILARITY]
        top = [s for s in best if candidates[s] == candidates[best[0]]]
        candidate = _choose(name, _inside(top, regions))
        if candidate is not None and self.accept_near:
            return _matched(candidate, "near")._replace(candidates=names[:MAX_CANDIDATES])
        why = "similar name, not used" if candidate is not None else "no such place in the pack"
        return PlaceMatch("", _only(regions), "", "none", why, names[:MAX_CANDIDATES])

    def _only_region(self, regions: frozenset[str], why: str) -> PlaceMatch:
        region = _only(regions)
        if region:
            candidate = self._region_exact[_plain(region)][0]
            return PlaceMatch(candidate.name, region, candidate.level, "region", why)
        return PlaceMatch("", region, "", "none", why)

    def _region_names(self, text: str) -> frozenset[str]:
        """Return the pack's regions that a cell can mean; empty if there are none."""
        if not text:
            return frozenset()
        exact = self._region_exact.get(_plain(text), [])
        found = exact or self._region_folded.get(fold(text), [])
        return frozenset(candidate.region for candidate in _prefer_regions(text, found))

    def _add_entity(self, entity: Entity) -> None:
        """Index a town or region by all spellings of an entity."""
        if entity.kind not in ("place", "region", "state"):
            return
        candidate = self._known(entity) or PlaceCandidate(entity.name, "", "other")
        for spelling in entity.spellings:
            self._note(self._folded, fold(spelling.name), candidate)
            if entity.kind == "region" and candidate.region:
                self._note(self._region_folded, fold(spelling.name), candidate)
        if candidate.level == "other":
            self._note(self._exact, _plain(entity.name), candidate)

    def _known(self, entity: Entity) -> PlaceCandidate | None:
        """Return the town, region or country of the pack that corresponds to an entity."""
        levels = {"place": ("place",), "region": ("region", "place"), "state": ("country",)}
        for index, key in ((self._exact, _plain), (self._folded, fold)):
            for level in levels[entity.kind]:
                for spelling in entity.spellings:
                    candidates = [s for s in index.get(key(spelling.name), []) if s.level == level]
                    if len(candidates) == 1:
                        return candidates[0]
        return None

    def _add(self, candidate: PlaceCandidate, name: str) -> None:
        self._note(self._exact, _plain(name), candidate)
        self._note(self._folded, fold(name), candidate)

    @staticmethod
    def _note(index: dict[str, list[PlaceCandidate]], key: str, candidate: PlaceCandidate) -> None:
        candidates = index.setdefault(key, [])
        if key and candidate not in candidates:
            candidates.append(candidate)


def _inside(candidates: list[PlaceCandidate], regions: frozenset[str]) -> list[PlaceCandidate]:
    return [s for s in candidates if not regions or not s.region or s.region in regions]


def _prefer_regions(name: str, candidates: list[PlaceCandidate]) -> list[PlaceCandidate]:
    """Return only regions if the name contains a word such as `oblast`."""
    if not _REGION_WORD.search(anyascii(name).lower()):
        return candidates
    regions = [candidate for candidate in candidates if candidate.level == "region"]
    called = [candidate for candidate in regions if _REGION_WORD.search(candidate.name.lower())]
    return called or regions or candidates


def _choose(name: str, candidates: list[PlaceCandidate]) -> PlaceCandidate | None:
    """Return the candidate a name means, towns before regions; None if it is ambiguous."""
    candidates = _prefer_regions(name, candidates)
    for level in ("place", "region", "country", "other"):
        found = [candidate for candidate in candidates if candidate.level == level]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _matched(candidate: PlaceCandidate, how: How) -> PlaceMatch:
    if candidate.level == "country":
        return PlaceMatch("", "", "country", "country", "the place is the whole country")
    return PlaceMatch(candidate.name, candidate.region, candidate.level, how)


def _only(regions: frozenset[str]) -> str:
    return next(iter(regions)) if len(regions) == 1 else ""


def _plain(name: str) -> str:
    """Return a name without case and punctuation."""
    return _NOT_LETTERS.sub(" ", name).strip().casefold()
