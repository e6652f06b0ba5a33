"""All errors for which the bots refuse something; their sentences are in `i18n/locales/`.

BotError
├── RequestError
│   ├── UnknownStyleNameError    unknown_style_name    name, close
│   ├── StyleDisabledError       style_disabled        title
│   ├── StyleGoneError           style_gone
│   ├── StyleNotHereError        style_not_here        title
│   ├── BadNumberError           bad_number
│   ├── NeedsInputError          needs_input           title, what
│   ├── NoPhotoError             no_photo              what
│   ├── NoReferenceError         no_reference
│   ├── NoStylePictureError      no_style_picture
│   ├── AlbumTooLargeError       album_too_large       limit
│   ├── UnsuitablePictureError   unsuitable_picture
│   ├── ClipsOffError            clips_off
│   ├── ClipTooLargeError        clip_too_large
│   ├── StoryTooLargeError       story_too_large       limit
│   ├── StoryLengthError         story_length          least, most
│   ├── CaptionTooLongError      caption_too_long      limit
│   └── VectorStickerError       vector_sticker
├── AccessError
│   ├── BlockedError             blocked
│   ├── AdminsOnlyError          admins_only
│   ├── BotAdminsOnlyError       bot_admins_only
│   ├── OtherTopicError          other_topic
│   ├── OptedOutError            opted_out
│   ├── NoPicturesHereError      no_pictures_here
│   ├── TopicClosedError         topic_closed
│   ├── NotYoursError            not_yours
│   └── OtherChatError           other_chat
├── AdminError
│   ├── BadWhomError             bad_whom
│   ├── UnknownLimitError        unknown_limit         names
│   ├── OutOfRangeError          out_of_range          least, most
│   └── BadStyleFileError        bad_style_file
├── LimitError
│   ├── ClosedError              closed                words
│   ├── TooManyWaitingError      too_many_waiting      waiting, limit
│   ├── TooFastError             too_fast              limit, seconds
│   └── QueueFullError           queue_full            waiting
├── OwnStyleError
│   ├── TooManyOwnStylesError    too_many_own_styles   limit
│   ├── OwnStylesOffError        own_styles_off
│   ├── StyleNameTakenError      style_name_taken      name
│   └── BadStyleNameError        bad_style_name        limit
├── GoneError
│   ├── EntryGoneError           entry_gone
│   ├── SourceGoneError          source_gone
│   ├── PageGoneError            page_gone
│   └── TooLateError             too_late
└── GivenUpError
    ├── GaveUpError              gave_up
    ├── ResultTooLargeError      result_too_large
    └── CancelledByAdminError    cancelled_by_admin
"""

from typing import ClassVar


class BotError(Exception):
    """Base of these errors; `code` names the kind, `facts` are the sentence's variables.

    Attributes:
        facts: Values for the sentence, by the names in the tree above.
    """

    code: ClassVar[str]

    def __init__(self, **facts: str | int) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class RequestError(BotError):
    """The request is invalid."""


class UnknownStyleNameError(RequestError):
    """No style has this name."""

    code = "unknown_style_name"


class StyleDisabledError(RequestError):
    """An admin has disabled the style, or the engine no longer has it."""

    code = "style_disabled"


class StyleGoneError(RequestError):
    """The style was deleted or never existed."""

    code = "style_gone"


class StyleNotHereError(RequestError):
    """The chat's admins have not allowed the style here."""

    code = "style_not_here"


class BadNumberError(RequestError):
    """A typed number is not between 0 and 100."""

    code = "bad_number"


class NeedsInputError(RequestError):
    """The effect needs a picture or a mask beside the photo; `what` is which of them."""

    code = "needs_input"


class NoPhotoError(RequestError):
    """There is no photo to paint; `what` is the kind of content there is instead, or "none"."""

    code = "no_photo"


class NoReferenceError(RequestError):
    """There is no picture for the style "this"."""

    code = "no_reference"


class NoStylePictureError(RequestError):
    """There is no picture to make an own style from."""

    code = "no_style_picture"


class AlbumTooLargeError(RequestError):
    """There are more photos than an album may have."""

    code = "album_too_large"


class UnsuitablePictureError(RequestError):
    """The content check refused the picture."""

    code = "unsuitable_picture"


class ClipsOffError(RequestError):
    """Clips are not painted here: the engine does not, or the chat has its photos checked."""

    code = "clips_off"


