"""The first tables.

Revision: 0001, after None.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from storage.models import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=Text()), "postgresql"
)
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade."""
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_created_at"), ["created_at"], unique=False)

    op.create_table(
        "blocks",
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_blocks")),
    )
    op.create_table(
        "history",
        sa.Column("id", _ID, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.String(length=64), nullable=False),
        sa.Column("photos", _JSON, nullable=False),
        sa.Column("styles", _JSON, nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("keep_colours", sa.Boolean(), nullable=False),
        sa.Column("result", _JSON, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("job_id", name=op.f("uq_history_job_id")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_history_user", ["platform", "user_id", "id"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("dedupe", sa.String(length=200), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.String(length=64), nullable=False),
        sa.Column("photos", _JSON, nullable=False),
        sa.Column("styles", _JSON, nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("keep_colours", sa.Boolean(), nullable=False),
        sa.Column("output", sa.String(length=16), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("anchor", _JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("run_after", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=40), nullable=True),
        sa.Column("result", _JSON, nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'delivered', 'failed', 'cancelled')",
            name=op.f("ck_jobs_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_jobs_dedupe")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_chat", ["platform", "chat_id"], unique=False)
        batch_op.create_index("ix_jobs_lease_until", ["lease_until"], unique=False)
        batch_op.create_index("ix_jobs_state_turn", ["state", "turn", "id"], unique=False)
        batch_op.create_index("ix_jobs_user", ["platform", "user_id", "created_at"], unique=False)

    op.create_table(
        "styles",
        sa.Column("id", _ID, nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("titles", _JSON, nullable=False),
        sa.Column("admin_titles", _JSON, nullable=False),
        sa.Column("artist", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("tags", _JSON, nullable=False),
        sa.Column("owner_platform", sa.String(length=16), nullable=True),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('painted', 'filter', 'custom')", name=op.f("ck_styles_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_styles")),
        sa.UniqueConstraint("slug", name=op.f("uq_styles_slug")),
    )
    with op.batch_alter_table("styles", schema=None) as batch_op:
        batch_op.create_index("ix_styles_owner", ["owner_platform", "owner_id"], unique=False)

    op.create_table(
        "chats",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("chat_id", sa.String(length=64), nullable=False),
        sa.Column("allowed_styles", _JSON, nullable=True),
        sa.Column("style_id", _ID, nullable=True),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("waiting_per_user", sa.Integer(), nullable=True),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("own_styles", sa.Boolean(), nullable=False),
        sa.CheckConstraint("audience IN ('everyone', 'admins')", name=op.f("ck_chats_audience")),
        sa.ForeignKeyConstraint(
            ["style_id"], ["styles.id"], name=op.f("fk_chats_style_id_styles"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("platform", "chat_id", name=op.f("pk_chats")),
    )
    op.create_table(
        "preferences",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("style_id", _ID, nullable=True),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("keep_colours", sa.Boolean(), nullable=False),
        sa.Column("output", sa.String(length=16), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.CheckConstraint("output IN ('photo', 'file')", name=op.f("ck_preferences_output")),
        sa.CheckConstraint("strength BETWEEN 0 AND 100", name=op.f("ck_preferences_strength")),
        sa.ForeignKeyConstraint(
            ["style_id"],
            ["styles.id"],
            name=op.f("fk_preferences_style_id_styles"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("platform", "user_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "style_versions",
        sa.Column("style_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("checkpoint", sa.String(length=80), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["style_id"],
            ["styles.id"],
            name=op.f("fk_style_versions_style_id_styles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("style_id", "version", name=op.f("pk_style_versions")),
    )


def downgrade() -> None:
    """Downgrade."""
    op.drop_table("style_versions")
    op.drop_table("preferences")
    op.drop_table("chats")
    with op.batch_alter_table("styles", schema=None) as batch_op:
        batch_op.drop_index("ix_styles_owner")

    op.drop_table("styles")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_jobs_user")
        batch_op.drop_index("ix_jobs_state_turn")
        batch_op.drop_index("ix_jobs_lease_until")
        batch_op.drop_index("ix_jobs_chat")

    op.drop_table("jobs")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index("ix_history_user")
        batch_op.drop_index("ix_history_created_at")

    op.drop_table("history")
    op.drop_table("blocks")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_created_at"))
        batch_op.drop_index(batch_op.f("ix_audit_actor"))

    op.drop_table("audit")
