### What several surfaces say.

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
style-retired = “{ $title }” is retired. I painted the style that is nearest to it.
style-added = “{ $name }” is yours now.
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

## Buttons

button-back = ◀ Back
button-default-style = Usual style: { $title }
button-any-language = As I use the app
button-admins-only = Only admins may use me
button-waiting = Waiting each:
button-quiet = Quiet: results only
button-own-styles = Members' own styles
button-open-buttons = Buttons for everyone
button-per-minute = A minute each:
button-photo-check-off = Photos unchecked
button-photo-check-spoiler = cover
button-photo-check-refuse = refuse
language-name = English

## Telegram

choose-style-group =
    { $count ->
        [1] Which style?
       *[other] Which style for these { $count } photos?
    }
send-photo-for = Send me a photo, and I will paint it as “{ $title }”.
