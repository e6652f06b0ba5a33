### What is said of errors.

## Errors of the bots

error-unknown_style_name =
    { $close ->
        [none] There is no style “{ $name }”. /styles shows all styles.
       *[other] There is no style “{ $name }”. Did you mean { $close }?
    }
error-style_disabled = “{ $title }” is disabled at the moment. Please choose another style.
error-style_gone = That style no longer exists. Please choose another one.
error-style_not_here = “{ $title }” is not available in this chat. Please choose another style.
error-bad_number = The number after a style must be from 0 to 100. With 0 the photo stays as it is.
error-no_photo =
    { $what ->
        [video] I cannot read that kind of video. Send it as MP4, WebM, MOV or GIF, or send me a photo.
        [voice] I cannot listen to audio. Send me a photo.
        [file] That file is not a picture. I can read JPEG, PNG, WebP, GIF, AVIF and HEIC.
        [link] I cannot open links. Save the picture and send it to me.
        [words] Send me a photo, and I will show it to you in several styles.
        [other] I can only paint pictures. Send me a photo.
        [story] Which photos? Send 1 to 10 photos with /story, or reply to one with it.
       *[none] There is no photo here. Send one, or reply to one with /style.
    }
error-needs_input =
    { $what ->
        [mask] “{ $title }” needs a mask beside the photo, which I cannot take here. Use the studio, or the command stylebot.
       *[other] “{ $title }” needs a second picture beside the photo, which I cannot take here. Use the studio, or the command stylebot.
    }
error-no_style_picture = Which picture? Send it with /mystyle add NAME, or reply to it with that command.
error-no_reference = To use the style of a picture, reply to that picture with “this”.
error-album_too_large = You can send at most { $limit } photos at once.
error-unsuitable_picture = That picture cannot be shown here.
error-clips_off = Clips are not painted here. Send me a photo, or a screenshot of the clip.
error-story_too_large = A story has 1 to { $limit } photos.
error-story_length = A story takes { $least } to { $most } seconds.
error-caption_too_long = A caption has at most { $limit } characters.
error-clip_too_large = The clip is too large: at most 20 MB.
error-vector_sticker = This animated sticker is a drawing, not a film, and cannot be painted. Send a video sticker or a static one.
error-blocked = You are blocked from using this bot.
error-bot_admins_only = Only admins of this bot can do that.
error-opted_out = The sender of that picture does not allow others to have it painted.
error-bad_whom = Send a person or a chat: telegram:123, discord:456 or chat discord:789. Admins of this bot cannot be blocked.
error-unknown_limit = There is no such limit. The limits are { $names }.
error-out_of_range = The value must be a number from { $least } to { $most }.
error-bad_style_file = That is not a valid style file, or it is from another engine and has no picture.
error-closed = No new photos are accepted at the moment. { $words }
error-cancelled_by_admin = An admin cancelled your request.
error-admins_only = In this chat, only admins can do that.
error-other_topic = In this chat, I paint in another topic only.
error-not_yours = That belongs to someone else. Reply to the photo with /style to get your own.
error-no_pictures_here = I am not allowed to send pictures here. Ask an admin, or send me /history in private.
error-topic_closed = This topic is closed. Send me /history in private to see your picture.
error-other_chat = That photo is from another chat. Send it here to have it painted here.
error-too_many_waiting =
    { $waiting ->
        [one] You already have { $waiting } photo in the queue, and the limit is { $limit }. Send more when it is done.
       *[other] You already have { $waiting } photos in the queue, and the limit is { $limit }. Send more when some are done.
    }
error-too_fast = You can send at most { $limit } photos per minute. Try again in { $seconds } s.
error-queue_full = The queue is full: { $waiting } photos are waiting. Try again in a few minutes.
error-too_many_own_styles = You already have { $limit } own styles, which is the limit. Delete one first.
error-own_styles_off = Own styles are not allowed in this chat. You can use yours in a private chat with me.
error-style_name_taken = There is already a style “{ $name }”. Choose another name.
error-bad_style_name = A name has 1 to { $limit } characters, without + or :. It is not “this”, and does not end in a number.
error-entry_gone = That is no longer in your history.
error-source_gone = The original photo is no longer available. Send it again.
error-page_gone = That page is out of date or no longer exists. Send /admin for the current one.
error-storage_unavailable = I cannot save anything at the moment, so your request was not accepted. Try again in a few minutes.
error-too_late = It is already done.
error-gave_up = Your photo failed several times, so I stopped trying.
error-result_too_large = The painted clip is too large to be sent here. Send a shorter or smaller one.

## Errors of the engine

error-image_too_large = The picture is too large: at most 20 MB and 64 megapixels.
error-image_too_small = The picture is too small or too narrow. Each side needs 32 pixels, and at least a twentieth of the other.
error-unsupported_image = That format is not supported. I can read JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF and BMP.
error-broken_image = The picture is damaged and cannot be read.
error-mask_mismatch = The mask has other proportions than the photo. Use one of the photo's shape.
error-no_face = I found no face in the picture.
error-several_faces = There are several faces in the picture. Choose the left one, the right one, or all.
error-face_too_small = The face is too small: it must be at least 48 pixels wide.
error-face_turned = The face is turned too far. It must look roughly at the camera.
error-face_hidden = Eyes or mouth cannot be seen: something covers them, or they are outside of the picture.
error-clip_too_long = The clip is too long. Send a shorter one.
error-unsupported_clip = I cannot use this clip: it is encrypted, has no pictures in it, or is of an unknown kind.
error-unknown_style = That style is unknown. Please choose another one.
error-stale_style = That style is out of date and could not be updated. Please choose another one.
error-missing_input = A picture or a mask that this needs was not sent along.
error-bad_caption = The caption takes more than four lines, or has characters that cannot be drawn here.
error-invalid_option = These settings do not work here. Choose another style, or other settings.
error-engine_unavailable = Painting is not available at the moment. Try again soon.
error-engine_busy = There is too much to paint at the moment. Try again soon.
error-too_many_requests = Too many of your pictures are being painted already. Try again soon.
error-training_failed = Refining the style failed. Try again.
error-cannot_refine = Styles cannot be refined here.
error-unknown_analysis = I do not know how to examine a photo for that.
error-analysis_not_installed = Photos cannot be examined here.
error-bad_analysis_model = Photos cannot be examined at the moment.
error-already_refining = Another style is being refined. Try again in a few minutes.
error-deadline_passed = It took too long. Try again.
error-shutting_down = Painting stops for a moment. Try again soon.
error-internal = Something went wrong on our side. Please try again.
