"""The tables. Only this package knows them; everyone else sees `storage/values/`."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typing_extensions import override

# Every constraint has a name, without which SQLite's batch migrations could not drop it.
_NAMES: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_JSON: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
# SQLite numbers rows by itself only where the type is INTEGER.
_ID: Final = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Points in time; SQLite keeps no zone, so what goes in and comes out is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A point in time needs a zone.")
        return value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - how SQLAlchemy wants it
        datetime: UtcDateTime,
        dict[str, Any]: _JSON,
        list[Any]: _JSON,
        bytes: LargeBinary,
    }


class StyleRow(Base):
    """A style; what its code was and is, in `StyleVersionRow`."""

    __tablename__ = "styles"
    __table_args__ = (
        CheckConstraint("kind IN ('painted', 'filter', 'custom')", name="kind"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'on', 'resting', 'retired')", name="state"
        ),
        Index("ix_styles_owner", "owner_platform", "owner_id"),
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    # As the checkpoint has them, which an upgrade sets, and as an admin would rather have them.
    titles: Mapped[dict[str, Any]]
    admin_titles: Mapped[dict[str, Any]]
    artist: Mapped[str] = mapped_column(String(200))
    year: Mapped[int | None]
    tags: Mapped[list[Any]]
    admin_tags: Mapped[list[Any] | None]
    owner_platform: Mapped[str | None] = mapped_column(String(16))
    owner_id: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    orphaned: Mapped[bool]
    place: Mapped[int]
    version: Mapped[int]
    # How people find it, as the checkpoint's names have it.
    artists: Mapped[dict[str, Any]]
    aliases: Mapped[list[Any]]
    replaces: Mapped[list[Any]]


class StyleVersionRow(Base):
    """One code of a style, and for custom styles the sealed picture it was read from."""

    __tablename__ = "style_versions"

    style_id: Mapped[int] = mapped_column(
        ForeignKey("styles.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    checkpoint: Mapped[str] = mapped_column(String(80))
    code: Mapped[bytes]
    reference: Mapped[bytes | None]
    created_at: Mapped[datetime]


class PreferenceRow(Base):
    """What a person likes."""

    __tablename__ = "preferences"
    __table_args__ = (CheckConstraint("output IN ('photo', 'file')", name="output"),)

    platform: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    recipe: Mapped[list[Any]]
    output: Mapped[str] = mapped_column(String(16))
    private: Mapped[bool]
    language: Mapped[str | None] = mapped_column(String(16))
    history: Mapped[bool]
    repaintable: Mapped[bool]


class ChatRow(Base):
    """What a chat's admins chose."""

    __tablename__ = "chats"
    __table_args__ = (
        CheckConstraint("audience IN ('everyone', 'admins')", name="audience"),
        CheckConstraint("photo_check IN ('off', 'spoiler', 'refuse')", name="photo_check"),
    )

    platform: Mapped[str] = mapped_column(String(16), primary_key=True)
    chat_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    allowed_styles: Mapped[list[Any] | None]
    style_id: Mapped[int | None] = mapped_column(ForeignKey("styles.id", ondelete="SET NULL"))
    audience: Mapped[str] = mapped_column(String(16))
    waiting_per_user: Mapped[int | None]
    per_minute: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(String(16))
    quiet: Mapped[bool]
    open_buttons: Mapped[bool]
    own_styles: Mapped[bool]
    photo_check: Mapped[str] = mapped_column(String(16))
    topic: Mapped[int | None] = mapped_column(BigInteger)


class JobRow(Base):
    """A request and what became of it."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'queued', 'running', 'done', 'delivered', 'failed', 'cancelled')",
            name="state",
        ),
        Index("ix_jobs_state_turn", "state", "turn", "id"),
        Index("ix_jobs_lease_until", "lease_until"),
        Index("ix_jobs_user", "platform", "user_id", "created_at"),
        Index("ix_jobs_chat", "platform", "chat_id"),
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    platform: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(64))
    chat_id: Mapped[str] = mapped_column(String(64))
    photos: Mapped[list[Any]]
    recipe: Mapped[list[Any]]
    output: Mapped[str] = mapped_column(String(16))
    private: Mapped[bool]
    language: Mapped[str] = mapped_column(String(16))
    anchor: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    turn: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[int]
    tries: Mapped[int]
    progress: Mapped[int]
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(40))
    result: Mapped[dict[str, Any] | None]


class HistoryRow(Base):
    """A result someone had."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_user", "platform", "user_id", "id"),
        Index("ix_history_created_at", "created_at"),
        UniqueConstraint("job_id"),
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    # Jobs are swept sooner than history; that one had a result is known here anyway.
    job_id: Mapped[int] = mapped_column(BigInteger)
    platform: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(64))
    chat_id: Mapped[str] = mapped_column(String(64))
    photos: Mapped[list[Any]]
    recipe: Mapped[list[Any]]
    title: Mapped[str] = mapped_column(String(300))
    result: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class PictureRow(Base):
    """A picture kept for a while, sealed, for a platform that keeps none itself."""

    __tablename__ = "pictures"
    __table_args__ = (
        CheckConstraint("kind IN ('photo', 'result')", name="kind"),
        Index("ix_pictures_user", "platform", "user_id", "kept_at"),
        Index("ix_pictures_kept_at", "kept_at"),
    )

    # A keyed hash, so that it can be guessed no more than a password.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[bytes]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    kept_at: Mapped[datetime]


class BlockRow(Base):
    """Who may not use the bot, by a pseudonym: it outlives a request to be forgotten."""

    __tablename__ = "blocks"

    pseudonym: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class AuditRow(Base):
    """What an admin did."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    actor: Mapped[str] = mapped_column(String(100), index=True)
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class KeyValueRow(Base):
    """A small fact under its key."""

    __tablename__ = "notes"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[dict[str, Any]]
    due: Mapped[datetime | None] = mapped_column(index=True)
