### What the studio alone says.

## Results

first-frame-only = This is an animation. Only its first frame is painted.

## Studio

studio-name = Studio
studio-described = Photos repainted in the manner of famous paintings: see yours in all styles at once.
studio-keys = Keyboard
studio-key-step = Previous or next style
studio-key-favourite = Add to favourites or remove
studio-skip = Skip to the picture
studio-nav = Pages
studio-photos = Photos
studio-styles = Styles
studio-history = History
studio-settings = Settings
studio-privacy = Privacy
studio-to-dark = Dark
studio-to-light = Light
studio-headline = Your photo, repainted.
studio-promise = See your photo in { $count } styles at once: Van Gogh, Hokusai, Klimt and many others, or any picture you like. No account needed. Your photo is deleted after { $hours } hours.
studio-drop = Drop a photo or clip here
studio-drop-by-finger = Add a photo
studio-drop-more = or paste one, or
studio-choose = Choose a photo
studio-camera = Take a photo
studio-show-it = Show it in all styles
studio-too-large = The picture is too large: at most 20 MB and 64 megapixels.
studio-working = Reading the picture …
studio-working-on = Reading picture { $number } of { $count } …
studio-left-out =
    { $count ->
        [one] One file is left out, as it cannot be read or was sent twice.
       *[other] { $count } files are left out, as they cannot be read or were sent twice.
    }
studio-samples = Or try a sample
studio-try-sample = Try sample photo { $number }
studio-another-photo = Another photo
studio-trim = Crop or turn
studio-trim-whole = Like the photo
studio-trim-size = How much is kept
studio-trim-across = From left to right
studio-trim-down = From top to bottom
studio-trim-use = Use this
studio-turn-left = Turn left
studio-turn-right = Turn right
studio-recent = Your photos
studio-photo-of = Your photo from { $time }
studio-your-photo = Your photo
studio-painted-as = Your photo as { $title }
studio-sample-as = A sample photo as { $title }
studio-paint-with = Paint your photo with it
studio-asks = It needs a second picture or a mask, which you add beside your photo.
studio-sample = A sample photo
studio-picture-of = The style picture of { $title }
studio-gallery = Your photo in { $count } styles
studio-gallery-of-many = Your { $photos } photos in one of { $count } styles
studio-gallery-how = Choose one to paint it in full size.
studio-painters = Painters
studio-edits = Change the photo
studio-filters = Filters
studio-tags = Kinds
studio-favourites = Favourites
studio-favourite = Favourite: { $title }
studio-search = Search styles
studio-only = Which styles are shown
studio-none-found = No style matches.
studio-surprise = Surprise me
studio-previous = Previous style
studio-next = Next style
studio-spread = Show all
studio-own = Your own
studio-blend = Blend with
studio-blend-none = none
studio-share = Share
studio-paint = Paint
studio-repaint = Paint again
studio-before = Before
studio-after = After
studio-compare = How much of the photo is shown beside the painting
studio-hold = Hold to compare
studio-zoom = Full screen
studio-close = Close
studio-side = Side by side
studio-by = { $artist }, { $year }
studio-save-photo = Save the photo
studio-save-all = Save all
studio-smaller = Smaller:
studio-copy = Copy
studio-copied = Copied
studio-share-it = Share
studio-save-clip = Save the clip
studio-film = Film
studio-story = Make a film
studio-story-how = Tick 1 to { $most } results. Each photo turns into its painting, one after the other.
studio-story-scene = Into the film
studio-story-with = “{ $title }” into the film
studio-story-of = Film: { $title }
studio-story-shape = Width to height
studio-story-shape-any = Like the first photo
studio-story-seconds = Seconds, 6 to 30
studio-story-caption = Text at the bottom
studio-story-make = Make the film
studio-progress = Share of the clip that is painted
studio-delete = Delete
studio-undo = Undo
studio-deleted = “{ $title }” is deleted.
studio-photo-deleted = The photo is deleted. Its paintings stay in the history.
studio-delete-named = Delete “{ $title }”
studio-again = Paint again
studio-cancel = Cancel
studio-waiting = Waiting
studio-result-gone = This painting is no longer stored. Paint it again, or look among the files you saved.
studio-photo-gone = This photo is no longer stored. Add it again to try another style.
studio-own-styles = Your own styles
studio-own-how = Any picture can be a style: a painting, a pattern, a child's drawing. It takes a second.
studio-own-none = You have no styles of your own yet.
studio-own-picture = Style picture
studio-own-name = Name
studio-own-add = Add a style of your own
studio-own-make = Add style
studio-all-styles = All styles
studio-history-none = Nothing yet. Your paintings will appear here.
studio-history-off = Your results are not remembered. You can change that in the settings.
studio-older = Older
studio-default-style = Default style
studio-default-none = none
studio-language = Language
studio-language-any = Same as my browser
studio-remember = Remember my results
studio-save = Save
studio-saved = Saved.
studio-field-optional = { $title } (optional)
studio-field-kept = Keep the one you sent
studio-needs-input =
    { $what ->
        [mask] “{ $title }” needs a mask: paint over the photo where it is to be applied, or choose a file. Then try again.
       *[other] “{ $title }” needs a second picture. Choose one and try again.
    }
