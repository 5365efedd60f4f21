"""The page of the years: its payload, its job and its address, and episodes that a link names."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fake_explorer import GROUND, PARTS, TestClient, client_of, error_of, made
from qantar.analysis.years.run import run_years as simulate
from qantar.analysis.years.study import YearsStudy
from qantar.explorer import years as page_of_years
from qantar.explorer.country import country_payload
from qantar.explorer.jobs import Jobs, Progress
from qantar.explorer.links import Ground, load_shown_episode, named_episode, read_link
from qantar.explorer.routes import PAGE
from qantar.explorer.years import DRIVERS, STOCKS, run_years, years_payload
from qantar.simulate.years.scenario import make_years_scenario

MEMBERS = 6
WAVES = {"2011": "zhanaozen-2011", "2016": "land-2016", "2019": "transition-2019",
         "2022": "january-2022"}  # fmt: skip


@pytest.fixture(scope="module")
def study() -> YearsStudy:
    scenario = make_years_scenario("kazakhstan", until="2035", belief="prior")
    run = simulate(scenario, members=MEMBERS, seed=1)
    return YearsStudy(run, simulate(scenario, members=MEMBERS, seed=2))


@pytest.fixture(scope="module")
def payload(study: YearsStudy) -> dict[str, Any]:
    text = json.dumps(years_payload(study), allow_nan=False)
    assert len(text) < 300_000
    found: dict[str, Any] = json.loads(text)
    return found


# The payload --------------------------------------------------------------------------------


def test_no_chance_of_a_further_wave_stands_without_the_priors_own(payload: dict[str, Any]) -> None:
    assert payload["futures"]
    for row in payload["futures"]:
        assert 0 <= row["chance"] <= 1
        assert 0 <= row["prior"] <= 1
        assert row["error"] > 0
        assert row["prior_error"] > 0
    for wave in payload["waves"]:
        if wave["national"]:
            assert None not in (wave["national"]["prior"], wave["national"]["prior_before"])


def test_a_study_of_the_prior_alone_says_so(study: YearsStudy, payload: dict[str, Any]) -> None:
    assert payload["fitted"]
    alone = years_payload(YearsStudy(study.run, None))
    assert not alone["fitted"]
    assert all(row["chance"] == row["prior"] for row in alone["futures"])


def test_series_cover_all_months_in_two_parts(payload: dict[str, Any]) -> None:
    assert [each["name"] for each in payload["series"]] == [*DRIVERS, *STOCKS]
    assert (payload["months"], payload["dated"]) == (540, 373)
    for series in payload["series"]:
        for part, start, length in (("free", 0, 373), ("later", 373, 167)):
            found = series[part]
            assert found["start"] == start
            low, middle, high = found["low"], found["middle"], found["high"]
            assert len(low) == len(middle) == len(high) == length
            assert all(a <= b <= c for a, b, c in zip(low, middle, high, strict=True))
        assert series["data"] == sorted(series["data"])
    assert all(each["data"] for each in payload["series"] if each["name"] in DRIVERS[:4])


def test_waves_with_an_episode_open_in_the_hour(payload: dict[str, Any]) -> None:
    opened = {wave["date"][:4]: wave["episode"]["name"] for wave in payload["waves"]
              if wave["episode"]}  # fmt: skip
    assert opened == WAVES
    (january,) = (wave for wave in payload["waves"] if wave["trigger"] == "lpg-2022")
    assert january["observed"] == payload["region_count"] == 17
    assert {"concede", "repress"} <= set(january["answered"])


def test_waves_and_counts_have_ranges_in_order(payload: dict[str, Any]) -> None:
    counts = [each for monitor in payload["monitors"] for each in monitor["counts"]]
    assert len(payload["waves"]) > 40
    assert len(counts) > 40
    for each in (*payload["waves"], *counts):
        assert each["low"] <= each["middle"] <= each["high"]
    for count in counts:
        assert 0 <= count["from"] < count["to"] <= payload["dated"] + 0.1
    for wave in payload["waves"]:
        assert math.isclose(sum(wave["scopes"].values()), 1, abs_tol=0.01)
        assert (wave["observed"] is None) == (wave["outcome"] == "unknown")


def test_every_kind_of_act_has_a_name_in_english(payload: dict[str, Any]) -> None:
    texts = json.loads((PAGE / "texts" / "en.json").read_text(encoding="utf-8"))["years"]
    assert {act["kind"] for act in payload["acts"]} <= set(texts["kind"])
    assert {row["scope"] for row in payload["futures"]} <= set(texts["scope"])
    assert {each["name"] for each in payload["series"]} == set(texts["series"])
    assert payload["belief"] in texts["belief"]


def test_the_task_writes_one_file_and_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of_years, "MEMBERS", 4)
    told: list[Progress] = []
    run_years("kazakhstan", tmp_path / "years", told.append)
    found = json.loads((tmp_path / "years" / "years.json").read_text(encoding="utf-8"))
    assert found["members"] == 4
    assert (found["first"], found["dated_until"]) == ("1991-01", "2022-01")
    assert found["months"] == 45 * 12
    done = [each.done for each in told if each.total]
    assert done == sorted(done)
    assert max(done) == max(each.total for each in told)


# The job and the address --------------------------------------------------------------------


@pytest.fixture
def client(tmp_path: Path) -> Any:
    (tmp_path / "runs").mkdir()
    with client_of(made(tmp_path, jobs=Jobs(workers=0))) as found:
        yield found


def ask(client: TestClient, query: str = "", kind: str = "years") -> Any:
    return client.post("/api/jobs", json={"query": query, "kind": kind})


def test_the_years_are_one_job_for_all_who_ask(client: TestClient) -> None:
    assert error_of(client.get("/api/years"), 404)["code"] == "years-gone"
    first, second = ask(client), ask(client, "episode=land-2016&lang=kk")
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json() == {"job": "years", "key": "years", "query": ""}
    (job,) = client.get("/api/jobs").json()["jobs"]
    assert (job["kind"], job["status"]) == ("years", "waiting")


def test_the_years_are_run_once_and_then_served(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with client_of(made(tmp_path)) as client:
        job = ask(client).json()["job"]
        ends = time.monotonic() + 60
        while client.get(f"/api/jobs/{job}").json()["status"] in ("waiting", "running"):
            assert time.monotonic() < ends
            time.sleep(0.05)
        answer = client.get("/api/years")
        assert answer.json() == {"pack": "kazakhstan"}
        assert answer.headers["cache-control"] == "no-cache"
        assert ask(client).json()["job"] is None


def test_a_pack_without_years_hides_them(tmp_path: Path, pack: Path) -> None:
    assert country_payload(GROUND.country, GROUND.episode)["years"]
    shutil.rmtree(pack / "years")
    ground = load_shown_episode(str(pack))
    assert not country_payload(ground.country, ground.episode)["years"]
    (tmp_path / "runs").mkdir()
    parts = replace(PARTS, ground=lambda _pack: ground)
    with client_of(made(tmp_path, parts, jobs=Jobs(workers=0))) as client:
        assert error_of(ask(client), 404)["code"] == "no-years"


def test_the_chosen_year_is_part_of_a_link() -> None:
    assert read_link("panel=years&year=2011", GROUND).link.year == 2011
    assert read_link("panel=years&year=2011", GROUND).link.query() == "panel=years&year=2011"
    (note,) = read_link("year=20111", GROUND).notes
    assert note.code == "out-of-range"


# Episodes -----------------------------------------------------------------------------------


def name_of(ground: Ground) -> dict[str, Any]:
    return {"episode": ground.episode.name}


@pytest.mark.parametrize("name", [*WAVES.values()])
def test_a_link_opens_any_episode_of_the_pack(tmp_path: Path, name: str) -> None:
    (tmp_path / "runs").mkdir()
    parts = replace(PARTS, country=name_of, accounts=name_of)
    with client_of(made(tmp_path, parts, jobs=Jobs(workers=0))) as client:
        for path in ("country", "accounts"):
            assert client.get(f"/api/{path}?episode={name}").json() == {"episode": name}
        assert client.get(f"/api/timeline?episode={name}").status_code == 200
        assert client.get(f"/api/evidence?episode={name}&limit=3").json() == {"limit": 3}
        read = client.get(f"/api/link?episode={name}&hour=24").json()
        assert read["notes"] == []
        assert read["state"]["episode"] == name
        world = ask(client, f"episode={name}", "world").json()
        assert world["query"] == ("" if name == "january-2022" else f"episode={name}")


def test_an_episode_that_the_pack_lacks_is_said_and_the_default_is_shown(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    parts = replace(PARTS, country=name_of)
    with client_of(made(tmp_path, parts, jobs=Jobs(workers=0))) as client:
        for name in ("atlantis", "..%2Fjanuary-2022", "%00", ""):
            found = client.get(f"/api/country?episode={name}").json()
            assert found == {"episode": "january-2022"}
        (note,) = client.get("/api/link?episode=atlantis").json()["notes"]
        assert note["field"] == "episode"


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ""), ("?seed=2&episode=land-2016", "land-2016"), ("episode=%6Cand-2016", "land-2016"),
     ("episode=a&episode=b", "a"), ("episode", ""), ("x" * 5000 + "&episode=a", "")],
)  # fmt: skip
def test_the_episode_of_a_link_is_found(query: str, found: str) -> None:
    assert named_episode(query) == found


# The scripts --------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
@pytest.mark.parametrize("name", ["years", "yearcharts", "main"])
def test_scripts_are_valid(name: str, tmp_path: Path) -> None:
    module = tmp_path / f"{name}.mjs"
    module.write_bytes((PAGE / "js" / f"{name}.js").read_bytes())
    subprocess.run(["node", "--check", module], check=True)
