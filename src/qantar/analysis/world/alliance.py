"""The alliance and contagion to neighbours: everything the part computes, in one study."""

from __future__ import annotations

from dataclasses import dataclass

from qantar.analysis.state.checks import Check, told
from qantar.analysis.world.alliance_checks import alliance_checks
from qantar.analysis.world.alliance_draws import DRAWS, SEED
from qantar.analysis.world.consent import READINGS, ConsentStudy, range_over_codings, study_consent
from qantar.analysis.world.contagion import ContagionStudy, study_contagion
from qantar.analysis.world.contagion_checks import contagion_checks
from qantar.analysis.world.deployment import DeploymentStudy, study_deployment
from qantar.analysis.world.memberships import Prediction, predict_memberships
from qantar.packs.country import Country
from qantar.packs.world.alliance import Alliance, load_alliance

OFF = "the pack has no requests.csv, contingents.csv and members.csv in its folder `world`"
"""Why the part is off."""


@dataclass(frozen=True)
class AllianceStudy:
    """Results of the part.

    Attributes
    ----------
    alliance : Alliance
    host : str
    consents : tuple of ConsentStudy
        The main one first: all crises as requests, priors that follow the sources.
    codings : dict of str to tuple
        For each crisis in which troops were sent, the range of leave-one-out over other codings.
    contagion : ContagionStudy
    deployment : DeploymentStudy
    predictions : tuple of Prediction
    """

    alliance: Alliance
    host: str
    consents: tuple[ConsentStudy, ...]
    codings: dict[str, tuple[float, float, int]]
    contagion: ContagionStudy
    deployment: DeploymentStudy
    predictions: tuple[Prediction, ...]

    @property
    def consent(self) -> ConsentStudy:
        """The main study of consent."""
        return self.consents[0]


def study_alliance(
    country: Country, *, seed: int = SEED, draws: int = DRAWS
) -> AllianceStudy | None:
    """Run the part, or return None if the pack does not describe an alliance; see `OFF`.

    Parameters
    ----------
    country : Country
    seed : int
    draws : int
        Draws from the priors.
    """
    alliance = load_alliance(country)
    if alliance is None:
        return None
    host = country.header.country
    contagion = study_contagion(alliance, host, seed, draws)
    return AllianceStudy(
        alliance,
        host,
        tuple(
            study_consent(alliance.requests, seed, draws, reading, open_signs=open_signs)
            for reading in READINGS
            for open_signs in (False, True)
        ),
        {
            each.crisis: range_over_codings(alliance.requests, each.crisis, seed, draws)
            for each in alliance.requests
            if each.sent
        },
        contagion,
        study_deployment(alliance, contagion.contingents, seed, draws),
        predict_memberships(alliance, host, seed, draws),
    )


def checks(country: Country, study: AllianceStudy | None = None) -> list[Check]:
    """Return what the sources say about the alliance, beside what the pack has and the rules give.

    Parameters
    ----------
    country : Country
    study : AllianceStudy, optional
        Run if it is not given.

    Returns
    -------
    list of Check
        Empty if the part is off.
    """
    study = study or study_alliance(country)
    if study is None:
        return []
    found = [
        *alliance_checks(study.alliance, study.consents, study.codings, study.deployment),
        *contagion_checks(study.contagion),
    ]
    return told(country, found)


def predictions(
    country: Country, *, seed: int = SEED, draws: int = DRAWS
) -> tuple[Prediction, ...]:
    """Return predicted memberships, from nothing dated 2023 or later; empty if the part is off."""
    alliance = load_alliance(country)
    if alliance is None:
        return ()
    return predict_memberships(alliance, country.header.country, seed, draws)
