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

A mechanism that an account switches off is skipped, and what it would have changed keeps its
neutral value. Between the mechanisms, terms may be held to the course of another run (`mediators`).
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model import mediators
from qantar.model.actions import Amendments, Script
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
from qantar.model.mediators import Pinned
from qantar.model.state import Ground, Records, State, record_of
from qantar.rng import Key

WEIGHED_EVERY = 6
"""Hours between two reckonings of readiness, besides those at every state decision."""


class Strengths(NamedTuple):
    """The parameters of every mechanism that has any."""

    price_shock: price_shock.Parameters
    standing_grievance: standing_grievance.Parameters
    ties: ties.Parameters
    media: media.Parameters
    joining: joining.Parameters
    policing: policing.Parameters
    organised_violence: organised_violence.Parameters
    coordinated_attack: coordinated_attack.Parameters
    escalation: escalation.Parameters
    control: control.Parameters
    reinforcement: reinforcement.Parameters
    attacks: attacks.Parameters
    looting: looting.Parameters
    lethal_force: lethal_force.Parameters
    security_losses: security_losses.Parameters
    arrests: arrests.Parameters
    anger: anger.Parameters
    fear: fear.Parameters
    demands: demands.Parameters
    weariness: weariness.Parameters
    returning: returning.Parameters
    leaving: leaving.Parameters
    reporting: reporting.Parameters


class Switches(NamedTuple):
    """Which mechanisms an account has on."""

    state_decisions: bool
    price_shock: bool
    standing_grievance: bool
    ties: bool
    media: bool
    joining: bool
    policing: bool
    organised_violence: bool
    coordinated_attack: bool
    escalation: bool
    control: bool
    reinforcement: bool
    attacks: bool
    looting: bool
    lethal_force: bool
    security_losses: bool
    arrests: bool
    anger: bool
    fear: bool
    demands: bool
    weariness: bool
    returning: bool
    leaving: bool
    reporting: bool


STRENGTHS = record_of(Strengths)
"""`Strengths` as one record: a compiled function takes one pointer, not a hundred numbers."""

SWITCHES = record_of(Switches)
"""`Switches` as one record; 1 is on."""


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
    strengths : record array (1,) of `STRENGTHS`
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
    pinned : Pinned
        Terms held to the course of another run.
    """

    key: Key
    script: Script
    strengths: Records
    switches: Records
    latent: Latent
    decider: int
    rules: Records
    amendments: Amendments
    pinned: Pinned


@compiled
def begin(state: State, ground: Ground, member: Member) -> None:
    """Work out what holds for the whole episode."""
    s = member.strengths[0]
    on = member.switches[0]
    latent = member.latent
    if on.standing_grievance > 0.0:
        standing_grievance.settle(state, ground, s.standing_grievance, latent.propensity)
    if on.ties > 0.0:
        ties.bind(state, ground, s.ties)
    if on.organised_violence > 0.0:
        organised_violence.root(state, ground, s.organised_violence)
    if on.coordinated_attack > 0.0:
        coordinated_attack.plan(state, ground, s.coordinated_attack, member.key)
    joining.set_thresholds(state, s.joining, latent.threshold)


@compiled
def step(  # noqa: C901  (one line a mechanism is what makes the hour readable)
    state: State, ground: Ground, member: Member, hour: int
) -> None:
    """Run one hour."""
    s = member.strengths[0]
    on = member.switches[0]
    key = member.key
    pins = member.pinned
    if on.state_decisions > 0.0:
        state_decisions.put_in_force(
            state, ground, member.script, member.amendments, member.decider, member.rules, hour
        )
    mediators.hold_obedience(state, pins, hour)
    if on.price_shock > 0.0:
        price_shock.feel(state, ground, s.price_shock)
    else:
        price_shock.spread_evenly(state, ground)
    mediators.hold_price(state, pins, hour)
    if on.standing_grievance > 0.0:
        if hour % WEIGHED_EVERY == 0 or state.decided[0] == 1:
            standing_grievance.weigh(state, ground, s.standing_grievance)
    elif hour == 0:
        standing_grievance.ignore(state, ground)
    if on.ties > 0.0:
        ties.carry(state, ground, s.ties)
    if on.media > 0.0:
        media.report(state, ground, s.media)
    mediators.hold_news(state, pins, hour)
    if on.joining > 0.0:
        joining.join(state, ground, s.joining, key, hour)
    count(state, ground)
    if on.policing > 0.0:
        policing.confront(state, ground, s.policing)
    mediators.hold_force(state, pins, hour)
    if on.organised_violence > 0.0:
        organised_violence.instigate(state, s.organised_violence)
    if on.coordinated_attack > 0.0:
        coordinated_attack.strike(state, ground, s.coordinated_attack, key, hour)
    if on.escalation > 0.0:
        escalation.provoke(state, ground, s.escalation)
    mediators.hold_provocation(state, pins, hour)
    if on.organised_violence + on.escalation > 0.0:
        escalation.turn_violent(state, ground, key, hour)
    count(state, ground)
    if on.control > 0.0:
        control.balance(state, ground, s.control)
    if on.reinforcement > 0.0:
        reinforcement.deploy(state, ground, s.reinforcement)
    mediators.hold_control(state, pins, hour)
    if on.attacks > 0.0:
        attacks.storm(state, ground, s.attacks, key, hour)
    if on.looting > 0.0:
        looting.rob(state, ground, s.looting, key, hour)
    if on.lethal_force > 0.0:
        lethal_force.shoot(state, ground, s.lethal_force, key, hour)
    if on.security_losses > 0.0:
        security_losses.suffer(state, ground, s.security_losses, key, hour)
    if on.arrests > 0.0:
        arrests.detain(state, ground, s.arrests, key, hour)
    if on.anger > 0.0:
        anger.rouse(state, ground, s.anger)
    if on.fear > 0.0:
        fear.spread(state, ground, s.fear)
    if on.demands > 0.0:
        demands.widen(state, ground, s.demands)
    if on.weariness > 0.0:
        weariness.tire(state, ground, s.weariness)
    mediators.hold_mood(state, pins, hour)
    count(state, ground)
    if on.returning > 0.0:
        returning.rest(state, ground, s.returning, key, hour)
    if on.leaving > 0.0:
        leaving.leave(state, ground, s.leaving, key, hour)
    if on.reporting > 0.0:
        reporting.publish(state, ground, s.reporting)
    count(state, ground)


@compiled
def count(state: State, ground: Ground) -> None:
    """Count the people in the street of every place."""
    places = state.places
    people = state.people
    homes = ground.places
    groups = ground.groups
    for i in range(homes.size):
        peaceful = 0
        violent = 0
        for g in range(groups.size):
            peaceful += people[i, g].protesting
            violent += people[i, g].militant
        places[i].crowd = peaceful + violent
        places[i].militants = violent
