### What the studio alone says.

## Results

first-frame-only = It moves. Only its first frame is painted.

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
studio-default-style = Usual style
studio-default-none = none
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
studio-admin-modes = While paused, photos are taken and keep their places. While draining, those waiting are painted and no others are taken.
