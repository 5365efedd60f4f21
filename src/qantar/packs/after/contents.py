"""Every part of the time after a crisis and of the world outside, read and checked at once."""

from __future__ import annotations

from typing import NamedTuple

from qantar.packs.after.fund import Fund, load_fund
from qantar.packs.after.promises import Promises, load_promises
from qantar.packs.after.prosecutions import Prosecutions, load_prosecutions
from qantar.packs.after.referendum import Referendum, load_referendum
from qantar.packs.after.scorecards import Scorecards, load_scorecards
from qantar.packs.country import Country
from qantar.packs.world.alliance import Alliance, load_alliance
from qantar.packs.world.balance import Balance, load_balance


class AfterContents(NamedTuple):
    """The parts in the folders ``after`` and ``world``; None stands for a part that a pack lacks.

    Attributes
    ----------
    promises, referendum, fund, prosecutions, scorecards, alliance, balance : object or None
    """

    promises: Promises | None
    referendum: Referendum | None
    fund: Fund | None
    prosecutions: Prosecutions | None
    scorecards: Scorecards | None
    alliance: Alliance | None
    balance: Balance | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the parts that the pack lacks."""
        return tuple(name for name, part in zip(self._fields, self, strict=True) if part is None)


def load_after(country: Country) -> AfterContents:
    """Read and check every part of a pack that lies in its folders ``after`` and ``world``.

    Parameters
    ----------
    country : Country

    Returns
    -------
    AfterContents

    Raises
    ------
    FileError
        At the first error in a file, with its line where it has one.
    """
    return AfterContents(
        load_promises(country),
        load_referendum(country),
        load_fund(country),
        load_prosecutions(country),
        load_scorecards(country),
        load_alliance(country),
        load_balance(country),
    )
