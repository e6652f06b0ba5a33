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
queue-share = { $title } · { $percent } %
queue-paused = { $title } · the studio is closed for a while. { $words } Your photo keeps its place, with { $ahead } before it.
queue-cancelled = Cancelled.
queue-waits-for-engine = The studio is closed for a moment. Your photo keeps its place.

## Results

photo-skipped = Photo { $number } was left out. { $reason }
first-frame = It moves. I painted its first frame only.
first-frame-only = It moves. Only its first frame is painted.
style-retired = “{ $title }” is retired. I painted the style that is nearest to it.
style-added = “{ $name }” is yours now.
style-submitted = “{ $name }” was sent to the admins. Until they approve it, only you can use it. After that it stays, even if you delete your data.
style-removed = “{ $name }” is gone.

## Privacy

privacy =
    I keep your settings, and your own styles with their pictures, encrypted.
    For { $days } days I keep a list of your results. It holds the ids your photos have here, and no pictures.
    For { $jobs } days I keep your requests in the same way.
    I keep no photo you send and no picture I paint. I learn from none of them, and I remove their metadata.
    If you are blocked, I keep a pseudonym of you. What my admins did is kept for a year.
    A style of yours that was approved for everyone stays.
    In your settings you can forbid others to have your photos painted.
    When I am removed from a group, its settings are deleted after { $grace } days.
    /export sends you all of it, and /forget deletes it.
forgot = Deleted: { $history } results, { $styles } own styles, { $jobs } requests and your settings.

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

## Buttons

button-cancel = ✖ Cancel
button-surprise = 🎲 Surprise me
button-back = ◀ Back
button-more = More …
button-adjust = Adjust
button-file = HD file
button-compare = Compare
button-share = Share
button-styles = 🖼 Styles
button-settings = ⚙ Settings
button-privacy = 🔒 Privacy
button-add-to-group = ➕ Add to group
button-open-private = Open
button-usual = Make it my usual style
button-usual-style = Usual style: { $title }
button-as-file = Results as files
button-history = Remember results
button-any-language = As I use the app
button-styles-here = Styles here: { $count }
button-admins-only = Only admins may use me
button-this-topic = Only in this topic
button-waiting = Waiting each:
button-quiet = Quiet: results only
button-own-styles = Members' own styles
button-open-buttons = Buttons for everyone
button-repaintable = Others may paint my photos
button-per-minute = A minute each:
button-photo-check-off = Photos unchecked
button-photo-check-spoiler = cover
button-photo-check-refuse = refuse
button-export = Export
button-forget = Delete my data
button-forget-all = Yes, delete everything
button-keep-all = No, keep it
language-name = English

## Commands

command-style = paint a photo: /style wave 70
command-styles = all styles, as pictures
command-mystyle = own styles: /mystyle add NAME
command-history = your last results
command-settings = your preferences
command-cancel = cancel what is waiting
command-help = what I can do
command-privacy = what I keep, and for how long
command-export = everything I know about you
command-forget = delete everything I know about you
command-start = start here
command-admin = styles, queue, limits, numbers
command-addstyle = a new style for all: /addstyle NAME with a picture
command-importstyle = a style from a file
command-queue = who is waiting
command-pause = take photos, paint none: /pause back at 18:00
command-drain = paint what is waiting, take nothing new
command-open = open again
command-block = block someone: /block telegram:123 why
command-allow = unblock someone
command-blocks = who is blocked
command-chats = what groups and servers chose
command-limits = all limits: /limits per_minute 5
command-stats = the last day, in numbers
command-audit = what admins did, and others tried
bot-short = Send a photo, get it back painted.
bot-description = Send me a photo, and I repaint it in seconds. Choose Van Gogh, Hokusai, Klimt or many others. Any picture you like can be a style, too. In groups, reply to a photo with /style.

## Administration

admin-styles =
    { $count ->
        [one] { $count } style
       *[other] { $count } styles
    } · ● on ◌ resting ✎ draft ? submitted ✕ retired ★ usual
admin-state-draft = draft
admin-state-submitted = submitted
admin-state-on = on
admin-state-resting = resting
admin-state-retired = retired
admin-used =
    { $count ->
        [one] painted once in seven days
       *[other] painted { $count } times in seven days
    }
