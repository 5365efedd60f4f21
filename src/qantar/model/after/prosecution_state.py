"""Stages from arrest to sentence, the numbers of the rule, and the persons of a run.

The rule itself is in `prosecutions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Flags, Numbers, People
from qantar.model.mechanism import stream
from qantar.rng import binomial, stable_id
from qantar.rng.philox import philox4x32

STAGES = (
    "unsorted",
    "released",
    "administrative",
    "charged",
    "in_court",
    "prison_short",
    "prison_middle",
    "prison_long",
    "no_prison",
    "served",
    "acquitted",
    "dropped",
    "amnestied",
)
"""Where a person is; each is in exactly one. Prison: up to 3, up to 7, and over 7 years."""

PRISON = ("prison_short", "prison_middle", "prison_long")

FLOWS = (
    "arrested",
    "released",
    "administrative",
    "charged",
    "tried",
    *PRISON,
    "no_prison",
    "acquitted",
    "dropped",
    "served",
    "amnestied",
    "mistreatment_reported",
    "inquiry_opened",
    "inquiry_refused",
    "officers_convicted",
)
"""Persons who reach a stage in a month; the last four count reports, inquiries and officers."""

_DRAW = stream("prosecutions")
_AT = {name: k for k, name in enumerate(STAGES)}
_COUNTED = {name: k for k, name in enumerate(FLOWS)}
_binomial = np.frompyfunc(binomial, 3, 1)


class Parameters(NamedTuple):
    """Numbers of the rule: a float array (members,) each; see ``after/prosecutions.yaml``."""

    sorting_time: Numbers
    charged: Numbers
    crowding: Numbers
    administrative: Numbers
    investigation_time: Numbers
    dropped: Numbers
    court_time: Numbers
    acquitted: Numbers
    prison: Numbers
    term: Numbers
    term_spread: Numbers
    served: Numbers
    amnesty_rate: Numbers
    amnesty_from: Numbers
    amnesty_light: Numbers
    amnesty_prison: Numbers
    reported: Numbers
    report_time: Numbers
    opened: Numbers
    opening_time: Numbers
    officer: Numbers
    officer_killing: Numbers
    officer_time: Numbers
    independent_rate: Numbers
    pressure: Numbers


@dataclass(frozen=True)
class Prosecution:
    """What became of the detained.

    Attributes
    ----------
    stages : int array (members, months, stages)
        Persons in each of `STAGES` at the end of a month.
    flows : int array (members, months, flows)
        Persons who reached each of `FLOWS` in a month.
    amnesty, independent : bool array (members, months)
        Whether an amnesty comes, and whether an independent inquiry is opened, in a month.
    """

    stages: People
    flows: People
    amnesty: Flags
    independent: Flags

    def stage(self, name: str) -> People:
        """Return the persons in a stage: int array (members, months)."""
        return self.stages[:, :, _AT[name]]

    def total(self, *names: str) -> People:
        """Return all who reached any of some flows so far: int array (members, months)."""
        columns = [_COUNTED[name] for name in names]
        return np.asarray(self.flows[:, :, columns].sum(axis=2).cumsum(axis=1), np.int64)

    @property
    def sentenced(self) -> People:
        """Persons convicted so far, to prison or not: int array (members, months)."""
        return self.total(*PRISON, "no_prison")


def keyed_uniforms(seed: int, members: People, name: str, month: int) -> Numbers:
    """Return a number in (0, 1) for each of some members; that of `qantar.rng.uniform`.

    Parameters
    ----------
    seed : int
    members : int array (members,)
        Their numbers: a batch gets what it gets in the whole.
    name : str
        What is drawn.
    month : int
        From the month of the crisis.
    """
    words: tuple[Numbers, ...] = philox4x32.py_func(  # type: ignore[attr-defined]
        np.full(len(members), month, np.uint64),
        np.full(len(members), stable_id(name), np.uint64),
        np.full(len(members), _DRAW << 16, np.uint64),
        members.astype(np.uint64),
        np.uint64(seed & 0xFFFFFFFF),
        np.uint64(seed >> 32),
    )
    bits = ((words[0] << np.uint64(32)) | words[1]) >> np.uint64(11)  # type: ignore[operator]
    return (np.asarray(bits, np.float64) + 0.5) / 2.0**53


class Run:
    """Persons of all members in the month that is being computed."""

    def __init__(self, members: int, months: int, seed: int, first: int) -> None:
        self._seed = seed
        self._members = np.arange(first, first + members)
        self.now = np.zeros((members, len(STAGES)), np.int64)
        self.stages = np.zeros((members, months, len(STAGES)), np.int64)
        self.flows = np.zeros((members, months, len(FLOWS)), np.int64)
        self.amnesty = np.zeros((members, months), bool)
        self.independent = np.zeros((members, months), bool)
        self.reports_due = np.zeros(members, np.int64)
        self.decisions_due = np.zeros(members, np.int64)
        self.officers_due = np.zeros(members, np.int64)

    def held(self, stage: str) -> People:
        """Return the persons in a stage."""
        return self.now[:, _AT[stage]]

    def uniforms(self, name: str, month: int) -> Numbers:
        """Return the numbers of this draw: float array (members,)."""
        return keyed_uniforms(self._seed, self._members, name, month)

    def draw(self, people: People, share: Numbers, name: str, month: int) -> People:
        """Return how many of some persons something happens to."""
        found = np.zeros_like(people)
        some = np.flatnonzero((people > 0) & (share > 0.0))
        luck = keyed_uniforms(self._seed, self._members[some], name, month)
        found[some] = _binomial(people[some], share[some], luck)
        return found

    def move(self, people: People, source: str, target: str) -> None:
        """Move persons from one stage to another."""
        self.now[:, _AT[source]] -= people
        self.now[:, _AT[target]] += people

    def arrest(self, people: People) -> None:
        """Put persons into the first stage."""
        self.now[:, _AT["unsorted"]] += people

    def note(self, flow: str, month: int, people: People) -> None:
        """Count persons who reach a stage in a month."""
        self.flows[:, month, _COUNTED[flow]] += people
