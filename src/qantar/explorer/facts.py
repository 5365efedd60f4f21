"""Facts of a world from its arrays: made when they are first asked for, and then kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.engine.member import VARIABLES
from qantar.explorer.known import known
from qantar.store.run_directory import FACTS, MEMBERS_PER_CHUNK
from qantar.study.facts import facts
from qantar.study.outcome import Layout, Outcome


def outcome_of(group: zarr.Group, layout: Layout) -> Outcome:
    """Return the outcome of an ensemble from its arrays, member by member.

    Raises
    ------
    KeyError
        If a variable was not recorded.
    """
    outcome = Outcome(layout)
    arrays: list[Any] = [group[variable.name] for variable in VARIABLES]
    members = arrays[0].shape[0]
    for start in range(0, members, MEMBERS_PER_CHUNK):
        stop = min(start + MEMBERS_PER_CHUNK, members)
        block = np.stack([np.asarray(each[start:stop], np.float32) for each in arrays], axis=3)
        for record in block:
            outcome.add(record)
    return outcome


def facts_file(folder: Path, group: zarr.Group, told: Mapping[str, Any]) -> Path:
    """Return the table of facts of a world, which is made here if it is not there yet.

    Parameters
    ----------
    folder : Path
        Of the world; the table is put there whole.
    group : Group
        Arrays of the world as it was.
    told : mapping
        What is told of the world.
    """
    path = folder / FACTS
    if path.is_file():
        return path
    about = known(str(told["pack"]), str(told["world"]["episode"]))
    table = facts(outcome_of(group, about.layout), about.targets)
    handle, beside = tempfile.mkstemp(prefix=f".{FACTS}-", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(table.to_csv(index=False))
    Path(beside).replace(path)  # whoever else made it at the same time made the same
    return path