admin-doubtful = The content check would refuse its picture. You decide.
admin-enable = Enable
admin-rest = Let it rest
admin-retire = Retire
admin-restore = Restore
admin-discard = Discard
admin-title = Title: { $language }
admin-tags = Tags
admin-previews = Previews
admin-export = Export
admin-refine = Refine
admin-refining = Refining “{ $title }” · { $percent } %
admin-refined = “{ $title }” is refined: its paintings were { $before } from the picture and are { $after } now (Gram distance, 0 is alike).
admin-not-better = “{ $title }” stays as it is: nothing better was found.
admin-move-first = ⤒ First
admin-move-earlier = ▲ Earlier
admin-move-later = ▼ Later
admin-make-default = Make it everyone's usual style
admin-accept = Accept for everyone
admin-decline = Decline
admin-look = Look
admin-submission = Someone offers the style “{ $name }” to everyone.
admin-room-styles = Styles
admin-room-queue = Queue
admin-room-limits = Limits
admin-room-blocks = Shut out
admin-room-stats = Numbers
admin-room-audit = Audit
admin-is-open = ▶ Open
admin-is-paused = ⏸ Paused
admin-is-draining = ⏏ Draining
admin-gate-open = ▶ Open
admin-gate-paused = ⏸ Pause
admin-gate-draining = ⏏ Drain
admin-waiting = { $waiting } waiting, { $running } in work
admin-oldest = The oldest has been waiting for { $seconds } s. Photos by chat:
admin-blocked =
    { $count ->
        [0] Shut out.
        [one] Shut out; { $count } request was given up.
       *[other] Shut out; { $count } requests were given up.
    }
admin-allowed = Let in again.
admin-not-blocked = That one was not shut out.
admin-stats = { $hours } h: { $photos } photos for { $people } people in { $chats } chats
admin-times = median { $wait } s waiting, { $work } s painting
admin-audit = What was done, the newest first
admin-about-styles = All styles: look, enable, rename, order, retire; and those that were submitted
admin-about-cancel = Cancel one request
admin-job = Its number in the queue
admin-limit = Which; without one, all are shown
admin-value = How much; without it, what it usually is
admin-cancelled = Request { $job } is given up.
admin-discarded = The draft is gone.
admin-declined = “{ $title }” stays its owner's alone.
admin-exported = With this file the same style can be begun anywhere: import it there.
admin-room = Administration
admin-room-chats = Chats
admin-usual = everyone's usual style
admin-offered = Offered by members
admin-no-default = Let it be the usual style no longer
admin-move-first-named = Put { $title } first
admin-move-earlier-named = Move { $title } up
admin-move-later-named = Move { $title } down
admin-pictures = Choose pictures
admin-name = What to call it
admin-begin = Begin a draft
admin-import = Import a style
admin-file = A style's file, NAME.stylebot.json
admin-rename = Rename
admin-tags-how = What it is like, commas between
admin-words = What people are told meanwhile
admin-column-request = Request
admin-column-of = Whose
admin-column-state = State
admin-column-age = Age
admin-give-up = Cancel
admin-give-up-named = Cancel request { $job }
admin-limit-waiting = Photos in the queue, of all together
admin-limit-waiting_per_user = Photos of one person in the queue
admin-limit-per_minute = Photos of one person a minute
admin-limit-running_per_user = Requests of one person in work at once
admin-limit-album = Photos in one request
admin-limit-own_styles = Own styles of one person
admin-between = { $least } to { $most }
admin-usual-value = Back to { $usual }
admin-whom = Whom, as in web:123, telegram:123 or chat discord:456
admin-why = Why, for admins alone
admin-block = Block
admin-allow = Let in again
admin-allow-named = Unblock { $name }
admin-blocks =
    { $count ->
        [0] Nobody is shut out.
       *[other] Shut out: { $count }. Only pseudonyms are kept.
    }
admin-chats-how =
    { $count ->
        [0] No group and no server has chosen anything yet.
       *[other] Groups and servers that have chosen something. What is changed here holds there at once.
    }
