"""Account files: what extends what, what is off if nobody names it, and files outside a pack."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from qantar.analysis.inference.problem import inference_problem_of, load_problem
from qantar.analysis.precedents import precedent_scenarios
from qantar.analysis.run import run
from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.base.files import parse_yaml
from qantar.cli import app
from qantar.model.hour import Switches
from qantar.packs.account import Account, is_pack_account, load_account
from qantar.packs.account_file import mechanism_names
from qantar.packs.country import Country
from qantar.packs.evidence import check_account_claims, country_ledger
from qantar.packs.loading import load_country
from qantar.simulate.scenario import make_scenario

EPISODE = "spring-unrest"
PRICE = "standing_grievance.salience"
CUT = "shutdown.cut"


@pytest.fixture
def country(pack: Path) -> Country:
    return load_country(pack)


def switch(*, on: bool, because: str = "x", claims: Iterable[str] = ()) -> dict[str, Any]:
    return {"on": on, "because": because, **({"claims": list(claims)} if claims else {})}


def fixed(value: float) -> dict[str, Any]:
    return {"value": value, "because": "x"}


def belief(low: float, high: float) -> dict[str, Any]:
    return {"prior": {"distribution": "uniform", "low": low, "high": high}, "because": "x"}


def write(path: Path, **parts: Any) -> Path:
    """Write an account; JSON is YAML, and every part begins a line of its own."""
    about = {"name": path.stem, "title": "x", "summary": "x", "told_by": [], **parts}
    path.parent.mkdir(exist_ok=True)
    lines = [f"{key}: {json.dumps(value)}" for key, value in about.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def in_pack(country: Country, name: str, **parts: Any) -> Account:
    write(country.folder / "accounts" / f"{name}.yaml", **parts)
    return load_account(country, name)


def line_with(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return 1 + next(k for k, line in enumerate(lines) if line.strip().startswith(start))


# -------------------------------------------------------------------------------- extension


def test_what_is_not_stated_is_taken_over(country: Country) -> None:
    union = load_account(country, "union")
    child = in_pack(country, "child", extend="union", mechanisms={"media": switch(on=False)})
    assert {name for name in Switches._fields if not child.is_on(name)} == {"media"}
    assert child.mechanisms["media"].because == "x"
    others = [name for name in union.mechanisms if name != "media"]
    assert all(child.mechanisms[name] == union.mechanisms[name] for name in others)
    accounts = country.folder / "accounts"
    assert child.files == (accounts / "child.yaml", accounts / "union.yaml")


def test_a_switch_is_replaced_whole_with_its_claims(country: Country) -> None:
    in_pack(country, "parent", mechanisms={"media": switch(on=True, claims=["obs-price"])})
    child = in_pack(country, "child", extend="parent", mechanisms={"media": switch(on=True)})
    assert child.mechanisms["media"].claims == ()
    heir = in_pack(country, "heir", extend="parent")
    assert heir.mechanisms["media"].claims == ("obs-price",)


def test_who_tells_it_and_whose_twin_it_is_are_not_inherited(country: Country) -> None:
    in_pack(
        country,
        "parent",
        told_by=["arv-observer"],
        blind_twin_of="union",
        mechanisms={"joining": switch(on=True)},
    )
    child = in_pack(country, "child", extend="parent")
    assert child.told_by == ()
    assert child.blind_twin_of is None


def test_the_nearest_of_a_chain_wins(country: Country) -> None:
    numbers = (0.1, 0.2, 0.3)
    for k, value in enumerate(numbers):
        own = {name: fixed(value) for name in ("joining.working_day", PRICE, CUT)[: 3 - k]}
        named = {"joining": switch(on=True, because=f"{k}")}
        above = {"extend": f"a{k - 1}"} if k else {}
        in_pack(country, f"a{k}", mechanisms=named, fixed=own, **above)
    last = load_account(country, "a2")
    assert {name: each.value for name, each in last.fixed.items()} == {
        CUT: 0.1,
        PRICE: 0.2,
        "joining.working_day": 0.3,
    }
    assert last.mechanisms["joining"].because == "2"
    assert [path.stem for path in last.files] == ["a2", "a1", "a0"]


def test_a_value_replaces_a_prior_and_a_prior_a_value(country: Country) -> None:
    in_pack(
        country,
        "parent",
        mechanisms={"media": switch(on=True)},
        fixed={PRICE: fixed(0.0)},
        beliefs={CUT: belief(0.5, 1)},
    )
    child = in_pack(
        country, "child", extend="parent", beliefs={PRICE: belief(0, 1)}, fixed={CUT: fixed(0.2)}
    )
    assert set(child.fixed) == {CUT}
    assert set(child.beliefs) == {PRICE}
    scenario = make_scenario(EPISODE, account="child", pack=country.folder, belief="prior")
    by_name = {number.name: number for number in scenario.numbers}
    assert by_name[CUT].prior is None
    assert by_name[CUT].value == 0.2
    assert by_name[PRICE].prior == child.beliefs[PRICE].prior


def test_what_is_dropped_keeps_the_prior_of_the_pack(country: Country) -> None:
    in_pack(
        country,
        "parent",
        mechanisms={"media": switch(on=True)},
        fixed={PRICE: fixed(0.0), "joining.working_day": fixed(0.5)},
        beliefs={CUT: belief(0.5, 1)},
    )
    child = in_pack(country, "child", extend="parent", drop=[PRICE, CUT])
    assert set(child.fixed) == {"joining.working_day"}
    assert child.beliefs == {}
    scenario = make_scenario(EPISODE, account="child", pack=country.folder, belief="prior")
    for number in scenario.numbers:
        if number.name in (PRICE, CUT):
            assert number.prior == number.declared.prior


@pytest.mark.parametrize("seed", range(6))
def test_an_account_is_the_same_however_it_is_spread_over_files(
    country: Country, seed: int
) -> None:
    luck = random.Random(seed)
    whole: dict[str, dict[str, Any]] = {
        "mechanisms": {
            name: switch(on=luck.random() < 0.5, because=f"{name}!")
            for name in mechanism_names()
            if luck.random() < 0.8
        },
        "fixed": {PRICE: fixed(0.5), "joining.working_day": fixed(0.25)},
        "beliefs": {CUT: belief(0.25, 0.75)},
    }
    home = country.folder / "accounts"
    write(home / "story.yaml", **whole)
    at_once = load_account(country, "story")
    parts: list[dict[str, dict[str, Any]]] = [{} for _ in range(3)]
    for section, entries in whole.items():
        for name, entry in entries.items():
            own = luck.randrange(3)
            parts[own].setdefault(section, {})[name] = entry
            if own and section == "mechanisms":  # what is overridden leaves no trace
                parts[0].setdefault(section, {})[name] = switch(on=not entry["on"])
    write(home / "first.yaml", **parts[0])
    write(home / "second.yaml", extend="first", **parts[1])
    write(home / "story.yaml", extend="second", **parts[2])
    spread = load_account(country, "story")
    assert len(spread.files) == 3
    assert spread.content == at_once.content
    assert spread.digest == at_once.digest
    assert list(spread.mechanisms) == list(at_once.mechanisms)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "y"},
        {"told_by": ["arv-observer"]},
        {"mechanisms": {"media": switch(on=False)}},
        {"mechanisms": {"media": switch(on=True, because="y")}},
        {"mechanisms": {"media": switch(on=True, claims=["obs-price"])}},
        {"fixed": {PRICE: fixed(0.25)}},
        {"beliefs": {PRICE: belief(0.0, 0.5)}},
    ],
    ids=lambda change: f"{[*change]}",
)
def test_the_digest_tells_of_every_change_of_what_is_said(
    country: Country, change: dict[str, Any]
) -> None:
    plain: dict[str, Any] = {"mechanisms": {"media": switch(on=True)}}
    before = in_pack(country, "story", **plain).digest
    assert in_pack(country, "story", **plain).digest == before
    assert in_pack(country, "story", **(plain | change)).digest != before


# ---------------------------------------------------------------------------- off if not named


def test_a_mechanism_that_is_not_named_is_off(country: Country) -> None:
    few = in_pack(country, "few", mechanisms={"ties": switch(on=True), "media": switch(on=False)})
    assert [name for name in mechanism_names() if few.is_on(name)] == ["ties"]
    record = few.switches()
    assert {name for name in record.dtype.names or () if record[name][0]} == {"ties"}


def test_not_named_and_off_give_the_same_run(country: Country) -> None:
    on = {name: switch(on=True) for name in ("state_decisions", "price_shock", "ties", "joining")}
    rest = {name: switch(on=False) for name in mechanism_names() if name not in on}
    in_pack(country, "short", mechanisms=on)
    in_pack(country, "long", mechanisms={**on, **rest})
    records: dict[str, list[np.ndarray]] = {"short": [], "long": []}
    for name, found in records.items():
        scenario = make_scenario(EPISODE, account=name, pack=country.folder, belief="prior")
        run(scenario, members=2, seed=3, threads=1, each=found.append, evidence=(None, ()))
    np.testing.assert_array_equal(records["short"], records["long"])


def test_what_is_not_named_is_shown(country: Country) -> None:
    in_pack(country, "few", mechanisms={"ties": switch(on=True)})
    done = CliRunner().invoke(app, ["show", "account", "few", "--pack", str(country.folder)])
    (line,) = [line for line in done.stdout.splitlines() if "not named" in line]
    assert line.split(": ")[1].split(", ") == [n for n in mechanism_names() if n != "ties"]


# ---------------------------------------------------------------------------------- refusals


def refused(country: Country, account: str | Path) -> FileError:
    with pytest.raises(FileError) as caught:
        load_account(country, account)
    return caught.value


def test_a_circle_is_refused_with_its_names(country: Country) -> None:
    home = country.folder / "accounts"
    for name, above in (("a", "b"), ("b", "c"), ("c", "b"), ("self", "self")):
        write(home / f"{name}.yaml", extend=above)
    found = refused(country, "a")
    assert (found.path, found.line) == (home / "c.yaml", line_with(home / "c.yaml", "extend"))
    assert "circle" in str(found)
    assert "a -> b -> c -> b" in str(found)
    assert "self -> self" in str(refused(country, "self"))


@pytest.mark.parametrize(
    ("above", "says"),
    [
        ("unoin", ("unknown account", "'unoin'", "did you mean 'union'")),
        ("zzzz", ("unknown account", "'zzzz'", "null, union")),
        ("chil", ("unknown account", "'chil'", "null, union")),
        ("parts/base.yaml", ("does not exist", "'parts/base.yaml'", "relative to this file")),
        (None, ("`extend` is empty", 'in quotes if it is "null"')),
    ],
)
def test_an_unknown_account_to_extend_is_refused(
    country: Country, above: str | None, says: tuple[str, ...]
) -> None:
    path = write(country.folder / "accounts" / "child.yaml", extend=above)
    found = refused(country, "child")
    assert (found.path, found.line) == (path, line_with(path, "extend"))
    for words in says:
        assert words in str(found)


def test_what_is_wrong_above_is_laid_on_the_file_above(country: Country) -> None:
    path = write(country.folder / "accounts" / "parent.yaml", mechanisms={})
    with path.open("a", encoding="utf-8") as file:
        file.write("fixed:\n  joining.working_dy: {value: 0.1, because: x}\n")
    write(country.folder / "accounts" / "child.yaml", extend="parent")
    found = refused(country, "child")
    assert (found.path, found.line) == (path, line_with(path, "joining.working_dy"))
    assert "did you mean 'joining.working_day'" in str(found)


def test_a_claim_that_does_not_exist_is_laid_on_the_file_that_states_it(country: Country) -> None:
    path = write(country.folder / "accounts" / "parent.yaml")
    with path.open("a", encoding="utf-8") as file:
        file.write("mechanisms:\n  media: {on: true, because: x, claims: [obs-pric]}\n")
    child = in_pack(country, "child", extend="parent", mechanisms={"fear": switch(on=True)})
    with pytest.raises(FileError, match="did you mean 'obs-price'") as caught:
        check_account_claims(child, country_ledger(country))
    assert (caught.value.path, caught.value.line) == (path, line_with(path, "media"))


def test_to_drop_what_is_not_inherited_is_refused(country: Country) -> None:
    write(
        country.folder / "accounts" / "parent.yaml",
        mechanisms={"media": switch(on=True)},
        fixed={CUT: fixed(0.5)},
    )
    path = write(country.folder / "accounts" / "child.yaml", extend="parent", drop=["shutdown.ct"])
    found = refused(country, "child")
    assert (found.path, found.line) == (path, line_with(path, "drop"))
    assert "drops 'shutdown.ct'" in str(found)
    assert "did you mean 'shutdown.cut'" in str(found)


@pytest.mark.parametrize(
    "parts",
    [
        {"fixed": {CUT: fixed(0.5)}, "beliefs": {CUT: belief(0, 1)}},
        {"fixed": {CUT: fixed(0.5)}, "drop": [CUT]},
        {"drop": [CUT, CUT]},
    ],
)
def test_a_parameter_that_is_stated_twice_is_refused(
    country: Country, parts: dict[str, Any]
) -> None:
    write(country.folder / "accounts" / "child.yaml", extend="union", **parts)
    found = str(refused(country, "child"))
    assert f"{CUT} appears more than once" in found


def test_an_account_that_names_nothing_is_refused(country: Country) -> None:
    path = write(country.folder / "accounts" / "empty.yaml")
    found = refused(country, "empty")
    assert found.path == path
    assert "does not name any mechanism" in str(found)


# ------------------------------------------------------------------------ files outside a pack


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """An account outside the pack that extends one of the pack."""
    off = {"media": switch(on=False, because="nobody listens")}
    return write(tmp_path / "mine" / "quiet.yaml", extend="union", mechanisms=off)


def test_an_account_loads_from_any_path(country: Country, mine: Path) -> None:
    account = load_account(country, mine)
    assert account == load_account(country, str(mine))
    assert account.name == "quiet"
    assert account.files == (mine, country.folder / "accounts" / "union.yaml")
    assert not is_pack_account(country, account)
    scenario = make_scenario(EPISODE, account=mine, pack=country.folder)
    assert scenario.account == account
    assert scenario.belief == "prior"


def test_a_path_to_extend_is_relative_to_the_file(
    country: Country, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = write(mine.parent / "below" / "loud.yml", extend="../quiet.yaml", fixed={CUT: fixed(1)})
    monkeypatch.chdir(country.folder)
    account = load_account(country, below)
    assert [path.name for path in account.files] == ["loud.yml", "quiet.yaml", "union.yaml"]
    assert account.mechanisms["media"].because == "nobody listens"


def test_an_account_of_the_pack_is_its_own_by_path_too(country: Country) -> None:
    by_path = load_account(country, country.folder / "accounts" / ".." / "accounts" / "union.yaml")
    assert by_path == load_account(country, "union")
    assert is_pack_account(country, by_path)


def test_a_twin_may_lie_beside_its_original(country: Country, mine: Path) -> None:
    twin = write(mine.parent / "blind.yaml", extend="quiet.yaml", blind_twin_of="quiet")
    assert load_account(country, twin).blind_twin_of == "quiet"
    write(twin, extend="quiet.yaml", blind_twin_of="quit")
    assert "did you mean 'quiet'" in str(refused(country, twin))


def test_a_file_with_another_name_inside_is_refused(country: Country, mine: Path) -> None:
    other = mine.rename(mine.with_name("other.yaml"))
    found = refused(country, other)
    assert (found.path, found.line) == (other, line_with(other, "name"))
    assert "'quiet'" in str(found)
    assert "expected: other" in str(found)


def test_a_name_of_the_pack_is_refused_elsewhere(country: Country, mine: Path) -> None:
    path = write(mine.parent / "union.yaml", mechanisms={"ties": switch(on=True)})
    found = refused(country, path)
    assert found.path == path
    assert "has the same name as an account of the pack" in str(found)
    assert "extend: union" in str(found)


def test_a_file_that_is_not_there_is_refused(country: Country, tmp_path: Path) -> None:
    found = refused(country, str(tmp_path / "nowhere.yaml"))
    assert "no such account file" in str(found)
    assert "null, union" in str(found)
    with pytest.raises(UnknownNameError, match="did you mean 'union'"):
        load_account(country, "unoin")


def test_a_case_finds_its_file_from_any_folder(
    country: Country, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mine.parent)
    own = load_account(country, mine.name)
    case = inference_problem_of(str(country.folder), EPISODE, own, country)
    monkeypatch.chdir(country.folder)
    assert case.account == "quiet"
    assert load_problem(case).scenario.account.content == own.content
    plain = inference_problem_of("template", EPISODE, load_account(country, "union"), country)
    assert plain.file is None


def test_a_posterior_that_is_missing_is_asked_for_by_file(country: Country, mine: Path) -> None:
    scenario = make_scenario(EPISODE, account=mine, pack=country.folder, belief="posterior")
    with pytest.raises(QantarError, match="no posterior of 'quiet'") as caught:
        scenario.draws(1, 1)
    assert f"--account {mine}" in str(caught.value)
    assert "quiet.csv" in str(caught.value)


# ------------------------------------------------------------------------------ command line


def qantar(country: Country, *words: str) -> Result:
    done = CliRunner().invoke(app, [*words, "--pack", str(country.folder)])
    if done.exception is not None:
        raise done.exception
    return done


def test_a_run_of_a_file_says_what_it_is(
    country: Country, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = qantar(country, "run", EPISODE, "--account", "mine/quiet.yaml", "--members", "2")
    assert "come from the prior: the pack ships no fitted ensemble of 'quiet'" in done.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name == f"{EPISODE}--quiet--seed1"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    account = load_account(country, mine)
    assert manifest["account"] == "quiet"
    assert manifest["belief"] == "prior"
    assert manifest["account_file"] == str(Path("mine/quiet.yaml"))
    assert manifest["account_sha256"] == account.digest
    assert manifest["account_content"] == account.content
    assert "quiet" in CliRunner().invoke(app, ["cite", str(folder)]).stdout


def test_a_run_of_an_account_of_the_pack_is_covered_by_its_fingerprint(
    country: Country, tmp_path: Path
) -> None:
    qantar(country, "run", EPISODE, "--members", "1", "--out", str(tmp_path / "out"))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["account_sha256"] == load_account(country, "union").digest
    assert not {"account_file", "account_content"} & set(manifest)


def test_whatif_takes_a_file_beside_the_accounts_of_the_pack(
    country: Country, mine: Path, tmp_path: Path
) -> None:
    words = ("--change", "no-shutdown", "--account", str(mine), "--all-accounts", "--members", "2")
    more = ("--explained", "0", "--one-mode", "--out", str(tmp_path / "out"))
    done = qantar(country, "whatif", EPISODE, *words, *more)
    assert "account quiet" in " ".join(done.stdout.split())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["accounts"] == ["quiet", "null", "union"]
    assert manifest["account_content"] == load_account(country, mine).content


def test_precedents_take_a_file(mine: Path) -> None:
    scenarios = precedent_scenarios("kazakhstan", mine)
    assert {scenario.account.name for scenario in scenarios} == {"quiet"}
    assert {scenario.belief for scenario in scenarios} == {"prior"}


@pytest.mark.parametrize("command", ["calibrate", "sensitivity"])
def test_studies_take_a_file(
    country: Country,
    mine: Path,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = qantar(country, command, EPISODE, "--account", str(mine), "--dry-run")
    assert f"{EPISODE}--quiet--" in " ".join(done.stdout.split())


def test_compare_takes_files_among_names(country: Country, mine: Path) -> None:
    words = ("--from-scratch", "--quick", "--dry-run", "--workers", "1")
    done = qantar(country, "compare", EPISODE, "--accounts", f"{mine},null,{mine}", *words)
    assert "2 accounts" in done.stdout
    again = write(mine.parent / "again" / "quiet.yaml", extend="union")
    with pytest.raises(FileError, match=r"has the name of .*quiet\.yaml") as caught:
        qantar(country, "compare", EPISODE, "--accounts", f"{mine},{again}", *words)
    assert caught.value.path == again


def test_a_file_is_shown_and_checked(country: Country, mine: Path) -> None:
    shown = qantar(country, "show", "account", str(mine)).stdout
    assert shown.startswith("quiet: x")
    assert f"declared    {mine}" in shown
    assert f"extends     {country.folder / 'accounts' / 'union.yaml'}" in shown
    assert "off media: nobody listens" in shown
    checked = qantar(country, "check", str(mine)).stdout
    assert "quiet: valid" in checked
    assert f"{len(Switches._fields) - 1} mechanisms on, 1 off, 0 not named" in checked
    write(mine, extend="union", mechanisms={"media": switch(on=True, claims=["obs-pric"])})
    with pytest.raises(FileError, match="did you mean 'obs-price'"):
        qantar(country, "check", str(mine))


def test_the_accounts_of_the_handbook_load(tmp_path: Path) -> None:
    page = Path(__file__).parents[1] / "docs" / "howto" / "write-an-account.md"
    block = r"^```yaml[^\n]*\n(name: (\S+).*?)^```"
    blocks = re.findall(block, page.read_text("utf-8"), re.M | re.S)
    for text, name in blocks:
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert [name for _, name in blocks] == ["price-only", "plotted-blind"]
    attack = {"coordinated_attack": switch(on=True)}
    hour = {"prior": {"distribution": "normal", "mean": 108, "sd": 12}, "because": "x"}
    held = {"coordinated_attack.by_named": fixed(6)}
    believed = {"coordinated_attack.hour": hour}
    write(tmp_path / "plotted.yaml", mechanisms=attack, fixed=held, beliefs=believed)
    country = load_country("kazakhstan")
    first, twin = (load_account(country, tmp_path / f"{name}.yaml") for _, name in blocks)
    assert [name for name in mechanism_names() if not first.is_on(name)] == [
        name for name in mechanism_names() if name in ("organised_violence", "coordinated_attack")
    ]
    assert (twin.fixed, twin.beliefs) == ({}, {})


def test_a_blind_twin_of_the_shipped_accounts_states_only_what_it_leaves_out() -> None:
    """It takes the rest over from its sighted twin, so that the two cannot drift apart."""
    country = load_country("kazakhstan")
    for name in ("elite-split", "state", "territorial"):
        twin, sighted = (load_account(country, each) for each in (f"{name}-blind", name))
        assert twin.files[1:] == sighted.files
        stated = parse_yaml(twin.file)
        assert set(stated.get("mechanisms", {})) == {
            key
            for key in mechanism_names()
            if twin.mechanisms.get(key) != sighted.mechanisms.get(key)
        }
