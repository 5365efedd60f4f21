"""One hour of the country, and the order in which things happen in it.

The schedule, in order; each line is a mechanism in a file of its own:

 1. state_decisions      what the script of the episode, or the offices of the state, put in force
 2. price_shock          the price is noticed at the pump
 3. standing_grievance   years of grievance make people ready
 4. ties                 kin and workmates carry the news
 5. media                national news, until it is cut
 6. joining              people come out
 7. policing             police meet the crowd
 8. organised_violence   networks use the cover of the crowd
 9. coordinated_attack   trained groups strike, crowd or no crowd
10. escalation           some turn violent
11. control              the state loses or regains the place
12. reinforcement        mobile forces go where they are needed
13. attacks              buildings of the state are stormed
14. looting              shops are robbed
15. lethal_force         people are shot
16. security_losses      so are police and soldiers
17. arrests              people are detained
18. anger                what the hour gives people reason for
19. fear                 what it makes them afraid of
20. demands              what they now ask, and what they believe
21. weariness            days in the street wear out
22. returning            after a night at home people may be ready again
23. leaving              others go home
24. reporting            figures are published

A mechanism that an account switches off is skipped, and what it owns keeps its neutral value,
unless it says what happens instead (`off`). Terms may be held to the course of another run
(`held_mediators`). Mechanisms of other packages run directly after the one that they name.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model import crowd
from qantar.model import offices as _offices
from qantar.model.compose import compose, load, named_tuple
from qantar.model.mechanism import Mechanism
from qantar.model.mechanisms import (
    anger,
    arrests,
    attacks,
    control,
    coordinated_attack,
    demands,
    escalation,
    fear,
    joining,
    leaving,
    lethal_force,
    looting,
    media,
    organised_violence,
    policing,
    price_shock,
    reinforcement,
    reporting,
    returning,
    security_losses,
    standing_grievance,
    state_decisions,
    ties,
    weariness,
)
from qantar.model.mediators import HeldMediators
from qantar.model.offices.decide import Rules
from qantar.model.plugins import use_mechanisms
from qantar.model.state import (
    ACTION_KINDS,
    CENTRE,
    COHORT,
    NOT_YET,
    REGION,
    Amendments,
    Environment,
    Records,
    Script,
    State,
    record_of,
)
from qantar.rng import Key

SCHEDULE = (
    state_decisions.MECHANISM,
    price_shock.MECHANISM,
    standing_grievance.MECHANISM,
    ties.MECHANISM,
    media.MECHANISM,
    joining.MECHANISM,
    crowd.COUNT,
    policing.MECHANISM,
    organised_violence.MECHANISM,
    coordinated_attack.MECHANISM,
    escalation.MECHANISM,
    escalation.TURN_VIOLENT,
    crowd.COUNT,
    control.MECHANISM,
    reinforcement.MECHANISM,
    attacks.MECHANISM,
    looting.MECHANISM,
    lethal_force.MECHANISM,
    security_losses.MECHANISM,
    arrests.MECHANISM,
    anger.MECHANISM,
    fear.MECHANISM,
    demands.MECHANISM,
    weariness.MECHANISM,
    crowd.COUNT,
    returning.MECHANISM,
    leaving.MECHANISM,
    reporting.MECHANISM,
    crowd.COUNT,
)
"""The hour, in order. People are counted where the next mechanisms need their number."""

FIRST_RECORDS = (
    "crowd",
    "militants",
    "joined",
    "detained",
    "wounded",
    "deaths",
    "security_wounded",
    "security_deaths",
    "buildings_attacked",
    "businesses_looted",
    "control",
    "detained_published",
    "deaths_published",
)
"""Columns of a record keep their place from one version to the next; newer ones follow these."""

FIRST_TERMS = (
    "spark",
    "price_pressure",
    "ties_news",
    "media_news",
    "force",
    "dispersal",
    "provocation",
    "instigation",
    "loyalty",
    "control",
    "reinforcement",
    "anger",
    "fear",
    "regime_demand",
    "belief",
    "weariness",
)
"""The same for the terms of a followed run."""

_OUTSIDE = use_mechanisms()
_MODEL = compose(SCHEDULE, _OUTSIDE, first_records=FIRST_RECORDS, first_terms=FIRST_TERMS)

MECHANISMS = _MODEL.mechanisms
"""Every mechanism by name, in the order of the hour, with those of other packages."""

FIELDS = _MODEL.fields
"""What is known of a place and changes every hour, in the order of the hour."""

VARIABLES = _MODEL.variables
"""What is recorded of every place and hour."""

TERMS = _MODEL.terms
"""The fields of a place that are terms, in the order in which they are recorded."""

PLACE = _MODEL.place
"""A place, this hour, as one record: see `FIELDS`."""

Parameters = named_tuple(
    "Parameters", {name: m.parameters for name, m in MECHANISMS.items() if m.parameters is not None}
)
"""The parameters of every mechanism that has any."""

Switches = named_tuple("Switches", dict.fromkeys(MECHANISMS, bool))
"""Which mechanisms an account has on."""

PARAMETERS = record_of(Parameters)
"""`Parameters` as one record: a compiled function takes one pointer, not a hundred numbers."""

SWITCHES = record_of(Switches)
"""`Switches` as one record; 1 is on."""

Recorded: TypeAlias = NDArray[np.float32]
"""What a member leaves behind: float array (hours, places, variables)."""


class Latent(NamedTuple):
    """What the data leave unexplained about each place, in standard deviations.

    Attributes
    ----------
    propensity, threshold : float array (P,)
        Readiness to protest, and how much it takes before people believe that others will come.
    """

    propensity: Numbers
    threshold: Numbers


class Member(NamedTuple):
    """What makes one realisation different from the next.

    Attributes
    ----------
    key : Key
        Its luck.
    script : Script
        The hours of state actions, drawn within what the sources say.
    parameters : record array (1,) of `PARAMETERS`
        Its parameters.
    switches : record array (1,) of `SWITCHES`
        The mechanisms that its account has on.
    latent : Latent
        Its place effects.
    decider : int
        Who takes the state's decisions: a `state_decisions.Decider`.
    rules : record array (1,) of `offices.decide.RULES`
        The parameters of the offices.
    amendments : Amendments
        What interventions hold decisions to.
    held_mediators : HeldMediators
        Terms held to the course of another run.
    """

    key: Key
    script: Script
    parameters: Records
    switches: Records
    latent: Latent
    decider: int
    rules: Records
    amendments: Amendments
    held_mediators: HeldMediators


_COMPILED = load(_MODEL, _OUTSIDE)

begin: Callable[[State, Environment, Member], None] = _COMPILED.begin
"""Work out what holds for the whole episode."""

step: Callable[[State, Environment, Member, int], None] = _COMPILED.step
"""Run one hour."""

run: Callable[[State, Environment, Member, Recorded], None] = _COMPILED.run
"""Run all hours and record them: float array (hours, places, variables)."""

follow: Callable[[State, Environment, Member, Recorded, Numbers, Numbers], None] = _COMPILED.follow
"""Run all hours and record them, their terms (hours, places, terms) and what was ordered (hours,
kinds, places). An array of terms without hours keeps none."""


def initial_state(environment: Environment) -> State:
    """Return the country before anything happens: everyone quiet, every field neutral."""
    places, groups = environment.cohort.shape
    state = State(
        places=np.zeros(places, PLACE),
        people=np.zeros((places, groups), COHORT),
        in_force=np.zeros((ACTION_KINDS, places)),
        ordered=np.zeros((ACTION_KINDS, places)),
        pressure=np.zeros(ACTION_KINDS),
        since=np.full(ACTION_KINDS, NOT_YET, np.int64),
        regions=np.zeros(environment.regions, REGION),
        centre=np.zeros(1, CENTRE),
        kinship=np.zeros((places, places)),
        talk=np.zeros(places),
        draws=np.zeros(groups),
        decided=np.zeros(1, np.int64),
    )
    for field in FIELDS:
        state.places[field.name] = field.neutral
    state.people["quiet"] = environment.cohort
    state.people["readiness"] = 1.0
    state.centre["trust"] = 1.0
    state.regions["since_concession"] = NOT_YET
    state.regions["since_emergency"] = NOT_YET
    return state


def mechanisms() -> dict[str, Mechanism]:
    """Return every mechanism by name, in the order of the hour."""
    return dict(MECHANISMS)


@cache
def offices() -> dict[str, Mechanism]:
    """Return every office by name, in the order in which they decide."""
    package = _offices.__name__
    modules = [importlib.import_module(f"{package}.{name}") for name in Rules._fields]
    return {module.OFFICE.name: module.OFFICE for module in modules}
