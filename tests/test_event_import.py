"""An event file comes in whole or not at all, and every row of it is accounted for."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from qantar.base.errors import FileError, OutputError, QantarError
from qantar.cli.evidence_import import import_events as command
from qantar.evidence.claims import load_claims
from qantar.evidence.events import ImportedEvents, ImportRequest, import_events, load_mapping
from qantar.evidence.events.place_matching import PlaceMatch, PlaceMatcher
from qantar.evidence.ledger import Ledger, load_ledger
from qantar.evidence.reconcile import reconcile
from qantar.evidence.targets import load_rules
from qantar.packs.country import packs_folder

MAPPINGS = packs_folder() / "common" / "evidence" / "mappings"

CODEBOOK = """
categories: {protest: x, violence: x, deaths: x}
predicates:
  onset: {kind: day, meaning: x}
  end: {kind: day, meaning: x}
  events: {kind: number, meaning: x, units: [events]}
  deaths: {kind: number, meaning: x, units: [persons], cumulative: true}
  violent: {kind: choice, meaning: x, alternatives: ["yes", "no"]}
readings:
  exact: {low: 1, high: 1, meaning: x}
  at_least: {low: 1, high: null, meaning: x}
"""

ENTITIES = """entity,kind,name
unrest,event,Unrest
kazakhstan,state,Kazakhstan
kazakhstan,state,Казахстан
almaty,place,Almaty
almaty,place,Алматы
almaty,place,Alma-Ata
almaty-region,region,Almaty Region
almaty-region,region,Алматинская область
aktobe,place,Aktobe
aktobe,place,Ақтөбе
zhanaozen,place,Zhanaozen
zhanaozen,place,Жаңаөзен
akshukur-camp,place,Akshukur camp
"""

REGIONS = {
    "Almaty": "Almaty (city)",
    "Aktobe": "Aktobe",
    "Rural Aktobe": "Aktobe",
    "Talgar": "Almaty Region",
    "Kaskelen": "Almaty Region",
    "Zhanaozen": "Mangystau",
    "Aktau": "Mangystau",
    "Aksu (Pavlodar)": "Pavlodar",
    "Pavlodar": "Pavlodar",
}

HEADER = "id,date,place,kind,deaths,source,note\n"
GOOD = (
    HEADER
    + """a1,2022-01-02,Zhanaozen,protest,0,Press,
a2,2022-01-03,Zhanaozen,protest,0,Press,
a3,2022-01-04,Almaty,protest,0,Press,"crowds, it is said"
a4,2022-01-05,Almaty,riot,3,Press,
a5,2022-01-05,Aktau,other,0,Press,
"""
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return small_ledger(tmp_path / "evidence")


def small_ledger(folder: Path, *more: Path) -> Ledger:
    (folder / "claims").mkdir(parents=True, exist_ok=True)
    (folder / "entities.csv").write_text(ENTITIES, encoding="utf-8")
    (folder / "causes.yaml").write_text("none: {title: x, group: x}\n", encoding="utf-8")
    book = folder / "codebook.yaml"
    book.write_text(CODEBOOK, encoding="utf-8")
    return load_ledger(folder, book, sources={}, country="Kazakhstan", regions=REGIONS, more=more)


def bring(
    ledger: Ledger, text: str | bytes, out: Path, name: str = "plain", **more: str
) -> ImportedEvents:
    """Import a text as a file beside the output."""
    out.parent.mkdir(parents=True, exist_ok=True)
    path = out.parent / f"{out.name}.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    request = {
        "id": "mine", "title": "My list", "date": "2022-03-01", "subject": "unrest", **more,
    }  # fmt: skip
    near = bool(request.pop("accept_near", ""))
    mapping = load_mapping(name, MAPPINGS)
    return import_events(
        ledger, ImportRequest(path=path, mapping=mapping, accept_near=near, **request), out
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def claims_from_counts(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return what each claim says, by its id without the source."""
    return {
        claim.claim.removeprefix("mine-"): (claim.value_low, claim.date_from, claim.place)
        for claim in load_claims(folder / "claims.csv").values()
    }


ACLED = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,"
    "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,"
    "country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,"
    "notes,fatalities,tags,timestamp"
)


