"""Who sends troops, how many and what follows at home: the rule of contagion on the states told.

The draws from the prior are weighted by who sent troops, and by the contingents of those who did;
each state is also left out. The leading state is no part of it: its contingent is drawn by
`qantar.model.world.deployment`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from qantar.analysis.world.alliance_draws import draw_numbers, weighted_mean, weighted_range
from qantar.base.arrays import Numbers
from qantar.model.mechanism import stream
from qantar.model.world import contagion
from qantar.packs.world.alliance import Alliance
from qantar.packs.world.alliance_tables import Member
from qantar.simulate.draws import prior_scores

UNREST = 1.0
"""Size of the unrest of January 2022, which is nationwide."""


@dataclass(frozen=True)
class ContagionRow:
    """A state that watched the unrest.

    Attributes
    ----------
    state : Member
    fear : float
        0 to about 1.
    told : float
        Persons it sent, as told; 0 if none.
    sends_prior, sends, sends_left_out : float
        Probability that it sends troops: prior, posterior, and with itself left out.
    size : tuple of float
        Median, 5 % and 95 % of its contingent if it sends one, itself left out; persons.
    harsher : tuple of float
        Median, 5 % and 95 % of the change of policing afterwards, as a share; prior.
    claims : tuple of str
        Claims that tell its contingent.
    """

    state: Member
    fear: float
    told: float
    sends_prior: float
    sends: float
    sends_left_out: float
    size: tuple[float, float, float]
    harsher: tuple[float, float, float]
    claims: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether leave-one-out says of the state that it sends troops, as told, or not."""
        return (self.sends_left_out > 0.5) == (self.told > 0)


@dataclass(frozen=True)
class ContagionStudy:
    """Neighbours and other members.

    Attributes
    ----------
    rows : tuple of ContagionRow
    insurance_prior, insurance : float
        Probability that fear raises a contingent: prior, and after the contingents told.
    contingents : dict of str to float array (draws,)
        Prior draws of the contingent of each state; 0 where it sends none.
    """

    rows: tuple[ContagionRow, ...]
    insurance_prior: float
    insurance: float
    contingents: dict[str, Numbers]

    def row(self, country: str) -> ContagionRow | None:
        """Return the row of a state, or None."""
        return next((each for each in self.rows if each.state.country == country), None)


def neighbour_of(state: Member) -> contagion.Neighbour:
    """Return what the rule reads of a state."""
    near, similar, past = state.likeness or (0.0, 0.0, 0.0)
    return contagion.Neighbour(float(state.member == "yes"), near, similar, past)


def study_contagion(alliance: Alliance, host: str, seed: int, draws: int) -> ContagionStudy:
    """Condition the rule of contagion on who sent troops and how many.

    Parameters
    ----------
    alliance : Alliance
    host : str
        The state in which the unrest is.
    seed, draws : int
    """
    p = draw_numbers(contagion.Parameters, "contagion", seed, draws)
    states = [s for s in alliance.states() if s.country != host and not s.leads]
    told = {row.country: row for row in alliance.of_kind("contingent")}
    counts = {name: row.persons or 0.0 for name, row in told.items()}
    persons = np.array([counts.get(state.country, 0.0) for state in states])
    likeness = [neighbour_of(state) for state in states]
    chances = np.array([contagion.chance_of_sending(p, each, UNREST) for each in likeness])
    medians = np.array([contagion.expected_contingent(p, each, UNREST) for each in likeness])
    sending = np.log(np.maximum(np.where((persons > 0)[:, None], chances, 1.0 - chances), 1e-300))
    sizing = _size_logs(medians, persons, p.size_spread)
    names = [state.country for state in states]
    noise = prior_scores(seed, draws, names, stream("world.contagion.noise"))
    luck = prior_scores(seed, draws, names, stream("world.contagion.sends"))
    drawn = medians * np.exp(p.size_spread * noise.T)
    rows = []
    for k, state in enumerate(states):
        rest = _weights(sizing.sum(axis=0) - sizing[k])
        middle = float(np.exp(weighted_mean(np.log(medians[k]), rest)))
        change = contagion.harsher_policing(p, likeness[k], UNREST)
        rows.append(
            ContagionRow(
                state,
                fear=float(np.mean(contagion.fear_of(p, likeness[k], UNREST))),
                told=float(persons[k]),
                sends_prior=float(chances[k].mean()),
                sends=weighted_mean(chances[k], _weights(sending.sum(axis=0))),
                sends_left_out=weighted_mean(
                    chances[k], _weights(sending.sum(axis=0) - sending[k])
                ),
                size=(middle, *weighted_range(drawn[k], rest)),
                harsher=(float(np.median(change)), *weighted_range(change, np.ones(draws))),
                claims=told[state.country].claim_ids if state.country in told else (),
            )
        )
    up = (p.size_fear > 0).astype(float)
    return ContagionStudy(
        tuple(rows),
        insurance_prior=float(up.mean()),
        insurance=weighted_mean(up, _weights(sizing.sum(axis=0))),
        contingents={
            name: np.where(_rank(luck[:, k]) < chances[k], drawn[k], 0.0)
            for k, name in enumerate(names)
        },
    )


def _size_logs(medians: Numbers, persons: Numbers, spread: Numbers) -> Numbers:
    """Return log densities of the contingents told, 0 where none was sent: (states, draws)."""
    sent = persons > 0
    logs = np.log(np.where(sent, persons, 1.0))[:, None]
    scores = (logs - np.log(medians)) / spread
    result: Numbers = np.where(sent[:, None], -0.5 * scores**2 - np.log(spread), 0.0)
    return result


def _rank(scores: Numbers) -> Numbers:
    """Return uniform numbers of standard normal ones."""
    result: Numbers = ndtr(scores)
    return result


def _weights(logs: Numbers) -> Numbers:
    result: Numbers = np.exp(logs - logs.max())
    return result