admin-chat-styles = Styles allowed: { $count }
admin-chat-all-styles = All styles allowed
admin-photo-check = Photos that should not be seen unasked
admin-spans = Of how many hours
admin-job-queued = waiting
admin-job-running = in work
admin-job-done = on its way out
admin-job-delivered = delivered
admin-job-failed = failed
admin-job-cancelled = cancelled
admin-job-draft = without a style yet
admin-best = Painted most
admin-column-when = When
admin-column-who = Who
admin-column-act = What
admin-column-subject = Of what
admin-limits = How much of everything; in brackets, what it usually is.
admin-ask-title = What should “{ $title }” be called in { $language }?
admin-ask-tags = What is “{ $title }” like? Words, separated by commas.
admin-add-how = Send a picture, or an album of up to four by one artist.
admin-import-how = Send a style's file, NAME.stylebot.json.
admin-ask-words = What should people be told meanwhile? For example: Back at 18:00.
admin-ask-whom = Who? A person or a chat: telegram:123, discord:456 or chat discord:789.
admin-ask-why = Why? Only admins read it.
admin-ask-limit = { $least } to { $most }, or “usual” for { $usual }.
admin-reply = Reply to this message.
admin-skip = Go on without
admin-place = At which place, from 0
admin-saved = Saved.
admin-save = Save
admin-change = Change
admin-again = Look again
admin-language = Language
admin-outcomes = What became of them
admin-column-photos = Photos
admin-no-answer = That question is from an earlier version of me. Press its button again.

## Telegram

telegram-welcome =
    Send me a photo, and I repaint it.
    Any picture can be a style: reply to it with /mystyle add NAME.
telegram-help =
    Send a photo and choose a style, or write one: /style van gogh 70
    Mix styles: /style kiss:2+scream
    Reply to a picture with /style this to use its style.
    /styles shows all styles. /mystyle add NAME makes a picture your own style.
    /history · /settings · /cancel · /privacy · /export · /forget
telegram-help-group =
    Reply to a photo with /style, or name a style: /style van gogh 70
    /styles shows all styles. Admins: /settings
telegram-added = Reply to a photo with /style. Admins: /settings.
choose-style =
    { $count ->
        [1] Which style? Press one, or write its name.
       *[other] Which style for these { $count } photos? Press one, or write its name.
    }
choose-style-group =
    { $count ->
        [1] Which style?
       *[other] Which style for these { $count } photos?
    }
send-photo-for = Send me a photo, and I will paint it as “{ $title }”.
telegram-styles = Press one to see it.
telegram-styles-group = Press one to see it. To use it, reply to a photo with /style and its name.
telegram-usual-style = Which style should I use when none is named?
telegram-allowed-styles = Which styles are allowed here?
telegram-prefers = “{ $title }” is your usual style now. Send me a photo.
telegram-style-ready = Now send a photo here, with /style { $name }.
telegram-this-ready = I have its style. Now send the photo with /style this.
telegram-own-styles =
    { $count ->
        [0] You have no own style yet. Reply with /mystyle add NAME to a picture.
       *[other] Your own styles:
    { $names }
    /mystyle delete NAME deletes one.
    }
telegram-for = for { $name }
telegram-album =
    { $count ->
        [one] { $title } · { $count } photo
       *[other] { $title } · { $count } photos
    }
telegram-no-comparison = These two cannot be shown side by side.
telegram-deleted = Deleted.
telegram-cancelled =
    { $count ->
        [0] Nothing of yours is waiting.
        [one] { $count } request given up.
       *[other] { $count } requests given up.
    }
telegram-in-private = This works in our private chat only.
telegram-history = Your last results: view, paint again or delete.
telegram-no-history = Nothing yet. Send me a photo.
telegram-settings = How do you like it?
telegram-chat-settings = What holds in this chat?
telegram-export = All I know of you.
telegram-forget = This deletes { $history } results, { $styles } own styles, { $jobs } requests and your settings. Messages in chats stay.
telegram-inline-none = Nothing of yours matches. Paint a photo first

## Discord

