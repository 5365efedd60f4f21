"""The causes through which a difference can pass, each a part of the model that can be held."""

from __future__ import annotations

from qantar.model.pinned import Part

DECISIONS = "decisions"
"""The further decisions of the state: what its offices do otherwise because the world differs."""

DIRECT = "direct"
"""What the change does with every cause held to the course of the baseline."""

PARTS = {
    **{part.name.lower(): part for part in Part},
    DECISIONS: None,
}
"""Causes by name; the further decisions are held by a replay, not by terms."""

LABELS = {
    "price": "the price that is felt",
    "news": "news of other places",
    "force": "police force and dispersal",
    "provocation": "provocation and instigation",
    "control": "control, obedience, reinforcement",
    "anger": "anger (brings people out)",
    "fear": "fear (keeps people in)",
    "belief": "demands and belief in concessions",
    "weariness": "weariness",
    DECISIONS: "further decisions of the state",
    DIRECT: "directly",
}
"""What each cause is called for a reader."""
