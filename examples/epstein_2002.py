"""Epstein's civil violence, Model I, with and without the rounding that nobody published.

Epstein, J. M. (2002), PNAS 99 (suppl. 3): 7243-7250. An agent is active if its grievance exceeds
its net risk by a threshold; the estimated probability of arrest is ``1 - exp(-k * cops / actives)``
over what it sees. The paper prints the plain ratio. NetLogo's Rebellion takes the floor of it, Mesa
the nearest whole number. Measured here: bursts need the rounding, and a vision of 7 sites.

    python examples/epstein_2002.py --out picture.png

Every draw is keyed by (seed, rule, agent, step), so that two runs that differ in one number share
their luck.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Hours, Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import stream
from qantar.rng import Key, key_of, uniform

Ratio = Literal["plain", "floor", "round"]
"""``plain``: as printed. ``floor``: NetLogo. ``round``: Mesa, halves to the even number."""

SIDE = 40  # lattice of 40 x 40 sites, a torus: the paper, table 1
CITIZENS = 0.70  # of all sites: the paper, table 1; NetLogo's initial-agent-density
COPS = 0.04  # of all sites: the paper's run 2; NetLogo's initial-cop-density
LEGITIMACY = 0.82  # the paper's run 2; NetLogo's government-legitimacy
JAIL = 30  # longest term in steps: the paper's run 2; NetLogo's max-jail-term
K = 2.3  # P = 0.9 at one cop to one active: the paper, p. 7244
THRESHOLD = 0.1  # of grievance above net risk: the paper, table 1
NEAR, FAR = 1.7, 7.0  # sites: the eight neighbours; NetLogo's and Mesa's default vision
FOREVER = 10**9  # a jail term without end, as in the paper's runs on legitimacy

_EMPTY, _QUIET, _ACTIVE, _COP = 0, 1, 2, 3
_RATIOS: dict[Ratio, int] = {name: code for code, name in enumerate(get_args(Ratio))}
_PLACE, _TRAITS, _ORDER = stream("epstein.place"), stream("epstein.traits"), stream("epstein.order")
_MOVE, _ARREST, _TERM = stream("epstein.move"), stream("epstein.arrest"), stream("epstein.term")
_RELEASE = stream("epstein.release")


class History(NamedTuple):
    """What a run leaves behind, step by step: int arrays (steps,).

    Attributes
    ----------
    active, jailed : citizens at the end of a step.
    watched, watched_active : choices of an aggrieved citizen with a cop in sight; to be active.
    alone, alone_active : the same with no cop in sight.
    """

    active: Hours
    jailed: Hours
    watched: Hours
    watched_active: Hours
    alone: Hours
    alone_active: Hours


def simulate(
    ratio: Ratio,
    *,
    steps: int,
    seed: int = 1,
    vision: float = FAR,
    legitimacy: float | Numbers = LEGITIMACY,
    cops: float | Numbers = COPS,
    jail: int = JAIL,
) -> History:
    """Run Model I.

    Parameters
    ----------
    steps : int
        Cycles; in each, every citizen and cop acts once, in random order.
    vision : float
        Radius in sites, of citizens and cops alike.
    legitimacy, cops : float or float array (steps,)
        Constant or step by step; cops as a share of sites, which may only fall.
    jail : int
        Longest term.
    """
    reach = np.arange(-math.floor(vision), math.floor(vision) + 1)
    dx, dy = (part.ravel() for part in np.meshgrid(reach, reach))
    inside = (dx**2 + dy**2 <= vision**2) & (dx**2 + dy**2 > 0)
    table = _run(
        key_of(seed, 0),
        _RATIOS[ratio],
        np.stack([dx[inside], dy[inside]]),
        np.broadcast_to(np.asarray(legitimacy, np.float64), steps).copy(),
        np.rint(np.broadcast_to(cops, steps) * SIDE**2).astype(np.int64),
        round(CITIZENS * SIDE**2),
        jail,
    )
    return History(*table.T)


@compiled
def estimated_arrest(cops: int, actives: int, ratio: int) -> float:
    """Return the probability of arrest that a citizen expects; it counts itself as active."""
    share = cops / actives
    if ratio > 0:
        share = math.floor(share) if ratio == 1 else float(round(share))
    return 1.0 - math.exp(-K * share)


@compiled
def _run(
    key: Key, ratio: int, sight: Hours, legitimacy: Numbers, force: Hours, citizens: int, jail: int
) -> Hours:
    """Run the model; the table has the columns of `History`."""
    cops = force[0]
    everyone = citizens + cops
    land = np.zeros((SIDE, SIDE), np.int64)
    who = np.zeros((SIDE, SIDE), np.int64)
    x, y = np.zeros(everyone, np.int64), np.zeros(everyone, np.int64)
    term = np.zeros(everyone, np.int64)
    hardship, aversion = np.zeros(everyone), np.zeros(everyone)
    sites = np.argsort(np.array([uniform(key, _PLACE, s, 0, 0) for s in range(SIDE * SIDE)]))
    for a in range(everyone):
        x[a], y[a] = divmod(sites[a], SIDE)
        land[x[a], y[a]], who[x[a], y[a]] = _QUIET if a < citizens else _COP, a
        hardship[a] = uniform(key, _TRAITS, a, 0, 0)
        aversion[a] = uniform(key, _TRAITS, a, 1, 0)
    table = np.zeros((legitimacy.size, 6), np.int64)
    for t in range(legitimacy.size):
        row = table[t]
        order = np.argsort(np.array([uniform(key, _ORDER, a, 0, t) for a in range(everyone)]))
        for a in order:
            if a >= citizens + force[t]:  # a cop who has been withdrawn
                if land[x[a], y[a]] == _COP and who[x[a], y[a]] == a:
                    land[x[a], y[a]] = _EMPTY
                continue
            if term[a] > 0:
                term[a] -= 1
                if term[a] > 0:
                    continue
                free = np.flatnonzero(land.ravel() == _EMPTY)
                x[a], y[a] = divmod(free[int(uniform(key, _RELEASE, a, 0, t) * free.size)], SIDE)
                land[x[a], y[a]], who[x[a], y[a]] = _QUIET, a
            _move(key, land, who, x, y, sight, a, t)
            if a < citizens:
                grief = hardship[a] * (1.0 - legitimacy[t])
                _decide(land, x[a], y[a], sight, ratio, grief, aversion[a], row)
            else:
                _arrest(key, land, who, x[a], y[a], sight, term, jail, a, t)
        row[0] = (land == _ACTIVE).sum()
        row[1] = (term > 0).sum()
    return table


@compiled
def _seen(land: Hours, x: int, y: int, sight: Hours, what: int) -> int:
    """Return how many sites in sight hold something."""
    count = 0
    for s in range(sight.shape[1]):
        count += land[(x + sight[0, s]) % SIDE, (y + sight[1, s]) % SIDE] == what
    return count


@compiled
def _move(
    key: Key, land: Hours, who: Hours, x: Hours, y: Hours, sight: Hours, a: int, t: int
) -> None:
    """Rule M: move to a random empty site in sight."""
    chosen = int(uniform(key, _MOVE, a, 0, t) * _seen(land, x[a], y[a], sight, _EMPTY))
    for s in range(sight.shape[1]):
        i, j = (x[a] + sight[0, s]) % SIDE, (y[a] + sight[1, s]) % SIDE
        if land[i, j] == _EMPTY:
            if chosen == 0:
                land[i, j], who[i, j] = land[x[a], y[a]], a
                land[x[a], y[a]] = _EMPTY
                x[a], y[a] = i, j
                return
            chosen -= 1


@compiled
def _decide(
    land: Hours, x: int, y: int, sight: Hours, ratio: int, grievance: float, risk: float, row: Hours
) -> None:
    """Rule A: be active if grievance less net risk exceeds the threshold."""
    cops = _seen(land, x, y, sight, _COP)
    actives = 1 + _seen(land, x, y, sight, _ACTIVE)
    acts = grievance - risk * estimated_arrest(cops, actives, ratio) > THRESHOLD
    land[x, y] = _ACTIVE if acts else _QUIET
    if grievance > THRESHOLD:
        first = 2 if cops > 0 else 4
        row[first] += 1
        row[first + 1] += acts


@compiled
def _arrest(
    key: Key, land: Hours, who: Hours, x: int, y: int, sight: Hours, term: Hours, jail: int,
    a: int, t: int,
) -> None:  # fmt: skip
    """Rule C: arrest a random active citizen in sight; terms are uniform up to `jail`."""
    chosen = int(uniform(key, _ARREST, a, 0, t) * _seen(land, x, y, sight, _ACTIVE))
    for s in range(sight.shape[1]):
        i, j = (x + sight[0, s]) % SIDE, (y + sight[1, s]) % SIDE
        if land[i, j] == _ACTIVE:
            if chosen == 0:
                land[i, j], term[who[i, j]] = (
                    _EMPTY,
                    1 + int(uniform(key, _TERM, who[i, j], 0, t) * jail),
                )
                return
            chosen -= 1


def draw(histories: dict[str, NDArray[np.int64]], out: Path) -> None:
    """Draw active citizens over steps, one panel for each ratio."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), layout="constrained")
    panels = figure.subplots(len(histories), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for panel, (name, active) in zip(panels, histories.items(), strict=True):
        panel.plot(active, linewidth=0.8)
        panel.set(title=f"cops / actives: {name}", ylabel="active citizens")
    figure.savefig(out, dpi=150)


def main() -> None:
    """Run the three ratios with the same luck and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="picture to write (.png)")
    for name, kind, usual in (("steps", int, 500), ("seed", int, 1), ("vision", float, FAR)):
        parser.add_argument(f"--{name}", type=kind, default=usual)
    chosen = parser.parse_args()
    histories: dict[str, NDArray[np.int64]] = {}
    for name in _RATIOS:
        history = simulate(name, steps=chosen.steps, seed=chosen.seed, vision=chosen.vision)
        histories[name] = active = history.active
        low, top = np.median(active), active.max()
        print(f"{name:>5}: median {low:.0f}, most {top}, below ten {np.mean(active < 10):.0%}")
    draw(histories, chosen.out)


if __name__ == "__main__":
    main()
