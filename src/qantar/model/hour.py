"""The schedule of one simulated hour.

The mechanisms in order, each in its own file:

 1. state_decisions     decisions of the script or of the offices take effect
 2. price_shock         people notice the new price
 3. standing_grievance  grievance and the issue decide who could come out
 4. shutdown            communications are cut, with effects of either sign
 5. ties                kin and workmates pass on how many are out
 6. media               national news spreads, unless it is cut
 7. joining             people come out as they expect others to
 8. policing            officers face the crowd and use force
 9. organised_violence  networks incite violence under cover of the crowd
10. coordinated_attack  trained groups attack, with or without a crowd
11. escalation          some protesters turn violent
12. control             the state loses or regains control of a place
13. reinforcement       mobile forces are called and move to where they are needed
14. attacks             state buildings are attacked
15. looting             shops are looted by night
16. lethal_force        people are shot
17. security_losses     police and soldiers are wounded and killed
18. arrests             people are detained, in the street and at home
19. anger               anger responds to the events of the hour
20. fear                fear responds to the events of the hour
21. demands             demands widen; concessions are believed or not
22. weariness           places tire of protest
23. returning           after a night at home people may protest again
24. leaving             people go home
25. reporting           figures are published

A mechanism that an account switches off is skipped, and its fields keep their neutral values unless
it defines `off`. Terms may be held to their course in another run (`held_mediators`). Mechanisms of
other packages run directly after the one named by their `after`.
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
    shutdown,
    standing_grievance,
    state_decisions,
    ties,
    weariness,
)
from qantar.model.mediators import HeldMediators
from qantar.model.offices.decide import Rules
from qantar.model.plugins import use_mechanisms
from qantar.model.records import (
    Records,
    group_capacity,
    place_capacity,
    record_of,
    record_type,
    region_capacity,
    zeros,
)
from qantar.model.state import (
    CENTRE,
    COHORT,
    NOT_YET,
    REGION,
    Amendments,
    Environment,
    Script,
    State,
    ties_record,
)
from qantar.rng import Key
from qantar.rng.cohorts import draws_record

SCHEDULE = (
    crowd.NEW_HOUR,
    state_decisions.MECHANISM,
    price_shock.MECHANISM,
    standing_grievance.MECHANISM,
    shutdown.MECHANISM,
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
"""The schedule of one hour. People are counted where the next mechanisms need the number."""

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
"""Recorded variables whose column order is stable between versions; newer ones follow."""

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
    "dark",
    "curiosity",
    "coordination",
    "deafness",
    "prices_felt",
    "morale",
)
"""Recorded terms whose column order is stable between versions; newer ones follow."""

_OUTSIDE = use_mechanisms()
_MODEL = compose(SCHEDULE, _OUTSIDE, first_records=FIRST_RECORDS, first_terms=FIRST_TERMS)

MECHANISMS = _MODEL.mechanisms
"""Every mechanism by name, in schedule order, including those of other packages."""

FIELDS = _MODEL.fields
"""State variables of a place, in schedule order."""

VARIABLES = _MODEL.variables
"""Variables recorded for every place and hour."""

TERMS = _MODEL.terms
"""The fields of a place that are terms, in recording order."""

place_record = cache(_MODEL.place_record)
"""Return the record type of the state of all places, by the length of its arrays: see `FIELDS`."""

Parameters = named_tuple(
    "Parameters", {name: m.parameters for name, m in MECHANISMS.items() if m.parameters is not None}
)
"""Parameters of every mechanism that has any."""

Switches = named_tuple("Switches", dict.fromkeys(MECHANISMS, bool))
"""Which mechanisms an account switches on."""

PARAMETERS = record_of(Parameters)
"""`Parameters` as a record type: compiled functions take one pointer, not a hundred numbers."""

SWITCHES = record_of(Switches)
"""`Switches` as a record type; 1 is on."""

Recorded: TypeAlias = NDArray[np.float32]
"""Record of one member: float array (hours, places, variables)."""


class Latent(NamedTuple):
    """Latent effects of each place, in standard deviations.

    Attributes
    ----------
    propensity, threshold : float array (P,)
        Readiness to protest, and the threshold at which people expect others to join.
    """

    propensity: Numbers
    threshold: Numbers


class Member(NamedTuple):
    """Inputs that differ between the members of a run.

    Attributes
    ----------
    key : Key
        Random key.
    script : Script
        Hours of state actions, drawn within the dates given by the sources.
    parameters : record array (1,) of `PARAMETERS`
    switches : record array (1,) of `SWITCHES`
        Mechanisms that the account switches on.
    latent : Latent
        Place effects.
    decider : int
        Who takes the state's decisions: a `state_decisions.Decider`.
    rules : record array (1,) of `offices.decide.RULES`
        Parameters of the offices.
    amendments : Amendments
        Bounds that interventions put on decisions.
    held_mediators : HeldMediators
        Terms held to their course in another run.
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
"""Initialise what stays constant during the episode."""

step: Callable[[State, Environment, Member, int], None] = _COMPILED.step
"""Run one hour."""

run: Callable[[State, Environment, Member, Recorded, int], None] = _COMPILED.run
"""Run the hours from a first one and record them: float array (hours, places, variables)."""

follow: Callable[[State, Environment, Member, Recorded, Numbers, Numbers, int, int], None] = (
    _COMPILED.follow
)
"""Run the hours from a first one to before a last one; record variables, terms (hours, places,
terms) and orders (hours, kinds, places). No terms are recorded if their array has no hours."""


def initial_state(environment: Environment) -> State:
    """Return the initial state: everyone quiet, every field neutral."""
    places = place_capacity(environment.place_count)
    groups = group_capacity(environment.group_count)
    state = State(
        places=zeros(place_record(places)),
        people=zeros(record_type((groups, places), *COHORT)),
        regions=zeros(record_type((region_capacity(environment.region_count),), *REGION)),
        centre=zeros(CENTRE),
        ties=zeros(ties_record(places)),
        draws=zeros(draws_record(places, groups)),
    )
    for field in FIELDS:
        state.places[field.name][:] = field.neutral
    environment.of_cohorts(state.people["quiet"])[:] = environment.cohort
    state.people["readiness"][:] = 1.0
    state.draws["group_id"][:] = environment.groups["group_id"]
    state.draws["group_count"] = environment.group_count
    state.centre["trust"] = 1.0
    state.centre["since"][:] = NOT_YET
    state.regions["since_concession"][:] = NOT_YET
    state.regions["since_emergency"][:] = NOT_YET
    return state


def mechanisms() -> dict[str, Mechanism]:
    """Return every mechanism by name, in schedule order."""
    return dict(MECHANISMS)


@cache
def offices() -> dict[str, Mechanism]:
    """Return every office by name, in the order of their decisions."""
    package = _offices.__name__
    modules = [importlib.import_module(f"{package}.{name}") for name in Rules._fields]
    return {module.OFFICE.name: module.OFFICE for module in modules}
