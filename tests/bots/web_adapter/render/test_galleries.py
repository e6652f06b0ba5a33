from bots.web_adapter.render import galleries
from engine.api.analyses import Face, Faces
from storage.values.styles import Code, Style


def style(number: int, artist: str = "", tags: tuple[str, ...] = ()) -> Style:
    return Style(
        id=number,
        slug=f"style-{number}",
        kind="painted",
        titles={"en": f"Title {number}", "zh": f"标题{number}"},
        artist=artist,
        year=None,
        tags=tags,
        owner=None,
        state="on",
        orphaned=False,
        place=number,
        version=1,
        code=Code("0123abcd", b""),
        artists={"zh": "梵高"} if artist == "Vincent van Gogh" else {},
    )


def face(left: float, top: float, width: float, height: float) -> Face:
    return Face((left, top, width, height), 1.0, {}, ())


def test_a_style_is_searched_by_all_its_names():
    found = galleries.words(style(1, "Vincent van Gogh", ("post-impressionism", "蓝色")))
    assert found.split() == [
        "style1", "title1", "标题1", "vincentvangogh", "梵高", "postimpressionism", "蓝色",
    ]  # fmt: skip


def test_painters_and_tags_are_in_the_persons_language():
    tags = ("blue", "蓝", "蓝色")
    styles = [style(1, "Vincent van Gogh", tags), style(2, "Vincent van Gogh", tags), style(3)]
    (_, painters), (_, tagged) = galleries.finder(styles, "en")
    assert painters == [("Vincent van Gogh", [1, 2])]
    assert tagged == [("blue", [1, 2])]
    (_, painters), (_, tagged) = galleries.finder(styles, "zh")
    assert painters == [("梵高", [1, 2])]
    # Of synonyms one is enough.
    assert tagged == [("蓝", [1, 2])]


def test_a_tag_of_one_style_is_no_filter():
    assert galleries.finder([style(1, tags=("blue",)), style(2)], "en")[1][1] == []


def test_tiles_show_heads():
    # At the right end of a wide photo, and at the lower end of a tall one.
    assert galleries.focus(Faces(300, 100, (face(250, 30, 30, 30),)))[0] == 100
    assert galleries.focus(Faces(300, 100, (face(135, 30, 30, 30),)))[0] == 50
    assert galleries.focus(Faces(100, 300, (face(30, 250, 30, 30),)))[1] == 100
    # The hair of a head at the top is not cut off.
    assert galleries.focus(Faces(100, 300, (face(30, 10, 40, 40),)))[1] == 0
    # Of more heads than fit, the first are whole.
    crowd = (face(10, 30, 30, 30), face(200, 30, 30, 30))
    assert galleries.focus(Faces(300, 100, crowd))[0] == 5
    assert galleries.focus(Faces(100, 100, (face(0, 0, 10, 10),))) == (50, 50)


def test_without_a_face_the_upper_part_is_shown():
    assert galleries.focus(None) == galleries.focus(Faces(300, 100)) == galleries.UPPER
