### What is said on Discord alone.

## Discord

discord-menu-stylize = Stylize
discord-command-style = Repaint a picture in the style of a painting
discord-option-image = image
discord-describe-image = The picture, GIF or video to repaint
discord-option-style = style
discord-describe-style = A style or a painter, such as van gogh; or a blend such as wave+kiss
discord-option-how = how
discord-describe-how = A number from 0 to 100, or one of the suggestions
discord-option-private = private
discord-describe-private = Show the result only to you
discord-command-story = Make a film in which photos turn into paintings
discord-describe-first = The first photo
discord-describe-next = Another photo
discord-option-shape = shape
discord-describe-shape = Width to height; otherwise like the first photo
discord-option-seconds = seconds
discord-describe-seconds = Length of the film, 6 to 30 seconds
discord-option-caption = caption
discord-describe-caption = Text at the bottom, up to 120 characters
discord-command-styles = Show all styles
discord-command-mystyles = Your own styles
discord-command-mystyles-add = Make a style of your own from a picture
discord-command-mystyles-list = Show or delete your own styles
discord-command-history = Your last results, to paint again
discord-command-settings = Your default style, language and other settings
discord-command-server = For admins: styles, limits and language of this server
discord-command-privacy = What data I keep, and for how long
discord-command-export = Download all your data
discord-command-forget = Delete all your data
discord-command-cancel = Cancel your waiting pictures
discord-command-help = What I can do
discord-help =
    ## stylebot
    I repaint pictures in the style of paintings.
    - **/style** with a picture, a GIF or a video.
    - **/story** with up to ten photos makes a film of them. **Film** below a result does it for one.
    - Or right-click a message with a picture, then **Apps › Stylize**.
    - Or mention me with a picture, or send me one.
    - You can name a style or a painter: “paint this like van gogh”.
    - Below a result you can change the style and its settings, get the full size, and compare.
    - **/styles** shows all styles, and **/mystyles add** makes one from your own picture.
    - **/history**, **/settings**, **/cancel**; for admins **/server**.
    - **/privacy**, **/export**, **/forget**.
discord-alt = Picture painted in the style { $title }
discord-alt-before = The result so far
discord-another-style = Another style …
discord-adjust = Adjust
discord-hd = HD file
discord-compare = Compare
discord-film = Film
discord-compared = **{ $title }** · before and after
discord-before = Before
discord-after = After
discord-share = Share to channel
discord-delete = Delete
discord-cancel = Cancel
discord-cancelled =
    { $count ->
        [0] You have nothing in the queue.
        [one] One request is cancelled.
       *[other] { $count } requests are cancelled.
    }
discord-hello = Hello! Send me a photo, and I will show it to you in several styles. You can also name a painter.
discord-adult = The picture is from an age-restricted channel, and this channel is not age-restricted.
discord-made-smaller = Resized to { $width } × { $height } pixels, to fit Discord's limit here.
discord-no-photo = I see no picture that I can read. Send it in the same message as the mention. Or right-click its message, then Apps › Stylize.
discord-choose-style = Which style?
discord-choose-picture = Which picture?
discord-picture = Picture { $number }
discord-all-pictures = All
discord-as-default = Make it my default style
discord-only-me = Only I can see it
discord-none = none
discord-styles = Styles
discord-own-styles = Your own styles
discord-own-add = Add a style
discord-own-remove = Delete a style …
discord-own-title = Your own style
discord-own-name = Name
discord-own-picture = Style picture
discord-history = Your last results
discord-choose-entry = Choose a result …
discord-show = Show
discord-again = Paint again
discord-entry-removed = It was removed from your history.
discord-export = Export
discord-exported = All your data. Only you can see this message.
discord-forget = Delete all my data
discord-forget-asks = Delete { $history } results, { $styles } own styles, { $jobs } requests and your settings? Your waiting requests will be cancelled.
discord-forget-yes = Yes, delete
discord-forget-no = Keep
discord-forget-kept = Nothing was deleted.
discord-settings = Settings
discord-set-style = Default style
discord-set-file = Send as HD file
discord-set-history = Remember results
discord-no-default = No default style
discord-language-of-discord = Discord's language
discord-set-repaintable = Others may repaint my pictures
discord-own-submit = Submit a style for everyone …
discord-own-waits = waiting for an admin
discord-own-submitted = “{ $name }” was submitted. Until an admin approves it, only you can use it.
discord-command-admin = For admins of this bot
discord-describe-admin-user = A Discord user
discord-admin-painting = Painting the previews …
discord-admin-file-too-large = The file is larger than Discord allows here. Export it on a server with a higher limit.
