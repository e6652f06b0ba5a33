### What is said of errors.

## Errors of the bots

error-unknown_style_name =
    { $close ->
        [none] I know no style “{ $name }”. /styles shows them all.
       *[other] I know no style “{ $name }”. Did you mean { $close }?
    }
error-style_resting = “{ $title }” is turned off at the moment. Please choose another style.
error-style_gone = That style is gone. Choose another one.
error-style_not_here = “{ $title }” is not offered in this chat. Choose another one.
error-bad_number = The number after a style goes from 0 to 100. At 0 the photo stays as it is.
error-no_photo =
    { $what ->
        [video] I cannot paint videos. Send me a photo, or a screenshot of the video.
        [voice] I cannot listen to audio. Send me a photo and I will paint it.
        [file] That file is not a picture. I can read JPEG, PNG, WebP, GIF, AVIF and HEIC.
        [link] I cannot open links. Save the picture and send it to me.
        [words] I paint photos. Send me one, and I will show it to you in several styles.
        [other] I can only paint pictures. Send me a photo.
       *[none] There is no photo here. Send one along, or reply to one with /style.
    }
error-no_style_picture = Which picture? Send /mystyle add NAME along with one, or in reply to one.
error-no_reference = Reply with “this” to the picture whose style you want.
error-album_too_large = At most { $limit } photos at once.
error-unsuitable_picture = That picture cannot be shown here.
error-blocked = You are blocked from using this bot.
error-bot_admins_only = That is for those who administer me.
error-opted_out = The person who sent that picture does not want others to have it painted.
error-bad_whom = I need a person or a chat: telegram:123, discord:456 or chat discord:789. And it can be no admin of mine.
error-bad_limit = A limit is one of { $names }. This one goes from { $least } to { $most }.
error-bad_style_file = That file is no style of mine, or it is from another engine and has no picture.
error-closed = The studio takes nothing new for a while. { $words }
error-cancelled_by_admin = An admin has given up your request.
error-admins_only = In this chat that is for admins.
error-other_topic = Here I paint in another topic.
error-not_yours = That is someone else's. Reply to the photo with /style to get your own.
error-no_pictures_here = I may not send pictures here. Ask an admin, or see /history in private.
error-topic_closed = This topic is closed now. You find your picture in private under /history.
error-other_chat = That photo is from another chat. Send it here to have it painted here.
error-too_many_waiting =
    { $waiting ->
        [one] { $waiting } photo of yours is waiting already, of at most { $limit }. Send more when it is done.
       *[other] { $waiting } photos of yours are waiting already, of at most { $limit }. Send more when some are done.
    }
error-too_fast = At most { $limit } photos a minute. Try again in { $seconds } s.
error-queue_full = There are { $waiting } photos waiting. Try again in a few minutes.
error-too_many_own_styles = You already have { $limit } own styles, and that is the limit. Delete one first.
error-own_styles_off = Own styles are turned off in this chat. You can make yours in a private chat with me.
error-style_name_taken = There is a style “{ $name }” already. Choose another name.
error-bad_style_name = A name has 1 to { $limit } letters, without + or :. It is not “this”, and does not end in a number.
error-entry_gone = I no longer have that in your history.
error-source_gone = The original is gone. Send it again.
error-page_gone = That is from an earlier version of me, or not there any more. /admin shows what there is.
error-storage_unavailable = I cannot note anything at the moment, so I did not take that. Try again in a few minutes.
error-too_late = It is done already.
error-gave_up = I tried your photo several times, and it failed each time. I have stopped trying.

## Errors of the engine

error-image_too_large = The picture is too large. It can have at most 20 MB and 64 megapixels.
error-image_too_small = The picture is too small. Each side needs 32 pixels, and it can be no narrower than 1:20.
error-unsupported_image = I can read JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF and BMP, and this is none of them.
error-broken_image = The picture is damaged and cannot be read.
error-unknown_style = The engine does not know that style. Please choose another one.
error-stale_style = That style is out of date and could not be updated. Please choose another one.
error-invalid_option = That cannot be painted like this. Choose another style, or other settings.
error-engine_unavailable = The studio is closed for a moment. Try again soon.
error-engine_busy = The studio is full at the moment. Try again soon.
error-too_many_requests = The studio already has many pictures of yours. Try again soon.
error-training_failed = Refining the style failed. Try again.
error-cannot_refine = The studio here cannot polish styles.
error-already_refining = Another style is being refined. Try again in a few minutes.
error-deadline_passed = It took too long. Try again.
error-shutting_down = The studio is closing for a moment. Try again soon.
error-internal = Something went wrong, and it was not your fault. Please try again.