def acled(rows: list[dict[str, str]]) -> str:
    columns = ACLED.split(",")
    usual = {
        "event_type": "Protests", "country": "Kazakhstan", "time_precision": "1",
        "geo_precision": "1", "fatalities": "0", "notes": "Said, in short",
    }  # fmt: skip
    lines = [ACLED]
    for row in rows:
        cells = {**usual, **row}
        lines.append(",".join(f'"{cells.get(column, "")}"' for column in columns))
    return "\n".join(lines) + "\n"


def test_the_published_columns_of_acled(ledger: Ledger, tmp_path: Path) -> None:
    text = acled(
        [
            {"event_id_cnty": "KAZ1", "event_date": "05 January 2022", "location": "Aktobe"},
            {"event_id_cnty": "KAZ2", "event_date": "2022-01-06", "location": "Almaty",
             "event_type": "Riots", "fatalities": "12"},
            {"event_id_cnty": "RUS1", "event_date": "05 January 2022", "location": "Omsk",
             "country": "Russia"},
        ]
    )  # fmt: skip
    imported = bring(ledger, text, tmp_path / "out", "acled")
    assert imported.report.kept == 2
    assert imported.report.left_out == {"another country": 1}
    said = claims_from_counts(tmp_path / "out")
    assert said["onset-aktobe"] == ("", "2022-01-05", "Aktobe")
    assert said["deaths"] == ("12", "2022-01-05", "")
    assert said["deaths-almaty"] == ("12", "2022-01-05", "Almaty")
    assert "violent-almaty" in said
    assert "violent-aktobe" not in said


def test_an_inexact_day_gives_no_onset_and_an_inexact_place_no_town(
    ledger: Ledger, tmp_path: Path
) -> None:
    text = acled(
        [
            {"event_id_cnty": "K1", "event_date": "2022-01-01", "time_precision": "3",
             "location": "Aktobe", "admin1": "Aktobe"},
            {"event_id_cnty": "K2", "event_date": "2022-01-05", "location": "Aktobe",
             "admin1": "Aktobe"},
            {"event_id_cnty": "K3", "event_date": "2022-01-02", "location": "Aktobe",
             "admin1": "Aktobe", "geo_precision": "3"},
        ]
    )  # fmt: skip
    bring(ledger, text, tmp_path / "out", "acled")
    said = claims_from_counts(tmp_path / "out")
    assert said["onset-aktobe"] == ("", "2022-01-05", "Aktobe")
    assert said["events-aktobe"][0] == "2"
    assert said["onset-aktobe-region"] == ("", "2022-01-02", "Aktobe Region")
    assert said["events-aktobe-region"][0] == "3"


def test_the_published_columns_of_gdelt(ledger: Ledger, tmp_path: Path) -> None:
    text = (
        "GLOBALEVENTID,SQLDATE,EventCode,EventRootCode,ActionGeo_FullName,ActionGeo_CountryCode,"
        "ActionGeo_Lat,ActionGeo_Long,NumMentions,NumArticles,SOURCEURL\n"
        '1,20220105,141,14,"Almaty, Almaty, Kazakhstan",KZ,43,76,5,5,https://example.org/1\n'
        '2,20220105,1451,14,"Zhanaozen, Mangghystau, Kazakhstan",KZ,43,52,5,5,u\n'
        "3,20220105,036,03,Kazakhstan,KZ,48,68,5,5,u\n"
        '4,20220105,141,14,"Berlin, Berlin, Germany",GM,52,13,5,5,u\n'
        "5,20220105,991,99,Kazakhstan,KZ,48,68,5,5,u\n"
    )
    imported = bring(ledger, text, tmp_path / "out", "gdelt")
    said = claims_from_counts(tmp_path / "out")
    assert said["events"][0] == "2", "a row that is neither protest nor violence counts as no event"
    assert "violent-zhanaozen" in said
    assert "deaths" not in said
    assert imported.report.matched == {"exact": 2, "country": 1}
    assert imported.report.rejected == {"EventCode: unknown kind": 1}


