"""Report of a what-if: one HTML page without external files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qantar.analysis.whatif.result import WhatIf, World
from qantar.reports.style import day_span, long_day, render, styled
from qantar.reports.whatif import sentences as how
from qantar.reports.whatif.attribution import Chain, chain, method_line
from qantar.reports.whatif.curves import Curves, curves, dose_curve
from qantar.reports.whatif.decisions import Decisions, decisions
from qantar.reports.whatif.difference_tables import (
    Line,
    Regions,
    accounts,
    country_lines,
    modes,
    region_lines,
)
from qantar.reports.whatif.formatting import (
    AFTER,
    BAND,
    BEFORE,
    Rows,
    change_cautions,
    change_titles,
    describe_changes,
    varied_range,
)
from qantar.reports.whatif.maps import MapRow, map_rows
from qantar.reports.whatif.sentences import Headline, box_sentences, summary, together

MOST_DRAWN = 4
"""Largest number of alternatives with figures; of more, this many are chosen evenly."""

_CARDS = ("deaths", "participants", "crowd_peak", "last_day", "active_places")


@dataclass(frozen=True)
class Block:
    """All parts of the page about one world."""

    name: str
    label: str
    headline: Headline
    cautions: tuple[str, ...]
    cards: tuple[Line, ...]
    lines: tuple[Line, ...]
    regions: tuple[Regions, ...]
    drawn: bool
    curves: Curves | None
    maps: tuple[MapRow, ...]
    decisions: Decisions | None
    chain: Chain | None


def render_whatif(result: WhatIf, manifest: dict[str, Any]) -> str:
    """Return a what-if as one HTML page without external files.

    Parameters
    ----------
    result : WhatIf
        Parts of the page with missing or empty tables are left out.
    manifest : dict
        How it was made. Known keys: ``qantar_version``, ``python``, ``libraries``, ``pack``,
        ``pack_fingerprint``, ``started``, ``wall_seconds``, ``machine``, ``overrides``,
        ``citations``.

    Returns
    -------
    str
        The page; byte-for-byte the same for the same result and manifest.
    """
    rows = Rows(result)
    varied = varied_range(result.worlds)
    worlds = len(result.worlds)
    drawn = {round(float(k)) for k in np.linspace(0, worlds - 1, min(worlds, MOST_DRAWN))}
    with styled():
        blocks = [
            _block(result, rows, world, k, k in drawn) for k, world in enumerate(result.worlds)
        ]
        doses = dose_curve(rows, varied) if varied else None
    changes = [told for world in result.worlds for told in describe_changes(world.changes)]
    preview = how.is_preview(result)
    scenario = result.scenario
    return render(
        "whatif.html.j2",
        result=result,
        episode=scenario.episode,
        account=scenario.account,
        country=result.baseline.outcome.layout.country,
        window=day_span(scenario.episode.first_day, scenario.episode.last_day, long_day),
        year=scenario.episode.last_day.year,
        clock=scenario.country.header.clock,
        titles=[change_titles(world.changes) for world in result.worlds],
        blocks=blocks,
        preview=how.preview_sentence(result) if preview else "",
        not_history=how.NOT_HISTORY,
        method=method_line(result),
        modes=modes(result, rows),
        accounts=accounts(result, rows),
        together=together(result),
        boxes=box_sentences(result.tables["boxes"]) if "boxes" in result.tables else [],
        varied=varied,
        doses=doses,
        told=list({(told.title, told.how): told for told in changes}.values()),
        made=how.made(result, manifest),
        cannot=how.CANNOT,
        citations=[str(line) for line in manifest.get("citations") or ()],
        before=BEFORE,
        after=AFTER,
        before_band=BAND[BEFORE],
        after_band=BAND[AFTER],
    )


def _block(result: WhatIf, rows: Rows, world: World, number: int, drawn: bool) -> Block:
    name = f"w{number + 1}"
    lines = country_lines(rows, world)
    by_name = {line.quantity: line for line in lines}
    cards = tuple(by_name[q] for q in _CARDS if q in by_name)
    return Block(
        name=name,
        label=world.label,
        headline=summary(result, rows, world),
        cautions=change_cautions(world.changes),
        cards=() if how.is_preview(result) else cards,
        lines=tuple(lines),
        regions=tuple(region_lines(rows, world)) if drawn else (),
        drawn=drawn,
        curves=curves(result, world, name) if drawn else None,
        maps=tuple(map_rows(result, rows, world, name)) if drawn else (),
        decisions=decisions(result, world, name) if drawn else None,
        chain=chain(result, world, name) if drawn else None,
    )
