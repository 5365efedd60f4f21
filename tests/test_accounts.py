"""Accounts: refusals of a wrong twin or claim, the matrix of mechanisms, and how they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from file_edits import HERE, Break
from qantar.analysis.run import run
from qantar.base.errors import FileError
from qantar.cli.check import check
from qantar.cli.list import list_names
from qantar.cli.show import show
from qantar.model.hour import Switches
from qantar.packs.account import (
    Part,
    account_matrix,
    blind_twins,
    list_accounts,
    load_account,
    part_of,
)
from qantar.packs.country import Country
from qantar.packs.evidence import check_account_claims, country_ledger
from qantar.packs.loading import load_country
from qantar.simulate.scenario import make_scenario

UNION = "accounts/union.yaml"
TOLD = "told_by: [arv-observer, arv-ministry]\n"
MEDIA = 'media: {on: true, because: "arv-observer p5"}'
PACKS = ("kazakhstan", "template")


def edit(folder: Path, old: str, new: str, name: str = "union") -> None:
    """Change the text of an account, which must hold `old` once."""
    path = folder / "accounts" / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def media_claiming(*claims: str) -> str:
    return MEDIA.replace("}", f", claims: [{', '.join(claims)}]}}")


# ---------------------------------------------------------------------------- refusals

TWINS = {
    "twin of nothing": Break(
        UNION, TOLD, TOLD + "blind_twin_of: nul\n", "blind_twin_of",
        ("blind twin of an unknown account", "'nul'", "did you mean 'null'")),
    "twin of nothing near": Break(
        UNION, TOLD, TOLD + "blind_twin_of: zzzzzz\n", "blind_twin_of",
        ("blind twin of an unknown account", "'zzzzzz'", "expected: null")),
    "twin of itself": Break(
        UNION, TOLD, TOLD + "blind_twin_of: union\n", "blind_twin_of",
        ("its own blind twin", "'union'", "expected: null")),
    "near to itself only": Break(
        UNION, TOLD, TOLD + "blind_twin_of: unio\n", "blind_twin_of",
        ("blind twin of an unknown account", "'unio'", "expected: null")),
    "twin of a list": Break(
        UNION, TOLD, TOLD + "blind_twin_of: [null]\n", "blind_twin_of", ("blind_twin_of",)),
    "misspelt key": Break(
        UNION, MEDIA, MEDIA.replace("}", ", claim: [obs-price]}"), HERE,
        ("mechanisms.media.claim", "did you mean 'claims'")),
}  # fmt: skip


@pytest.mark.parametrize("what", TWINS)
def test_a_wrong_account_is_refused(pack: Path, what: str) -> None:
    path, line = TWINS[what].make(pack)
    with pytest.raises(FileError) as caught:
        make_scenario("spring-unrest", pack=pack, belief="prior")
    assert (caught.value.path, caught.value.line) == (path, line)
    for words in TWINS[what].says:
        assert words in str(caught.value)


CLAIMS = {
    "misspelt": Break(
        UNION, MEDIA, media_claiming("obs-pric"), HERE,
        ("media: unknown claim", "'obs-pric'", "did you mean 'obs-price'")),
    "second of two": Break(
        UNION, MEDIA, media_claiming("obs-price", "\n    min-deths"), "    min-deths",
        ("media: unknown claim", "'min-deths'", "did you mean 'min-deaths'")),
    "nothing like it": Break(
        UNION, MEDIA, media_claiming("zzzzzzzz"), HERE,
        ("media: unknown claim", "'zzzzzzzz'", "a claim of the ledger")),
}  # fmt: skip


@pytest.mark.parametrize("what", CLAIMS)
def test_a_claim_that_does_not_exist_stops_a_run_and_a_check(pack: Path, what: str) -> None:
    path, line = CLAIMS[what].make(pack)
    scenario = make_scenario("spring-unrest", pack=pack, belief="prior")
    for use in (lambda: run(scenario, members=1), lambda: check(str(pack))):
        with pytest.raises(FileError) as caught:
            use()
        assert (caught.value.path, caught.value.line) == (path, line)
        for words in CLAIMS[what].says:
            assert words in str(caught.value)


def test_a_run_asks_its_own_account_only_and_a_check_all(pack: Path) -> None:
    edit(pack, MEDIA, media_claiming("obs-pric"))
    scenario = make_scenario("spring-unrest", account="null", pack=pack, belief="prior")
    assert run(scenario, members=1, threads=1).members == 1
    with pytest.raises(FileError, match="unknown claim"):
        check(str(pack))


def test_claims_that_exist_pass(pack: Path) -> None:
    edit(pack, MEDIA, media_claiming("obs-price", "min-deaths"))
    check(str(pack))
    account = load_account(load_country(pack), "union")
    assert account.mechanisms["media"].claims == ("obs-price", "min-deaths")


@pytest.mark.parametrize("name", PACKS)
def test_the_claims_of_the_shipped_accounts_exist(name: str) -> None:
    country = load_country(name)
    ledger = country_ledger(country)
    for account in list_accounts(country):
        found = load_account(country, account)
        named = {claim for switch in found.mechanisms.values() for claim in switch.claims}
        assert named <= set(ledger.claims)
        check_account_claims(found, ledger)


# ------------------------------------------------------------------- the matrix, the twins


@pytest.fixture
def three(pack: Path) -> Country:
    """The template with a third account, the blind twin of the union, of which two parts differ."""
    text = (pack / UNION).read_text(encoding="utf-8")
    text = text.replace("name: union", "name: union-blind").replace(
        TOLD, TOLD + "blind_twin_of: union\n"
    )
    text = text.replace("  fear: {on: true,", "  fear: {on: false,")
    text += (
        "\nfixed:\n"
        '  anger.by_shutdown: {value: 0, because: "x"}\n'
        '  fear.by_force: {value: 0, because: "x"}\n'
        '  joining.willing: {value: 0.3, because: "x"}\n'
    )
    (pack / "accounts" / "union-blind.yaml").write_text(text, encoding="utf-8")
    return load_country(pack)


def test_a_mechanism_is_on_partly_on_or_off(three: Country) -> None:
    blind = load_account(three, "union-blind")
    assert part_of(blind, "anger") is Part.partly
    assert part_of(blind, "fear") is Part.off, "what is off is off, whatever is fixed"
    assert part_of(blind, "joining") is Part.on, "fixed, but not at nothing"
    assert part_of(blind, "media") is Part.on


def test_the_matrix_has_every_mechanism_in_the_order_of_the_hour(three: Country) -> None:
    names = list_accounts(three)
    matrix = account_matrix(load_account(three, name) for name in names)
    assert tuple(matrix) == Switches._fields
    assert all(list(parts) == names for parts in matrix.values())
    assert set(matrix["lethal_force"].items()) == {
        ("null", Part.off), ("union", Part.on), ("union-blind", Part.on)
    }  # fmt: skip


def test_twins_are_found_from_the_other_side(three: Country) -> None:
    assert blind_twins(three, "union") == ["union-blind"]
    assert blind_twins(three, "union-blind") == []


def rows_of(text: str) -> dict[str, list[str]]:
    """Return the marks behind each mechanism of a printed matrix."""
    rows = [line.split() for line in text.splitlines()]
    return {row[0]: row[1:] for row in rows if row and row[0] in Switches._fields}


def test_accounts_are_listed_with_their_mechanisms(
    three: Country, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    list_names("accounts", str(three.folder))
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "Every mechanism asserted by any source" in text
    head = next(line for line in text.splitlines() if line.split() == list_accounts(three))
    assert "●" not in head
    rows = rows_of(text)
    assert tuple(rows) == Switches._fields
    assert rows["anger"] == ["●", "○"], "null has none"
    assert rows["fear"] == ["●"]
    assert rows["joining"] == ["●"] * 3
    fear = next(line for line in text.splitlines() if line.startswith("fear"))
    assert head.index("union") <= fear.index("●") <= head.index("union") + len("union")


def test_too_many_accounts_for_the_screen_are_numbered(
    three: Country, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    union = (three.folder / UNION).read_text(encoding="utf-8")
    names = [f"a-story-with-a-long-name-{k:02}" for k in range(14)]
    for name in names:
        text = union.replace("name: union", f"name: {name}")
        (three.folder / "accounts" / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "100")
    list_names("accounts", str(three.folder))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    every = list_accounts(three)
    for number, name in enumerate(every, start=1):
        assert any(line.split()[:2] == [str(number), name] for line in lines)
    heads = [str(k) for k in range(1, len(every) + 1)]
    assert any(line.split() == heads for line in lines)
    assert len(rows_of("\n".join(lines))["joining"]) == len(every)


def test_an_account_is_shown_with_reasons_claims_and_twin(
    three: Country, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(three.folder, MEDIA, media_claiming("obs-price"))
    show("account", "union", str(three.folder))
    shown = capsys.readouterr().out
    assert "on  media: arv-observer p5" in shown
    assert "arv-observer p1: INVENTED: the price of gas doubled" in shown
    assert "its blind twin is union-blind" in shown
    show("account", "union-blind", str(three.folder))
    shown = capsys.readouterr().out
    assert "blind twin of union\n" in shown
    assert "off fear: arv-observer p6" in shown
    assert "fixed anger.by_shutdown = 0: x" in shown
