"""The files of the time after a crisis in the folder of a run: the page and its tables."""

from __future__ import annotations

import json

import pandas as pd

from qantar.analysis.after.overview import AfterRecord
from qantar.analysis.after.predictions import prediction_table
from qantar.analysis.years.directory import AFTER, FLOATS
from qantar.base.text_cache import cached_text
from qantar.reports.after.page import render_after
from qantar.reports.after.tables import TABLES


def after_files(record: AfterRecord, *, state_page: bool = True) -> dict[str, str]:
    """Return the page and the tables by file name; what was made before is read again.

    They depend on the pack alone. The first time takes a quarter of a minute for Kazakhstan.

    Parameters
    ----------
    record : AfterRecord
    state_page : bool
        Whether the page of the state lies beside it.
    """

    def make() -> str:
        return json.dumps(_made(record, state_page))

    key = ("after files", record.country.fingerprint, record.years.header.observed_until)
    found: dict[str, str] = json.loads(cached_text((*key, str(state_page)), make))
    return found


def _made(record: AfterRecord, state_page: bool) -> dict[str, str]:
    frames = {
        "after_checks": record.overview.check_table(),
        "after_systems": record.overview.systems,
        "after_predictions": prediction_table(record),
    }
    for name, make in TABLES.items():
        if rows := make(record):
            frames[name] = pd.DataFrame(rows).replace("\xa0", " ", regex=True)
    found = {
        f"{name}.csv": frame.to_csv(index=False, float_format=FLOATS)
        for name, frame in frames.items()
    }
    return {AFTER: render_after(record, state_page=state_page), **found}
