"""Requests that wait for their style, and buttons that anyone in a chat may use.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATES = ("queued", "running", "done", "delivered", "failed", "cancelled")


def _allow(*states: str) -> None:
    """Allow only these states of a job."""
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("jobs") as batch:
        batch.drop_constraint(op.f("ck_jobs_state"), type_="check")
        batch.create_check_constraint(op.f("ck_jobs_state"), f"state IN ({listed})")


def upgrade() -> None:
    """Upgrade."""
    _allow("draft", *_STATES)
    with op.batch_alter_table("chats") as batch:
        batch.add_column(
            sa.Column("open_buttons", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    # The default was for existing rows; new ones always have a value.
    with op.batch_alter_table("chats") as batch:
        batch.alter_column("open_buttons", server_default=None)


def downgrade() -> None:
    """Downgrade; requests without a style are lost."""
    with op.batch_alter_table("chats") as batch:
        batch.drop_column("open_buttons")
    op.execute("DELETE FROM jobs WHERE state = 'draft'")
    _allow(*_STATES)
