"""How fast is an import? 100,000 made-up rows in the columns of ACLED, the same every time.

    python benchmarks/events.py

Prints seconds from the file to the written folder, and the most memory the process ever held.
"""

from __future__ import annotations

import csv
import datetime as dt
import resource
import tempfile
import time
from pathlib import Path

from qantar.evidence.events import ImportRequest, import_events, load_mapping
from qantar.packs.country import COMMON, packs_folder
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country

ROWS = 100_000
HEADER = (
    "event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,"
    "assoc_actor_1,inter1,actor2,assoc_actor_2,inter2,interaction,civilian_targeting,iso,region,"
    "country,admin1,admin2,admin3,location,latitude,longitude,geo_precision,source,source_scale,"
    "notes,fatalities,tags,timestamp"
)
COLUMNS = HEADER.split(",")
KINDS = ("Protests", "Protests", "Riots", "Violence against civilians", "Battles")
FIRST = dt.date(2018, 1, 1)


def main() -> None:
    """Make the file, import it, and print."""
    country = load_country("kazakhstan")
    ledger = country_ledger(country)
    towns = [(place.place, place.region) for place in country.places]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        _make(path, towns)
        size = path.stat().st_size / 2**20
        before = _peak()
        start = time.perf_counter()
        imported = import_events(
            ledger,
            ImportRequest(
                path=path,
                mapping=load_mapping("acled", packs_folder() / COMMON / "evidence" / "mappings"),
                id="made-up",
                title="Made-up events",
                date="2024-01-01",
                subject="january-2022",
            ),
            Path(folder) / "out",
        )
        seconds = time.perf_counter() - start
    print(
        f"{imported.report.rows:,} rows ({size:.0f} MiB): {seconds:.1f} s, "
        f"{imported.report.rows / seconds:,.0f} rows/s, peak memory {_peak():.0f} MiB "
        f"({before:.0f} MiB before the import); {imported.report.kept:,} kept, "
        f"{imported.report.rejected.total():,} rejected, {len(imported.claims):,} claims"
    )


def _make(path: Path, towns: list[tuple[str, str]]) -> None:
    """Write the rows; every value follows from the number of its row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(ROWS):
            cells = dict.fromkeys(COLUMNS, "")
            town, region = towns[number * 31 % len(towns)]
            day = FIRST + dt.timedelta(days=number * 7 % 2000)
            misspelt = number % 50 == 0
            cells |= {
                "event_id_cnty": f"KAZ{number}",
                "event_date": f"{day:%d %B %Y}",
                "time_precision": "1" if number % 10 else "2",
                "event_type": KINDS[number % len(KINDS)],
                "country": "Kazakhstan",
                "admin1": region,
                "location": f"{town}x{number % 700}" if misspelt else town,
                "geo_precision": "1" if number % 13 else "3",
                "source": "Made up",
                "notes": f"Row {number}: people gathered in {town}, it is said. " * 4,
                "fatalities": str(number % 3 if number % 97 == 0 else 0),
            }
            if number % 1000 == 999:
                cells["event_date"] = "31 February 2020"
            writer.writerow(cells.values())


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