studio-mask-how = Paint over the photo where the effect is to be applied.
studio-mask-file = Mask file, white where the effect is to be applied
studio-mask-canvas = Photo to paint the mask on. The arrow keys move the brush, Space paints a spot, and Shift with an arrow key paints a line.
studio-mask-brush = Brush
studio-mask-eraser = Eraser
studio-mask-size = Brush size
studio-mask-undo = Undo
studio-mask-clear = Clear
studio-mask-share = { $percent } % of the photo is covered
studio-policy =
    Your photos and their paintings are stored here for { $hours } hours, encrypted and without metadata. So are the pictures and masks you add to a photo. Other browsers cannot see them. Then they are deleted. We do not train on them.
    We also store your settings, and your own styles with their pictures, encrypted.
    A list of your results is kept for { $days } days, with the captions of your films and without pictures. Your requests are kept for { $jobs } days in the same way.
    One cookie identifies this browser, and another remembers light or dark. Your favourites and the names of your files stay in the browser. We know nothing else about you. If you are blocked, a pseudonym is kept.
    Below, you can download or delete all your data.
studio-export = Download all my data
studio-forget = Delete all my data
studio-forget-asks = This deletes { $pictures } pictures, { $history } results, { $styles } own styles, { $jobs } requests and your settings. It cannot be undone.
studio-forget-yes = Yes, delete everything
studio-forgot = Deleted: { $pictures } pictures, { $history } results, { $styles } own styles, { $jobs } requests and your settings.
studio-no-photo = No photo was sent. Choose one, drop one, or take one.
studio-not-so = That request is not valid.
studio-not-found = There is no such page.
studio-form-old = This page is out of date. Reload it and try again.
studio-back = Back to the studio
studio-sorry = Something went wrong
studio-lost = Page not found
studio-admin-parts = Administration
studio-admin-token = Token
studio-admin-token-how = Open the address in the console line that begins with “admin:”. Or paste the part after its # here.
studio-admin-enter = Sign in
studio-admin-leave = Sign out
studio-admin-wrong = That token is wrong. The console shows the right one, in the line that begins with “admin:”.
studio-admin-too-many = Too many wrong tokens. Try again in a few seconds.
studio-admin-back = Back to the administration
studio-admin-order-how = Move a style with the arrows.
studio-admin-order-drag = Or drag it by the dots.
studio-admin-lost = The server does not answer. Try again in a moment.
studio-admin-moved = { $title } is number { $place } now.
studio-admin-new-how = Add a picture, or up to { $most } by one artist. The style begins as a draft that only admins see.
studio-admin-modes = Paused: photos are accepted and keep their places, but none are painted. Draining: waiting photos are painted, and new ones are refused.
