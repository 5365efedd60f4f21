"""Judge the inference on simulators whose posterior and evidence are known.

    python scripts/inference_toys.py             # the table of decision 0011, some minutes
    python scripts/inference_toys.py --toys banana --data-sets 3 --coverage-sets 0

Four simulators, each with standard normal unknowns and facts that are observed with an error:
a linear one with normal noise, two moons, a simple likelihood with a complex posterior (SLCP, with
three unknowns), and a banana. Every data set is calibrated as an account is: draws from the prior,
an ensemble smoother, an emulator, refinement and tempering. Posterior and evidence are compared
with sums over many draws from the prior. Coverage is that of 90 % intervals on data sets drawn from
the prior, with one emulator for all.

The synthetic likelihood is normal with a correlation that does not depend on the unknowns. Two
moons violate this; they show what it costs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from qantar.analysis.inference.calibration import emulator_error, log_mean_exp, sampling_error
from qantar.analysis.inference.calibration_design import Design
from qantar.analysis.inference.emulator import Emulator, fit_emulator
from qantar.analysis.inference.ensemble_path import kalman_step
from qantar.analysis.inference.likelihood import SyntheticLikelihood
from qantar.analysis.inference.problem import Discrepancy
from qantar.analysis.inference.smc import Posterior, temper
from qantar.analysis.observations import KINDS, Kind
from qantar.base.arrays import Numbers

NONE: dict[Kind, Discrepancy] = dict.fromkeys(KINDS, Discrepancy(1e-6, 1e-3))
"""No discrepancy: so small that the posterior stays exact."""


@dataclass(frozen=True)
class Toy:
    """A simulator with a known likelihood.

    Attributes
    ----------
    name : str
    unknowns, facts : int
    error : float
        Standard deviation of the observation error of every fact.
    simulate : callable
        From unknowns (runs, unknowns) and a generator to facts (runs, facts), without error.
    log_likelihood : callable
        From unknowns (points, unknowns) and an observation (facts,) to (points,), with error.
    """

    name: str
    unknowns: int
    facts: int
    error: float
    simulate: Callable[[Numbers, np.random.Generator], Numbers]
    log_likelihood: Callable[[Numbers, Numbers], Numbers]

    def observe(self, seed: int) -> tuple[Numbers, Numbers]:
        """Return true unknowns drawn from the prior, and what is observed."""
        rng = np.random.default_rng([seed, 1])
        truth = rng.standard_normal((1, self.unknowns))
        facts = self.simulate(truth, rng)[0]
        return truth[0], facts + self.error * rng.standard_normal(self.facts)


# --- a linear simulator: four unknowns, eight facts, as much noise as signal

LINEAR = np.random.default_rng(31).standard_normal((8, 4))
LINEAR_NOISE = 0.8


def linear_facts(unknowns: Numbers, rng: np.random.Generator) -> Numbers:
    """Linear means with normal noise."""
    noise = LINEAR_NOISE * rng.standard_normal((len(unknowns), len(LINEAR)))
    result: Numbers = unknowns @ LINEAR.T + noise
    return result


def linear_likelihood(unknowns: Numbers, observed: Numbers) -> Numbers:
    """Log density of an observation."""
    sigma = np.hypot(LINEAR_NOISE, 0.4)
    result: Numbers = np.sum(norm.logpdf(observed, unknowns @ LINEAR.T, sigma), axis=1)
    return result


# --- two moons (Greenberg et al. 2019): crescent-shaped noise, two modes

ANGLES = (np.arange(120) + 0.5) / 120 * np.pi - np.pi / 2
MOON, WIDTH, MOON_ERROR = 0.1, 0.01, 0.05


def moon_centres(unknowns: Numbers) -> Numbers:
    """Return the shift of the crescent, from unknowns made uniform on -1 to 1."""
    theta = 2 * norm.cdf(unknowns) - 1
    first = -np.abs(theta[:, 0] + theta[:, 1]) / np.sqrt(2)
    second = (-theta[:, 0] + theta[:, 1]) / np.sqrt(2)
    return np.stack([first, second], axis=1)


def moon_facts(unknowns: Numbers, rng: np.random.Generator) -> Numbers:
    """A point on a half circle, shifted."""
    angle = np.pi * (rng.random(len(unknowns)) - 0.5)
    radius = MOON + WIDTH * rng.standard_normal(len(unknowns))
    own = np.stack([radius * np.cos(angle) + 0.25, radius * np.sin(angle)], axis=1)
    result: Numbers = own + moon_centres(unknowns)
    return result


def moon_likelihood(unknowns: Numbers, observed: Numbers) -> Numbers:
    """Log density of an observation, averaged over the angle."""
    sigma = np.hypot(WIDTH, MOON_ERROR)  # the radius varies far less than the error
    gap = observed - moon_centres(unknowns) - np.array([0.25, 0.0])
    x = gap[:, :1] - MOON * np.cos(ANGLES)
    y = gap[:, 1:] - MOON * np.sin(ANGLES)
    logs = -0.5 * (x**2 + y**2) / sigma**2 - np.log(2 * np.pi * sigma**2)
    result: Numbers = logsumexp(logs, axis=1) - np.log(len(ANGLES))
    return result


# --- SLCP (Papamakarios et al. 2019) with three unknowns: mean, mean and the root of a spread

DRAWS, SLCP_ERROR = 4, 0.3


def slcp_facts(unknowns: Numbers, rng: np.random.Generator) -> Numbers:
    """Four points, normal about a mean, with a spread that is a square."""
    mean = np.tile(unknowns[:, :2], (1, DRAWS))
    noise = rng.standard_normal((len(unknowns), 2 * DRAWS))
    result: Numbers = mean + unknowns[:, 2:] ** 2 * noise
    return result


def slcp_likelihood(unknowns: Numbers, observed: Numbers) -> Numbers:
    """Log density of an observation."""
    mean = np.tile(unknowns[:, :2], (1, DRAWS))
    sigma = np.hypot(unknowns[:, 2:] ** 2, SLCP_ERROR)
    result: Numbers = np.sum(norm.logpdf(observed, mean, sigma), axis=1)
    return result


# --- a banana: what is known well is a parabola

BANANA_NOISE, BANANA_ERROR = np.array([1.0, 0.2]), 0.2


def banana_means(unknowns: Numbers) -> Numbers:
    """Return the means of both facts."""
    return np.stack([unknowns[:, 0], unknowns[:, 1] + unknowns[:, 0] ** 2 - 1], axis=1)


def banana_facts(unknowns: Numbers, rng: np.random.Generator) -> Numbers:
    """Normal about their means."""
    noise = rng.standard_normal((len(unknowns), 2))
    result: Numbers = banana_means(unknowns) + BANANA_NOISE * noise
    return result


def banana_likelihood(unknowns: Numbers, observed: Numbers) -> Numbers:
    """Log density of an observation."""
    sigma = np.hypot(BANANA_NOISE, BANANA_ERROR)
    result: Numbers = np.sum(norm.logpdf(observed, banana_means(unknowns), sigma), axis=1)
    return result


TOYS = {
    toy.name: toy
    for toy in (
        Toy("linear", 4, 8, 0.4, linear_facts, linear_likelihood),
        Toy("two moons", 2, 2, MOON_ERROR, moon_facts, moon_likelihood),
        Toy("slcp", 3, 2 * DRAWS, SLCP_ERROR, slcp_facts, slcp_likelihood),
        Toy("banana", 2, 2, BANANA_ERROR, banana_facts, banana_likelihood),
    )
}


@dataclass(frozen=True)
class Exact:
    """Evidence and posterior moments of an observation.

    Attributes
    ----------
    log_evidence : float
    mean, deviation : float array (unknowns,)
    """

    log_evidence: float
    mean: Numbers
    deviation: Numbers


def exact(toy: Toy, observed: Numbers, draws: int = 400_000) -> Exact:
    """Return evidence and posterior as sums over draws from the prior.

    With few unknowns this is exact to about 0.03 nats and a few hundredths of a deviation.
    """
    table = np.random.default_rng(99).standard_normal((draws, toy.unknowns))
    parts = [toy.log_likelihood(table[k : k + 20_000], observed) for k in range(0, draws, 20_000)]
    logs = np.concatenate(parts)
    weights = np.exp(logs - logsumexp(logs))
    mean = weights @ table
    deviation = np.sqrt(weights @ (table - mean) ** 2)
    return Exact(float(logsumexp(logs) - np.log(draws)), mean, deviation)


@dataclass(frozen=True)
class Answer:
    """What the inference says about an observation.

    Attributes
    ----------
    draws : float array (draws, unknowns)
    log_evidence, error : float
        With the stated standard error.
    """

    draws: Numbers
    log_evidence: float
    error: float


def learn(toy: Toy, observed: Numbers, design: Design, seed: int) -> Emulator:
    """Return the emulator of a calibration: prior, path of the smoother, refinement."""
    rng = np.random.default_rng([seed, 2])
    unknowns = [rng.standard_normal((design.prior, toy.unknowns))]
    facts = [toy.simulate(unknowns[0], rng)]
    now, seen = unknowns[0][: design.path], facts[0][: design.path]
    error = np.full(toy.facts, toy.error)
    for _ in range(design.passes):
        noise = np.sqrt(design.passes) * error * rng.standard_normal(seen.shape)
        now = now + kalman_step(now, seen, observed + noise, design.passes * error**2)
        seen = toy.simulate(now, rng)
        unknowns.append(now)
        facts.append(seen)
    for number in range(design.rounds + 1):
        groups = np.concatenate([np.arange(len(part)) for part in unknowns])
        emulator = fit_emulator(
            np.vstack(unknowns), np.vstack(facts), groups, error, seed=seed + number
        )
        if number < design.rounds:
            draft = sample(toy, emulator, observed, design, (seed, 3, number)).draws
            chosen = rng.integers(len(draft), size=design.refine)
            unknowns.append(draft[chosen, : toy.unknowns])
            facts.append(toy.simulate(unknowns[-1], rng))
    return emulator


def likelihood_of_toy(toy: Toy, emulator: Emulator, observed: Numbers) -> SyntheticLikelihood:
    """Return the synthetic likelihood of an observation."""
    kinds: list[Kind] = ["log"] * toy.facts
    error = np.full(toy.facts, toy.error)
    return SyntheticLikelihood(emulator, np.arange(toy.facts), observed, error, tuple(kinds), NONE)


def sample(
    toy: Toy, emulator: Emulator, observed: Numbers, design: Design, seed: tuple[int, ...]
) -> Posterior:
    """Sample the posterior by tempering."""
    likelihood = likelihood_of_toy(toy, emulator, observed)
    return temper(
        likelihood.log_likelihood,
        likelihood.information,
        likelihood.unknowns,
        particles=design.particles,
        moves=design.moves,
        seed=seed,
    )


def answer(toy: Toy, observed: Numbers, design: Design, seed: int) -> Answer:
    """Calibrate a simulator on an observation."""
    emulator = learn(toy, observed, design, seed)
    chains = [sample(toy, emulator, observed, design, (seed, 4, k)) for k in range(design.chains)]
    evidence = log_mean_exp(np.array([chain.log_evidence for chain in chains]))
    of_emulator = emulator_error(likelihood_of_toy(toy, emulator, observed), chains)
    draws = np.vstack([chain.draws for chain in chains])[:, : toy.unknowns]
    return Answer(draws, evidence, float(np.hypot(sampling_error(chains), of_emulator)))


@dataclass(frozen=True)
class Verdict:
    """How far the answers on some data sets are from the exact ones.

    Attributes
    ----------
    bias, rms, stated : float
        Mean and root mean square error of the log evidence, and the root mean square of the errors
        that were stated.
    within : float
        Share of data sets whose log evidence is within two stated errors of the exact one.
    off : float
        Mean distance of posterior means, in exact posterior deviations.
    width : float
        Mean posterior deviation over the exact one.
    """

    bias: float
    rms: float
    stated: float
    within: float
    off: float
    width: float


def judge(toy: Toy, design: Design, data_sets: int, seed: int) -> Verdict:
    """Calibrate a simulator on some data sets and compare with the exact answers."""
    gaps, stated, off, width = [], [], [], []
    for number in range(data_sets):
        observed = toy.observe(seed + number)[1]
        wanted, found = exact(toy, observed), answer(toy, observed, design, seed + number)
        gaps.append(found.log_evidence - wanted.log_evidence)
        stated.append(found.error)
        off.append(np.abs((found.draws.mean(axis=0) - wanted.mean) / wanted.deviation).mean())
        width.append((found.draws.std(axis=0) / wanted.deviation).mean())
    gap, error = np.array(gaps), np.array(stated)
    return Verdict(
        float(gap.mean()),
        float(np.sqrt((gap**2).mean())),
        float(np.sqrt((error**2).mean())),
        float((np.abs(gap) <= 2 * error).mean()),
        float(np.mean(off)),
        float(np.mean(width)),
    )


def covered(toy: Toy, design: Design, data_sets: int, seed: int) -> float:
    """Return the share of true unknowns inside 90 % intervals, for data sets from the prior."""
    rng = np.random.default_rng([seed, 6])
    unknowns = rng.standard_normal((design.simulations, toy.unknowns))
    error = np.full(toy.facts, toy.error)
    groups = np.arange(len(unknowns))
    emulator = fit_emulator(unknowns, toy.simulate(unknowns, rng), groups, error, seed=seed)
    inside = []
    for number in range(data_sets):
        truth, observed = toy.observe(1000 + seed + number)
        draws = sample(toy, emulator, observed, design, (seed, 7, number)).draws
        below = (draws[:, : toy.unknowns] < truth).mean(axis=0)
        inside.append(np.abs(below - 0.5) <= 0.45)
    return float(np.mean(inside))


def main() -> None:
    """Read the arguments, judge, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--toys", nargs="+", choices=tuple(TOYS), default=list(TOYS))
    parser.add_argument("--data-sets", type=int, default=8)
    parser.add_argument("--coverage-sets", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    design = Design()
    print("| simulator | bias | rms | stated | within 2 | mean off | width | coverage |")
    print("|---|---|---|---|---|---|---|---|")
    with threadpool_limits(1):
        for name in options.toys:
            found = judge(TOYS[name], design, options.data_sets, options.seed)
            shown = "-"
            if options.coverage_sets:
                share = covered(TOYS[name], design, options.coverage_sets, options.seed)
                shown = f"{share:.2f}"
            print(
                f"| {name} | {found.bias:+.2f} | {found.rms:.2f} | {found.stated:.2f} "
                f"| {found.within:.2f} | {found.off:.2f} | {found.width:.2f} | {shown} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
