### What is said on Telegram alone.

## Results

style-submitted = “{ $name }” was submitted to the admins. Until they approve it, only you can use it. Once approved, it stays, even if you delete your data.

## Buttons

button-cancel = ✖ Cancel
button-surprise = 🎲 Surprise me
button-more = More …
button-adjust = Adjust
button-file = HD file
button-compare = Compare
button-film = Film
button-share = Share
button-styles = 🖼 Styles
button-settings = ⚙ Settings
button-privacy = 🔒 Privacy
button-add-to-group = ➕ Add to group
button-open-private = Open
button-default = Make it my default style
button-as-file = Send results as files
button-history = Remember results
button-repaintable = Others may repaint my photos
button-export = Export
button-forget = Delete all my data
button-forget-all = Yes, delete everything
button-keep-all = No, keep it

## Commands

command-style = paint a photo: /style wave 70
command-story = make a film of photos: /story wave 9:16
command-styles = show all styles
command-mystyle = your own styles: /mystyle add NAME
command-history = your last results
command-settings = your settings
command-cancel = cancel your waiting photos
command-help = what I can do
command-privacy = what data I keep, and for how long
command-export = download all your data
command-forget = delete all your data
command-start = start
bot-short = Send a photo, get it back as a painting.
bot-description = Send me a photo, and I repaint it in seconds. Choose Van Gogh, Hokusai, Klimt or many others, or use any picture as a style. In groups, reply to a photo with /style.

## Administration

admin-reply = Reply to this message.
admin-skip = Skip
admin-no-answer = That question is out of date. Press its button again.

## Telegram

telegram-welcome =
    Send me a photo, and I repaint it.
    Any picture can be a style: reply to it with /mystyle add NAME.
telegram-help =
    Send a photo and choose a style, or write one: /style van gogh 70
    Mix styles: /style kiss:2+scream
    GIFs, videos and video stickers are painted, too: use /style as their caption, or reply with it.
    /story as the caption of 1 to 10 photos makes a film of them: /story kiss 9:16 12s "caption"
    Reply to a picture with /style this to use its style.
    /styles shows all styles. /mystyle add NAME makes a picture your own style.
    /history · /settings · /cancel · /privacy · /export · /forget
telegram-help-group =
    Reply to a photo, GIF, video or sticker with /style, or name a style: /style van gogh 70
    /story as the caption of photos, or in reply to one, makes a film of them.
    /styles shows all styles. Admins: /settings
telegram-added = Reply to a photo with /style. Admins: /settings.
choose-style =
    { $count ->
        [1] Which style? Press one, or write its name.
       *[other] Which style for these { $count } photos? Press one, or write its name.
    }
telegram-styles = Press one to see it.
telegram-styles-group = Press one to see it. To use it, reply to a photo with /style and its name.
telegram-default-style = Which style should be your default?
telegram-prefers = “{ $title }” is your default style now. Send me a photo.
telegram-style-ready = Now send a photo here, with /style { $name }.
telegram-this-ready = I have its style. Now send the photo with /style this.
telegram-own-styles =
    { $count ->
        [0] You have no styles of your own yet. Reply to a picture with /mystyle add NAME.
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
        [0] You have nothing in the queue.
        [one] { $count } request cancelled.
       *[other] { $count } requests cancelled.
    }
telegram-in-private = This works only in our private chat.
telegram-history = Your last results: view, paint again or delete.
telegram-no-history = Nothing yet. Send me a photo.
telegram-settings = Your settings
telegram-export = All your data.
telegram-forget = This deletes { $history } results, { $styles } own styles, { $jobs } requests and your settings. Messages in chats stay.
telegram-inline-none = No matching results. Paint a photo first
