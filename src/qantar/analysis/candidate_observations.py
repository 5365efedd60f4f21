"""Candidate observations: quantities that could have been observed, but that no source reports.

They show which evidence would discriminate between two accounts, so each declares a possible
observer and an error. As in experimental design, the value of a future observation is the
information it is expected to add (Lindley 1956).

An event that may not have happened is coded twice: as a yes/no flag, and as a value that is 0 if it
did not happen. A share of zero is 0, so that no value is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from qantar.analysis.observations import (
    CROWD_HOURS,
    NEVER,
    NIGHT_FROM,
    NIGHT_TO,
    ObservationPlan,
    RecordView,
)
from qantar.base.arrays import Numbers
from qantar.model.hour import Recorded

CandidateKind = Literal["log", "flag", "share", "hours"]
"""Scale of a value: log(1 + n), 1 or 0, a share, or hours."""

MAX_LAG = 48.0
"""Interval between two events, in hours, at which longer ones are clipped."""

SIMULTANEOUS_HOURS = 3
"""Consecutive hours within which first attacks count as simultaneous."""

_HOURS_ERROR, _FLAG_ERROR, _COUNT_ERROR, _CROWD_ERROR = 2.0, 0.3, 0.15, 0.5
_SHARE_ERROR, _CROWD_SHARE_ERROR, _NIGHT_ERROR = 0.03, 0.05, 0.1


@dataclass(frozen=True)
class CandidateObservation:
    """A quantity that could have been observed.

    Attributes
    ----------
    name, group, label : str
        A group contains what one observer would report together, such as deaths by region.
    observer : str
        Who or what could have observed it.
    unit : str
    kind : str
        The scale of its value (see `CandidateKind`).
    error : float
        Assumed standard deviation of the observation error, on that scale.
    because : str
        Reason for the size of the error.
    """

    name: str
    group: str
    label: str
    observer: str
    unit: str
    kind: CandidateKind
    error: float
    because: str


class CandidateGroup(Protocol):
    """A group of candidate observations: their declarations, and their values in a record.

    Both methods return the same number of entries in the same order.
    """

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return the candidate observations of the group."""
        ...

    def read(self, record: RecordView) -> Numbers:
        """Return the value of each observation for one member."""
        ...


def all_candidate_observations(plan: ObservationPlan) -> tuple[CandidateObservation, ...]:
    """Return every candidate observation, group by group."""
    return tuple(each for group in GROUPS for each in group.declare(plan))


def read_candidate_observations(record: Recorded, plan: ObservationPlan) -> Numbers:
    """Return the values of every candidate observation for one member.

    Parameters
    ----------
    record : float array (hours, places, variables)

    Returns
    -------
    float array (candidate observations,)
        In the order of `all_candidate_observations`, without NaN.
    """
    view = RecordView(record, plan)
    return np.concatenate([group.read(view) for group in GROUPS])


@dataclass(frozen=True)
class EventOrder:
    """Whether two events both happened in each town, and the hours from one to the other.

    Attributes
    ----------
    group, interval, both, observer : str
        `interval` and `both` are the labels of the hours and of the flag.
    events : tuple of str
        The two events, by their names in `RecordView`.
    """

    group: str
    interval: str
    both: str
    observer: str
    events: tuple[str, str]

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return a flag for every town, then the hours for every town."""
        for town in plan.towns:
            yield CandidateObservation(
                f"{self.group}/{town}/both", self.group, f"{town}: {self.both}",
                self.observer, "yes or no", "flag", _FLAG_ERROR,
                "witnesses may mistake one event for another",
            )  # fmt: skip
        for town in plan.towns:
            yield CandidateObservation(
                f"{self.group}/{town}/hours", self.group, f"{town}: {self.interval}",
                self.observer, "hours", "hours", _HOURS_ERROR,
                "footage dates an event within an hour; its first instance may have been missed",
            )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the flags and the hours."""
        before, after = (getattr(record, event) for event in self.events)
        both = (before != NEVER) & (after != NEVER)
        lag = np.clip(after - before, -MAX_LAG, MAX_LAG)
        return np.concatenate([both.astype(np.float64), np.where(both, lag, 0.0)])


