"""`qantar check` reads every part of the state, says what a pack lacks, and refuses bad files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from command_line import run_qantar
from file_edits import HERE, Break
from qantar.base.errors import FileError
from qantar.packs.loading import load_country
from qantar.packs.state.contents import StateContents, load_contents

BREAKS = {
    "constitution": Break(
        "state/constitution.csv",
        "founding,president,filled_by,voters",
        "founding,president,fills_by,voters",
        HERE,
        ("unknown rule",),
    ),
    "offices": Break(
        "state/holdings.csv",
        "premier,premier-2,2029-03-07",
        "premier,premier-2,2028-03-07",
        HERE,
        ("one holder at a time",),
    ),
    "parties": Break(
        "state/party_events.csv",
        "free-harbour,2025-01,banned",
        "free-harbour,2023-01,banned",
        HERE,
        ("is banned before it is founded",),
    ),
    "courts": Break(
        "state/cases.csv",
        "yes,2023-02,convicted,2023-06",
        "yes,2023-02,convicted,2022-06",
        HERE,
        ("editor-2023",),
    ),
    "outlets": Break(
        "state/outlet_owners.csv",
        "tide,2026,",
        "tide,2027,",
        None,
        ("has no owner when it is founded",),
    ),
    "honours": Break(
        "state/honours.csv", "2030-03-06,false,crowd", "2020-03-06,false,crowd", HERE, ("until",)
    ),
    "narratives": Break(
        "state/narratives.csv", "2030-03-06,President", "soon,President", HERE, ("YYYY",)
    ),
    "polls": Break("state/polls.csv", "2030-05,20,40,200", "2030-05,120,40,200", HERE, ("120",)),
    "society": Break("state/labour.csv", "2027-03-20", "2026-03-20", HERE, ("lies before",)),
    "composition": Break("state/regional_shares.csv", "20,30", "30,20", HERE, ("above the upper",)),
}
"""One thing wrong in each part."""


def test_the_template_has_every_part(pack: Path) -> None:
    contents = load_contents(load_country(pack))
    assert contents.missing == ()
    assert set(BREAKS) == set(StateContents._fields)


def test_the_check_counts_every_part_of_kazakhstan() -> None:
    contents = load_contents(load_country("kazakhstan"))
    assert contents.missing == ()
    printed = run_qantar("check", "kazakhstan", folder=Path.cwd()).stdout
    (line,) = (each for each in printed.splitlines() if each.strip().startswith("state: "))
    assert contents.offices is not None
    assert f"offices ({len(contents.offices.posts)} posts, " in line
    for part in StateContents._fields:
        assert f"{part} (" in line
    assert "not in this pack" not in line


def test_the_check_names_what_a_pack_lacks(pack: Path) -> None:
    for path in (pack / "state").glob("outlet*.csv"):
        path.unlink()
    (pack / "state" / "honours.csv").unlink()
    checked = run_qantar("check", str(pack), folder=pack)
    assert checked.returncode == 0, checked.stderr
    assert "; not in this pack: outlets, honours\n" in checked.stdout
    assert "outlets (" not in checked.stdout


def test_a_pack_without_the_state_has_no_such_line(pack: Path) -> None:
    shutil.rmtree(pack / "state")
    contents = load_contents(load_country(pack))
    assert contents.missing == StateContents._fields
    checked = run_qantar("check", str(pack), folder=pack)
    assert checked.returncode == 0, checked.stderr
    assert "state:" not in checked.stdout


@pytest.mark.parametrize("part", BREAKS)
def test_an_error_in_any_part_is_found(pack: Path, part: str) -> None:
    path, line = BREAKS[part].make(pack)
    with pytest.raises(FileError) as caught:
        load_contents(load_country(pack))
    assert caught.value.path.parent == path.parent
    message = caught.value.message()
    if line is not None:
        assert f"{path.name}:{line}:" in message
    for text in BREAKS[part].says:
        assert text in message


def test_the_command_stops_at_an_error_of_the_state(pack: Path) -> None:
    path, line = BREAKS["polls"].make(pack)
    checked = run_qantar("check", str(pack), folder=pack)
    assert checked.returncode != 0
    assert f"{path.name}:{line}" in checked.stderr.replace("\n", "")