discord-menu-stylize = Stylize
discord-command-style = Repaint a picture in the style of a painting
discord-option-image = image
discord-describe-image = The picture to repaint
discord-option-style = style
discord-describe-style = A style or a painter, such as van gogh; or a blend such as wave+kiss
discord-option-how = how
discord-describe-how = A number from 0 to 100, or what is suggested
discord-option-private = private
discord-describe-private = Whether only you see the result
discord-command-styles = Look at all styles
discord-command-mystyles = Your own styles
discord-command-mystyles-add = Make a picture your own style
discord-command-mystyles-list = See your own styles, and delete some
discord-command-history = Your last results, to paint again
discord-command-settings = Your usual style and settings, language and more
discord-command-server = For admins: styles, limits and language of this server
discord-command-privacy = What I keep, and for how long
discord-command-export = Everything I know about you, as a file
discord-command-forget = Delete everything I know about you
discord-command-cancel = Cancel your pictures that are waiting
discord-command-help = What I can do
discord-help =
    ## stylebot
    I repaint pictures in the style of paintings.
    - **/style** with a picture.
    - Or right-click a message with a picture, then **Apps › Stylize**.
    - Or mention me with a picture, or send me one.
    - You can name a style or a painter: “paint this like van gogh”.
    - With a result you can change the style and its settings. You can get the full size, and compare.
    - **/styles** shows all styles, and **/mystyles add** makes one from your own picture.
    - **/history**, **/settings**, **/cancel**; for admins **/server**.
    - **/privacy**, **/export**, **/forget**.
discord-alt = Picture painted in the style { $title }
discord-alt-before = The result so far
discord-another-style = Another style …
discord-adjust = Adjust
discord-hd = HD file
discord-compare = Compare
discord-compared = **{ $title }** · before and after
discord-before = Before
discord-after = After
discord-share = Share to channel
discord-delete = Delete
discord-cancel = Cancel
discord-cancelled =
    { $count ->
        [0] Nothing of yours is waiting.
        [one] One request is cancelled.
       *[other] { $count } requests are cancelled.
    }
discord-hello = Hello! Send me a photo, and I will show it to you in several styles. You can also write the name of a painter.
discord-adult = It comes from an age-restricted channel, and this channel is not age-restricted.
discord-made-smaller = Made smaller to fit Discord's limit here: { $width } × { $height } pixels.
discord-no-photo = I see no picture I may read. Send it together with the mention. Or right-click its message, then Apps › Stylize.
discord-choose-style = Which style?
discord-choose-picture = Which picture?
discord-picture = Picture { $number }
discord-all-pictures = All of them
discord-as-default = Make it my usual style
discord-only-me = Only I see it
discord-none = none
discord-all = all
discord-styles = Styles
discord-own-styles = Your own styles
discord-own-add = Add one
discord-own-remove = Delete one …
discord-own-title = Your own style
discord-own-name = Its name
discord-own-picture = A picture in that style
discord-history = Your last results
discord-choose-entry = Choose one …
discord-show = Show
discord-again = Again
discord-entry-removed = It is no longer in your history.
discord-export = Export
discord-exported = All I know of you. Only you see this.
discord-forget = Delete my data
discord-forget-asks = Delete { $history } results, { $styles } own styles, { $jobs } requests and your settings? Whatever is waiting is cancelled.
discord-forget-yes = Yes, delete
discord-forget-no = Keep
discord-forget-kept = Nothing was deleted.
discord-settings = Settings
discord-set-style = Usual style
discord-set-file = As HD file
discord-set-history = Remember results
discord-no-default = No usual style
discord-language-of-discord = Discord's language
discord-language-of-each = Everyone's own language
discord-server = This server
discord-srv-allowed = Styles allowed here
discord-srv-allow-all = Allow all
discord-srv-admins = Admins only
discord-srv-quiet = Results only
discord-srv-own = Own styles
discord-srv-open = Open buttons
discord-srv-waiting = Waiting per person
discord-srv-minute = Per minute
discord-set-repaintable = Others may have my pictures painted
discord-own-submit = Submit one for everyone …
discord-own-waits = waiting for an admin
discord-own-submitted = “{ $name }” was submitted. Until an admin approves it, only you can use it.
discord-srv-check =
    { $state ->
        [missing] Photo check · not installed
        [spoiler] Photo check · as spoiler
        [refuse] Photo check · refuse
       *[off] Photo check · off
    }
discord-command-admin = For those who administer me
discord-describe-admin-user = A person on Discord
discord-admin-painting = The previews are being painted …
discord-admin-file-too-large = The file is larger than Discord allows here. Export it on a server with a higher limit.

## Studio

