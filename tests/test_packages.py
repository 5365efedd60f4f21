"""Packages of reforms: what is read and refused, and chances that never stand alone."""

from __future__ import annotations

import dataclasses
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from command_line import run_qantar
from qantar.analysis.years.information import noise_floor, spread_known
from qantar.analysis.years.packages import (
    ASKED,
    Answer,
    Estimate,
    PackageStudy,
    holds,
    paired_change,
    plan_packages,
    run_packages,
    sign_of,
)
from qantar.analysis.years.packages_directory import packages_manifest
from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.packs.country import packs_folder
from qantar.packs.loading import load_country
from qantar.reports.years.packages_page import answer_rows, render_packages, summary
from qantar.simulate.years.packages import Package, find_package, packages_of
from qantar.simulate.years.scenario import laws, splits_of

LAWS = ("stocks", "constant")


@cache
def study() -> PackageStudy:
    country = load_country("kazakhstan")
    words = ("no-change", "free-media+free-parties", "elected-akims-2013")
    packages = dict(find_package(country, word) for word in words)
    plan = plan_packages(country, packages, laws=LAWS, until="2024", members=12)
    return run_packages(plan)


# ---- reading


def test_a_package_is_a_file_a_reform_or_a_sum() -> None:
    country = load_country("kazakhstan")
    shipped = packages_of(country)
    assert find_package(country, "open-politics") == ("open-politics", shipped["open-politics"])
    assert shipped["free-media"].reforms == ("free-media",)
    name, package = find_package(country, "free-media+elected-akims")
    assert (name, package.reforms) == ("free-media+elected-akims", ("free-media", "elected-akims"))


def test_a_file_of_the_user_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: Mine\nreforms: [free-media, price-brakes]\n")
    name, package = find_package(load_country("kazakhstan"), str(path))
    assert (name, package.title) == ("mine", "Mine")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("title: T\nreforms: [free-medla]\n", "unknown reform", "qantar list reforms"),
        ("title: T\nreforms: [free-media, free-media]\n", "names a reform twice", ""),
        ("title: T\nreforms: [less-repression, more-repression]\n", "contradict", "leave one"),
        ("title: T\nreforms: []\n", "reforms", ""),
        ("title: T\nreforms: [free-media]\nbegins: 2023\n", "begins", ""),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, text: str, message: str, hint: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(FileError, match=message) as told:
        find_package(load_country("kazakhstan"), str(path))
    assert hint in str(told.value.hint)
    assert "bad.yaml" in str(told.value)


def test_unknown_and_contradictory_names_are_refused() -> None:
    country = load_country("kazakhstan")
    with pytest.raises(UnknownNameError, match="free-medla"):
        find_package(country, "free-medla")
    with pytest.raises(QantarError, match="contradict"):
        find_package(country, "less-repression+more-repression")
    with pytest.raises(QantarError, match="twice"):
        find_package(country, "free-media+free-media")


def test_a_reform_outside_the_window_is_refused() -> None:
    country = load_country("kazakhstan")
    packages = dict([find_package(country, "free-media")])
    with pytest.raises(QantarError, match="begins in 2023-01, after the run ends") as told:
        plan_packages(country, packages, laws=LAWS, until="2022")
    assert "--until" in str(told.value.hint)
    with pytest.raises(QantarError, match="no package"):
        plan_packages(country, {}, laws=LAWS)
    with pytest.raises(UnknownNameError):
        plan_packages(country, packages, laws=["stockz"])


def test_a_package_of_a_pack_is_checked(tmp_path: Path) -> None:
    folder = tmp_path / "kazakhstan"
    shutil.copytree(packs_folder() / "kazakhstan", folder)
    (folder / "years" / "packages" / "bad.yaml").write_text("title: T\nreforms: [nothing]\n")
    found = run_qantar("check", str(folder))
    assert found.returncode != 0
    assert "unknown reform" in found.stderr


# ---- what is compared


def test_nothing_changed_changes_nothing() -> None:
    own = [each for each in study().answers if each.package == "no-change"]
    assert len(own) == len(LAWS) * len(ASKED)
    for each in own:
        assert each.change.value == each.prior_change.value == 0.0
        assert each.told == "0"


def test_one_twin_serves_all_packages_after_the_record() -> None:
    jobs = study().plan.jobs
    plain = [job for job in jobs if not job.reforms and not job.leaving]
    assert len(plain) == 2 * len(LAWS)
    # A reform of 2013 leaves the record of the posts, and so does its own twin.
    leaving = [job for job in jobs if not job.reforms and job.leaving]
    assert {job.leaves for job in leaving} == {"2013-01"}


def test_the_shared_twin_is_that_of_the_package_itself() -> None:
    country = load_country("kazakhstan")
    packages = dict([find_package(country, "free-media+free-parties")])
    alone = run_packages(plan_packages(country, packages, laws=LAWS, until="2024", members=12))
    same = [each for each in study().answers if each.package in packages]
    assert alone.answers == tuple(same)


