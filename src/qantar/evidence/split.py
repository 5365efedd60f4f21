"""The split of targets into those open to fitting and those held back, by a declared rule.

1. Weak targets, and targets that no run produces, are in neither group.
2. Targets of the whole country are fit.
3. A region and its places form one group, so that a town is never held back while its region is
   fitted. For an episode within one region every target is a group of its own.
4. The groups named under ``fit`` are fit, for the reason given there.
5. The other groups are taken in the order of a keyed hash and held back until at least `held_share`
   of the targets of regions and places are. The rest are fit.

For a set with ``fit_until`` time decides, in place of steps 2 to 5: a target is fit if its period
ends by that day, and held back otherwise. What comes later is then predicted from what came before.

The hash depends on the key, the episode and the group, never on a result. A group is held back or
fitted as a whole, so new targets of a town join the others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from qantar.base.files import Declared, read_yaml
from qantar.evidence.dates import last_day
from qantar.evidence.targets import TargetRule, Use


class EpisodeSplit(Declared):
    """How the targets of an episode are split.

    Attributes
    ----------
    together : str
        ``region`` keeps a region and its places together; ``target`` takes each target alone.
    fit : dict
        Groups that are always fit (regions, or targets), with the reason.
    fit_until : str
        Day, month or year: targets whose period ends by then are fit, later ones are held back.
        Empty if the hash decides.
    """

    together: Literal["region", "target"] = "region"
    fit: dict[str, str] = Field(default_factory=dict)
    fit_until: str = ""

    @field_validator("fit_until")
    @classmethod
    def _date(cls, text: str) -> str:
        last_day(text)
        return text


class Split(Declared):
    """How the targets of a pack are split: ``evidence/split.yaml``.

    Attributes
    ----------
    key : str
        Key of the hash. A new key gives a new split.
    held_share : float
        Least share of the targets of regions and places that is held back.
    episodes : dict
        The split of each episode, by name.
    """

    key: str
    held_share: float = Field(gt=0.0, lt=1.0)
    episodes: dict[str, EpisodeSplit]


def load_split(path: Path) -> Split:
    """Return the declared split of a pack.

    Raises
    ------
    FileError
        With the line of the first invalid entry.
    """
    return read_yaml(path, Split)


def split_uses(
    split: Split, episode: str, rules: Mapping[str, TargetRule], region_of: Mapping[str, str]
) -> dict[str, Use]:
    """Return the use of every target of an episode that follows from the declared rule.

    Parameters
    ----------
    split : Split
    episode : str
        An episode that the split declares.
    rules : mapping
        The targets of the episode, by id.
    region_of : mapping
        Region of each place.

    Raises
    ------
    ValueError
        If time decides and the date of a target is no period, see `period_end`.
    """
    own = split.episodes[episode]
    uses: dict[str, Use] = {name: _use_without_split(rule) for name, rule in rules.items()}
    until = last_day(own.fit_until)
    if until is not None:
        late = (name for name, use in uses.items() if use == "fit" and name not in own.fit)
        return uses | {name: "held" for name in late if period_end(rules[name].date) > until}
    groups: dict[str, list[str]] = {}
    for name, rule in rules.items():
        if uses[name] == "fit" and rule.level != "country":
            groups.setdefault(group_of_target(own, name, rule, region_of), []).append(name)
    wanted = split.held_share * sum(len(names) for names in groups.values())
    held = 0
    for group in sorted(groups, key=lambda group: hash_of(split.key, episode, group)):
        if held >= wanted:
            break
        if group not in own.fit:
            held += len(groups[group])
            uses |= dict.fromkeys(groups[group], "held")
    return uses


def period_end(date: str) -> dt.date:
    """Return the last day of a period: a day, a month, a year, or ``FIRST/LAST`` of these.

    Raises
    ------
    ValueError
        If the text is not a period.
    """
    first, _, last = date.partition("/")
    end = last_day(last or first)
    if end is None:
        raise ValueError("an empty date is not a period")
    return end


def group_of_target(
    own: EpisodeSplit, name: str, rule: TargetRule, region_of: Mapping[str, str]
) -> str:
    """Return the group of a target: its region, or the target itself."""
    if own.together == "target":
        return name
    return region_of[rule.name] if rule.level == "place" else rule.name


def hash_of(key: str, episode: str, group: str) -> str:
    """Return the hash that orders the groups of an episode."""
    return hashlib.sha256(f"{key}/{episode}/{group}".encode()).hexdigest()


def _use_without_split(rule: TargetRule) -> Use:
    """Return the use of a target that is not split: weak, or held if no run produces it."""
    if rule.beyond:
        return "held"
    return "weak" if rule.use == "weak" else "fit"