def test_what_is_written_loads_and_its_targets_reconcile(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    imported = bring(ledger, GOOD, out)
    more = small_ledger(tmp_path / "again", out / "source.yaml")
    assert tuple(more.claims.values()) == imported.claims
    source = more.sources["mine"]
    assert (source.title, source.kind, source.date) == ("My list", "events", "2022-03-01")
    assert "out.csv" in source.note
    assert str(tmp_path) not in (out / "source.yaml").read_text(encoding="utf-8")
    targets = {n: reconcile(more, n, r).target for n, r in load_rules(out / "targets.yaml").items()}
    assert set(targets) == set(imported.targets)
    assert (targets["mine-onset-zhanaozen"].low, targets["mine-onset-zhanaozen"].high) == (
        "2022-01-02",
        "2022-01-02",
    )
    assert (targets["mine-deaths"].low, targets["mine-deaths"].high) == ("3", "3")
    assert targets["mine-violent-almaty"].low == "0.5"
    assert targets["mine-onset-mangystau"].level == "region"


def test_claims_carry_their_rows(ledger: Ledger, tmp_path: Path) -> None:
    rows = "".join(f"a{n},2022-01-0{1 + n % 3},Aktau,protest,0,,\n" for n in range(1, 8))
    imported = bring(ledger, HEADER + rows, tmp_path / "out")
    by_id = {claim.claim: claim for claim in imported.claims}
    assert by_id["mine-events-aktau"].locator == "events a3, a6, a1, a4, a7, ... (7 rows)"
    assert by_id["mine-onset-aktau"].locator == "events a3, a6 (2 rows)"
    assert {c.modality for c in imported.claims} == {"stated"}
    assert {c.attributed_to for c in imported.claims} == {"My list"}
    days = [c for c in imported.claims if c.relates == "part of mine-events"]
    assert sum(float(c.value_low) for c in days) == 7


def test_an_empty_cell_of_deaths_is_not_zero(ledger: Ledger, tmp_path: Path) -> None:
    text = HEADER + "a1,2022-01-05,Almaty,riot,2,,\na2,2022-01-05,Almaty,riot,,,\n"
    text += "a3,2022-01-05,Aktau,riot,,,\n"
    imported = bring(ledger, text, tmp_path / "out")
    by_id = {claim.claim: claim for claim in imported.claims}
    assert by_id["mine-deaths-almaty"].reading == "at_least"
    assert "mine-deaths-aktau" not in by_id
    assert "mine-deaths" not in imported.targets, "a floor closes no interval"


BAD_ROWS = {
    "a2,2022-02-30,Almaty,protest,0,,": ("date", "2022-02-30", "not a calendar date"),
    "a2,,Almaty,protest,0,,": ("date", "", "no date"),
    "a2,2023-01-05,Almaty,protest,0,,": ("date", "2023-01-05", "later than the file"),
    ",2022-01-05,Almaty,protest,0,,": ("id", "", "no id"),
    "a1,2022-01-05,Almaty,protest,0,,": ("id", "a1", "the same row appears above"),
    "a2,2022-01-05,Almaty,protst,0,,": ("kind", "protst", "did you mean 'protest'"),
    "a2,2022-01-05,Almaty,protest,-3,,": ("deaths", "-3", "negative"),
    "a2,2022-01-05,Almaty,protest,some,,": ("deaths", "some", "not a whole number"),
    "a2,2022-01-05,Almaty,protest,0": ("", "5 cells", "expected 7 cells"),
    "a2,2022-01-05,Almaty, it is said,protest,0,,": ("", "8 cells", "expected 7 cells"),
}


@pytest.mark.parametrize(("line", "says"), BAD_ROWS.items(), ids=list(BAD_ROWS))
def test_a_bad_row_is_listed_with_its_number(
    line: str, says: tuple[str, str, str], ledger: Ledger, tmp_path: Path
) -> None:
    text = HEADER + "a1,2022-01-05,Almaty,protest,0,,\n\n" + line + "\n"
    imported = bring(ledger, text, tmp_path / "out")
    (rejected,) = rows_of(tmp_path / "out" / "rejected.csv")
    assert rejected["row"] == "4", "the header is row 1, and an empty line counts"
    assert (rejected["column"], rejected["value"]) == says[:2]
    assert says[2] in rejected["why"]
    assert (imported.report.rows, imported.report.kept) == (2, 1)


def test_a_line_break_between_quotes_does_not_shift_the_numbers(
    ledger: Ledger, tmp_path: Path
) -> None:
    text = HEADER + 'a1,2022-01-05,Almaty,protest,0,,"one\ntwo"\na2,x,Almaty,protest,0,,\n'
    bring(ledger, text, tmp_path / "out")
    assert rows_of(tmp_path / "out" / "rejected.csv")[0]["row"] == "3"


def test_rows_of_one_id_that_differ_are_all_rejected(ledger: Ledger, tmp_path: Path) -> None:
    text = GOOD + "a1,2022-01-02,Zhanaozen,protest,7,Press,\n"
    bring(ledger, text, tmp_path / "out")
    rejected = rows_of(tmp_path / "out" / "rejected.csv")
    assert [row["row"] for row in rejected] == ["2", "7"]
    assert claims_from_counts(tmp_path / "out")["deaths"][0] == "3"


def test_the_report_adds_up(ledger: Ledger, tmp_path: Path) -> None:
    bad = "".join(f"{line}\n" for line in BAD_ROWS)
    near = "b1,2022-01-05,Zhanaosen,protest,0,,\nb2,2022-01-05,Nowhere,protest,0,,\n"
    early = "b3,2021-01-05,Almaty,protest,0,,\n"
    imported = bring(ledger, GOOD + bad + near + early, tmp_path / "out", since="2022-01-01")
    report = imported.report
    assert report.rows == 5 + len(BAD_ROWS) + 3
    assert report.rows == report.rejected.total() + report.left_out.total() + report.kept
    assert report.rejected.total() == len(rows_of(tmp_path / "out" / "rejected.csv"))
    assert report.kept == len(rows_of(tmp_path / "out" / "events.csv"))
    assert report.left_out == {"outside the period": 1}
    text = (tmp_path / "out" / "report.txt").read_text(encoding="utf-8")
    assert f"{report.rows} rows read" in text
    listed = Counter(row["match"] for row in rows_of(tmp_path / "out" / "events.csv"))
    assert listed == report.matched


def test_unknown_places_are_reported_and_count_for_the_country(
    ledger: Ledger, tmp_path: Path
) -> None:
    rows = "b1,2022-01-05,Zhanaozenn Sity,protest,1,,\nb2,2022-01-05,Zhanaozenn Sity,riot,1,,\n"
    bring(ledger, GOOD + rows, tmp_path / "out")
    (unmatched,) = rows_of(tmp_path / "out" / "unmatched.csv")
    assert (unmatched["place"], unmatched["rows"]) == ("Zhanaozenn Sity", "2")
    assert unmatched["nearest"].startswith("Zhanaozen")
    said = claims_from_counts(tmp_path / "out")
    assert said["deaths"][0] == "5"
    assert said["events-zhanaozen"][0] == "2"


def test_a_near_miss_is_used_only_if_asked(ledger: Ledger, tmp_path: Path) -> None:
    text = GOOD + "b1,2022-01-05,Zhanaosen,protest,0,,\n"
    left = bring(ledger, text, tmp_path / "left")
    assert left.report.matched["none"] == 1
    assert "similar name, not used" in (tmp_path / "left" / "unmatched.csv").read_text("utf-8")
    used = bring(ledger, text, tmp_path / "used", accept_near="yes")
    assert used.report.matched["near"] == 1
    assert claims_from_counts(tmp_path / "used")["events-zhanaozen"][0] == "3"
    assert rows_of(tmp_path / "used" / "unmatched.csv")[0]["used"] == "Zhanaozen"


MATCHES = {
    ("Жаңаөзен", ""): ("Zhanaozen", "spelling"),
    ("Алматы", ""): ("Almaty", "spelling"),
    ("Алматинская область", ""): ("Almaty Region", "spelling"),
    ("Ақтөбе", ""): ("Aktobe", "spelling"),
    ("Aqtobe", ""): ("Aktobe", "spelling"),
    ("ALMATY", ""): ("Almaty", "exact"),
    ("Aktobe", ""): ("Aktobe", "exact"),
    ("Aktobe", "Aktobe"): ("Aktobe", "exact"),
    ("Aktobe oblast", ""): ("Aktobe Region", "spelling"),
    ("Almaty oblast", ""): ("Almaty Region", "spelling"),
    ("Almaty", "Almaty City"): ("Almaty", "exact"),
    ("Almaty", "Almaty Region"): ("Almaty Region", "spelling"),
    ("Almaty", "Mangystau"): ("", "none"),
    ("Talgar", "Almaty"): ("Talgar", "exact"),
    ("Talgar", "no region we know"): ("Talgar", "exact"),
    ("Mangystau", ""): ("Mangystau", "exact"),
    ("Aksu", ""): ("Aksu (Pavlodar)", "spelling"),
    ("Aksu", "Almaty Region"): ("", "none"),
    ("Akshukur camp", "Mangystau"): ("Akshukur camp", "exact"),
    ("Казахстан", ""): ("", "country"),
    ("", "Mangystau"): ("Mangystau", "region"),
    ("", ""): ("", "none"),
    ("?!", ""): ("", "none"),
}


@pytest.mark.parametrize(("given", "found"), MATCHES.items(), ids=[str(k) for k in MATCHES])
def test_place_names_match(given: tuple[str, str], found: tuple[str, str], ledger: Ledger) -> None:
    match: PlaceMatch = PlaceMatcher(ledger.gazetteer, ledger.entities).match(*given)
    assert (match.place, match.how) == found


MIXED = GOOD.encode() + "a9,2022-01-05,Алматы,protest,0,,\n".encode("cp1251")

BAD_FILES: dict[str, tuple[str | bytes, int | None, str]] = {
    "wrong columns": (GOOD.replace("place", "plase", 1), 1, "did you mean 'plase'"),
    "columns of another kind": ("a;b;c\n1;2;3\n", 1, "'id'"),
    "column twice": (GOOD.replace("note", "place", 1), 1, "appears twice"),
    "nothing": (b"", None, "0 bytes"),
    "only empty lines": ("\n\n\n", 1, "missing"),
    "only a header": (HEADER, 1, "no rows below its header"),
    "mixed encodings": (MIXED, 7, "UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), 1, "UTF-8"),
    "open quote": (GOOD + 'a9,2022-01-05,"Almaty,protest,0,,\n', 7, "close the quote"),
    "no good row": (HEADER + "a1,2022-13-05,Almaty,protest,0,,\n", 2, "not a calendar date"),
}


@pytest.mark.parametrize(("text", "line", "says"), BAD_FILES.values(), ids=list(BAD_FILES))
def test_a_bad_file_is_refused_and_leaves_nothing_behind(
    text: str | bytes, line: int | None, says: str, ledger: Ledger, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(FileError) as caught:
        bring(ledger, text, home / "out")
    message = str(caught.value)
    assert caught.value.line == line, message
    assert says in message
    assert "expected:" in message or caught.value.line == 1
    assert [path.name for path in home.iterdir()] == ["out.csv"]


def test_a_huge_file_is_refused(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qantar.evidence.events.reading.MAX_BYTES", 100)
    with pytest.raises(FileError, match=r"too large.*\n.*at most 100 bytes"):
        bring(ledger, GOOD, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_mark_of_byte_order_and_windows_lines_change_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    usual = bring(ledger, GOOD, tmp_path / "usual")
    windows = bring(ledger, ("\ufeff" + GOOD.replace("\n", "\r\n")).encode(), tmp_path / "windows")
    assert usual.claims == windows.claims


def test_a_file_that_is_not_there(ledger: Ledger, tmp_path: Path) -> None:
    mapping = load_mapping("plain", MAPPINGS)
    request = ImportRequest(tmp_path / "no.csv", mapping, "mine", "x", "2022", "unrest")
    with pytest.raises(FileError, match="cannot be read"):
        import_events(ledger, request, tmp_path / "new" / "deep" / "out")
    assert not (tmp_path / "new").exists()


def test_an_existing_folder_is_left_alone(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        bring(ledger, GOOD, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_interruption_leaves_nothing_behind(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(GOOD, encoding="utf-8")

    def stop(doing: str, done: int, of: int) -> None:
        if doing == "writing claims":
            raise KeyboardInterrupt

    mapping = load_mapping("plain", MAPPINGS)
    with pytest.raises(KeyboardInterrupt):
        import_events(
            ledger,
            ImportRequest(path, mapping, "mine", "x", "2022-03-01", "unrest"),
            tmp_path / "new" / "out",
            stop,
        )
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "My Source"}, "is not a valid source id"),
        ({"subject": "unrst"}, "did you mean 'unrest'"),
        ({"date": "2022-02-30"}, "--date, --from or --to"),
        ({"date": ""}, "--date is empty"),
        ({"since": "2022-01-05", "until": "2022-01-01"}, "is before"),
    ],
)
def test_a_bad_request_is_refused(
    change: dict[str, str], says: str, ledger: Ledger, tmp_path: Path
) -> None:
    with pytest.raises(QantarError, match=says):
        bring(ledger, GOOD, tmp_path / "out", **change)
    assert not (tmp_path / "out").exists()


def test_a_source_is_imported_once(ledger: Ledger, tmp_path: Path) -> None:
    bring(ledger, GOOD, tmp_path / "out")
    more = small_ledger(tmp_path / "evidence", tmp_path / "out" / "source.yaml")
    with pytest.raises(QantarError, match="already declared"):
        bring(more, GOOD, tmp_path / "again")


KINDS = st.sampled_from(["protest", "riot", "battle", "other"])
PLACES = st.sampled_from(["Almaty", "Жаңаөзен", "Aktau", "Mangystau", "Nowhere"])
ROWS = st.lists(
    st.tuples(st.integers(1, 28), PLACES, KINDS, st.sampled_from(["", "0", "1", "4"])),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS, data=st.data())
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[int, str, str, str]],
    data: st.DataObject,
    ledger: Ledger,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    lines = [f"e{n},2022-01-{d:02d},{p},{k},{x},," for n, (d, p, k, x) in enumerate(rows)]
    lines += lines[:1]  # a row that appears twice
    home = tmp_path_factory.mktemp("order")
    said = []
    for number, order in enumerate([lines, data.draw(st.permutations(lines))]):
        imported = bring(ledger, HEADER + "\n".join(order) + "\n", home / str(number))
        said.append((imported.claims, (imported.folder / "targets.yaml").read_text("utf-8")))
        assert imported.report.kept == len(rows)
    assert said[0] == said[1]


def test_progress_is_told(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qantar.evidence.events.reading.PROGRESS_INTERVAL", 2)
    path = tmp_path / "in.csv"
    path.write_text(GOOD, encoding="utf-8")
    told: list[tuple[str, int, int]] = []
    mapping = load_mapping("plain", MAPPINGS)
    request = ImportRequest(path, mapping, "mine", "x", "2022-03-01", "unrest")
    import_events(ledger, request, tmp_path / "out", lambda *each: told.append(each))
    assert ("scanning the file", 4, 0) in told
    assert ("reading rows", 4, 5) in told
    assert told[-1] == ("writing claims", 5, 5)


def test_a_mapping_of_ones_own(ledger: Ledger, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "title: own\ncolumns: {id: nr, date: Datum, place: Ort}\ndate_formats: ['%d.%m.%Y']\n"
        "delimiter: ';'\nencoding: cp1251\nkind_of_all: protest\n",
        encoding="utf-8",
    )
    text = "nr;Datum;Ort\n1;05.01.2022;Алматы\n"
    bring(ledger, text.encode("cp1251"), tmp_path / "out", str(own))
    assert claims_from_counts(tmp_path / "out")["onset-almaty"] == ("", "2022-01-05", "Almaty")


def test_the_command(tmp_path: Path) -> None:
    """On the pack of Kazakhstan, with its own evidence."""
    path = tmp_path / "list.csv"
    path.write_text(
        HEADER + "e1,2022-01-02,Жаңаөзен,protest,0,,\ne2,2022-01-05,Алматы,riott,0,,\n"
        "e3,2022-01-05,Алматы,riot,2,,\n",
        encoding="utf-8",
    )
    app = typer.Typer()
    app.command()(command)
    out = tmp_path / "out"
    words = [str(path), "--as", "plain", "--id", "my-list", "--title", "My list"]
    words += ["--date", "2022-02-01", "--subject", "january-2022", "--out", str(out)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "3 rows read" in result.output
    assert "rejected.csv" in result.output
    claims = load_claims(out / "claims.csv")
    assert claims["my-list-onset-zhanaozen"].dates == (dt.date(2022, 1, 2), dt.date(2022, 1, 2))
    assert claims["my-list-deaths-almaty"].value_low == "2"
