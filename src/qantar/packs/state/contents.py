"""Every part of the state that a pack describes, read and checked at once."""

from __future__ import annotations

from typing import NamedTuple

from qantar.packs.country import Country
from qantar.packs.state.composition import Composition, load_composition
from qantar.packs.state.constitution import Constitution, load_constitution
from qantar.packs.state.courts import Courts, load_courts
from qantar.packs.state.honours import Honours, load_honours
from qantar.packs.state.narratives import Narratives, load_narratives
from qantar.packs.state.offices import Offices, load_offices
from qantar.packs.state.outlets import Outlets, load_outlets
from qantar.packs.state.parties import Parties, load_parties
from qantar.packs.state.polls import Polls, load_polls
from qantar.packs.state.society import Society, load_society


class StateContents(NamedTuple):
    """The parts of the state in a pack; None stands for a part that it lacks."""

    constitution: Constitution | None
    offices: Offices | None
    parties: Parties | None
    courts: Courts | None
    outlets: Outlets | None
    honours: Honours | None
    narratives: Narratives | None
    polls: Polls | None
    society: Society | None
    composition: Composition | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the parts that the pack lacks."""
        return tuple(name for name, part in zip(self._fields, self, strict=True) if part is None)


def load_contents(country: Country) -> StateContents:
    """Read and check every part of the state of a pack.

    Parameters
    ----------
    country : Country

    Returns
    -------
    StateContents

    Raises
    ------
    FileError
        At the first error in a file, with its line where it has one.
    """
    return StateContents(
        load_constitution(country),
        load_offices(country),
        load_parties(country),
        load_courts(country),
        load_outlets(country),
        load_honours(country),
        load_narratives(country),
        load_polls(country),
        load_society(country),
        load_composition(country),
    )
