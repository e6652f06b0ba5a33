"""Names for finding styles: artists by language, aliases, and the styles that a style replaces.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_EMPTY = {"artists": "{}", "aliases": "[]", "replaces": "[]"}


def upgrade() -> None:
    """Upgrade; the next start fills the columns from the checkpoint."""
    json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    with op.batch_alter_table("styles") as batch:
        for name, empty in _EMPTY.items():
            batch.add_column(sa.Column(name, json, nullable=False, server_default=empty))
    with op.batch_alter_table("styles") as batch:
        for name in _EMPTY:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    """Downgrade; styles are found by titles only."""
    with op.batch_alter_table("styles") as batch:
        for name in _EMPTY:
            batch.drop_column(name)
