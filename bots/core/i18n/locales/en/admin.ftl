### What admins read, on every surface.

## Commands

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
admin-part-styles = Styles
admin-part-queue = Queue
admin-part-limits = Limits
admin-part-blocks = Shut out
admin-part-stats = Numbers
admin-part-audit = Audit
admin-is-open = ▶ Open
admin-is-paused = ⏸ Paused
admin-is-draining = ⏏ Draining
admin-mode-open = ▶ Open
admin-mode-paused = ⏸ Pause
admin-mode-draining = ⏏ Drain
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
admin-home = Administration
admin-part-chats = Chats
admin-default = everyone's usual style
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
admin-default-value = Back to { $usual }
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
admin-place = At which place, from 0
admin-saved = Saved.
admin-save = Save
admin-change = Change
admin-again = Look again
admin-language = Language
admin-outcomes = What became of them
admin-column-photos = Photos
