"""How a what-if was made, and what it cannot say."""

from __future__ import annotations

from typing import Any

from qantar.study.whatif.result import WhatIf

_ABSENT = "not recorded"

_DECIDED = {
    "rules": "by rules: offices act on what the state can see, and may act otherwise in a changed "
    "world",
    "script": "by the dated script: what is not changed comes as it came",
}

CANNOT = (
    "A difference holds under an account and in this model. It is no fact about the world, and the "
    "interval covers luck and unsure parameters, not whether the model is right.",
    "The rules by which offices decide were fitted to the dates of the same crisis that is "
    "changed here. How offices would have acted in a world that never was, no date can tell.",
    "A change is a decision held within bounds. Who would have taken it, and what it would have "
    "cost them, is not in the model.",
    "No effect told is not the same as no effect: it may be too small or too dependent on luck "
    "for so many pairs, or pass through something that the model leaves out.",
    "Small places and single regions rest on assumptions about their neighbours.",
    "This is made to measure what repression costs and what prevents deaths. It is not made to "
    "put down protest with less noise, and we ask nobody to search it for that.",
)
"""What a what-if cannot say."""


def made(result: WhatIf, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how a what-if was made, as names and values to read."""
    scenario = result.scenario
    pack = manifest.get("pack") or scenario.country.header.name
    fingerprint = manifest.get("pack_fingerprint") or scenario.country.fingerprint
    overrides = manifest.get("overrides") or scenario.overrides
    wall = manifest.get("wall_seconds")
    return [
        ("Account", f"{scenario.account.title} ({scenario.account.name})"),
        ("The state decides", _DECIDED.get(scenario.decisions, scenario.decisions)),
        ("Rules from", str(manifest.get("rules") or _ABSENT)),
        ("Parameters", _belief(scenario.belief, manifest)),
        ("Held by hand", ", ".join(f"{k} = {v:g}" for k, v in overrides.items()) or "nothing"),
        (
            "Pairs",
            f"{result.members} twins in each of {len(result.worlds) + 1} worlds, "
            f"seed {result.seed}",
        ),
        ("Pairs explained", f"{result.explained}" if result.explained else "none"),
        ("Changes", "; ".join(world.label for world in result.worlds)),
        ("Country pack", f"{pack}, fingerprint {str(fingerprint)[:16]}"),
        (
            "Versions",
            f"Qantar {manifest.get('qantar_version', _ABSENT)}, "
            f"Python {manifest.get('python', _ABSENT)}, {_libraries(manifest)}",
        ),
        ("Started", str(manifest.get("started", _ABSENT))),
        ("Took", f"{float(wall):.0f} seconds" if wall is not None else _ABSENT),
        ("Machine", str(manifest.get("machine", _ABSENT))),
    ]


def _belief(belief: str, manifest: dict[str, Any]) -> str:
    """Return where parameters come from."""
    fitted = manifest.get("fitted_on") or ()
    learned = manifest.get("beliefs_from")
    text = f"belief {belief}"
    if learned:
        text += f", learned on {learned}"
    return f"{text}, fitted on {len(fitted)} targets" if fitted else text


def _libraries(manifest: dict[str, Any]) -> str:
    libraries = manifest.get("libraries") or {}
    return ", ".join(f"{name} {version}" for name, version in libraries.items()) or (
        "libraries not recorded"
    )
