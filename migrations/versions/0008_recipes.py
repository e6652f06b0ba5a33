"""One recipe instead of styles, strength and colours: in jobs, history and preferences.

Revision: 0008, after 0007.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_KEYS = {"jobs": ("id",), "history": ("id",), "preferences": ("platform", "user_id")}
# The only effect that had styles, and the names of its parameters at that time.
_PAINT = "paint"
_ROWS = 1000


def upgrade() -> None:
    """Upgrade: a filter becomes an effect, everything else is painted."""
    for table in _KEYS:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("recipe", _JSON, nullable=True))
    filters = {style_id: slug for slug, style_id in _filters().items()}
    for table in _KEYS:
        for row in _rows(table):
            _write(table, row, {"recipe": _recipe(table, row, filters)})
    for table in _KEYS:
        with op.batch_alter_table(table) as batch:
            if table == "preferences":
                batch.drop_constraint(op.f("ck_preferences_strength"), type_="check")
                batch.drop_constraint(op.f("fk_preferences_style_id_styles"), type_="foreignkey")
            batch.drop_column("style_id" if table == "preferences" else "styles")
            batch.drop_column("strength")
            batch.drop_column("keep_colours")
            batch.alter_column("recipe", existing_type=_JSON, nullable=False)


def downgrade() -> None:
    """Downgrade: of each recipe the first step's styles, strength and colours are kept."""
    for table in _KEYS:
        with op.batch_alter_table(table) as batch:
            if table == "preferences":
                batch.add_column(sa.Column("style_id", _ID, nullable=True))
            else:
                batch.add_column(sa.Column("styles", _JSON, nullable=False, server_default="[]"))
            batch.add_column(
                sa.Column("strength", sa.Integer, nullable=False, server_default="100")
            )
            batch.add_column(
                sa.Column("keep_colours", sa.Boolean, nullable=False, server_default=sa.false())
            )
    filters = _filters()
    known = set(op.get_bind().execute(sa.text("SELECT id FROM styles")).scalars())
    for table in _KEYS:
        for row in _rows(table):
            _write(table, row, _columns(table, row["recipe"], filters, known))
    for table in _KEYS:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("recipe")
            for name in (
                "strength",
                "keep_colours",
                *(() if table == "preferences" else ("styles",)),
            ):
                batch.alter_column(name, server_default=None)
            if table == "preferences":
                batch.create_check_constraint(
                    op.f("ck_preferences_strength"), "strength BETWEEN 0 AND 100"
                )
                batch.create_foreign_key(
                    op.f("fk_preferences_style_id_styles"), "styles", ["style_id"], ["id"],
                    ondelete="SET NULL",
                )  # fmt: skip


def _recipe(table: str, row: Mapping[str, Any], filters: Mapping[int, str]) -> list[Any]:
    chosen = row["styles"] if table != "preferences" else []
    if table == "preferences" and row["style_id"] is not None:
        chosen = [{"style_id": row["style_id"], "weight": 1.0}]
    params = {"strength": row["strength"] / 100, "keep_colours": bool(row["keep_colours"])}
    effect = filters.get(chosen[0]["style_id"]) if len(chosen) == 1 else None
    if effect is None:
        return [{"effect": _PAINT, "params": {"styles": chosen} | params}]
    return [{"effect": effect, "params": params}]


def _columns(
    table: str, recipe: list[Any], filters: Mapping[str, int], known: set[int]
) -> dict[str, Any]:
    step: dict[str, Any] = recipe[0] if recipe else {"effect": _PAINT, "params": {}}
    params: dict[str, Any] = step["params"]
    chosen = [each for value in params.values() if isinstance(value, list) for each in value]
    if step["effect"] in filters:
        chosen = [{"style_id": filters[step["effect"]], "weight": 1.0}]
    values = {
        "strength": round(100 * params.get("strength", 1.0)),
        "keep_colours": bool(params.get("keep_colours", False)),
    }
    if table == "preferences":
        style_id = chosen[0]["style_id"] if chosen else None
        return values | {"style_id": style_id if style_id in known else None}
    return values | {"styles": chosen}


def _filters() -> dict[str, int]:
    found = op.get_bind().execute(sa.text("SELECT slug, id FROM styles WHERE kind = 'filter'"))
    return {row.slug: row.id for row in found}


def _table(name: str) -> sa.Table:
    return sa.Table(
        name,
        sa.MetaData(),
        *(sa.Column(key, _ID if key == "id" else sa.String, primary_key=True)
          for key in _KEYS[name]),
        sa.Column("recipe", _JSON),
        sa.Column("styles", _JSON),
        sa.Column("style_id", _ID),
        sa.Column("strength", sa.Integer),
        sa.Column("keep_colours", sa.Boolean),
    )  # fmt: skip


def _rows(name: str) -> Iterator[Any]:
    """All rows of a table, in batches: it may be large."""
    table, there = _table(name), {c["name"] for c in sa.inspect(op.get_bind()).get_columns(name)}
    keys = [table.c[key] for key in _KEYS[name]]
    columns = [column for column in table.c if column.name in there]
    after: tuple[Any, ...] | None = None
    while True:
        query = sa.select(*columns).order_by(*keys).limit(_ROWS)
        if after is not None:
            query = query.where(sa.tuple_(*keys) > sa.tuple_(*after))
        rows = op.get_bind().execute(query).mappings().all()
        yield from rows
        if len(rows) < _ROWS:
            return
        after = tuple(rows[-1][key] for key in _KEYS[name])


def _write(name: str, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    table = _table(name)
    same = [table.c[key] == row[key] for key in _KEYS[name]]
    op.get_bind().execute(table.update().where(*same).values(**values))
