"""Stories: requests whose photos and paintings become a film.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = ("jobs", "history")
_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Upgrade."""
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("story", _JSON, nullable=True))


def downgrade() -> None:
    """Downgrade; stories are lost, and other results stay."""
    for table in _TABLES:
        # Without the column they would be painted as albums.
        op.execute(f"DELETE FROM {table} WHERE story IS NOT NULL")  # noqa: S608 - our own names
        with op.batch_alter_table(table) as batch:
            batch.drop_column("story")
