"""The page after a crisis: sound, readable without colour, and saying what the tables say."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from command_line import run_qantar
from file_edits import HERE, Break
from html_rules import (
    assert_headings_in_order,
    assert_references_resolve,
    assert_self_contained,
    html_faults,
)
from qantar.analysis.after.overview import (
    PARTS,
    AfterRecord,
    all_checks,
    describe_after,
    overview_of_after,
)
from qantar.analysis.after.predictions import Prediction
from qantar.analysis.after.systems import ASKED, systems_table
from qantar.analysis.state.checks import Check
from qantar.base.errors import FileError
from qantar.cli.years import after_lines
from qantar.packs.after.contents import AfterContents, load_after
from qantar.packs.country import packs_folder
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.packs.years import load_years
from qantar.reports.after.files import after_files
from qantar.reports.after.tables import side_by_side, timeline_rows
from qantar.reports.years.state_page import MARKS

ROOT = Path(__file__).parents[1]
LINKS = ("#", "report.html", "state.html")
ASSUMED_LATER = ("2023", "2024", "2025")

BREAKS = {
    "promises": Break("after/promises.csv", "2027-06,2027-09", "2027-06,2026-09", HERE, ()),
    "referendum": Break("after/referendum.csv", "voters,Took", "electors,Took", HERE, ()),
    "fund": Break("after/fund.csv", "order,founded", "order,grounded", HERE, ()),
    "prosecutions": Break(
        "after/prosecutions.csv",
        "unrest,arrested,2030-03-05",
        "unrest,arested,2030-03-05",
        HERE,
        (),
    ),
    "scorecards": Break(
        "after/scores.csv", "press,,2022,42,,sourced", "press,,2022,42,,guessed", HERE, ()
    ),
    "alliance": Break("world/requests.csv", "interim,no troops", "interim,no troop", HERE, ()),
}
"""One thing wrong in each part of the template."""


def record_of(name: str | Path) -> AfterRecord:
    country = load_country(name)
    found = describe_after(country, load_years(country))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def kazakhstan() -> AfterRecord:
    return record_of("kazakhstan")


@pytest.fixture(scope="module")
def files(kazakhstan: AfterRecord) -> dict[str, str]:
    return after_files(kazakhstan)


@pytest.fixture(scope="module")
def page(files: dict[str, str]) -> str:
    return files["after.html"]


def table(files: dict[str, str], name: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(files[f"{name}.csv"]), keep_default_na=False)


def assert_sound(page: str) -> None:
    assert html_faults(page) == []
    assert_self_contained(page, LINKS)
    assert_references_resolve(page)
    assert_headings_in_order(page)


def test_the_page_is_sound(page: str) -> None:
    assert_sound(page)
    assert "After January, and the world outside" in page
    assert "This is no forecast" in page
    for part in ("promises", "vote", "prosecutions", "alliance", "balance", "scorecards"):
        assert f'<h2 id="{part}">' in page
    assert page.count('role="img"') >= 5


def test_the_page_of_the_template_has_no_fact_of_another_country() -> None:
    record = record_of("template")
    found = after_files(record)["after.html"]
    assert_sound(found)
    assert record.absent == ["balance"]
    assert PARTS["balance"] in found.split("so off:")[1][:80]
    assert "After March, and the world outside" in found
    assert "Nazarbayev" not in found
    assert "Tokayev" not in found
    assert "All facts about" not in found


def test_what_is_not_known_stands_at_the_top(page: str) -> None:
    known = page.split('<h2 id="known">')[1].split("<h2")[0]
    unknown = page.split('<h2 id="unknown">')[1].split("<h2")[0]
    for number in ("4,404", "5,969", "9,900", "about 12,000", "68.05", "2,030 or 3,600 or almost"):
        assert number in known
    assert "Silence does not mean that they failed" in unknown
    assert "0.39" in unknown


def test_no_claim_is_missing(kazakhstan: AfterRecord, page: str) -> None:
    claims = country_ledger(kazakhstan.country).claims
    for check in kazakhstan.overview.checks:
        assert set(check.claims) <= set(claims), check.fact
    cited = re.findall(r'<span class="claim small">([^<]+)</span>', page)
    assert len(cited) > 300
    bare = [text for text in cited if re.fullmatch(r"c\d{3}-[\w-]+", text)]
    assert bare == []


def test_every_check_stands_with_its_own_verdict(kazakhstan: AfterRecord, page: str) -> None:
    checks = kazakhstan.overview.checks
    section = page.split('id="checks"')[1].split('id="systems"')[0]
    for verdict, mark in MARKS.items():
        shown = len(re.findall(rf"</span> {mark.word}</span></td>", section))
        assert shown == sum(check.verdict == verdict for check in checks) > 0
    assert not [check for check in checks if check.fact.startswith("All facts about")]


def test_what_is_kept_is_what_was_worked_out() -> None:
    record = record_of("template")
    first = overview_of_after(record.country, record.years)
    again = overview_of_after(record.country, record.years)
    assert first.checks == again.checks == tuple(all_checks(record.country))


def test_every_system_asked_for_has_a_row(kazakhstan: AfterRecord) -> None:
    systems = kazakhstan.overview.systems.set_index("system")
    assert list(systems.index) == list(ASKED)
    counted = systems[["input", "hit", "miss", "not_told"]].to_numpy().sum(axis=1)
    assert counted.min() > 0
    beside = systems["with_the_state"].to_numpy().sum()
    assert counted.sum() - beside == len(kazakhstan.overview.checks)
    assert (systems["inputs"] != "").all()
    assert "Consent" in str(systems.loc["C1", "rules"])


def test_the_documentation_has_the_same_counts(kazakhstan: AfterRecord) -> None:
    text = (ROOT / "docs" / "explanation" / "after-january.md").read_text(encoding="utf-8")
    stated = re.findall(
        r"^\| ([B-E]\d) [^|]+\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.M
    )
    columns = ["system", "input", "hit", "miss", "not_told", "with_the_state"]
    found = kazakhstan.overview.systems[columns].astype(str).to_numpy().tolist()
    assert [list(row) for row in stated] == found


def test_a_system_without_files_has_no_rule_of_its_own() -> None:
    checks = [Check("D7", "a", "", "", "hit"), Check("D7", "b", "", "", "input")]
    table = systems_table(checks, country=load_country("template")).set_index("system")
    assert (table.loc["D7", "hit"], table.loc["D7", "input"]) == (1, 1)
    assert "sentence" in str(table.loc["D7", "rules"])
    assert "Distance" not in str(table.loc["C3", "rules"])


def test_the_tables_say_what_the_page_says(kazakhstan: AfterRecord, files: dict[str, str]) -> None:
    checks = table(files, "after_checks")
    assert len(checks) == len(kazakhstan.overview.checks)
    assert list(checks.columns) == [
        *("system", "fact", "stated", "found", "verdict", "claims", "note")
    ]
    assert list(table(files, "after_systems")["system"]) == list(ASKED)
    for name in ("promises", "referendum", "fund", "prosecutions", "alliance", "balance"):
        assert len(table(files, f"after_{name}")) > 0
    assert "\xa0" not in files["after_promises.csv"]


def test_no_prediction_stands_without_its_prior(files: dict[str, str]) -> None:
    found = pd.read_csv(io.StringIO(files["after_predictions.csv"]))
    assert list(found.columns) == list(Prediction._fields)
    assert found["prior"].notna().all()
    assert set(found["system"]) == {"C1", "C2", "C3", "D1", "D7", "E6"}
    assert found["by"].astype(str).str[:4].isin(ASSUMED_LATER).all()
    told = found[found["low"].notna() & found["high"].notna()]
    assert (told["low"] <= told["high"]).all()


def test_disputed_numbers_stand_side_by_side(kazakhstan: AfterRecord) -> None:
    rows = side_by_side(kazakhstan)["january-2022"]
    numbers = [set(row.values()) & {"4,404", "5,969", "9,900", "about 12,000"} for row in rows]
    assert [each.pop() for each in numbers if each] == ["4,404", "5,969", "9,900", "about 12,000"]
    assert rows[0]["Ministry of Internal Affairs"] == "4,404"
    assert rows[0]["Prosecutor General's Office"] == ""


def test_the_timeline_is_in_order(kazakhstan: AfterRecord) -> None:
    rows = timeline_rows(kazakhstan)
    dates = [row["when"][:10] for row in rows]
    assert dates == sorted(dates)
    marks = {row["mark"].split()[-1] for row in rows}
    assert {"troops", "moment", "contingent", "total", "site"} <= marks


def test_a_page_without_the_state_does_not_link_to_it() -> None:
    found = after_files(record_of("template"), state_page=False)["after.html"]
    assert "state.html" not in found


def test_a_pack_without_the_files_is_off(pack: Path) -> None:
    for folder in ("after", "world"):
        shutil.rmtree(pack / folder)
    country = load_country(pack)
    assert load_after(country).missing == AfterContents._fields
    assert describe_after(country, load_years(country)) is None
    said = "After the crisis is off: the pack has no files in `after` and `world`."
    assert after_lines(None, pack) == [said]
    checked = run_qantar("check", str(pack), folder=pack)
    assert checked.returncode == 0, checked.stderr
    assert "after the crisis:" not in checked.stdout


def test_parts_that_a_pack_lacks_are_named(pack: Path) -> None:
    shutil.rmtree(pack / "world")
    for path in (pack / "after").iterdir():
        if path.name != "fund.csv":
            path.unlink()
    record = record_of(pack)
    assert record.parts == ["fund"]
    found = after_files(record)["after.html"]
    assert_sound(found)
    assert "After the crisis, and the world outside" in found
    said = " ".join(after_lines(record, pack))
    assert PARTS["prosecutions"] in said
    assert PARTS["fund"] not in said.split("off")[1]


def test_the_check_counts_every_part_of_kazakhstan() -> None:
    printed = run_qantar("check", "kazakhstan", folder=Path.cwd()).stdout
    (line,) = (each for each in printed.splitlines() if "after the crisis: " in each)
    for part in AfterContents._fields:
        assert f"{part} (" in line
    assert "not in this pack" not in line


@pytest.mark.parametrize("part", BREAKS)
def test_an_error_in_any_part_is_found(pack: Path, part: str) -> None:
    path, line = BREAKS[part].make(pack)
    with pytest.raises(FileError) as caught:
        load_after(load_country(pack))
    assert caught.value.path.name == path.name
    assert f"{path.name}:{line}" in caught.value.message()


def test_the_command_stops_at_an_error(pack: Path) -> None:
    path, line = BREAKS["prosecutions"].make(pack)
    checked = run_qantar("check", str(pack), folder=pack)
    assert checked.returncode != 0
    assert f"{path.name}:{line}" in checked.stderr.replace("\n", "")


def test_a_changed_pack_says_what_it_lacks(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(packs_folder() / "kazakhstan", tmp_path / "kazakhstan"))
    rows = (pack / "world" / "statements.csv").read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if not row.startswith("quasi-states")]
    (pack / "world" / "statements.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert len(kept) == len(rows) - 1
    found = all_checks(load_country(pack))
    told = [check for check in found if check.fact == "All facts about the balance"]
    assert [check.verdict for check in told] in ([], ["not told"])
    assert {check.system for check in found} >= {"C1", "D1", "D7"}
