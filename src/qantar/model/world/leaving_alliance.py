"""Leaving an alliance: a constant small hazard, with a factor from a given moment on.

Law: a member stays with probability exp(-hazard x years); after the moment the hazard is multiplied
by a factor that may be above or below one. Seed-003 s4.2 says that both treaties allow an exit,
that staying brings a risk of sanctions and that an exit would be a threat in Moscow's eyes; so the
sign is open. Both numbers are assumed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers


class Parameters(NamedTuple):
    """Hazard per year and a factor; each a number or an array over draws."""

    hazard: Numbers
    war: Numbers


def chance_of_staying(p: Parameters, years_before: float, years_after: float) -> Numbers:
    """Return the probability that a member stays all these years: float array (draws,).

    Parameters
    ----------
    p : Parameters
    years_before, years_after : float
        Years without and with the factor.
    """
    result: Numbers = np.exp(-p.hazard * (years_before + p.war * years_after))
    return result
