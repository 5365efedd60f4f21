"""From arrest to sentence: a flow of persons through stages, month by month.

Law. A person is in one stage at a time and leaves it at a constant hazard, into one of several
stages (competing risks). Detained persons are sorted: charged, fined or put under administrative
arrest, or let go. Courts that obey calls acquit seldom (Ledeneva 2008; Ramseyer and Rasmusen 2001);
courts that are full let the share of charges fall with the number detained, or a mass arrest brings
more of them (Moustafa 2014 on courts under autocrats): the sign is open. An amnesty is an event at
an open date. Reports of mistreatment are attributes of persons and no stage; each may lead to an
inquiry, and an inquiry to the conviction of an officer. An independent inquiry is an event, which
demands may bring or hinder (Hafner-Burton 2008).

What is assumed: the sources tell no criterion of sorting, so it is one share for everybody. A
person makes one step a month after being sorted. Arrests fall in the middle of their month. Terms
of over seven years are outside an amnesty. Nobody is arrested twice, appeals change nothing, and
one killing or one inquiry convicts at most one officer.
"""

from __future__ import annotations

import numpy as np

from qantar.base.arrays import Numbers, People
from qantar.model.after.prosecution_state import PRISON, Parameters, Prosecution, Run

BOUNDS = (3.0, 7.0)
"""Years that divide terms of prison."""

REFERENCE = 10_000.0
"""Persons detained at which the share charged is stated."""

_MEANS = (2.0, 5.0, 10.0)


def charge_share(charged: Numbers, crowding: Numbers, detained: Numbers) -> Numbers:
    """Return the share of sorted persons who are charged.

    Parameters
    ----------
    charged : float array
        The share at `REFERENCE` detained, 0 to 1.
    crowding : float array
        How much the odds fall with the logarithm of the number detained.
    detained : float array
        Persons detained in all.
    """
    ratio = np.maximum(detained, 1.0) / REFERENCE
    return np.asarray(charged / (charged + (1.0 - charged) * ratio**crowding), np.float64)


def term_shares(term: Numbers, spread: Numbers) -> Numbers:
    """Return the shares of short, middle and long terms, lognormal: float array (members, 3)."""
    from scipy.special import ndtr

    below = [ndtr((np.log(bound) - np.log(term)) / spread) for bound in BOUNDS]
    return np.stack([below[0], below[1] - below[0], 1.0 - below[1]], axis=1)


def prosecute(
    detained: Numbers | People,
    killed: Numbers | People,
    p: Parameters,
    months: int,
    seed: int,
    *,
    demands: Numbers | None = None,
    amnesty_month: int | None = None,
    first: int = 0,
) -> Prosecution:
    """Follow the detained from arrest to sentence.

    Parameters
    ----------
    detained : array (members,) or (members, months)
        Persons detained in the first month, or in every month.
    killed : array (members,)
        Persons killed, each of which may lead to the conviction of an officer.
    p : Parameters
    months : int
        From the month of the crisis.
    seed : int
    demands : float array (months,), optional
        Demands for an inquiry within the last twelve months; none by default.
    amnesty_month : int, optional
        When the one amnesty comes; by default at open dates.
    first : int
        Number of the first member.

    Returns
    -------
    Prosecution
    """
    arrested = _arrivals(detained, months)
    if (arrested < 0).any() or (np.asarray(killed) < 0).any():
        raise ValueError("numbers of persons cannot be negative")
    run = Run(len(arrested), months, seed, first)
    share = charge_share(p.charged, p.crowding, arrested.sum(axis=1).astype(np.float64))
    asked = np.zeros(months) if demands is None else demands
    run.officers_due = run.draw(np.asarray(killed, np.int64), p.officer_killing, "killing", 0)
    for month in range(months):
        run.flows[:, month] = 0
        _grant_amnesty(run, p, month, amnesty_month)
        _leave_prison(run, p, month)
        _decide(run, p, month)
        _go_to_court(run, p, month)
        _sort(run, p, month, arrested[:, month], share)
        _report(run, p, month, arrested[:, month])
        _inquire(run, p, month, asked[month])
        run.stages[:, month] = run.now
    return Prosecution(run.stages, run.flows, run.amnesty, run.independent)


def _arrivals(detained: Numbers | People, months: int) -> People:
    """Return arrests by month: int array (members, months)."""
    given = np.rint(np.asarray(detained)).astype(np.int64)
    if given.ndim == 1:
        given = np.concatenate([given[:, None], np.zeros((len(given), months - 1), int)], axis=1)
    if given.ndim != 2 or given.shape[1] != months:
        raise ValueError(f"`detained` must be (members,) or (members, {months}), not {given.shape}")
    return given


