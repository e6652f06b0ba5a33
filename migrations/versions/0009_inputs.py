"""Pictures and masks that effects take beside a photo.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KIND = "ck_pictures_kind"


def upgrade() -> None:
    """Upgrade."""
    with op.batch_alter_table("pictures") as batch:
        batch.add_column(sa.Column("photo_id", sa.String(64), nullable=True))
        batch.drop_constraint(op.f(_KIND), type_="check")
        batch.create_check_constraint(op.f(_KIND), "kind IN ('photo', 'result', 'input')")
        batch.create_index("ix_pictures_photo_id", ["photo_id"])


def downgrade() -> None:
    """Downgrade; the inputs are lost, a few hours before they would expire."""
    op.execute("DELETE FROM pictures WHERE kind = 'input'")
    with op.batch_alter_table("pictures") as batch:
        batch.drop_index("ix_pictures_photo_id")
        batch.drop_constraint(op.f(_KIND), type_="check")
        batch.create_check_constraint(op.f(_KIND), "kind IN ('photo', 'result')")
        batch.drop_column("photo_id")
