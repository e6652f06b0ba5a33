### What is said on Discord alone.

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
