"""What may happen to parties and outlets: the words of a pack's tables, and their numbers.

The position of a word is its number in the model. Nothing here is compiled, so that a pack can be
read without the model.
"""

from __future__ import annotations

from typing import Literal, get_args

PartyEventKind = Literal[
    "founded",
    "registered",
    "refused",
    "split",
    "banned",
    "leader_jailed",
    "leader_freed",
    "exiled",
    "coopted",
    "relaunched",
    "merged",
    "renamed",
    "dissolved",
]
"""What may happen to a party. ``refused`` also ends a registration that is not renewed; ``coopted``
turns a party of the opposition into a satellite (Isaacs 2011)."""

PARTY_EVENTS: tuple[str, ...] = get_args(PartyEventKind)
"""The words, by number."""

OutletEventKind = Literal[
    "founded",
    "taken_over",
    "attacked",
    "licence_lost",
    "closed",
    "exiled",
    "refounded",
    "blocked",
    "moved_online",
    "restored",
]
"""What befalls an outlet; ``restored`` ends a block or a time off the air."""

OUTLET_EVENTS: tuple[str, ...] = (*get_args(OutletEventKind), "divested")
"""With what no table holds: an owner above the cap sells an outlet."""
