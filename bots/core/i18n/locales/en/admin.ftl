### What admins read, on every surface.

## Commands

command-admin = styles, queue, limits, statistics
command-addstyle = add a style for everyone: a picture with /addstyle NAME
command-importstyle = import a style from a file
command-queue = show the queue
command-pause = stop painting, still accept photos: /pause back at 18:00
command-drain = paint what is waiting, accept nothing new
command-open = reopen the queue
command-block = block someone: /block telegram:123 reason
command-allow = unblock someone
command-blocks = show who is blocked
command-chats = settings of groups and servers
command-limits = show or change limits: /limits per_minute 5
command-stats = statistics of the last day
command-audit = log of admins' actions and refused attempts

## Administration

admin-styles =
    { $count ->
        [one] { $count } style
       *[other] { $count } styles
    } · ● enabled ◌ disabled ✎ draft ? submitted ✕ retired ★ default
admin-state-draft = draft
admin-state-submitted = submitted
admin-state-on = enabled
admin-state-resting = disabled
admin-state-retired = retired
admin-used =
    { $count ->
        [one] painted once in seven days
       *[other] painted { $count } times in seven days
    }
admin-doubtful = The content check would reject its picture. You decide.
admin-enable = Enable
admin-rest = Disable
admin-retire = Retire
admin-restore = Restore
admin-discard = Discard
admin-title = Title: { $language }
admin-tags = Tags
admin-previews = Previews
admin-export = Export
admin-refine = Refine
admin-refining = Refining “{ $title }” · { $percent } %
admin-refined = “{ $title }” is refined. Distance of its paintings from the picture: { $before } before, { $after } now (Gram distance; 0 means identical).
admin-not-better = “{ $title }” was not changed. Refining found nothing better.
admin-move-first = ⤒ First
admin-move-earlier = ▲ Earlier
admin-move-later = ▼ Later
admin-make-default = Make it the default for everyone
admin-accept = Accept for everyone
admin-decline = Decline
admin-look = View
admin-submission = Someone submitted the style “{ $name }” for everyone.
admin-part-styles = Styles
admin-part-queue = Queue
admin-part-limits = Limits
admin-part-blocks = Blocked
admin-part-stats = Statistics
admin-part-audit = Audit log
admin-is-open = ▶ Open
admin-is-paused = ⏸ Paused
admin-is-draining = ⏏ Draining
admin-mode-open = ▶ Open
admin-mode-paused = ⏸ Pause
admin-mode-draining = ⏏ Drain
admin-waiting = { $waiting } waiting, { $running } in progress
admin-oldest = The oldest request has waited for { $seconds } s. Photos by chat:
admin-blocked =
    { $count ->
        [0] Blocked.
        [one] Blocked; { $count } request was cancelled.
       *[other] Blocked; { $count } requests were cancelled.
    }
admin-allowed = Unblocked.
admin-not-blocked = That person or chat was not blocked.
admin-stats = { $hours } h: { $photos } photos for { $people } people in { $chats } chats
admin-times = median { $wait } s waiting, { $work } s painting
admin-audit = Admins' actions, newest first
admin-about-styles = All styles: view, enable, rename, sort, retire; and styles submitted by members
admin-about-cancel = Cancel one request
admin-job = Number of the request
admin-limit = Which limit; leave it out to see all
admin-value = New value; leave it out for the default
admin-cancelled = Request { $job } is cancelled.
admin-discarded = The draft is deleted.
admin-declined = “{ $title }” was declined. Only its owner can use it.
admin-exported = Import this file into another installation to create the same style there.
admin-home = Administration
admin-part-chats = Chats
admin-default = default for everyone
admin-offered = Submitted by members
admin-no-default = Remove as default
admin-move-first-named = Move { $title } to the top
admin-move-earlier-named = Move { $title } up
admin-move-later-named = Move { $title } down
admin-pictures = Choose pictures
admin-name = Name
admin-begin = New style
admin-import = Import a style
admin-file = Style file, NAME.stylebot.json
admin-rename = Rename
admin-tags-how = Tags, separated by commas
admin-words = Message to users
admin-column-request = Request
admin-column-of = User
admin-column-state = State
admin-column-age = Age
admin-give-up = Cancel
admin-give-up-named = Cancel request { $job }
admin-limit-waiting = Photos in the queue, in total
admin-limit-waiting_per_user = Photos in the queue, per person
admin-limit-per_minute = Photos per minute, per person
admin-limit-running_per_user = Requests in progress, per person
admin-limit-album = Photos per request
admin-limit-own_styles = Own styles, per person
admin-between = { $least } to { $most }
admin-default-value = Reset to { $default }
admin-whom = Person or chat, such as web:123, telegram:123 or chat discord:456
admin-why = Reason, seen by admins only
admin-block = Block
admin-allow = Unblock
admin-allow-named = Unblock { $name }
admin-blocks =
    { $count ->
        [0] Nobody is blocked.
       *[other] Blocked: { $count }. Only pseudonyms are stored.
    }
admin-chats-how =
    { $count ->
        [0] No group or server has changed its settings yet.
       *[other] Groups and servers that have changed their settings. Changes made here apply at once.
    }
admin-chat-styles = Styles allowed: { $count }
admin-chat-all-styles = All styles allowed
admin-photo-check = Photo check
admin-spans = Period in hours
admin-job-queued = waiting
admin-job-running = in progress
admin-job-done = being sent
admin-job-delivered = delivered
admin-job-failed = failed
admin-job-cancelled = cancelled
admin-job-draft = no style chosen yet
admin-best = Most painted
admin-column-when = When
admin-column-who = Who
admin-column-act = Action
admin-column-subject = Subject
admin-limits = Limits; defaults are in brackets.
admin-ask-title = What is the title of “{ $title }” in { $language }?
admin-ask-tags = Which tags describe “{ $title }”? Separate them with commas.
admin-add-how = Send a picture, or an album of up to four by one artist.
admin-import-how = Send a style file, NAME.stylebot.json.
admin-ask-words = What should users be told? For example: Back at 18:00.
admin-ask-whom = Who? Send a person or a chat: telegram:123, discord:456 or chat discord:789.
admin-ask-why = Why? Only admins see the reason.
admin-ask-limit = { $least } to { $most }, or “default” for { $default }.
admin-place = Position, from 0
admin-saved = Saved.
admin-save = Save
admin-change = Change
admin-again = Refresh
admin-language = Language
admin-outcomes = Outcomes
admin-column-photos = Photos
