"""The styles that a recipe uses: those in its galleries, and those that are effects themselves."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import StyleRow
from storage.values.recipes import Recipe


async def styles_by_effect(connection: AsyncConnection) -> dict[str, int]:
    """Effect id to style id, for styles that are effects themselves."""
    found = await connection.execute(
        select(StyleRow.slug, StyleRow.id).where(StyleRow.kind == "filter")
    )
    return {row.slug: row.id for row in found}


def used_in(recipe: list[Any], by_effect: Mapping[str, int]) -> list[int]:
    """Ids of the styles that a recipe, as stored in its column, uses."""
    used: list[int] = []
    for step in Recipe.from_json(recipe).steps:
        used += [choice.style_id for choice in step.styles]
        if step.effect in by_effect:
            used.append(by_effect[step.effect])
    return used