class ClipTooLargeError(RequestError):
    """The clip's file is larger than the platform or the engine allows."""

    code = "clip_too_large"


class StoryTooLargeError(RequestError):
    """There are more photos than a story may have."""

    code = "story_too_large"


class StoryLengthError(RequestError):
    """A story would be shorter or longer than a film may be."""

    code = "story_length"


class CaptionTooLongError(RequestError):
    """A story's caption has too many characters."""

    code = "caption_too_long"


class VectorStickerError(RequestError):
    """An animated sticker that is a drawing, not a film."""

    code = "vector_sticker"


class AccessError(BotError):
    """The person is not allowed to do this."""


class BlockedError(AccessError):
    """The person or the chat is blocked."""

    code = "blocked"


class AdminsOnlyError(AccessError):
    """Only the chat's admins may do this."""

    code = "admins_only"


class OtherTopicError(AccessError):
    """The chat's admins allow photos only in another topic."""

    code = "other_topic"


class BotAdminsOnlyError(AccessError):
    """Only the bot's admins may do this."""

    code = "bot_admins_only"


class OptedOutError(AccessError):
    """The person who sent the picture does not allow others to have it painted."""

    code = "opted_out"


class NoPicturesHereError(AccessError):
    """The bot may write in the chat, but not send pictures."""

    code = "no_pictures_here"


class TopicClosedError(AccessError):
    """The topic or thread was closed before the result was there."""

    code = "topic_closed"


class NotYoursError(AccessError):
    """It is someone else's."""

    code = "not_yours"


class OtherChatError(AccessError):
    """The photo was sent in another chat, and stays there."""

    code = "other_chat"


class AdminError(BotError):
    """An admin's input is invalid."""


class BadWhomError(AdminError):
    """No person or chat is meant, or an admin is."""

    code = "bad_whom"


class UnknownLimitError(AdminError):
    """There is no such limit."""

    code = "unknown_limit"


class OutOfRangeError(AdminError):
    """The value is no number, or out of range."""

    code = "out_of_range"


class BadStyleFileError(AdminError):
    """The file is not a style, or this engine cannot use it."""

    code = "bad_style_file"


class LimitError(BotError):
    """A limit is reached; try later."""


class ClosedError(LimitError):
    """An admin has closed the queue for a while."""

    code = "closed"


class TooManyWaitingError(LimitError):
    """The person has reached the limit of waiting photos."""

    code = "too_many_waiting"


class TooFastError(LimitError):
    """The person has reached the limit of photos per minute."""

    code = "too_fast"


class QueueFullError(LimitError):
    """The queue is full."""

    code = "queue_full"


class OwnStyleError(BotError):
    """The own style cannot be stored."""


class TooManyOwnStylesError(OwnStyleError):
    """The person has as many own styles as permitted."""

    code = "too_many_own_styles"


class OwnStylesOffError(OwnStyleError):
    """The chat's admins do not allow own styles here."""

    code = "own_styles_off"


class StyleNameTakenError(OwnStyleError):
    """The person has or sees another style with this name."""

    code = "style_name_taken"


class BadStyleNameError(OwnStyleError):
    """The name is empty, too long, or means something else in a command."""

    code = "bad_style_name"


class GoneError(BotError):
    """Something is no longer available."""


class EntryGoneError(GoneError):
    """The result is no longer in the history."""

    code = "entry_gone"


class PageGoneError(GoneError):
    """A button or address leads nowhere: it is from an earlier version, or forged."""

    code = "page_gone"


class SourceGoneError(GoneError):
    """The platform no longer has the photo."""

    code = "source_gone"


class TooLateError(GoneError):
    """It is done already, or being delivered."""

    code = "too_late"


class GivenUpError(BotError):
    """An accepted request failed or was cancelled."""


class GaveUpError(GivenUpError):
    """A photo crashed its worker repeatedly."""

    code = "gave_up"


class ResultTooLargeError(GivenUpError):
    """The painted clip is larger than the platform takes."""

    code = "result_too_large"


class CancelledByAdminError(GivenUpError):
    """An admin cancelled the request."""

    code = "cancelled_by_admin"


class OperatorError(Exception):
    """The bots cannot start or continue; the message is a sentence for operators."""


def leaves(kind: type[BotError] = BotError) -> list[type[BotError]]:
    """The kinds that are raised and have a code, in the order of the tree."""
    return [leaf for child in kind.__subclasses__() for leaf in leaves(child)] or [kind]
