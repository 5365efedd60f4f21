"""After a crisis and the world outside, at a glance: facts checked, systems counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import pandas as pd

from qantar.analysis.after import (
    promises,
    prosecution_checks,
    scorecards_checks,
    security_checks,
)
from qantar.analysis.after.promise_outlook import Board, Prediction
from qantar.analysis.after.prosecutions import ProsecutionStudy, study_prosecutions
from qantar.analysis.after.scorecard_posteriors import score_laws
from qantar.analysis.after.systems import ASKED, systems_table
from qantar.analysis.state.checks import Check
from qantar.analysis.state.overview import LAW_COLUMNS, Overview, overview_of_state
from qantar.analysis.world import alliance, balance_checks, balance_predictions
from qantar.analysis.world.alliance import AllianceStudy, study_alliance
from qantar.analysis.world.balance_picture import Picture, picture_of
from qantar.base.text_cache import cached_text
from qantar.packs.after.contents import AfterContents, load_after
from qantar.packs.country import Country
from qantar.packs.years import Years

PARTS = {
    "promises": "promises",
    "referendum": "the referendum",
    "fund": "the fund",
    "prosecutions": "from arrest to sentence",
    "scorecards": "scorecards",
    "alliance": "the alliance and its neighbours",
    "balance": "Russia and the balance among powers",
}
"""Parts, by the names of `AfterContents`, and what they are called."""

_MAKERS: dict[str, tuple[str, Callable[[Country], Iterable[Check]]]] = {
    "security services": ("B8", security_checks.checks),
    "the alliance": ("C1", alliance.checks),
    "the balance": ("C3", balance_checks.checks),
    "promises, referendum and fund": ("D1", promises.checks),
    "prosecutions": ("D7", prosecution_checks.checks),
    "scorecards": ("E5", scorecards_checks.checks),
}
"""Parts that have checks: the system of their first fact, and the function."""


@dataclass(frozen=True)
class AfterRecord:
    """After a crisis and the world outside, as a pack describes them.

    What takes long is worked out when it is first asked for.

    Attributes
    ----------
    country : Country
    years : Years
    contents : AfterContents
    """

    country: Country
    years: Years
    contents: AfterContents

    @property
    def parts(self) -> list[str]:
        """Parts that the pack has; names of `PARTS`."""
        return [name for name in PARTS if name not in self.contents.missing]

    @property
    def absent(self) -> list[str]:
        """Parts that the pack lacks, which are off."""
        return list(self.contents.missing)

    @cached_property
    def overview(self) -> Overview:
        """Checks and systems; there are no laws of events."""
        return overview_of_after(self.country, self.years)

    @cached_property
    def prosecutions(self) -> ProsecutionStudy | None:
        """The study of prosecutions, which takes some seconds."""
        return study_prosecutions(self.country)

    @cached_property
    def board(self) -> Board | None:
        """The board of promises."""
        return promises.promise_board(self.country)

    @cached_property
    def promise_predictions(self) -> list[Prediction]:
        """Shares of the points enacted and reversed."""
        return promises.predictions(self.country)

    @cached_property
    def score_laws(self) -> pd.DataFrame:
        """Log scores of the rule of scorecards and of its rivals, a row a monitor."""
        cards = self.contents.scorecards
        return pd.DataFrame() if cards is None else score_laws(cards)

    @cached_property
    def alliance(self) -> AllianceStudy | None:
        """The study of the alliance and of contagion."""
        return study_alliance(self.country)

    @cached_property
    def balance(self) -> Picture | None:
        """What the drawing of the balance shows."""
        return picture_of(self.country)

    @cached_property
    def balance_predictions(self) -> list[balance_predictions.Prediction]:
        """What the rules of the balance say of later years."""
        return balance_predictions.predictions(self.country)


def describe_after(country: Country, years: Years) -> AfterRecord | None:
    """Return what a pack has of the time after a crisis, or None if it has no part of it."""
    contents = load_after(country)
    if len(contents.missing) == len(PARTS):
        return None
    return AfterRecord(country, years, contents)


def overview_of_after(country: Country, years: Years) -> Overview:
    """Return the checks and systems of a pack; what was worked out before is read again.

    Systems that the state tells too are counted with its facts.
    """
    checks = kept_checks(country)
    beside = [each for each in overview_of_state(country, years).checks if each.system in ASKED]
    laws = pd.DataFrame(columns=LAW_COLUMNS)
    return Overview(checks, laws, systems_table(checks, beside, country))


def kept_checks(country: Country) -> tuple[Check, ...]:
    """Return the checks of `all_checks`; what was worked out before is read again."""

    def make() -> str:
        return json.dumps([asdict(check) for check in all_checks(country)])

    kept = json.loads(cached_text(("after", country.fingerprint), make))
    return tuple(Check(**{**row, "claims": tuple(row["claims"])}) for row in kept)


def all_checks(country: Country) -> list[Check]:
    """Return the checks of every part that a pack has, by system."""
    found = [
        check
        for part, (system, make) in _MAKERS.items()
        for check in _checked(country, part, system, make)
    ]
    return sorted(found, key=lambda check: (check.system[:1], int(check.system[1:])))


def _checked(
    country: Country, part: str, system: str, make: Callable[[Country], Iterable[Check]]
) -> Sequence[Check]:
    """Return the checks of a part; a pack whose rows were taken out says that they are missing."""
    try:
        return list(make(country))
    except (LookupError, ValueError, StopIteration) as error:
        name = str(error.args[0]) if error.args else type(error).__name__
        missing = f"the pack was changed, and lacks what the facts ask for: {name}"
        return [Check(system, f"All facts about {part}", "", missing, "not told")]
