"""Turning templates into pages."""

from __future__ import annotations

from typing import Any

import jinja2


def render(template: str, **parts: Any) -> str:
    """Return a page made from a template; a part that is missing is an error, not a blank."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("qantar.view", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(template).render(**parts)