class CrowdBeforeAttack:
    """Whether the first attack in each town came without a visible crowd, and the crowd size."""

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return a flag for every town, then the crowd for every town."""
        group, observer = "crowd-before-attack", "CCTV and phone footage"
        for town in plan.towns:
            yield CandidateObservation(
                f"{group}/{town}/none", group,
                f"{town}: first building attacked though no crowd was seen the hour before",
                observer, "yes or no", "flag", _FLAG_ERROR,
                "cameras do not see every street",
            )  # fmt: skip
        for town in plan.towns:
            yield CandidateObservation(
                f"{group}/{town}/persons", group,
                f"{town}: people in the street in the hour before the first attack",
                observer, "persons", "log", _CROWD_ERROR,
                "counts of one crowd from pictures differ by about half",
            )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the flags and the crowds."""
        attacked = record.attack != NEVER
        at = np.maximum(record.attack - 1, 0)
        crowd = record.in_towns("crowd")[at, np.arange(len(at))]
        crowd = np.where(record.attack > 0, crowd, 0.0)
        unseen = attacked & (crowd < record.plan.layout.visible)
        return np.concatenate([unseen.astype(np.float64), np.log1p(crowd)])


class HourOfAttack:
    """Whether a building was attacked in each town, and at which local hour first."""

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return a flag for every town, then the hour for every town."""
        group, observer = "hour-of-attack", "CCTV and phone footage"
        for town in plan.towns:
            yield CandidateObservation(
                f"{group}/{town}/any", group, f"{town}: a building of the state attacked",
                observer, "yes or no", "flag", _FLAG_ERROR,
                "damage may have other causes",
            )  # fmt: skip
        for town in plan.towns:
            yield CandidateObservation(
                f"{group}/{town}/hours", group,
                f"{town}: hours from local noon to the first attack, 0 to 23",
                observer, "hours", "hours", _HOURS_ERROR,
                "the first attack may have been missed",
            )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the flags and the hours."""
        attacked = record.attack != NEVER
        past_noon = (record.attack + record.plan.layout.offsets[record.town] - 12) % 24
        return np.concatenate([attacked, np.where(attacked, past_noon, 0)])


class SimultaneousAttacks:
    """The number of places attacked, and how close in time the first attacks were."""

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return four observations of the whole country."""
        group, observer = "attacks-together", "police logs and phone footage"
        gaps = "places without cameras or press go unnoticed"
        return [
            CandidateObservation(
                f"{group}/places", group,
                "Places in which a building of the state was attacked",
                observer, "places", "log", _COUNT_ERROR, gaps,
            ),
            CandidateObservation(
                f"{group}/several", group, "Buildings attacked in more than one place",
                observer, "yes or no", "flag", _FLAG_ERROR, gaps,
            ),
            CandidateObservation(
                f"{group}/spread", group,
                "Mean distance of a place's first attack from the median of all places",
                observer, "hours", "hours", _HOURS_ERROR,
                "the first attack may have been missed",
            ),
            CandidateObservation(
                f"{group}/one-blow", group,
                "Greatest share of places first attacked within "
                f"{SIMULTANEOUS_HOURS} consecutive hours",
                observer, "share", "share", _NIGHT_ERROR,
                "an error of an hour can move a place out of the window",
            ),
        ]  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the four values; the last three are 0 with fewer than two places."""
        hours = np.sort(record.first_attacks[record.first_attacks != NEVER])
        n = len(hours)
        if n < 2:
            return np.array([np.log1p(n), 0.0, 0.0, 0.0])
        spread = np.abs(hours - np.median(hours)).mean()
        within = np.searchsorted(hours, hours + SIMULTANEOUS_HOURS) - np.arange(n)
        return np.array([np.log1p(n), 1.0, spread, within.max() / n])


@dataclass(frozen=True)
class ShareByRegion:
    """The share of a country's final total in each region, from a register.

    Attributes
    ----------
    group, label, observer, because : str
        See `CandidateObservation`.
    variable : str
        The recorded running total.
    """

    group: str
    variable: str
    label: str
    observer: str
    because: str

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return one share for every region."""
        for region in plan.regions:
            yield CandidateObservation(
                f"{self.group}/{region}", self.group, f"{self.label}: {region}",
                self.observer, "share", "share", _SHARE_ERROR, self.because,
            )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the shares."""
        final = record.of(self.variable)[-1]
        return _shares(record.plan.region_membership @ final, float(final.sum()))


class SecurityDeathsByRegion:
    """Police and soldiers killed in each region."""

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return one count for every region."""
        group = "security-deaths-by-region"
        for region in plan.regions:
            yield CandidateObservation(
                f"{group}/{region}", group, f"Police and soldiers killed: {region}",
                "registers of the forces", "persons", "log", _COUNT_ERROR,
                "the forces name their dead, but not always the place",
            )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the counts."""
        deaths: Numbers = np.log1p(record.plan.region_membership @ record.of("security_deaths")[-1])
        return deaths


