"""Admins' changes to styles, and settings of people and chats for pictures.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATES = "state IN ('draft', 'submitted', 'on', 'resting', 'retired')"


def upgrade() -> None:
    """Upgrade."""
    with op.batch_alter_table("styles") as batch:
        batch.add_column(sa.Column("state", sa.String(16), nullable=False, server_default="on"))
        batch.add_column(
            sa.Column(
                "admin_tags",
                sa.JSON(none_as_null=True).with_variant(
                    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
                ),
                nullable=True,
            )
        )
        batch.alter_column("retired", new_column_name="orphaned")
    op.execute("UPDATE styles SET state = 'resting' WHERE NOT enabled")
    with op.batch_alter_table("styles") as batch:
        batch.drop_column("enabled")
        batch.create_check_constraint(op.f("ck_styles_state"), _STATES)
    with op.batch_alter_table("chats") as batch:
        batch.add_column(
            sa.Column("photo_check", sa.String(16), nullable=False, server_default="off")
        )
        batch.create_check_constraint(
            op.f("ck_chats_photo_check"), "photo_check IN ('off', 'spoiler', 'refuse')"
        )
    with op.batch_alter_table("preferences") as batch:
        batch.add_column(
            sa.Column("repaintable", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    # The defaults were for existing rows; new ones always have a value.
    for table, column in (("styles", "state"), ("chats", "photo_check")):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, server_default=None)
    with op.batch_alter_table("preferences") as batch:
        batch.alter_column("repaintable", server_default=None)


def downgrade() -> None:
    """Downgrade; unfinished styles are lost, and retired ones become disabled."""
    op.execute("DELETE FROM styles WHERE state = 'draft'")
    with op.batch_alter_table("preferences") as batch:
        batch.drop_column("repaintable")
    with op.batch_alter_table("chats") as batch:
        batch.drop_constraint(op.f("ck_chats_photo_check"), type_="check")
        batch.drop_column("photo_check")
    with op.batch_alter_table("styles") as batch:
        batch.add_column(
            sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.alter_column("orphaned", new_column_name="retired")
    op.execute("UPDATE styles SET enabled = false WHERE state IN ('resting', 'retired')")
    with op.batch_alter_table("styles") as batch:
        batch.drop_constraint(op.f("ck_styles_state"), type_="check")
        batch.drop_column("state")
        batch.drop_column("admin_tags")
        batch.alter_column("enabled", server_default=None)
