"""Offices of one history: what a pack tells, the state, and the parameters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.mechanism import stream

EVENTS = (
    "appointed",
    "promoted",
    "elected",
    "left",
    "resigned",
    "dismissed",
    "arrested",
    "died",
)
"""Kinds of events. ``dismissed`` covers whoever falls with a team or after a challenge."""

APPOINTED, PROMOTED, ELECTED, LEFT, RESIGNED, DISMISSED, ARRESTED, DIED = range(8)

POST_KINDS = ("central", "security", "regional", "company", "media")
REGIONAL = POST_KINDS.index("regional")
SILENT = -1
"""Kind of an end that no source tells of: the post has no known holder, and nothing is logged."""

VACANT, UNKNOWN = -1, -1
OPEN_KIN = 1_000_000
"""Kin group, with the month of taking office, of a holder at the top of whose kin nothing is told.
"""

LEAVES, CHOICE, OUTSIDER, KEPT, PURGED = (
    stream("leaves office"),
    stream("fills an office"),
    stream("outsider in office"),
    stream("kept in office"),
    stream("purge"),
)
SERIAL, STARTED, OPEN, CHANGES, CHALLENGED = range(5)
AGE, KIN, FACTION, ORIGIN, ABILITY = range(5)


class Parameters(NamedTuple):
    """Rates a year, weights in log units, probabilities; `from_record` and `elected` are 0 or 1."""

    from_record: float
    elected: float
    rate: float
    regional_rate: float
    top_rate: float
    regularity: float
    after_challenge: float
    rivals: float
    purge: float
    purge_depth: float
    prosecuted: float
    shielded: float
    kept: float
    kin: float
    loyalty: float
    home: float
    local: float
    competence: float
    career: float
    outside: float
    kin_supply: float
    co_optation: float


class OfficesGiven(NamedTuple):
    """What a pack tells of offices. P posts (by seat), N named people, F factions, R regions.

    Attributes
    ----------
    record_months : int
        Months from the first one for which holders are given.
    top : int
        The post of the highest rank.
    post_id : int array (P,)
        Hashes of names, part of the random key.
    post_kind, post_region, post_team : int array (P,)
        Position in `POST_KINDS`; region and head of the team, or -1.
    rank, carried : float array (P,)
    faction, kin, origin : int array (N,)
        Of named people; kin group and origin -1 where not told.
    tied : float array (N, N)
        1 where sources tell of a tie.
    faction_share : float array (F,)
        Of people from outside.
    area : int array (R,)
    population_share, connection : float array (R,)
    first_events : int array (record_months + 1,)
        Events of month t are those from ``first_events[t]`` to before ``first_events[t + 1]``.
    event_post, event_person, event_kind : int array (events,)
    event_ends : float array (events,)
        1 for the end of a holding.
    """

    record_months: int
    top: int
    post_id: NDArray[np.int64]
    post_kind: NDArray[np.int64]
    post_region: NDArray[np.int64]
    post_team: NDArray[np.int64]
    rank: Numbers
    carried: Numbers
    faction: NDArray[np.int64]
    kin: NDArray[np.int64]
    origin: NDArray[np.int64]
    tied: Numbers
    faction_share: Numbers
    area: NDArray[np.int64]
    population_share: Numbers
    connection: Numbers
    first_events: NDArray[np.int64]
    event_post: NDArray[np.int64]
    event_person: NDArray[np.int64]
    event_kind: NDArray[np.int64]
    event_ends: Numbers


class OfficesState(NamedTuple):
    """Holders of one history, and what follows for regions and factions.

    Attributes
    ----------
    holder : int array (P,)
        -1 for none that is known, below N a named person, from N on somebody in particular to this
        history.
    faction, kin, origin, since, entered : int array (P,)
        Of the holder, or of the last one: kin group, month of taking the post, and month of first
        holding any post.
    ability : float array (P,)
    first_month : int array (N,)
        Month in which a named person first held a post, or -1.
    waiting : int array (P,)
        Posts to be filled.
    value : float array (P + F + R,)
        Weights of one choice: of holders of lower posts, then factions and regions from outside.
    counters : int array (5,)
        Next new person; 1 once the record is over; posts to be filled; new holders of the month;
        1 if the month before followed a challenge.
    connection, connection_shift, score, base : float array (R,)
        Connection of the akim, its change against the record, and the score of the akim now and
        at the record's end.
    faction_share : float array (F,)
        Share of the posts of known holders, by rank.
    offset : float array (2,)
        Cohesion and share of kin when every post first had a holder.
    elected : float array (R,)
        1 where the akim was elected.
    """

    holder: NDArray[np.int64]
    faction: NDArray[np.int64]
    kin: NDArray[np.int64]
    origin: NDArray[np.int64]
    since: NDArray[np.int64]
    entered: NDArray[np.int64]
    ability: Numbers
    first_month: NDArray[np.int64]
    waiting: NDArray[np.int64]
    value: Numbers
    counters: NDArray[np.int64]
    connection: Numbers
    connection_shift: Numbers
    score: Numbers
    base: Numbers
    faction_share: Numbers
    offset: Numbers
    elected: Numbers


def blank_offices(given: OfficesGiven) -> OfficesState:
    """Return offices without any holder."""
    posts, people = len(given.rank), len(given.faction)

    def marks(number: int) -> NDArray[np.int64]:
        return np.full(number, UNKNOWN, np.int64)

    regions = len(given.area)
    return OfficesState(
        marks(posts),
        marks(posts),
        marks(posts),
        marks(posts),
        np.zeros(posts, np.int64),
        np.zeros(posts, np.int64),
        np.zeros(posts),
        marks(people),
        np.zeros(posts, np.int64),
        np.zeros(posts + len(given.faction_share) + regions),
        np.array([people, 0, 0, 0, 0], np.int64),
        given.connection.copy(),
        np.zeros(regions),
        np.zeros(regions),
        np.zeros(regions),
        np.zeros(len(given.faction_share)),
        np.zeros(2),
        np.zeros(regions),
    )
