### What stylebot says, in English. Every other language has the same messages with the same variables.

## The queue

queue-next = { $title } · you are next
queue-place =
    { $ahead ->
        [one] { $title } · { $ahead } photo before yours
       *[other] { $title } · { $ahead } photos before yours
    }
queue-about = { $place } · about { $seconds } s
queue-progress = { $title } · { $done } of { $count }
queue-cancelled = Cancelled.
queue-waits-for-engine = The studio is closed for a moment; your photo keeps its place.

## Results

photo-skipped = Photo { $number } was left out. { $reason }
style-added = “{ $name }” is yours now.
style-removed = “{ $name }” is gone.

## Privacy

privacy =
    What I keep: your settings, your own styles with their pictures (encrypted), and for { $days } days what you had painted, as the platform's ids of your photos. I keep no photo you send and no picture I paint, learn from none of them, and strip their metadata.
    /export sends you all of it, /forget deletes it.
forgot = Forgotten: { $history } results, { $styles } own styles, { $jobs } jobs, your settings.

## Errors of the bots

error-unknown_style_name =
    { $close ->
        [none] I know no style “{ $name }”. /styles shows them all.
       *[other] I know no style “{ $name }”. Did you mean { $close }?
    }
error-style_resting = “{ $title }” is resting. Choose another one.
error-style_gone = That style is gone. Choose another one.
error-style_not_here = “{ $title }” is not offered in this chat. Choose another one.
error-bad_strength = The strength goes from 0, the photo, to 100.
error-no_photo = There is no photo. Reply to one with /style, or send one along.
error-no_reference = Reply with “this” to the picture whose style you want.
error-album_too_large = At most { $limit } photos at once.
error-blocked = You cannot use me.
error-admins_only = In this chat that is for admins.
error-not_yours = That is someone else's. Reply to the photo with /style to make your own.
error-too_many_waiting =
    { $waiting ->
        [one] { $waiting } photo of yours is waiting already, of at most { $limit }. Send more when it is done.
       *[other] { $waiting } photos of yours are waiting already, of at most { $limit }. Send more when some are done.
    }
error-too_fast = At most { $limit } photos a minute. Try again in { $seconds } s.
error-queue_full = { $waiting } photos are waiting. Try again in a few minutes.
error-too_many_own_styles = You have { $limit } own styles, and that is the most. Delete one first.
error-style_name_taken = There is a style “{ $name }” already. Choose another name.
error-bad_style_name = A name has 1 to { $limit } letters, and is neither a number nor “this”.
error-entry_gone = I no longer have that in your history.
error-source_gone = The original is gone. Send it again.
error-too_late = It is done already.
error-gave_up = I tried your photo several times and it never worked. I have given up on it.

## Errors of the engine

error-image_too_large = The picture is too large: at most 20 MB and 30 megapixels.
error-image_too_small = The picture is too small: each side needs 32 pixels, and it may be no narrower than 1:20.
error-unsupported_image = I know JPEG, PNG, WebP, GIF, AVIF and HEIC, and this is none of them.
error-broken_image = The picture is damaged and cannot be read.
error-unknown_style = The engine does not know that style. Choose another one.
error-stale_style = The style is out of date and could not be renewed. Choose another one.
error-invalid_option = That cannot be painted like this. Choose another style or strength.
error-engine_unavailable = The studio is closed for a moment. Try again soon.
error-engine_busy = The studio is full at the moment. Try again soon.
error-too_many_requests = The studio has many pictures of yours already. Try again soon.
error-deadline_passed = It took too long. Try again.
error-shutting_down = The studio is closing for a moment. Try again soon.
error-internal = Something went wrong, and it was not you. Try again.
