"""What is wrong in an intervention's file is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from file_edits import HERE, Break
from qantar.base.errors import FileError
from qantar.packs.intervention import list_interventions, load_intervention
from qantar.packs.loading import load_country

FILE = "interventions/price-cut-earlier.yaml"
HOLD = "  - {kind: price_concession, least: 1, from: date, where: [Westmarch]}"
DATE = "date: {default: 2030-03-02T12:00, earliest: 2030-03-01T00:00, latest: 2030-03-04T23:00}"
SIGN = "    sign: either"
FIRST = "  - outcome: participants"
CLAIMS = "references: [acemoglu2006]"
EPISODES = "episodes: [spring-unrest]"
DOSE = "dose: {label: a, unit: b, default: 1, low: 0, high: 2, meaning: c}"

BREAKS = {
    "misspelt key": Break(FILE, "baseline:", "basline:", HERE, ("did you mean 'baseline'",)),
    "no such sign": Break(FILE, SIGN, "    sign: less", HERE, ("sign", "'less'")),
    "no reason": Break(
        FILE, FIRST, "  - {outcome: deaths, sign: fewer}\n" + FIRST, "  - {outcome: deaths",
        ("because",)),
    "outcome twice": Break(
        FILE, SIGN, SIGN + "\n    because: z\n  - outcome: participants\n    sign: either",
        "  - outcome: participants\n    sign: either\n    because: \"", ("appears twice",)),
    "no such kind": Break(
        FILE, HOLD, HOLD.replace("price_concession", "price_concesion"), HERE,
        ("unknown kind of decision", "did you mean 'price_concession'")),
    "no such region": Break(
        FILE, HOLD, HOLD.replace("Westmarch", "Westmark"), HERE,
        ("unknown region", "did you mean 'Westmarch'")),
    "no such episode": Break(
        FILE, EPISODES, "episodes: [spring-unrst]", HERE, ("did you mean 'spring-unrest'",)),
    "no such reference": Break(
        FILE, CLAIMS, "references: [acemoglu2007]", HERE, ("did you mean 'acemoglu2006'",)),
    "no bound": Break(FILE, HOLD, "  - {kind: stand, from: date}", HERE, ("give `least`",)),
    "bound too high": Break(
        FILE, HOLD, HOLD.replace("least: 1", "least: 1.5"), HERE,
        ("out of range", "1.5", "0 to 1")),
    "bounds crossed": Break(
        FILE, HOLD, HOLD.replace("least: 1", "least: 1, most: 0"), HERE,
        ("`least` exceeds `most`",)),
    "dose undeclared": Break(
        FILE, HOLD, HOLD.replace("least: 1", "least: dose"), None,
        ("uses `dose` but does not declare",)),
    "dose unused": Break(
        FILE, EPISODES, EPISODES + "\n" + DOSE, "dose:", ("declared but not used",)),
    "dose out of bounds": Break(
        FILE, HOLD, HOLD.replace("least: 1", "least: dose") + "\n" + DOSE, "  - {kind",
        ("out of range for some dose", "2.0")),
    "no amount": Break(
        FILE, HOLD, HOLD.replace("least: 1", "least: much"), HERE, ("give a number, `dose`",)),
    "date undeclared": Break(FILE, DATE, "", None, ("uses `date` but does not declare",)),
    "date unused": Break(
        FILE, HOLD, HOLD.replace("from: date, ", ""), "date:", ("declared but not used",)),
    "date in no order": Break(
        FILE, DATE, DATE.replace("default: 2030-03-02", "default: 2030-03-12"), HERE,
        ("is not between",)),
    "half an hour": Break(
        FILE, HOLD, HOLD.replace("from: date", "from: 2030-03-02T12:30, until: date"), HERE,
        ("give a full hour",)),
    "date without episode": Break(FILE, EPISODES, "", "decisions:", ("but no episode",)),
    "ends before it begins": Break(
        FILE, HOLD, HOLD.replace("from: date", "from: date, until: 2030-03-04"), HERE,
        ("ends before it begins",)),
    "lasts without from": Break(
        FILE, HOLD, HOLD.replace("from: date", "lasts: 12"), HERE, ("`lasts` needs `from`",)),
    "changes nothing": Break(FILE, f"decisions:\n{HOLD}\n", "", None, ("no change",)),
    "no such parameter": Break(
        FILE, EPISODES, EPISODES + "\nparameters: [{name: demands.drft, add: 1}]", "parameters:",
        ("unknown parameter", "did you mean 'demands.drift'")),
    "parameter twice": Break(
        FILE, EPISODES, EPISODES + "\nparameters:\n  - {name: demands.drift, add: 1}\n"
        "  - {name: demands.drift, add: 2}", "  - {name: demands.drift, add: 2}",
        ("appears twice",)),
    "parameter set too high": Break(
        FILE, EPISODES, EPISODES + "\nparameters: [{name: demands.drift, set: 9}]", "parameters:",
        ("out of range", "0 to 1")),
    "two ways at once": Break(
        FILE, EPISODES, EPISODES + "\nparameters: [{name: demands.drift, add: 1, set: 0}]",
        "parameters:", ("give one of `add`",)),
    "no such ground": Break(
        FILE, EPISODES, EPISODES + "\nground: [{variable: territorial, add: 1}]", "ground:",
        ("unknown environment variable", "did you mean 'territorial_exclusion'")),
    "counted population": Break(
        FILE, EPISODES, EPISODES + "\nground: [{variable: population, add: 1}]", "ground:",
        ("unknown environment variable",)),
    "ground set too high": Break(
        FILE, EPISODES, EPISODES + "\nground: [{variable: police_per_1000, set: 20}]", "ground:",
        ("out of range", "20", "0.5 to 15")),
    "reserve of a region": Break(
        FILE, EPISODES,
        EPISODES + "\nground: [{variable: mobile_reserve, add: 1, where: [Midland]}]",
        "ground:", ("is a variable of the whole country",)),
    "named otherwise": Break(
        FILE, "name: price-cut-earlier", "name: other", HERE,
        ("must match the file name", "'other'")),
}  # fmt: skip


@pytest.mark.parametrize("what", BREAKS)
def test_a_malformed_file_is_refused_with_its_line(pack: Path, what: str) -> None:
    path, line = BREAKS[what].make(pack)
    with pytest.raises(FileError) as caught:
        load_intervention(load_country(pack), "price-cut-earlier")
    assert (caught.value.path, caught.value.line) == (path, line or 1)
    for words in BREAKS[what].says:
        assert words in str(caught.value)


def test_a_pack_without_interventions_has_none(pack: Path) -> None:
    for path in (pack / "interventions").glob("*.yaml"):
        path.unlink()
    assert list_interventions(load_country(pack)) == []