studio-name = The studio
studio-skip = To the picture
studio-nav = Pages
studio-photos = Photos
studio-styles = Styles
studio-history = History
studio-settings = Settings
studio-privacy = Privacy
studio-to-dark = Dark
studio-to-light = Light
studio-headline = Your photo, repainted.
studio-promise = See your photo at once in { $count } styles. There are Van Gogh, Hokusai, Klimt, many others, and any picture you like. No account is needed, and your photo is deleted after { $hours } hours.
studio-drop = Drop a photo here
studio-drop-by-finger = A photo of yours
studio-drop-more = or paste one, or
studio-choose = Choose a photo
studio-camera = Take one
studio-show-it = Show it in all styles
studio-too-large = The picture is too large: at most 20 MB and 64 megapixels.
studio-working = One moment, the picture is being read …
studio-samples = Or try one of these
studio-try-sample = Try sample photo { $number }
studio-another-photo = Another photo
studio-recent = Your photos
studio-photo-of = Your photo of { $time }
studio-your-photo = Your photo
studio-painted-as = Your photo as { $title }
studio-sample-as = A sample photo as { $title }
studio-picture-of = The picture that { $title } was made from
studio-gallery = Your photo in { $count } styles
studio-gallery-how = Click one to paint it in full.
studio-another = Another style
studio-painters = Painters
studio-filters = Filters
studio-own = Yours
studio-blend = Blend with
studio-blend-none = nothing
studio-share = Its share
studio-paint = Paint
studio-repaint = Paint again
studio-before = Before
studio-after = After
studio-compare = How much of the photo to show, beside the painting
studio-by = { $artist }, { $year }
studio-save-photo = Save the photo
studio-save-file = Full size
studio-delete = Delete
studio-delete-named = Delete “{ $title }”
studio-again = Paint again
studio-cancel = Cancel
studio-waiting = Waiting
studio-result-gone = The picture is no longer kept. Paint it again, or look in what you saved.
studio-photo-gone = The photo is no longer kept. Drop it again to try another style.
studio-own-styles = Your own styles
studio-own-how = Any picture can be a style: a painting, a pattern, your child's drawing. It takes a second.
studio-own-none = You have none yet.
studio-own-picture = The picture whose style it is
studio-own-name = What to call it
studio-own-add = Add a style of your own
studio-own-make = Make it my style
studio-all-styles = All styles
studio-history-none = Nothing yet. Your paintings will appear here.
studio-history-off = You chose not to keep a history.
studio-older = Older
studio-usual-style = Usual style
studio-usual-none = none
studio-language = Language
studio-language-any = As my browser says
studio-remember = Remember my results
studio-save = Save
studio-saved = Saved.
studio-policy =
    Your photos and their paintings are kept here for { $hours } hours, encrypted and without metadata. No other browser can see them. Then they are deleted. Nothing is learned from them.
    We also keep your settings, and your own styles with their pictures, encrypted.
    A list of your results is kept for { $days } days, without pictures. Your requests are kept for { $jobs } days in the same way.
    One cookie tells this browser from others, and another remembers light or dark. Nothing else is known about you. If you are blocked, a pseudonym is kept.
    Below, you can download all of it or have it deleted.
studio-export = Export all of it
studio-forget = Delete my data
studio-forget-asks = This deletes { $pictures } pictures, { $history } results, { $styles } own styles, { $jobs } requests and your settings. It cannot be undone.
studio-forget-yes = Yes, delete everything
studio-forgot = Deleted: { $pictures } pictures, { $history } results, { $styles } own styles, { $jobs } requests and your settings.
studio-no-photo = There is no photo in it. Choose one, drop one, or take one.
studio-not-so = That does not work like this.
studio-not-found = There is nothing here.
studio-form-old = The page was open for too long, or is not ours. Load it again and try once more.
studio-back = Back to the studio
studio-sorry = That did not work
studio-admin-parts = Parts of the administration
studio-admin-token = Token
studio-admin-token-how = Open the address in the console's line that begins with “admin:”. Or paste here what stands after its #.
studio-admin-enter = Sign in
studio-admin-leave = Sign out
studio-admin-wrong = That is not this start's token. The console shows it, in the line that begins with “admin:”.
studio-admin-too-many = Too many wrong tokens are being tried. Try again in a few seconds.
studio-admin-back = To the administration
studio-admin-order-how = Move a style with its arrows.
studio-admin-order-drag = Or drag it by its dots.
studio-admin-lost = The studio does not answer. Try again in a moment.
studio-admin-moved = { $title } is number { $place } now.
studio-admin-new-how = Drop a picture, or up to { $most } by one artist. It begins as a draft that no one else sees.
studio-admin-gates = While paused, photos are taken and keep their places. While draining, those waiting are painted and no others are taken.