class LootingByTown:
    """Businesses looted in each town without a target for looting."""

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return one count for every such town."""
        group = "looting-by-town"
        for town in plan.towns_without_looting_target:
            yield CandidateObservation(
                f"{group}/{town}", group, f"Businesses looted: {town}",
                "insurers and chambers", "firms", "log", _COUNT_ERROR,
                "small traders are not insured and do not report",
            )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the counts."""
        places = record.plan.layout.places
        at = [places.index(town) for town in record.plan.towns_without_looting_target]
        return np.log1p(record.of("businesses_looted")[-1, at], dtype=np.float64)


class ShareAtNight:
    """The share of looting, attacks and deaths that happened at night."""

    variables = (
        ("businesses_looted", "looting", "insurers and phone footage"),
        ("buildings_attacked", "attacks on buildings", "police logs and phone footage"),
        ("deaths", "deaths", "hospital registers"),
    )

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return one share for every variable."""
        for variable, label, observer in self.variables:
            yield CandidateObservation(
                f"at-night/{variable}", "at-night",
                f"Share of {label} between {NIGHT_FROM}:00 and {NIGHT_TO}:00", observer,
                "share", "share", _NIGHT_ERROR,
                "many events are dated only to a part of the day",
            )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the shares."""
        hours, weights = record.plan.nights
        shares = []
        for variable, _, _ in self.variables:
            total = record.of(variable)
            whole = float(total[-1].sum())
            shares.append(float((total[hours] * weights).sum()) / whole if whole > 0 else 0.0)
        return np.array(shares)


class CrowdCourse:
    """Crowds in the largest towns at fixed local hours of a few days."""

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return one crowd for every town, day and hour."""
        for town in plan.centres:
            for date in (plan.layout.date(day) for day in plan.days):
                for hour in CROWD_HOURS:
                    yield CandidateObservation(
                        f"course/{town}/{date}T{hour:02d}", "course",
                        f"People in the street of {town}, {date} {hour:02d}:00",
                        "CCTV and phone footage", "persons", "log", _CROWD_ERROR,
                        "counts of one crowd from pictures differ by about half",
                    )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the crowds."""
        hours, places = record.plan.crowd_counts
        return np.log1p(record.of("crowd")[hours, places], dtype=np.float64)


class ProtestersByRegion:
    """The share of the country's protesters in each region on a few days."""

    def declare(self, plan: ObservationPlan) -> Iterable[CandidateObservation]:
        """Return one share for every day and region."""
        group = "protesters-by-region"
        for date in (plan.layout.date(day) for day in plan.days):
            for region in plan.regions:
                yield CandidateObservation(
                    f"{group}/{region}/{date}", group,
                    f"Share of the country's protesters, {date}: {region}",
                    "mobile operators and phone footage", "share", "share",
                    _CROWD_SHARE_ERROR,
                    "counting errors are similar everywhere, so shares are more precise",
                )  # fmt: skip

    def read(self, record: RecordView) -> Numbers:
        """Return the shares."""
        hours = record.plan.hours_of_days
        by_place = record.of("crowd")[hours, np.arange(hours.shape[2])].sum(axis=1)
        days = [_shares(record.plan.region_membership @ day, day.sum()) for day in by_place]
        return np.concatenate([np.zeros(0), *days])


def _shares(parts: NDArray[Any], whole: float) -> Numbers:
    """Return shares of a total; shares of zero are 0."""
    shares: Numbers = np.asarray(parts, np.float64) / (whole if whole > 0 else 1.0)
    return shares


GROUPS: tuple[CandidateGroup, ...] = (
    EventOrder("control-after-attack", "hours from the first building attacked to control lost",
               "a building was attacked and control was lost", "CCTV and police logs",
               ("attack", "loss")),
    EventOrder("looting-after-loss", "hours from control lost to the first looting",
               "control was lost and businesses were looted", "CCTV and insurers",
               ("loss", "looting")),
    EventOrder("harm-after-attack",
               "hours from the first building attacked to the first casualty",
               "a building was attacked and somebody was wounded or killed",
               "hospital registers and phone footage", ("attack", "harm")),
    CrowdBeforeAttack(),
    HourOfAttack(),
    SimultaneousAttacks(),
    ShareByRegion("deaths-by-region", "deaths", "Share of the country's dead",
                  "hospital registers", "some of the dead are taken elsewhere or not registered"),
    ShareByRegion("detained-by-region", "detained", "Share of the country's detained",
                  "court and police files", "some are held outside their region"),
    SecurityDeathsByRegion(),
    LootingByTown(),
    ShareAtNight(),
    CrowdCourse(),
    ProtestersByRegion(),
)  # fmt: skip
"""Every group of candidate observations."""
