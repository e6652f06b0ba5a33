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
queue-left = { $place } · about { $seconds } s left
queue-paused = { $title } · painting is paused. { $words } Your photo keeps its place, with { $ahead } before it.
queue-cancelled = Cancelled.
queue-waits-for-engine = Painting is interrupted for a moment. Your photo keeps its place.

## Results

photo-skipped = Photo { $number } was skipped. { $reason }
first-frame = This is an animation. I painted its first frame only.
clip-fast = Clips are painted without slow options.
several-styles = Several styles
clip-whole = People are not looked for in clips. All of it was painted.
result-edited = edited
absent-person = No person was found. Everything was painted.
style-retired = “{ $title }” is retired. I used the most similar style.
style-added = “{ $name }” is one of your styles now.
style-removed = “{ $name }” is deleted.

## Privacy

privacy =
    I store your settings, and your own styles with their pictures, encrypted.
    I keep a list of your results for { $days } days. It holds the ids your photos have here and the captions of your films, and no pictures.
    I keep your requests for { $jobs } days in the same way.
    I do not store your photos or what I paint from them, and I do not train on them. I remove their metadata.
    Some effects look for faces and people in a photo. What they find, such as the points of a face, is never stored, and no one is recognised by it.
    If you are blocked, I keep a pseudonym of you. Admins' actions are logged for a year.
    A style of yours that was approved for everyone stays.
    In your settings you can forbid others to have your photos painted.
    When I am removed from a group, its settings are deleted after { $grace } days.
    /export sends you all your data, and /forget deletes it.
forgot = Deleted: { $history } results, { $styles } own styles, { $jobs } requests and your settings.

## Buttons

button-back = ◀ Back
button-default-style = Default style: { $title }
button-any-language = Same as the app
button-admins-only = For admins only
button-waiting = Waiting per person:
button-quiet = Quiet: results only
button-own-styles = Members' own styles
button-open-buttons = Buttons for everyone
button-per-minute = Per person and minute:
button-photo-check = Photo check:
button-photo-check-off = off
button-photo-check-spoiler = spoiler
button-photo-check-refuse = refuse
language-name = English
button-styles-here = Styles here: { $count }
button-this-topic = Only in this topic
chat-settings = Settings of this chat
chat-allowed-styles = Which styles are allowed here?
chat-default-style = Which style should be the default here?
chat-no-default = none
chat-allow-all = Allow all

## Telegram

choose-style-group =
    { $count ->
        [1] Which style?
       *[other] Which style for these { $count } photos?
    }
send-photo-for = Send me a photo, and I will paint it as “{ $title }”.
