"""The tab of the state: its payload, its address, its texts, and its scripts without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fake_explorer import GROUND, PARTS, client_of, made
from qantar.analysis.state.record import record_of_state
from qantar.explorer.jobs import Jobs
from qantar.explorer.lifelines import state_payload
from qantar.explorer.links import read_link
from qantar.explorer.routes import PAGE
from qantar.explorer.service import Parts
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.packs.state.contents import load_contents

LANGUAGES = ("en", "kk", "ru")
PART_NAMES = ("constitution", "offices", "parties", "outlets", "courts", "honours", "narratives",
              "labour")  # fmt: skip


@pytest.fixture(scope="module")
def payload() -> dict[str, Any]:
    text = json.dumps(state_payload(load_country("kazakhstan")), allow_nan=False)
    assert len(text) < 300_000
    found: dict[str, Any] = json.loads(text)
    return found


def texts_of(lang: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAGE / "texts" / f"{lang}.json").read_text("utf-8"))
    return found


# The payload --------------------------------------------------------------------------------


def test_every_part_and_unit_of_the_record_is_there(payload: dict[str, Any]) -> None:
    record = record_of_state(load_contents(load_country("kazakhstan")))
    assert [part["part"] for part in payload["parts"]] == list(PART_NAMES)
    for part, found in zip(record, payload["parts"], strict=True):
        assert [line["name"] for line in found["lines"]] == [line.name for line in part.lines]
        assert {each["status"] for each in found["statuses"]} == set(part.statuses)


def test_every_date_lies_between_the_first_and_the_last_year(payload: dict[str, Any]) -> None:
    first, end = payload["first"], payload["end"]
    assert 1980 < first < 1992
    assert 2022 <= end < 2030
    for part in payload["parts"]:
        for line in part["lines"]:
            for each in line["stretches"]:
                begins, ends = each["years"]
                assert first <= begins < ends <= end
                assert each["to"] or ends == end
            assert all(first <= each["year"] <= end for each in line["moments"])


def test_claims_behind_a_unit_are_those_of_the_ledger(payload: dict[str, Any]) -> None:
    ledger = country_ledger(load_country("kazakhstan"))
    named = {
        key
        for part in payload["parts"]
        for line in part["lines"]
        for each in (*line["stretches"], *line["moments"])
        for key in each["claims"]
    }
    assert named == set(payload["claims"])
    for key, claim in payload["claims"].items():
        assert claim["cite"] == ledger.claims[key].cite()
        assert claim["paraphrase"] == ledger.claims[key].paraphrase


def test_the_invented_country_has_a_state_too() -> None:
    found = state_payload(load_country("template"))
    assert found["parts"]
    assert {part["part"] for part in found["parts"]} <= set(PART_NAMES)


def test_a_pack_without_state_has_no_parts(tmp_path: Path) -> None:
    pack = tmp_path / "arvenia"
    shutil.copytree(load_country("template").folder, pack)
    shutil.rmtree(pack / "state")
    found = state_payload(load_country(str(pack)))
    assert (found["parts"], found["claims"]) == ([], {})


# The address --------------------------------------------------------------------------------


def test_the_state_is_served_as_json(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    parts = replace(PARTS, state=Parts().state)
    with client_of(made(tmp_path, parts, jobs=Jobs(workers=0))) as client:
        answer = client.get("/api/state")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json() == state_payload(GROUND.country)
        assert client.post("/api/state").status_code in (403, 405)


def test_the_tab_is_part_of_a_link() -> None:
    read = read_link("panel=state", GROUND)
    assert read.link.panel == "state"
    assert read.notes == ()


# Texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_part_has_a_name_in_every_language(lang: str, payload: dict[str, Any]) -> None:
    texts = texts_of(lang)
    assert set(texts["lifelines"]["part"]) == {part["part"] for part in payload["parts"]}
    assert texts["common"]["tab"]["state"]
    if lang != "en":
        english = texts_of("en")["lifelines"]
        own = texts["lifelines"]
        same = {key for key in english if own[key] == english[key]}
        assert same <= {"rows"}


# The scripts --------------------------------------------------------------------------------

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(PAGE / "js", folder / "js")
    shutil.copytree(PAGE / "texts", folder / "texts")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    return folder


def run_tab(page: Path, payload: dict[str, Any], lang: str = "en") -> dict[str, Any]:
    """Return what the tab shows of a payload, see ``fake_page.mjs``."""
    file = page / "payload.json"
    file.write_text(json.dumps(payload), encoding="utf-8")
    script = Path(__file__).with_name("fake_page.mjs")
    done = subprocess.run(
        ["node", script, page, file, lang], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs_node
@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_part_is_shown_and_then_all(page: Path, payload: dict[str, Any], lang: str) -> None:
    found = run_tab(page, payload, lang)
    texts = texts_of(lang)["lifelines"]
    assert found["start"]["parts"] == [texts["part"]["constitution"]]
    assert len(found["start"]["rows"]) == len(payload["parts"][0]["lines"])
    assert found["all"]["parts"] == [texts["part"][name] for name in PART_NAMES]
    assert len(found["all"]["rows"]) == sum(len(part["lines"]) for part in payload["parts"])
    assert texts["record"] in found["start"]["text"]


@needs_node
def test_rows_have_a_bar_a_stretch_and_a_mark_a_moment(page: Path, payload: dict[str, Any]) -> None:
    lines = [line for part in payload["parts"] for line in part["lines"]]
    rows = run_tab(page, payload)["all"]["rows"]
    by_label = {row["label"]: row for row in rows}
    assert sum(len(row["bars"]) for row in rows) == sum(len(line["stretches"]) for line in lines)
    assert [row["label"] for row in rows] == [
        line["label"]
        for part in payload["parts"]
        for group in dict.fromkeys(line["group"] for line in part["lines"])
        for line in part["lines"]
        if line["group"] == group
    ]
    assert sum(row["marks"] for row in rows) == sum(len(line["moments"]) for line in lines)
    for row in rows:
        assert all(x >= 0 and width > 0 and x + width < 303 for x, width, _ in row["bars"])
    premier = by_label["Prime minister"]["bars"]
    assert premier == sorted(premier)


@needs_node
def test_a_row_opens_to_its_dates_sources_and_claims(page: Path, payload: dict[str, Any]) -> None:
    found = run_tab(page, {**payload, "parts": payload["parts"][4:5]})
    line = payload["parts"][4]["lines"][0]
    before, after = found["start"], found["opened"]
    assert before["rows"][0]["expanded"] == "false"
    assert after["rows"][0]["expanded"] == "true"
    keys = {key for each in (*line["stretches"], *line["moments"]) for key in each["claims"]}
    assert keys
    for key in keys:
        claim = payload["claims"][key]
        assert claim["paraphrase"] not in before["text"]
        assert claim["paraphrase"] in after["text"]
        assert claim["cite"] in after["text"]
    for moment in line["moments"]:
        assert f"{moment['date']}: {moment['kind']}" in after["text"]
        assert moment["source"] in after["text"]
    assert found["chosen"][0]["claim"] in keys
    opened = {row["label"] for row in found["all"]["rows"] if row["expanded"] == "true"}
    assert opened == {line["label"]}


@needs_node
def test_arrow_keys_move_the_only_row_in_tab_order(page: Path, payload: dict[str, Any]) -> None:
    found = run_tab(page, payload)
    for step in ("start", "moved"):
        assert [row["tab"] for row in found[step]["rows"]].count(0) == 1
    assert found["start"]["rows"][0]["tab"] == 0
    assert found["moved"]["rows"][1]["tab"] == 0
    assert found["focus"] == found["moved"]["rows"][1]["label"]


@needs_node
def test_text_of_a_pack_stays_text(page: Path) -> None:
    """The fake document has no parser of markup: setting any would raise."""
    evil = "<img src=x onerror=alert(1)>"
    stretch = {"from": "2000", "to": "", "status": evil, "label": evil, "claims": ["a"],
               "years": [2000, 2010]}  # fmt: skip
    moment = {"date": "2001", "kind": evil, "label": evil, "source": evil, "claims": [],
              "year": 2001}  # fmt: skip
    line = {"name": "n", "label": evil, "group": evil, "stretches": [stretch], "moments": [moment]}
    part = {"part": "parties", "note": evil, "lines": [line],
            "statuses": [{"status": evil, "words": evil}]}  # fmt: skip
    claim = {"cite": evil, "source": evil, "attributed_to": evil, "paraphrase": evil}
    found = run_tab(
        page, {"country": evil, "first": 1990, "end": 2010, "parts": [part], "claims": {"a": claim}}
    )
    assert found["opened"]["text"].count(evil) >= 9
    assert not {"img", "script"} & set(found["opened"]["tags"])


@needs_node
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_state_that_is_off_is_said(page: Path, lang: str) -> None:
    found = run_tab(page, {"country": "", "first": 0, "end": 0, "parts": [], "claims": {}}, lang)
    assert texts_of(lang)["lifelines"]["off"] in found["start"]["text"]
    assert found["start"]["rows"] == []


def test_scripts_are_short() -> None:
    for name in ("lifelines", "lifelinechart"):
        text = (PAGE / "js" / f"{name}.js").read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 210
        assert "innerHTML" not in text
