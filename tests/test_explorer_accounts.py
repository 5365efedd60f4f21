import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from qantar.analysis.compare.archive import archive_folder, read_archive
from qantar.analysis.compare.comparison import leader
from qantar.explorer.accounts import SHARES, _headline, accounts_payload, reliability
from qantar.explorer.request import plain
from qantar.packs.account import FRAMES, list_accounts
from qantar.packs.episode import load_episode
from qantar.packs.loading import find_pack, load_country

EPISODE = "january-2022"


@pytest.fixture(scope="module")
def payload() -> dict[str, Any]:
    country = load_country("kazakhstan")
    return accounts_payload(country, load_episode(country, EPISODE))


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return read_archive(archive_folder(load_country("kazakhstan"), EPISODE)).tables


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of the pack that can be spoilt."""
    return Path(shutil.copytree(find_pack("kazakhstan"), tmp_path / "kazakhstan"))


def of(folder: Path) -> dict[str, Any]:
    country = load_country(folder)
    return accounts_payload(country, load_episode(country, EPISODE))


def test_probabilities_are_those_shipped(
    payload: dict[str, Any], tables: dict[str, pd.DataFrame]
) -> None:
    json.dumps(payload, allow_nan=False)
    shipped = tables["accounts"].set_index("account")
    assert [each["name"] for each in payload["accounts"]] == list(shipped.index)
    for each in payload["accounts"]:
        assert each["likelihood"] == shipped.loc[each["name"], "recalibrated"]
        assert each["classifier"] == shipped.loc[each["name"], "classifier_recalibrated"]
    assert sum(each["probability"] for each in payload["accounts"]) == pytest.approx(1, abs=1e-4)


def test_reliability_is_that_shipped_and_in_words(
    payload: dict[str, Any], tables: dict[str, pd.DataFrame]
) -> None:
    own = tables["methods"]
    own = own[own["recalibrated"]].set_index("method")
    told = payload["reliability"]
    assert told["accuracy"]["likelihood"] == own.loc["likelihood", "accuracy"]
    assert told["accuracy"]["classifier"] == own.loc["classifier", "accuracy"]
    assert told["accuracy"]["chance"] == own.loc["likelihood", "chance"]
    assert told["sets"] == own.loc["likelihood", "data_sets"]
    assert told["pairs"] == len(tables["pairs"])
    assert told["pairs_told"] == int((tables["pairs"]["strength"] != "not").sum())
    for share in told["accuracy"].values():
        assert f"{100 * share:.0f} of 100" in told["sentences"][0]
    text = " ".join(told["sentences"])
    assert "wrong more often than right" in text
    assert "No two stories can be told apart" in text


def test_every_pair_has_its_verdict_once(
    payload: dict[str, Any], tables: dict[str, pd.DataFrame]
) -> None:
    shown = {frozenset((pair["a"], pair["b"])): pair for pair in payload["pairs"]}
    count = len(payload["accounts"])
    assert len(shown) == len(payload["pairs"]) == count * (count - 1) // 2
    for row in tables["pairs"].to_dict("records"):
        assert shown[frozenset((row["better"], row["worse"]))]["strength"] == row["strength"]


def test_no_account_stands_out_where_no_two_stories_can_be_told_apart(
    payload: dict[str, Any], tables: dict[str, pd.DataFrame]
) -> None:
    assert payload["reliability"]["stories_told"] == 0
    headline = payload["headline"]
    assert headline.startswith("No account stands out: no two stories")
    assert "leads" not in headline
    told = tables["accounts"].set_index("account")
    blind = told[~told.index.isin(told["blind_twin_of"]) & ~told.index.isin(FRAMES)]
    for own, other in (("likelihood", "classifier"), ("classifier", "likelihood")):
        row = blind.sort_values(SHARES[own]).iloc[-1]
        title = told["title"].get(row["blind_twin_of"], row["title"])
        shares = [f"{100 * row[SHARES[name]]:.0f}\N{NO-BREAK SPACE}%" for name in (own, other)]
        said = f"the {own} gives most to “{plain(title)}” ({shares[0]}; the {other} gives it "
        assert said + f"{shares[1]})" in headline
    assert "state-blind" not in headline
    assert payload["verdict"].startswith("No account with causes can be told from another")
    assert payload["cautions"] == []


def test_a_leader_that_can_be_told_apart_is_named_by_its_title(
    tables: dict[str, pd.DataFrame],
) -> None:
    best = leader(tables["accounts"])
    pairs = tables["pairs"].copy()
    own = (pairs["better"] == best) | (pairs["worse"] == best)
    stories = ~pairs["better"].isin(FRAMES) & ~pairs["worse"].isin(FRAMES)
    pairs.loc[(own & stories).idxmax(), "strength"] = "clearly"
    headline = _headline(tables | {"pairs": pairs})
    title = tables["accounts"].set_index("account")["title"][best]
    assert f"“{plain(title)}” leads" in headline
    strengths = pairs.loc[own, "strength"]
    assert f"cannot be told apart from the other {(strengths == 'not').sum()}" in headline
    assert headline.count("supported than") == (strengths != "not").sum()


def test_mechanisms_are_those_of_the_account_files(payload: dict[str, Any]) -> None:
    parts = {each["name"]: each["mechanisms"] for each in payload["accounts"]}
    names = [each["name"] for each in payload["mechanisms"]]
    assert all(list(own) == names for own in parts.values())
    assert parts["elite-split"]["organised_violence"] == "on"
    assert parts["elite-split"]["escalation"] == "off"
    assert parts["elite-split"]["demands"] == "partly"
    assert parts["null"]["lethal_force"] == "off"


def test_who_tells_an_account_is_said_by_letter(payload: dict[str, Any]) -> None:
    by_name = {each["name"]: each for each in payload["accounts"]}
    assert by_name["police-first"]["letters"] == ["E"]
    assert by_name["union"]["letters"] == ["A", "B", "C", "D", "E"]
    assert by_name["null"]["letters"] == []
    assert by_name["state"]["hindsight"]
    assert not by_name["state-blind"]["hindsight"]


def test_a_pack_without_a_shipped_comparison_says_how_to_make_one() -> None:
    country = load_country("template")
    found = accounts_payload(country, load_episode(country, "spring-unrest"))
    json.dumps(found, allow_nan=False)
    assert [each["name"] for each in found["accounts"]] == list_accounts(country)
    assert found["headline"] is None
    assert found["reliability"] is None
    assert found["pairs"] == []
    assert all(each["probability"] is None for each in found["accounts"])
    (caution,) = found["cautions"]
    assert "qantar compare spring-unrest --from-scratch" in caution


def test_a_stale_shipped_comparison_has_no_headline(copied: Path) -> None:
    path = copied / "accounts" / "union.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("asserted by") == 1
    path.write_text(text.replace("asserted by", "named by"), encoding="utf-8")
    found = of(copied)
    assert found["headline"] is None
    assert found["verdict"] is None
    (caution,) = found["cautions"]
    assert "out of date" in caution
    assert "accounts/union.yaml" in caution
    assert "--from-scratch" in caution


def test_a_damaged_shipped_comparison_is_not_shown_and_no_path_is_told(copied: Path) -> None:
    path = copied / "posteriors" / EPISODE / "comparison" / "pairs.csv"
    path.write_text("better,worse\n", encoding="utf-8")
    found = of(copied)
    assert found["headline"] is None
    assert found["reliability"] is None
    (caution,) = found["cautions"]
    assert "damaged" in caution
    assert str(copied) not in json.dumps(found)


def made(strengths: dict[tuple[str, str], str]) -> dict[str, Any]:
    methods = pd.DataFrame(
        [("likelihood", True, 0.9, 0.5, 40), ("classifier", True, 0.95, 0.5, 40)],
        columns=["method", "recalibrated", "accuracy", "chance", "data_sets"],
    )
    rows = [(better, worse, strength) for (better, worse), strength in strengths.items()]
    return reliability(methods, pd.DataFrame(rows, columns=["better", "worse", "strength"]))


def test_words_follow_the_verdicts_where_methods_are_good() -> None:
    told = made({("a", "b"): "clearly", ("a", "null"): "clearly", ("b", "null"): "not"})
    text = " ".join(told["sentences"])
    assert (told["stories_told"], told["stories"]) == (1, 1)
    assert "wrong more often" not in text
    assert "No two stories" not in text
    assert "1 of 1" in text
    assert "90 of 100" in text


def test_nothing_told_apart_is_said_plainly() -> None:
    told = made({("a", "b"): "not", ("union", "null"): "not"})
    assert "No two accounts can be told apart on these facts." in told["sentences"]
