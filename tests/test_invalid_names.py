"""Wrong names, values and folders get the right one, or what is expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.packs.loading import load_country
from qantar.simulate.scenario import make_scenario

NAMES: dict[str, tuple[Callable[[Path], object], str]] = {
    "pack": (lambda _: load_country("kazakstan"), "'kazakhstan'"),
    "episode": (lambda p: make_scenario("spring-unrst", pack=p), "'spring-unrest'"),
    "account": (lambda p: make_scenario("spring-unrest", account="unio", pack=p), "'union'"),
    "override": (
        lambda p: make_scenario("spring-unrest", pack=p, overrides={"joining.spark_rat": 0.1}),
        "'joining.spark_rate'",
    ),
}


@pytest.mark.parametrize("what", NAMES)
def test_a_misspelt_name_offers_the_nearest(pack: Path, what: str) -> None:
    action, nearest = NAMES[what]
    with pytest.raises(UnknownNameError) as caught:
        action(pack)
    assert f"did you mean {nearest}" in str(caught.value)


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan"), float("inf")])
def test_an_override_out_of_range_is_refused(pack: Path, value: float) -> None:
    with pytest.raises(QantarError) as caught:
        make_scenario("spring-unrest", pack=pack, overrides={"joining.late_news": value})
    message = str(caught.value)
    assert "joining.late_news" in message
    assert "joining.yaml" in message
    assert "0 to 1 share" in message


def test_a_folder_that_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"is not a pack: it has no pack\.yaml") as caught:
        load_country(tmp_path)
    assert "qantar new country NAME" in str(caught.value)


@pytest.mark.parametrize(
    "file", ["sources.yaml", "variables.yaml", "regions.csv", "places.csv", "offices.csv"]
)
def test_a_file_that_is_not_there(pack: Path, file: str) -> None:
    (pack / file).unlink()
    with pytest.raises(FileError, match="cannot be read") as caught:
        load_country(pack)
    assert caught.value.path == pack / file


def test_groups_that_would_share_luck_are_refused(pack: Path) -> None:
    """Their ids differ in 32 bits but not in the 16 that the random key has for a group."""
    file = pack / "pack.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("\n  children:", "\n  officials_drivers:")
    file.write_text(text.replace("\n  dockers:", "\n  drivers_unemployed:"), encoding="utf-8")
    with pytest.raises(QantarError) as caught:
        make_scenario("spring-unrest", pack=pack).environment  # noqa: B018
    message = str(caught.value)
    assert (
        "the groups 'officials_drivers' and 'drivers_unemployed' share a random stream" in message
    )
