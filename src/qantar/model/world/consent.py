"""Consent: whether an alliance sends troops to a member that asks.

Law: one logistic rule over five declared features of a crisis. The features are those by which the
sources explain why January 2022 was treated in another way than earlier crises: a danger framed as
coming from abroad (treaty, article 4, against charter, article 5; seed-003 s3.2.1), and Moscow's
interest (seed-001 p23 and p24). That an incumbent asks, that the crisis lies on the territory of a
member and that it is no dispute between states are readings of the authors. All weights are
assumed, and each prior includes zero.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers


class Features(NamedTuple):
    """Features of a crisis, each 0 to 1.

    Attributes
    ----------
    external : float
        Framed as a danger from abroad.
    incumbent : float
        Asked for by an incumbent who holds office.
    territory : float
        On the territory of a member.
    interstate : float
        A dispute between states.
    interest : float
        Moscow has an interest in sending troops.
    """

    external: float
    incumbent: float
    territory: float
    interstate: float
    interest: float


class Parameters(NamedTuple):
    """Weights in log odds, each a number or an array over draws."""

    base: Numbers
    external: Numbers
    incumbent: Numbers
    territory: Numbers
    interstate: Numbers
    interest: Numbers


def logistic(odds: Numbers) -> Numbers:
    """Return the probability of log odds."""
    result: Numbers = 1.0 / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0)))
    return result


def chance_of_consent(p: Parameters, features: Features) -> Numbers:
    """Return the probability that troops are sent if they are asked for.

    Parameters
    ----------
    p : Parameters
        Float arrays (draws,).
    features : Features

    Returns
    -------
    float array (draws,)
    """
    odds = p.base + sum(
        weight * value for weight, value in zip(p[1:], features, strict=True)
    )  # in the order of the fields
    return logistic(odds)
