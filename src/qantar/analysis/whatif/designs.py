"""Designs of what-ifs: crossed changes, robust choices, and scenario discovery.

A recommendation should not depend on a single account. The regret of a choice is its cost relative
to the best choice under the same account, and the robust choice has the minimax regret (Savage
1951).

Scenario discovery searches for parameters with which a change does harm. The patient rule induction
method (Friedman and Fisher 1999; Bryant and Lempert 2010) finds a box of parameters in which the
bad case is frequent. With more than a hundred parameters some box can always be found, so it is
searched in one half of the pairs and evaluated on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from qantar.analysis.whatif.result import BASELINE, WhatIf, World
from qantar.base.arrays import Flags
from qantar.base.errors import QantarError
from qantar.simulate.changes import Changes

MAX_CROSSED = 6
"""Maximum number of changes that can be crossed; six give 63 worlds."""

MIN_PAIRS = 100
"""Minimum number of pairs for scenario discovery."""

MIN_CASES = 10
"""Minimum number of bad cases in the half that is searched."""

MIN_DENSITY = 0.5
"""Peeling stops once at least this share of the pairs in a box is bad."""

MAX_P_VALUE = 0.05
"""A limit of a box is kept if its quasi p-value is below this."""

CONFIRMED_BELOW = 0.05
"""A box is confirmed by the pairs held out if their p-value is below this."""


def crossed(alternatives: Sequence[Changes]) -> tuple[Changes, ...]:
    """Return every combination of changes, the single ones first.

    Raises
    ------
    QantarError
        If there are more than `MAX_CROSSED`, or two cannot be combined.
    """
    if len(alternatives) > MAX_CROSSED:
        raise QantarError(
            f"{len(alternatives)} changes cannot be crossed",
            expected=f"at most {MAX_CROSSED}",
            hint="leave some out, or compare them without --cross",
        )
    together = []
    single = [change for change in alternatives if len(change)]
    for size in range(1, len(single) + 1):
        for chosen in combinations(single, size):
            whole = Changes()
            for change in chosen:
                whole = whole + change
            together.append(whole)
    return tuple(dict.fromkeys(together))


def interactions(differences: pd.DataFrame, alternatives: Sequence[Changes]) -> pd.DataFrame:
    """Return the difference between the joint effect of two changes and the sum of their effects.

    Parameters
    ----------
    differences : DataFrame
        Differences of one account and decision mode; see
        `qantar.analysis.whatif.result.COLUMNS`.
    alternatives : sequence of Changes
        The single changes that were crossed.

    Returns
    -------
    DataFrame
        Columns ``first``, ``second``, ``quantity``, ``together``, ``sum``, ``interaction``: means
        over pairs, for the country.
    """
    country = differences[differences["level"] == "country"]
    means = country.set_index(["change", "quantity"])["difference"]
    rows = []
    for a, b in combinations(alternatives, 2):
        if not len(a) or not len(b) or {*a} & {*b}:
            continue  # skip the null change and overlapping changes
        both = (a + b).label
        for quantity in country["quantity"].unique():
            if (both, quantity) in means.index:
                whole = float(means[both, quantity])
                parts = float(means[a.label, quantity] + means[b.label, quantity])
                rows.append((a.label, b.label, quantity, whole, parts, whole - parts))
    columns = ["first", "second", "quantity", "together", "sum", "interaction"]
    return pd.DataFrame(rows, columns=columns)


def regrets(differences: pd.DataFrame, quantity: str = "deaths") -> pd.DataFrame:
    """Return the regret of each choice under each account.

    Parameters
    ----------
    differences : DataFrame
        See `qantar.analysis.whatif.result.COLUMNS`; the baseline is added as a choice.
    quantity : str
        The quantity to be minimised.

    Returns
    -------
    DataFrame
        Columns ``change``, ``account``, ``mode``, ``regret``.
    """
    own = differences[(differences["quantity"] == quantity) & (differences["level"] == "country")]
    table = own.pivot(index="change", columns=["account", "mode"], values="difference")
    table.loc[BASELINE] = 0.0
    regret = table - table.min(axis=0)
    long = regret.reset_index().melt(id_vars=[("change", "")], value_name="regret")
    long = long.rename(columns={("change", ""): "change"})
    return long.sort_values(["account", "mode", "change"], ignore_index=True)[
        ["change", "account", "mode", "regret"]
    ]


def robust_choice(regret: pd.DataFrame) -> tuple[str, float]:
    """Return the choice with the minimax regret, and that regret.

    Choices without a value under every account are left out.
    """
    table = regret.pivot(index="change", columns=["account", "mode"], values="regret")
    largest = table.dropna().max(axis=1)
    name = str(largest.index[int(np.argmin(largest.to_numpy()))])
    return name, float(largest[name])


@dataclass(frozen=True)
class Box:
    """A box of parameters in which a change does harm.

    Attributes
    ----------
    change : str
    limits : DataFrame
        Significant limits, in the unit of each parameter: columns ``parameter``, ``low``, ``high``
        and ``chance``, the quasi p-value.
    base, found, confirmed : float
        Share of bad pairs: among all, in the box among those searched, and in the box among those
        held out. Only the last is unbiased.
    inside : int
        Number of held-out pairs in the box.
    p_value : float
        Chance of at least as many bad pairs in the box among those held out, if bad pairs had
        nothing to do with it (Fisher's exact test, one-sided).
    """

    change: str
    limits: pd.DataFrame
    base: float
    found: float
    confirmed: float
    inside: int
    p_value: float


def discover_box(result: WhatIf, world: World, *, quantity: str = "deaths") -> Box | None:
    """Search for a box of parameters in which a change increases a quantity.

    Parameters
    ----------
    result : WhatIf
    world : World
        One of its worlds.
    quantity : str
        The quantity that should not increase.

    Returns
    -------
    Box or None
        None if the bad case is too rare, or no limit is significant.

    Raises
    ------
    QantarError
        If there are fewer than `MIN_PAIRS` pairs, or the library ``prim`` is missing.
    """
    if result.members < MIN_PAIRS:
        raise QantarError(
            f"{result.members} pairs are too few for scenario discovery",
            expected=f"at least {MIN_PAIRS}",
            hint="raise --members",
        )
    draws = result.scenario.draws(result.seed, result.members)
    numbers = pd.DataFrame(draws.parameters, columns=[n.name for n in result.scenario.numbers])
    if draws.rules is not None:
        numbers[[n.name for n in result.scenario.rules]] = draws.rules
    numbers = numbers.loc[:, numbers.nunique() > 1]

    country = result.baseline.outcome.layout.country
    before = result.baseline.outcome.samples(quantity, "country", country, "total")
    bad: Flags = world.outcome.samples(quantity, "country", country, "total") > before
    searched = np.arange(result.members) % 2 == 0
    if bad[searched].sum() < MIN_CASES:
        return None
    limits = _limits(numbers[searched], bad[searched])
    return None if limits.empty else _tested(world.label, limits, numbers, bad, searched)


def _tested(
    change: str, limits: pd.DataFrame, numbers: pd.DataFrame, bad: Flags, searched: Flags
) -> Box:
    """Return the box with its shares of bad pairs, tested on the pairs that were not searched."""
    from scipy.stats import hypergeom  # slow to import

    within = np.ones(len(bad), np.bool_)
    for row in limits.itertuples(index=False):
        values = numbers[row.parameter].to_numpy()
        within &= (values >= row.low) & (values <= row.high)

    def share(where: Flags) -> float:
        return float(bad[where].mean()) if where.any() else float("nan")

    held_out = ~searched
    inside = within & held_out
    p_value = hypergeom.sf(
        (bad & inside).sum() - 1, held_out.sum(), (bad & held_out).sum(), inside.sum()
    )
    return Box(
        change,
        limits,
        base=float(bad.mean()),
        found=share(within & searched),
        confirmed=share(inside),
        inside=int(inside.sum()),
        p_value=float(p_value),
    )


def box_table(boxes: Sequence[Box]) -> pd.DataFrame:
    """Return boxes as a table with one row per limit; see `Box` for the columns."""
    parts = [
        box.limits.assign(
            change=box.change,
            base=box.base,
            found=box.found,
            confirmed=box.confirmed,
            inside=box.inside,
            p_value=box.p_value,
        )
        for box in boxes
    ]
    columns = ["change", "parameter", "low", "high", "chance"]
    columns += ["base", "found", "confirmed", "inside", "p_value"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def _limits(numbers: pd.DataFrame, bad: Flags) -> pd.DataFrame:
    """Return the significant limits of a box in which bad cases are frequent; none if none are."""
    try:
        from prim import Prim
    except ImportError as error:
        raise QantarError(
            "scenario discovery needs the library prim", hint="pip install 'qantar[study]'"
        ) from error
    box = Prim(
        numbers.reset_index(drop=True), bad, threshold=MIN_DENSITY, threshold_type=">"
    ).find_box()
    if box is None or box.limits.empty:
        return pd.DataFrame(columns=["parameter", "low", "high", "chance"])
    limits = box.limits.rename(columns={"min": "low", "max": "high", "qp values": "chance"})
    limits = limits[limits["chance"] < MAX_P_VALUE].rename_axis("parameter").reset_index()
    ordered: pd.DataFrame = limits.sort_values("chance", ignore_index=True)
    return ordered