def test_wider_waves_are_rarer_and_chances_grow_with_time() -> None:
    table = study().table()
    chances = table.pivot_table(index=["package", "law"], columns="scope", values="without")
    assert (chances["several"] >= chances["wide"]).all()
    assert (chances["wide"] >= chances["national"]).all()


# ---- a chance never stands alone


def test_an_answer_cannot_be_made_without_its_prior() -> None:
    needed = {f.name for f in dataclasses.fields(Answer) if f.default is dataclasses.MISSING}
    assert {"without", "change", "prior_without", "prior_change", "law"} <= needed
    estimate = Estimate(0.5, 0.1)
    with pytest.raises(TypeError, match="prior"):
        Answer("p", "stocks", "full", "national", "2032", estimate, estimate)  # type: ignore[call-arg]


def test_every_row_has_the_prior_and_every_law() -> None:
    table = study().table()
    priors = ["prior_without", "prior_without_error", "prior_change", "prior_change_error"]
    assert not table[priors].isna().any().any()
    for _, rows in table.groupby(["package", "scope", "until"]):
        assert set(rows["law"]) == set(LAWS)
    assert all(row["prior_without"] and row["prior_change"] for row in answer_rows(study()))
    first = summary(study())[0]
    assert "depending on the law" in first
    assert "before any data" in first


def test_the_page_says_what_is_not_known() -> None:
    import datetime as dt

    manifest = packages_manifest(study(), started=dt.datetime.now(dt.UTC), wall_seconds=1.0)
    page = render_packages(study(), manifest)
    assert "never measured" in page
    assert page.count("Prior") >= 3
    assert "http" not in page.replace("http://www.w3.org", "")


# ---- sums by hand


def test_signs_by_hand() -> None:
    assert [sign_of(Estimate(v, 0.01)) for v in (0.0, 0.019, 0.03, -0.03)] == ["0", "", "+", "-"]
    pairs = paired_change(np.array([1.0, 1, 0, 0]), np.array([0.0, 1, 0, 0]))
    assert pairs.value == 0.25
    assert pairs.error == pytest.approx(np.std([1, 0, 0, 0]) / 2)


@pytest.mark.parametrize(
    ("signs", "words"),
    [
        (["0", "0"], "no history differs"),
        (["", "0"], "cannot be told"),
        (["+", "+"], "more under every law"),
        (["-", ""], "less in 1 of 2"),
        (["+", "-", ""], "depends on the law: more in 1, less in 1 of 3"),
    ],
)
def test_what_holds_in_words(signs: list[str], words: str) -> None:
    assert words in holds(signs)


def test_shipped_fits_without_a_wave() -> None:
    country = load_country("kazakhstan")
    assert splits_of(country)[0] == "full"
    assert "without-january" in splits_of(country)
    packages = {"free-media": Package(title="T", reforms=("free-media",))}
    plan = plan_packages(
        country, packages, laws=list(laws()), until="2023", splits=splits_of(country)
    )
    fits = {(law, split) for _, law, split in plan.worlds}
    assert ("stocks", "without-2011") in fits
    assert ("constant", "without-2011") not in fits
    assert ("constant", "without-january") in fits


# ---- the command


def test_the_command_writes_whole_results(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("--package", "no-change", "--law", "stocks", "--until", "2023", "--members", "4")
    found = run_qantar("reform", "kazakhstan", *words, "--out", str(out))
    assert found.returncode == 0, found.stderr
    assert {each.name for each in out.iterdir()} == {
        "chances.csv",
        "verdicts.csv",
        "manifest.json",
        "report.html",
    }
    assert "prior: change" in found.stdout
    again = run_qantar("reform", "kazakhstan", *words, "--out", str(out))
    assert again.returncode != 0
    none = run_qantar("reform", "kazakhstan")
    assert "no package is given" in none.stderr


# ---- value of information


def test_a_number_that_decides_moves_the_chance_by_its_standard_deviation() -> None:
    scores = np.random.default_rng(1).standard_normal(4000)
    luck = np.random.default_rng(2).random(4000)
    # The chance is 0.5 + 0.1 z, so it moves by 10 points on average.
    came = (luck < 0.5 + 0.1 * scores).astype(float)
    assert spread_known(scores, came) == pytest.approx(0.1, abs=0.02)


def test_numbers_that_tell_nothing_stay_below_the_floor() -> None:
    draw = np.random.default_rng(3)
    above = 0
    for _ in range(40):
        came = (draw.random(500) < 0.4).astype(float)
        best = max(spread_known(draw.standard_normal(500), came) for _ in range(30))
        above += 100 * best > noise_floor(came, 30)
    assert above <= 6


def test_monitors_do_not_move_waves_in_the_shipped_table() -> None:
    path = packs_folder() / "kazakhstan" / "years" / "fitted" / "information.csv"
    names = [line.split(",")[0] for line in path.read_text().splitlines()[1:]]
    assert "waves.intercept" in names
    assert not [name for name in names if name.startswith("monitors.")]