def _chance(time: Numbers, exposure: float = 1.0) -> Numbers:
    """Return the chance to leave a stage within a month."""
    return np.asarray(-np.expm1(-exposure / time), np.float64)


def _grant_amnesty(run: Run, p: Parameters, month: int, fixed: int | None) -> None:
    if fixed is None:
        chance = np.where(
            month >= p.amnesty_from, _chance(12.0 / np.maximum(p.amnesty_rate, 1e-12)), 0.0
        )
        granted = run.uniforms("amnesty", month) < chance
    else:
        granted = np.full(len(run.now), month == fixed)
    run.amnesty[:, month] = granted
    for stage in ("charged", "in_court", "no_prison", "prison_short", "prison_middle"):
        covered = p.amnesty_prison if stage in PRISON else p.amnesty_light
        people = run.draw(
            run.held(stage), np.where(granted, covered, 0.0), f"amnesty {stage}", month
        )
        run.move(people, stage, "amnestied")
        run.note("amnestied", month, people)


def _leave_prison(run: Run, p: Parameters, month: int) -> None:
    for stage, years in zip(PRISON, _MEANS, strict=True):
        people = run.draw(
            run.held(stage), _chance(12.0 * years * p.served), f"leave {stage}", month
        )
        run.move(people, stage, "served")
        run.note("served", month, people)


def _decide(run: Run, p: Parameters, month: int) -> None:
    """Give verdicts: acquitted, or convicted with a term of prison or without one."""
    tried = run.draw(run.held("in_court"), _chance(p.court_time), "verdict", month)
    acquitted = run.draw(tried, p.acquitted, "acquitted", month)
    jailed = run.draw(tried - acquitted, p.prison, "prison", month)
    shares = term_shares(p.term, p.term_spread)
    short = run.draw(jailed, shares[:, 0], "short", month)
    middle = run.draw(
        jailed - short, shares[:, 1] / np.maximum(1.0 - shares[:, 0], 1e-12), "middle", month
    )
    found = {
        "acquitted": acquitted,
        "no_prison": tried - acquitted - jailed,
        "prison_short": short,
        "prison_middle": middle,
        "prison_long": jailed - short - middle,
    }
    run.note("tried", month, tried)
    for stage, people in found.items():
        run.move(people, "in_court", stage)
        run.note(stage, month, people)


def _go_to_court(run: Run, p: Parameters, month: int) -> None:
    ready = run.draw(run.held("charged"), _chance(p.investigation_time), "investigated", month)
    dropped = run.draw(ready, p.dropped, "dropped", month)
    run.move(dropped, "charged", "dropped")
    run.note("dropped", month, dropped)
    run.move(ready - dropped, "charged", "in_court")


def _sort(run: Run, p: Parameters, month: int, arrested: People, share: Numbers) -> None:
    """Sort the detained; those of this month have been held for half of it."""
    held = run.held("unsorted").copy()
    run.arrest(arrested)
    run.note("arrested", month, arrested)
    ready = run.draw(held, _chance(p.sorting_time), "sorted", month)
    ready = ready + run.draw(arrested, _chance(p.sorting_time, 0.5), "sorted at once", month)
    charged = run.draw(ready, share, "charged", month)
    fined = run.draw(ready - charged, p.administrative, "administrative", month)
    for stage, people in (
        ("charged", charged),
        ("administrative", fined),
        ("released", ready - charged - fined),
    ):
        run.move(people, "unsorted", stage)
        run.note(stage, month, people)


def _report(run: Run, p: Parameters, month: int, arrested: People) -> None:
    """Report mistreatment some time after the arrest, and open an inquiry or refuse it."""
    decided = run.draw(run.decisions_due, _chance(p.opening_time), "decided", month)
    opened = run.draw(decided, p.opened, "opened", month)
    run.note("inquiry_opened", month, opened)
    run.note("inquiry_refused", month, decided - opened)
    run.officers_due += run.draw(opened, p.officer, "officer", month)
    run.reports_due += run.draw(arrested, p.reported, "mistreated", month)
    told = run.draw(run.reports_due, _chance(p.report_time), "reported", month)
    run.reports_due -= told
    run.decisions_due += told - decided
    run.note("mistreatment_reported", month, told)


def _inquire(run: Run, p: Parameters, month: int, demands: float) -> None:
    """Convict officers, and open an independent inquiry if none is."""
    convicted = run.draw(run.officers_due, _chance(p.officer_time), "officer convicted", month)
    run.officers_due -= convicted
    run.note("officers_convicted", month, convicted)
    rate = p.independent_rate / 12.0 * np.exp(p.pressure * demands)
    new = run.uniforms("independent", month) < -np.expm1(-rate)
    run.independent[:, month] = new & ~run.independent[:, :month].any(axis=1)
