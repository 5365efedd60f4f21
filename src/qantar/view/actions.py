"""What the state did, and when: the key of its actions, and a row for each below a chart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qantar.scenario.episode import RECORD, Between, Episode, latest_end
from qantar.view.style import INK, MUTED, SKY, day_span, long_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class ActionLine:
    """One action of the state for the key: its number, its name and when it came."""

    number: int
    label: str
    when: str


def action_key(episode: Episode) -> list[ActionLine]:
    """Return the numbered actions of the state, in the order in which they can begin."""
    return [
        ActionLine(k, episode.actions[name].label, _when(episode.actions[name].begins))
        for k, name in enumerate(in_order(episode), start=1)
    ]


def in_order(episode: Episode) -> list[str]:
    """Return the names of the actions in the order in which they can begin."""

    def start(name: str) -> tuple[dt.datetime, dt.datetime]:
        begins = episode.actions[name].begins
        return begins.earliest, begins.latest

    return sorted(episode.actions, key=start)


def _when(begins: Between) -> str:
    return day_span(begins.earliest.date(), begins.latest.date(), long_day)


def draw_actions(under: Axes, above: Axes, episode: Episode, *, words: bool) -> None:
    """Draw a row per action: when it may have begun, and until when it was in force."""
    names = in_order(episode)
    under.set_ylim(len(names) + 0.1, -0.6)
    under.set_yticks([])
    for side in ("left", "top", "right"):
        under.spines[side].set_visible(False)
    for k, name in enumerate(names):
        first, last, end = hours_of(episode, name)
        under.barh(k, end - first, left=first, height=0.5, color=SKY, alpha=0.35)
        under.barh(k, last - first, left=first, height=0.5, color=INK)
        for axes, rows in ((above, (0.0, 1.0)), (under, (1.0, 1 - (k + 0.6) / (len(names) + 0.7)))):
            axes.axvline(first, *rows, color=MUTED, alpha=0.5, linewidth=0.8, linestyle=(0, (2, 2)))
        text = f"{k + 1}  {episode.actions[name].label}" if words else f"{k + 1}"
        to_left = first > (0.35 * episode.hours if words else 20)
        spot, align = (first - 3, "right") if to_left else (last + 3, "left")
        under.text(spot, k, text, ha=align, va="center", fontsize=10.5, color=INK)


def hours_of(episode: Episode, name: str) -> tuple[int, int, int]:
    """Return when an action can first and last begin, and until when it can be in force."""
    action = episode.actions[name]
    first = episode.hour_of(action.begins.earliest)
    last = min(episode.hour_of(action.begins.latest) + 1, episode.hours)
    if action.kind == RECORD:
        return first, last, last
    until = latest_end(episode, name)
    return first, last, min(episode.hour_of(until) if until else episode.hours, episode.hours)
