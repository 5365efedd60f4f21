"""Systems of the sources that the time after a crisis and the world outside answer to."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import pandas as pd

from qantar.analysis.state.checks import Check
from qantar.analysis.state.overview import VERDICTS
from qantar.model import month
from qantar.model.after import (
    arenas,
    fund,
    poll_answers,
    promises,
    prosecution_state,
    referendum,
    scorecards,
)
from qantar.model.after import prosecutions as prosecution_rule
from qantar.model.mechanisms import control, policing, security_losses, state_decisions
from qantar.model.world import (
    asking,
    balance,
    consent,
    contagion,
    deployment,
    leaving_alliance,
    sentiment,
)
from qantar.packs.country import Country

SYSTEMS = {
    "B8": "Security services",
    "C1": "The alliance (CSTO)",
    "C2": "The Russian factor",
    "C3": "Balance among powers",
    "C4": "Contagion to neighbours",
    "C6": "Foreign attention and human rights",
    "D1": "The programme of promises",
    "D2": "Referendum",
    "D3": "New cabinet and old team",
    "D4": "The fund and the fee",
    "D5": "Reform and repression by turns",
    "D6": "Assets and the family",
    "D7": "From arrest to sentence",
    "E3": "Survey of the thesis",
    "E4": "Other polls",
    "E5": "Scorecards of democracy",
    "E6": "Indices and rankings",
}
"""Systems of the sources, with a short name."""

ASKED = tuple(SYSTEMS)

RULES: dict[str, tuple[ModuleType, ...]] = {
    "B8": (policing, control, security_losses, state_decisions),
    "C1": (asking, consent, deployment, leaving_alliance),
    "C2": (sentiment, leaving_alliance),
    "C3": (balance,),
    "C4": (contagion,),
    "C6": (prosecution_rule,),
    "D1": (promises,),
    "D2": (referendum,),
    "D4": (fund,),
    "D5": (promises,),
    "D7": (prosecution_rule,),
    "E3": (poll_answers,),
    "E5": (arenas, scorecards),
    "E6": (scorecards,),
}
"""Files of the model that stand for a system beside the mechanisms of the month."""

_STATE: dict[str, tuple[str, ...]] = {
    "B8": tuple(
        field.name
        for each in (policing, control, security_losses, state_decisions)
        for field in each.MECHANISM.fields
    ),
    "C1": ("consent", *deployment.Times._fields),
    "C2": ("support by group",),
    "C3": ("distance of policy", *balance.Forces._fields),
    "C4": ("fear of a neighbour", *contagion.Neighbour._fields),
    "C6": ("inquiry opened",),
    "D1": ("promised", "drafted", "enacted", "reversed"),
    "D2": referendum.Votes._fields,
    "D4": fund.FundFlows._fields,
    "D5": ("share of promises enacted",),
    "D7": prosecution_state.STAGES,
    "E3": ("answers asked again",),
    "E5": tuple(arenas.ARENAS),
    "E6": ("score of a monitor",),
}
"""Variables of these files; those of the month are added."""

FILES = {
    "B8": ("state/posts.csv", "state/people.csv", "state/holdings.csv"),
    "C1": ("world/requests.csv", "world/contingents.csv", "world/members.csv"),
    "C2": ("world/dependence.csv", "world/statements.csv", "state/polls.csv", "world/members.csv"),
    "C3": ("world/statements.csv", "world/memberships.csv", "world/dependence.csv"),
    "C4": ("world/members.csv", "world/contingents.csv"),
    "C6": ("after/prosecutions.csv", "state/cases.csv", "state/outlet_events.csv"),
    "D1": ("after/promises.csv", "after/promises.yaml"),
    "D2": ("after/referendum.csv",),
    "D3": ("state/posts.csv", "state/holdings.csv", "state/elite_counts.csv"),
    "D4": ("after/fund.csv",),
    "D5": ("after/promises.csv", "years/triggers.csv"),
    "D6": ("state/factions.csv", "state/holdings.csv"),
    "D7": ("after/prosecutions.csv", "after/prosecutions_input.csv"),
    "E3": ("state/polls.csv",),
    "E4": ("state/polls.csv",),
    "E5": ("after/arenas.csv", "after/monitors.csv", "after/scores.csv"),
    "E6": ("after/monitors.csv", "after/scores.csv"),
}
"""Files of a pack that describe a system."""


def systems_table(
    checks: Sequence[Check], beside: Sequence[Check] = (), country: Country | None = None
) -> pd.DataFrame:
    """Count the verdicts of every system, and name its state, rules and inputs.

    Parameters
    ----------
    checks : sequence of Check
        Those of the parts after a crisis.
    beside : sequence of Check
        Those of the same systems that the page of the state shows.
    country : Country, optional
        Its files are named; without it those that a pack may have.

    Returns
    -------
    DataFrame
        system, name, state, rules, inputs, input, hit, miss, not_told, with_the_state (how many
        of them stand with the state).
    """
    rows = []
    for system in ASKED:
        own = [each.verdict for each in (*checks, *beside) if each.system == system]
        monthly = [each for each in month.MECHANISMS.values() if system in each.systems]
        fields = [field.name for each in monthly for field in (*each.country, *each.regions)]
        files = FILES[system]
        if country is not None:
            files = tuple(f for f in files if (country.folder / f).is_file())
        modules = RULES.get(system, ()) if files else ()
        rules = [*(each.title for each in monthly), *map(title_of, modules)]
        state = _STATE.get(system, ()) if files else ()
        rows.append(
            {
                "system": system,
                "name": SYSTEMS[system],
                "state": "; ".join(dict.fromkeys((*state, *fields))),
                "rules": "; ".join(rules),
                "inputs": "; ".join(files),
                **{verdict.replace(" ", "_"): own.count(verdict) for verdict in VERDICTS},
                "with_the_state": sum(each.system == system for each in beside),
            }
        )
    return pd.DataFrame(rows)


def parts_by_system(country: Country) -> dict[str, tuple[str, ...]]:
    """Return the rules after a crisis, and of the world outside, that a pack has data for."""
    found = {}
    for system, modules in RULES.items():
        there = any((country.folder / file).is_file() for file in own_files(system))
        names = (module.__name__.rpartition(".") for module in modules)
        rules = tuple(name for package, _, name in names if package.endswith(_PACKAGES))
        if there and rules:
            found[system] = rules
    return found


def own_files(system: str) -> tuple[str, ...]:
    """Return the files of the folders ``after`` and ``world`` that describe a system."""
    return tuple(name for name in FILES.get(system, ()) if name.startswith(("after/", "world/")))


_PACKAGES = (".model.after", ".model.world")


def title_of(module: ModuleType) -> str:
    """Return the first line of a file of the model: what its rule is."""
    return str(module.__doc__).splitlines()[0].rstrip(".")
