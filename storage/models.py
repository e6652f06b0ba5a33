"""The tables. Used only in this package; the rest of the code uses `storage/values/`."""

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

# Every constraint has a name: SQLite's batch migrations can drop only named ones.
_NAMES: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_JSON: Final = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
# SQLite assigns row ids only if the type is INTEGER.
_ID: Final = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Points in time, always UTC; SQLite does not store a time zone."""

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
    """A style; its codes are in `StyleVersionRow`."""

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
    # The checkpoint's titles, updated by an upgrade, and those that admins changed.
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
    # Names for searching, from the checkpoint.
    artists: Mapped[dict[str, Any]]
    aliases: Mapped[list[Any]]
    replaces: Mapped[list[Any]]


class StyleVersionRow(Base):
    """One code of a style, and for custom styles the encrypted picture it was computed from."""

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
    """A person's preferences."""

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
    """A chat's settings, chosen by its admins."""

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
    """A request and its state."""

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
    # How the result is shown as a film.
    story: Mapped[dict[str, Any] | None]
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(40))
    result: Mapped[dict[str, Any] | None]


class HistoryRow(Base):
    """A delivered result."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_user", "platform", "user_id", "id"),
        Index("ix_history_created_at", "created_at"),
        UniqueConstraint("job_id"),
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    # Not a foreign key: jobs are deleted sooner than history.
    job_id: Mapped[int] = mapped_column(BigInteger)
    platform: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(64))
    chat_id: Mapped[str] = mapped_column(String(64))
    photos: Mapped[list[Any]]
    recipe: Mapped[list[Any]]
    title: Mapped[str] = mapped_column(String(300))
    result: Mapped[dict[str, Any]]
    story: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]


class PictureRow(Base):
    """A picture kept for a while, encrypted, for a platform that stores none itself."""

    __tablename__ = "pictures"
    __table_args__ = (
        CheckConstraint("kind IN ('photo', 'result', 'input')", name="kind"),
        Index("ix_pictures_user", "platform", "user_id", "kept_at"),
        Index("ix_pictures_kept_at", "kept_at"),
        Index("ix_pictures_photo_id", "photo_id"),
    )

    # A keyed hash, so that it cannot be guessed.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    platform: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[bytes]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    kept_at: Mapped[datetime]
    # Of an input, the photo. A photo that is sent again is replaced, and its inputs stay.
    photo_id: Mapped[str | None] = mapped_column(String(64))


class BlockRow(Base):
    """A blocked person, by a pseudonym, which remains after the person's data are deleted."""

    __tablename__ = "blocks"

    pseudonym: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class AuditRow(Base):
    """An admin's action."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    actor: Mapped[str] = mapped_column(String(100), index=True)
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class KeyValueRow(Base):
    """A value under its key."""

    __tablename__ = "notes"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[dict[str, Any]]
    due: Mapped[datetime | None] = mapped_column(index=True)
