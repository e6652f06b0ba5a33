"""The topic of a chat in which photos are painted.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrade."""
    with op.batch_alter_table("chats") as batch:
        batch.add_column(sa.Column("topic", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Downgrade; photos are painted in every topic."""
    with op.batch_alter_table("chats") as batch:
        batch.drop_column("topic")
