"""Under which beliefs a change does harm, in words."""

from __future__ import annotations

import pandas as pd

NOTHING = "No set of beliefs was found under which more people die by a change."


def box_sentences(boxes: pd.DataFrame) -> list[str]:
    """Return a sentence for every box that was found.

    Parameters
    ----------
    boxes : DataFrame
        As `qantar.study.whatif.discovery.box_table` returns it.
    """
    if boxes.empty:
        return [NOTHING]
    lines = []
    for change, limits in boxes.groupby("change", sort=False):
        first = limits.iloc[0]
        within = "; ".join(
            f"{row.parameter} from {row.low:.3g} to {row.high:.3g}"
            for row in limits.itertuples(index=False)
        )
        text = f"{change}: more people die in {first['base']:.0%} of pairs"
        if first["inside"] > 0 and first["confirmed"] > first["base"]:
            text += (
                f", in {first['confirmed']:.0%} of the {int(first['inside'])} pairs kept for the "
                f"check where {within}."
            )
        else:
            text += (
                ". A set of beliefs under which that is more frequent was found among one half of "
                "the pairs, but the other half does not bear it out."
            )
        lines.append(text)
    return lines
