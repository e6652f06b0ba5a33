"""Known answers for every kind of picture people send, and for those sent to do harm."""

import struct
import tracemalloc
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms, PngImagePlugin, features
from PIL.JpegImagePlugin import JpegImageFile
from pillow_heif import HeifImageFile

from engine.api.errors import (
    BrokenImageError,
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    InvalidOptionError,
    MaskMismatchError,
    UnsupportedImageError,
)
from engine.media import colour, images
from engine.media.formats import ACCEPTED_FORMATS
from engine.media.images import ImageLimits, Picture, decode, decode_mask, encode
from tests.engine.media.picture_files import (
    BLUE,
    FORMATS,
    GREEN,
    RED,
    STORED,
    after_header,
    assert_alpha,
    assert_colour,
    assert_is_flag,
    chunk,
    cmyk_where_cyan_is_mid_grey,
    display_p3,
    flag,
    interlaced,
    linear_grey,
    numbered,
    orientation_exif,
    photo_like,
    plain,
    png_header,
    save,
    tiff_head,
)


class TestFormats:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_every_accepted_format_gives_its_colours(self, kind):
        picture = decode(save(flag(), kind))
        assert (picture.width, picture.height) == (64, 48)
        assert picture.alpha is None
        assert_is_flag(picture)

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
    def test_of_an_animation_only_the_first_frame(self, kind):
        more = {"save_all": True, "append_images": [plain(BLUE), plain(GREEN)], "duration": 50}
        assert_colour(decode(save(plain(RED), kind, **more)), RED, 3)

    def test_of_an_mpo_only_the_first_picture(self):
        body = save(plain(RED), "MPO", save_all=True, append_images=[plain(BLUE)])
        assert b"MPF\0" in body
        assert_colour(decode(body), RED, 2)

    def test_a_heif_that_names_avif_only_as_compatible_is_an_avif(self):
        body = save(flag(), "AVIF")
        assert body[4:12] == b"ftypavif"
        assert b"avif" in body[16:40]
        assert_is_flag(decode(body[:8] + b"mif1" + body[12:]))

    def test_a_heif_of_generic_brand_is_read(self):
        body = save(flag(), "HEIC")
        assert_is_flag(decode(body[:8] + b"mif1" + body[12:]))


class TestOrientation:
    @pytest.mark.parametrize("value", STORED)
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC", "TIFF"])
    def test_all_eight_come_out_upright_and_only_once(self, kind, value):
        turn = STORED[value]
        stored = flag() if turn is None else flag().transpose(turn)
        exif = orientation_exif(value)
        picture = decode(save(stored, kind, exif=exif.tobytes() if kind == "HEIC" else exif))
        assert (picture.width, picture.height) == (64, 48)
        assert_is_flag(picture)

    def test_the_heic_of_this_suite_does_carry_a_rotation(self):
        body = save(flag(), "HEIC", exif=orientation_exif(6).tobytes())
        assert b"irot" in body
        with HeifImageFile(BytesIO(body)) as image:
            assert image.info["original_orientation"] == 6

    @pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\x7f"])
    def test_broken_exif_costs_nothing_but_the_turn(self, exif):
        assert_is_flag(decode(save(flag(), "PNG", exif=exif)))

    @pytest.mark.parametrize("kind", [1, 3, 4])  # BYTE, SHORT and LONG of TIFF 6.0
    def test_the_number_may_be_stored_in_any_size(self, kind):
        size = {1: "Bxxx", 3: "Hxx", 4: "I"}[kind]
        exif = b"Exif\0\0II*\0" + struct.pack(f"<IHHHI{size}I", 8, 1, 0x0112, kind, 1, 6, 0)
        assert_is_flag(decode(save(flag().transpose(STORED[6]), "JPEG", exif=exif)))

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
    def test_xmp_alone_turns_nothing(self, kind):
        xmp = (
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/'
            b'22-rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
            b'tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
        )
        if kind == "PNG":
            texts = PngImagePlugin.PngInfo()
            texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
            body = save(flag(), kind, pnginfo=texts)
        else:
            body = save(flag(), kind, xmp=xmp)
        assert b"tiff:Orientation" in body
        assert_is_flag(decode(body))

    def test_exif_that_a_png_holds_as_text(self):
        exif = orientation_exif(6).tobytes()
        text = f"\nexif\n{len(exif):8}\n{exif.hex()}\n"
        for compressed in (False, True):
            texts = PngImagePlugin.PngInfo()
            texts.add_text("Raw profile type exif", text, zip=compressed)
            assert_is_flag(decode(save(flag().transpose(STORED[6]), "PNG", pnginfo=texts)))

    def test_a_turned_photo_is_shrunk_by_its_longer_side(self):
        stored = flag(800, 600).transpose(STORED[6])
        picture = decode(save(stored, "JPEG", exif=orientation_exif(6)), max_side_px=100)
        assert (picture.width, picture.height) == (100, 75)
        assert_is_flag(picture)


class TestColour:
    # sRGB red and green as Display P3 writes them (CSS Color 4); the tolerance is for gamma 2.2.
    @pytest.mark.parametrize(("p3", "srgb"), [((234, 51, 35), RED), ((117, 251, 76), GREEN)])
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "HEIC"])
    def test_wide_gamut_is_brought_to_srgb(self, kind, p3, srgb):
        picture = decode(save(plain(p3), kind, icc_profile=display_p3()))
        assert_colour(picture, srgb, 16 if kind in {"JPEG", "AVIF", "HEIC"} else 12)

    @pytest.mark.parametrize("kind", ["AVIF", "HEIC", "PNG"])
    @pytest.mark.parametrize(
        ("numbers", "stored", "srgb"),
        [
            # sRGB red and green as Display P3 writes them, and BT.2020 with sRGB's curve.
            ((12, 13), (234, 51, 35), RED),
            ((12, 13), (117, 251, 76), GREEN),
            ((9, 13), (207, 74, 34), RED),
            ((1, 8), (55, 55, 55), (128, 128, 128)),
            ((1, 13), (200, 100, 50), (200, 100, 50)),
            ((2, 2), (200, 100, 50), (200, 100, 50)),
            ((1, 1), (200, 100, 50), (200, 100, 50)),
            # 58 % of PQ and 75 % of HLG are 203 candelas, white (ITU-R BT.2408, table 1).
            ((9, 16), (148, 148, 148), (243, 243, 243)),
            ((9, 18), (191, 191, 191), (243, 243, 243)),
            # 26 candelas, as 18 % grey is lit beside that white.
            ((9, 16), (97, 97, 97), (101, 101, 101)),
            ((9, 16), (255, 255, 255), (255, 255, 255)),
            ((9, 18), (0, 0, 0), (0, 0, 0)),
        ],
    )
    def test_colours_said_by_numbers(self, kind, numbers, stored, srgb):
        picture = decode(numbered(plain(stored), kind, *numbers))
        assert_colour(picture, srgb, 3 if kind == "PNG" else 8)

    def test_highlights_of_hdr_are_told_apart(self):
        levels = [
            int(decode(numbered(plain((level,) * 3), "PNG", 9, 16)).rgb[0, 0, 0])
            for level in (140, 148, 160, 180)
        ]
        assert levels == sorted(set(levels))

    def test_numbers_come_before_a_profile_in_png_and_after_it_in_heic(self):
        tagged = {"icc_profile": linear_grey()}
        assert_colour(decode(numbered(plain((234, 51, 35)), "PNG", 12, 13, **tagged)), RED, 3)
        wide = {"icc_profile": display_p3()}
        assert_colour(decode(numbered(plain((234, 51, 35)), "HEIC", 1, 8, **wide)), RED, 16)

    @pytest.mark.parametrize(
        ("chunks", "stored", "srgb"),
        [
            ([("gAMA", 100_000)], (55, 55, 55), (128, 128, 128)),
            ([("gAMA", 45_455)], (200, 100, 50), (200, 100, 50)),
            ([("gAMA", 100_000), ("sRGB", None)], (55, 55, 55), (55, 55, 55)),
            ([("gAMA", 0)], (55, 55, 55), (55, 55, 55)),
            ([("cHRM", "P3"), ("gAMA", 45_455)], (234, 51, 35), RED),
            ([("cHRM", "P3")], (234, 51, 35), RED),
            ([("cHRM", "none")], (234, 51, 35), (234, 51, 35)),
            ([("cHRM", "sRGB")], (234, 51, 35), (234, 51, 35)),
        ],
    )
    def test_gamma_and_primaries_of_a_png(self, chunks, stored, srgb):
        p3 = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
        primaries = {"P3": p3, "sRGB": colour.SRGB_PRIMARIES, "none": (0.0,) * 8}
        contents = {
            "gAMA": lambda value: struct.pack(">I", value),
            "sRGB": lambda _: b"\0",
            "cHRM": lambda name: struct.pack(">8I", *(round(v * 1e5) for v in primaries[name])),
        }
        more = b"".join(chunk(name.encode(), contents[name](value)) for name, value in chunks)
        assert_colour(decode(after_header(save(plain(stored), "PNG"), more)), srgb, 12)

    def test_an_srgb_profile_changes_nothing(self):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        assert_colour(decode(save(plain((200, 100, 50)), "PNG", icc_profile=profile)),
                      (200, 100, 50), 1)  # fmt: skip

    def test_a_grey_profile_is_applied(self):
        # 55/255 of the light is 0.5017 in sRGB's curve (IEC 61966-2-1).
        picture = decode(save(plain(55, "L"), "PNG", icc_profile=linear_grey()))
        assert_colour(picture, (128, 128, 128), 1)

    def test_a_grey_profile_is_applied_beside_alpha(self):
        picture = decode(save(plain((55, 9), "LA"), "PNG", icc_profile=linear_grey()))
        assert_colour(picture, (128, 128, 128), 1)
        assert_alpha(picture, 9)

    def test_a_grey_picture_may_carry_an_rgb_profile(self):
        assert_colour(
            decode(save(plain(128, "L"), "JPEG", icc_profile=display_p3())), (128,) * 3, 2
        )

    def test_a_cmyk_profile_is_applied(self):
        body = save(
            plain((255, 0, 0, 0), "CMYK"), "JPEG", icc_profile=cmyk_where_cyan_is_mid_grey()
        )
        assert_colour(decode(body), (128, 128, 128), 3)

    @pytest.mark.parametrize(
        "profile", [b"garbage", display_p3()[:200], linear_grey(), cmyk_where_cyan_is_mid_grey()]
    )
    def test_a_broken_or_foreign_profile_is_ignored(self, profile):
        assert_colour(decode(save(plain((234, 51, 35)), "PNG", icc_profile=profile)), (234, 51, 35))

    def test_a_lab_profile_is_ignored(self):
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        assert_colour(decode(save(plain((9, 51, 35)), "PNG", icc_profile=lab)), (9, 51, 35))

    @pytest.mark.parametrize(
        ("inks", "colour"),
        [((0, 0, 0, 0), (255,) * 3), ((255, 0, 0, 0), (0, 255, 255)), ((0, 0, 0, 255), (0,) * 3)],
    )
    def test_cmyk_is_inverted_as_adobe_stores_it(self, inks, colour):
        body = save(plain(inks, "CMYK"), "JPEG")
        assert b"Adobe" in body
        assert_colour(decode(body), colour, 3)

    def test_cmyk_without_adobes_marker_is_not_inverted(self):
        # As ITU-T T.872 has it: no ink is 0.
        body = save(plain((255, 0, 0, 0), "CMYK"), "JPEG")
        start = body.index(b"\xff\xee")
        end = start + 2 + int.from_bytes(body[start + 2 : start + 4], "big")
        inverted = decode(body[:start] + body[end:])
        assert_colour(inverted, (0, 0, 0), 3)
        body = save(plain((0, 255, 255, 255), "CMYK"), "JPEG")
        assert_colour(decode(body[:start] + body[end:]), (0, 255, 255), 3)

    @pytest.mark.parametrize(("level", "grey"), [(0, 0), (256, 1), (32_896, 128), (65_535, 255)])
    def test_16_bit_grey_is_scaled_not_clipped(self, level, grey):
        image = Image.fromarray(np.full((40, 40), level, np.uint16))
        assert image.mode == "I;16"
        picture = decode(save(image, "PNG"))
        assert_colour(picture, (grey,) * 3)
        assert picture.alpha is None

    def test_grey_of_an_instrument_is_stretched(self):
        # 12 bits in 16, as a radiograph: shown as it is, all of it would be nearly black.
        levels = np.tile(np.linspace(200, 3900, 64).astype(np.uint16), (48, 1))
        for kind in ("PNG", "TIFF"):
            shown = decode(save(Image.fromarray(levels), kind)).rgb[20, :, 0].astype(int)
            assert shown[0] <= 3
            assert shown[-1] >= 252
            assert (np.diff(shown) >= 0).all()

    def test_grey_that_uses_its_range_is_left_alone(self):
        levels = np.tile(np.linspace(9000, 40_000, 64).astype(np.uint16), (48, 1))
        shown = decode(save(Image.fromarray(levels), "PNG")).rgb[20, :, 0]
        assert (shown[0], shown[-1]) == (35, 156)

    def test_floating_point_grey_is_shown_from_its_least_to_its_greatest(self):
        values = np.tile(np.linspace(-3, 0.7, 64, dtype=np.float32), (48, 1))
        values[0, 0] = np.nan
        shown = decode(save(Image.fromarray(values), "TIFF")).rgb[20, :, 0]
        assert (shown[0], shown[-1]) == (0, 255)

    def test_32_bit_grey_is_read_as_16_bit(self):
        image = Image.fromarray(np.array([[-5, 32_896, 70_000]] * 600, np.int32))
        assert np.asarray(images._plain(image))[0].tolist() == [0, 128, 255]

    def test_16_bit_grey_with_a_transparent_level(self):
        levels = np.full((40, 40), 40_000, np.uint16)
        levels[:20] = 300
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
        body = png_header(40, 40, depth=16, colour_type=0) + chunk(b"tRNS", struct.pack(">H", 300))
        body += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        picture = decode(body)
        assert picture.alpha is not None
        assert set(picture.alpha[:20].flat) == {0}
        assert set(picture.alpha[20:].flat) == {255}
        assert picture.rgb[30, 0].tolist() == [156] * 3

    def test_16_bit_colour(self):
        row = b"\0" + struct.pack(">HHH", 65_535, 32_896, 0) * 40
        body = png_header(40, 40, depth=16) + chunk(b"IDAT", zlib.compress(row * 40))
        assert_colour(decode(body + chunk(b"IEND", b"")), (255, 128, 0))

    def test_one_bit(self):
        image = Image.new("1", (40, 40), 0)
        image.paste(1, (0, 0, 20, 40))
        picture = decode(save(image, "PNG"))
        assert set(picture.rgb[:, :20].flat) == {255}
        assert set(picture.rgb[:, 20:].flat) == {0}

    def test_a_palette_without_transparency(self):
        assert_is_flag(decode(save(flag().convert("P"), "PNG")), 0)

    @pytest.mark.parametrize(
        ("mode", "stored", "mode_after", "pixel"),
        [
            ("La", (64, 128), "LA", (127, 128)),
            ("RGBa", (64, 0, 128, 128), "RGBA", (127, 0, 255, 128)),
            ("YCbCr", (76, 85, 255), "RGB", (254, 0, 0)),
            ("RGBX", (1, 2, 3, 4), "RGB", (1, 2, 3)),
            ("CMYK", (1, 2, 3, 4), "CMYK", (1, 2, 3, 4)),
        ],
    )
    def test_the_rarer_modes_of_pillow(self, mode, stored, mode_after, pixel):
        result = images._plain(Image.frombytes(mode, (1, 1), bytes(stored)))
        assert (result.mode, result.getpixel((0, 0))) == (mode_after, pixel)

    def test_a_palette_with_an_alpha_channel(self):
        image = plain(0, "P")
        image.putpalette([1, 2, 3])
        image = image.convert("PA")
        image.putalpha(77)
        result = images._plain(image)
        assert (result.mode, result.getpixel((0, 0))) == ("RGBA", (1, 2, 3, 77))


class TestAlpha:
    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIC"])
    def test_it_is_kept(self, kind):
        picture = decode(save(plain((200, 100, 50, 128), "RGBA"), kind))
        assert_colour(picture, (200, 100, 50), 3)
        assert_alpha(picture, 128, 2)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIC"])
    def test_it_is_dropped_when_it_says_nothing(self, kind):
        assert decode(save(plain((200, 100, 50, 255), "RGBA"), kind)).alpha is None

    def test_grey_with_alpha(self):
        picture = decode(save(plain((90, 30), "LA"), "PNG"))
        assert_colour(picture, (90, 90, 90))
        assert_alpha(picture, 30)

    def test_transparency_by_palette_entry(self):
        image = flag().convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
        blue = image.getpixel((2, 40))
        opacities = bytes(60 if entry == blue else 255 for entry in range(4))
        for transparency, expected in ((blue, 0), (opacities, 60)):
            picture = decode(save(image, "PNG", transparency=transparency))
            assert picture.alpha is not None
            if expected:
                assert_is_flag(picture, 0)
            assert set(picture.alpha[24:, :32].flat) == {expected}
            assert set(picture.alpha[:24].flat) == {255}

    @pytest.mark.parametrize("bits", [1, 2, 4, 8])
    def test_a_transparent_level_of_few_bits(self, bits):
        level = 2**bits - 2 if bits > 1 else 1
        per_byte = 8 // bits
        values = np.zeros((40, 40), int)
        values[:, 20:] = level
        packed = sum(
            values[:, i::per_byte] << (bits * (per_byte - 1 - i)) for i in range(per_byte)
        ).astype(np.uint8)
        body = png_header(40, 40, bits, 0) + chunk(b"tRNS", struct.pack(">H", level))
        body += chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in packed)))
        picture = decode(body + chunk(b"IEND", b""))
        assert picture.alpha is not None
        assert set(picture.alpha[:, 20:].flat) == {0}
        assert set(picture.alpha[:, :20].flat) == {255}

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
    def test_frames_that_show_nothing_are_passed_over(self, kind):
        blank = plain((0, 0, 0, 0), "RGBA", (64, 48))
        more = [blank.copy(), flag().convert("RGBA"), plain((*BLUE, 255), "RGBA", (64, 48))]
        body = save(blank, kind, save_all=True, append_images=more, duration=50, disposal=2)
        assert_is_flag(decode(body), 60 if kind == "GIF" else 8)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
    def test_a_still_that_shows_nothing_is_white(self, kind):
        picture = decode(save(plain((9, 9, 9, 0), "RGBA"), kind))
        assert_colour(picture, (255, 255, 255))
        assert_alpha(picture, 0)

    @pytest.mark.parametrize(
        ("mode", "colour", "key"), [("RGB", RED, RED), ("L", 77, 77), ("1", 1, 1)]
    )
    def test_transparency_by_colour(self, mode, colour, key):
        image = plain(0, mode)
        image.paste(colour, (0, 0, 20, 40))
        picture = decode(save(image, "PNG", transparency=key))
        assert picture.alpha is not None
        assert set(picture.alpha[:, :20].flat) == {0}
        assert set(picture.alpha[:, 20:].flat) == {255}

    def test_a_transparent_gif(self):
        image = Image.new("P", (40, 40), 0)
        image.putpalette([*RED, *BLUE])
        image.paste(1, (0, 0, 40, 20))
        picture = decode(save(image, "GIF", transparency=0))
        assert picture.alpha is not None
        assert set(picture.alpha[20:].flat) == {0}
        assert_colour(Picture(picture.rgb[:20]), BLUE)

    def test_hidden_colours_are_those_of_their_neighbours_also_when_shrunk(self):
        image = plain((*GREEN, 0), "RGBA", (400, 400))
        image.paste((*RED, 255), (0, 0, 203, 400))
        picture = decode(save(image, "PNG"), max_side_px=50)
        assert picture.alpha is not None
        visible = picture.alpha > 0
        assert_colour(Picture(picture.rgb[visible][None]), RED, 1)
        assert picture.alpha[25, 25] not in {0, 255}
        assert_colour(Picture(picture.rgb[:, 30:]), RED, 1)


class TestShrinking:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_the_longer_side_fits(self, kind):
        picture = decode(save(flag(400, 300), kind), max_side_px=101)
        assert (picture.width, picture.height) == (101, 76)
        assert_is_flag(picture, 12)

    def test_nothing_is_enlarged(self):
        assert decode(save(flag(), "JPEG"), max_side_px=1000).width == 64

    def test_a_jpeg_is_halved_while_it_is_decoded(self, monkeypatch):
        sizes = []
        real_plain = images._plain

        def watched_plain(image, *more):
            sizes.append(image.size)
            return real_plain(image, *more)

        monkeypatch.setattr(images, "_plain", watched_plain)
        picture = decode(save(flag(1601, 1201), "JPEG"), max_side_px=200)
        assert sizes == [(201, 151)]
        assert (picture.width, picture.height) == (200, 150)
        assert_is_flag(picture)

    def test_a_cmyk_jpeg_too(self):
        body = save(plain((255, 0, 0, 0), "CMYK", (640, 320)), "JPEG")
        picture = decode(body, max_side_px=80)
        assert (picture.width, picture.height) == (80, 40)
        assert_colour(picture, (0, 255, 255), 3)

    def test_what_would_become_too_thin_is_refused(self):
        with pytest.raises(ImageTooSmallError, match=r"640 x 40 .* shrunk to 320 x 20; .* 32\."):
            decode(save(plain(RED, size=(640, 40)), "PNG"), max_side_px=320)

    def test_sixteen_bit_and_palette_pictures(self):
        grey = Image.fromarray(np.full((200, 200), 32_896, np.uint16))
        assert_colour(decode(save(grey, "PNG"), max_side_px=50), (128,) * 3)
        assert_is_flag(decode(save(flag(400, 300).convert("P"), "PNG"), max_side_px=100))

    def test_a_photo_costs_few_times_its_pixels(self):
        # Pillow's own buffers (4 bytes a pixel) are outside Python's count: this watches copies.
        body = save(flag(2000, 1500), "JPEG")
        tracemalloc.start()
        try:
            decode(body)
            peak_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak_bytes < 3 * 2000 * 1500 * 3


class TestLimits:
    def test_bytes(self):
        limits = ImageLimits(max_image_bytes=2 * 2**20)
        with pytest.raises(ImageTooLargeError, match=r"is 2\.1 MB; at most 2 MB are"):
            decode(bytes(2 * 2**20 + 1), limits=limits)

    def test_a_900_megapixel_png_is_refused_by_its_header(self):
        pixels = chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
        tracemalloc.start()
        try:
            with pytest.raises(ImageTooLargeError) as caught:
                decode(png_header(30_000, 30_000) + pixels)
            peak_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert str(caught.value) == (
            "The picture is 30000 x 30000 pixels; at most 64 megapixels are accepted."
        )
        assert peak_bytes < 2_000_000

    def test_between_pillows_warning_and_its_error(self):
        # 100 megapixels: Image.open would warn, and a warning is an error in this suite.
        with pytest.raises(ImageTooLargeError, match="10000 x 10000"):
            decode(png_header(10_000, 10_000) + chunk(b"IDAT", b""))

    def test_a_webp_canvas_of_268_megapixels(self):
        canvas = (16_382).to_bytes(3, "little") * 2
        chunks = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas
        body = b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
        with pytest.raises(ImageTooLargeError, match="64 megapixels"):
            decode(body)

    @pytest.mark.parametrize("side", [9_000, 12_000, 20_000])
    def test_a_gif_frame_larger_than_its_screen(self, side):
        # Pillow fills the area to dispose of while it reads the header, so its guard comes first.
        control = b"!\xf9\4\x08\0\0\0\0"
        frame = b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\2\1\0\0;"
        with pytest.raises(ImageTooLargeError, match="at most 64 megapixels"):
            decode(b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0, 0, 0) + control + frame)

    def test_the_pixel_limit_itself_is_allowed(self):
        limits = ImageLimits(max_pixels=64 * 48)
        assert decode(save(flag(), "PNG"), limits=limits).width == 64
        with pytest.raises(ImageTooLargeError, match=r"64 x 49 .* 0\.003072 megapixels"):
            decode(save(flag(64, 49), "PNG"), limits=limits)

    @pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (31, 400), (400, 31)])
    def test_a_short_side(self, size):
        with pytest.raises(ImageTooSmallError, match=rf"{size[0]} x {size[1]} .* at least 32\."):
            decode(save(plain(RED, size=size), "PNG"))

    def test_a_picture_of_no_pixels(self):
        with pytest.raises(ImageError):
            decode(png_header(0, 0) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))

    def test_a_narrow_picture(self):
        assert decode(save(plain(RED, size=(640, 32)), "PNG")).width == 640
        with pytest.raises(ImageTooSmallError, match=r"32 x 641 .* at most 20 times"):
            decode(save(plain(RED, size=(32, 641)), "PNG"))


def with_scans(count):
    """A progressive JPEG whose last scan is repeated until there are `count` of them."""
    body = save(flag(), "JPEG", progressive=True)
    last = body.rindex(b"\xff\xda")
    return body[:last] + body[last:-2] * (count - body.count(b"\xff\xda") + 1) + body[-2:]


class TestJpegScans:
    def test_a_thousand_are_refused(self):
        assert with_scans(1000).count(b"\xff\xda") == 1000
        with pytest.raises(ImageTooLargeError, match="more than the 64 scans"):
            decode(with_scans(1000))

    def test_the_limit_itself_is_allowed(self):
        assert_is_flag(decode(with_scans(64)))
        with pytest.raises(ImageTooLargeError, match="64 scans"):
            decode(with_scans(65))

    def test_fill_bytes_do_not_hide_a_scan(self):
        with pytest.raises(ImageTooLargeError, match="64 scans"):
            decode(with_scans(65).replace(b"\xff\xda", b"\xff\xff\xda"))

    def test_what_only_looks_like_one_is_not_counted(self):
        body = save(flag(), "JPEG", comment=b"\xff\xda" * 100)
        assert_is_flag(decode(body + b"a video behind the photo" + b"\xff\xda" * 100))


class TestPieces:
    """Parsers written in Python must not be kept busy by millions of empty blocks."""

    @pytest.mark.parametrize(
        "body",
        [
            b"\xff\xd8\xff\xe0\0\2" + b"\xff\xfe\0\2" * 20_000,
            b"\xff\xd8\xff\xe0\0\2" + b"\0" * 300_000,
            png_header(64, 64) + chunk(b"abCd", b"") * 120_000,
            b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0, 0, 0) + b"!\xfe" + b"\1a" * 150_000,
        ],
        ids=["JPEG segments", "JPEG junk", "PNG chunks", "GIF blocks"],
    )
    def test_too_many_are_refused(self, body):
        with pytest.raises(ImageTooLargeError, match=r"more (pieces )?than the \d+"):
            decode(body)

    def test_many_honest_ones_are_read(self):
        rows = zlib.compress(b"".join(b"\0" + bytes(row) for row in np.eye(400, 1200, dtype="u1")))
        pieces = b"".join(chunk(b"IDAT", rows[i : i + 1]) for i in range(len(rows)))
        assert decode(png_header(400, 400) + pieces + chunk(b"IEND", b"")).width == 400


class TestSlightlyBroken:
    """Files every viewer shows, for little of them is missing."""

    @pytest.mark.parametrize("progressive", [False, True])
    @pytest.mark.parametrize("cut_bytes", [1, 2, 3])
    def test_a_jpeg_without_its_end(self, progressive, cut_bytes):
        body = save(photo_like(), "JPEG", progressive=progressive)
        whole, cut = decode(body), decode(body[:-cut_bytes])
        rows = whole.height - 16
        np.testing.assert_allclose(cut.rgb[:rows].astype(int), whole.rgb[:rows], atol=1)

    @pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 2}])
    @pytest.mark.parametrize("share", [0.02, 0.05])
    def test_a_jpeg_of_which_little_is_missing(self, options, share):
        body = save(photo_like(), "JPEG", quality=85, **options)
        whole, cut = decode(body), decode(body[: -round(share * len(body))])
        assert (cut.width, cut.height) == (whole.width, whole.height)
        rows = whole.height * 3 // 4
        close = np.abs(cut.rgb[:rows].astype(int) - whole.rgb[:rows]).max()
        assert close <= (40 if "progressive" in options else 1)

    @pytest.mark.parametrize("options", [{}, {"progressive": True}])
    @pytest.mark.parametrize("share", [0.4, 0.5, 0.7, 0.9])
    def test_a_jpeg_of_which_much_is_missing(self, options, share):
        body = save(photo_like(), "JPEG", quality=85, **options)
        with pytest.raises(BrokenImageError):
            decode(body[: -round(share * len(body))])

    def test_a_jpeg_that_was_cut_is_scaled_while_it_is_decoded(self):
        body = save(photo_like(), "JPEG", quality=85)
        assert decode(body[:-200], max_side_px=100).width == 100

    @pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"pHYs", b"tIME", b"abCd"])
    def test_a_wrong_checksum_beside_the_picture(self, name):
        wrong = chunk(name, b"abc\0\0def")[:-4] + b"oops"
        assert_is_flag(decode(after_header(save(flag(), "PNG"), wrong)), 0)

    @pytest.mark.parametrize("name", [b"IHDR", b"PLTE"])
    def test_a_wrong_checksum_in_the_picture(self, name):
        body = save(flag().convert("P", palette=Image.Palette.ADAPTIVE), "PNG")
        at = body.index(name)
        length = int.from_bytes(body[at - 4 : at], "big")
        checksum = at + 4 + length
        with pytest.raises(BrokenImageError):
            decode(body[:checksum] + b"oops" + body[checksum + 4 :])

    @pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
    @pytest.mark.parametrize("cut_bytes", [1, 4, 12, 13, 16, 20, 300])
    def test_a_png_without_its_last_bytes(self, mode, cut_bytes):
        image = photo_like().convert(mode)
        body = save(image, "PNG", compress_level=6)
        whole, cut = decode(body), decode(body[:-cut_bytes])
        rows = whole.height * 3 // 4
        np.testing.assert_array_equal(cut.rgb[:rows], whole.rgb[:rows])
        # What is missing repeats what was there last.
        assert np.abs(cut.rgb.astype(int) - whole.rgb).mean() < 8

    def test_an_interlaced_png_without_its_last_bytes(self):
        body = interlaced(np.asarray(photo_like()))
        whole, cut = decode(body), decode(body[:-900])
        assert np.abs(cut.rgb.astype(int) - whole.rgb).mean() < 4

    @pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
    def test_a_png_of_which_much_is_missing(self, share):
        body = save(photo_like(), "PNG")
        with pytest.raises(BrokenImageError):
            decode(body[: -round(share * len(body))])

    def test_a_png_with_a_large_profile_keeps_its_colours(self):
        profile = display_p3()
        large = profile + np.random.default_rng(0).bytes(2_000_000)
        large = struct.pack(">I", len(large)) + large[4:]
        body = after_header(
            save(plain((234, 51, 35)), "PNG"), chunk(b"iCCP", b"P3\0\0" + zlib.compress(large))
        )
        assert_colour(decode(body), RED, 12)

    def test_a_png_with_a_profile_that_inflates_without_end_is_read_without_it(self):
        bomb = chunk(b"iCCP", b"P3\0\0" + zlib.compress(bytes(40_000_000), 9))
        assert_is_flag(decode(after_header(save(flag(), "PNG"), bomb)), 0)

    def test_a_png_with_large_texts(self):
        texts = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000)))
        texts += chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(bytes(3_000_000)))
        assert_is_flag(decode(after_header(save(flag(), "PNG"), texts)), 0)


class TestUnusable:
    @pytest.mark.parametrize(
        ("body", "named"),
        [
            (b"", "an empty file"),
            (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
            (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
            (b'\xef\xbb\xbf\n<?xml version="1.0"?>\n<!-- a -->\n<svg/>', "an SVG drawing"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", "a video"),
            (b"\xff\x0a\x10\x20", "a JPEG XL picture"),
            (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
            (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
            (b"\xff\x4f\xff\x51\0\x29", "a JPEG 2000 picture"),
            (b"II\xbc\x01\x08\0\0\0", "a JPEG XR picture"),
            (b"\0\0\1\0\1\0\x20\x20", "an icon (ICO)"),
            (b"8BPS\0\1\0\0", "a Photoshop document (PSD)"),
            (b"8BPS\0\2\0\0", "a Photoshop document (PSD)"),
            (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "a RAW photo (CR3)"),
            (b"II*\0\x10\0\0\0CR\2\0", "a RAW photo (CR2)"),
            (b"FUJIFILMCCD-RAW 0201", "a RAW photo (RAF)"),
            (b"IIRO\x08\0\0\0", "a RAW photo (ORF)"),
            (b"IIU\0\x18\0\0\0", "a RAW photo (RW2)"),
            (tiff_head({254: 1, 50706: 0x01040000}), "a RAW photo (DNG)"),
            (tiff_head({262: 32803}), "a RAW photo"),
            (tiff_head({254: 1, 330: 400}, ">"), "a RAW photo"),
            (b"\0\0\0\x18ftypavci\0\0\0\0mif1avci", "an H.264 HEIF picture"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avci", "an H.264 HEIF picture"),
            (
                b"\0\0\0\x14ftypmif1\0\0\0\0mif1" + b"infe\2\0\0\0\0\1\0\0avc1",
                "an H.264 HEIF picture",
            ),
            (b"Beautiful, is it not?", "no picture of a known format"),
            (b"<html>", "no picture of a known format"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "no picture of a known format"),
            (b"\0" * 1000, "no picture of a known format"),
        ],
    )
    def test_other_files_are_named_and_the_accepted_ones_listed(self, body, named):
        with pytest.raises(UnsupportedImageError) as caught:
            decode(body)
        message = f"This is {named}; {ACCEPTED_FORMATS} are accepted."
        assert str(caught.value) == message

    @pytest.mark.parametrize(
        ("marker", "bits", "named"),
        [
            (0xC1, 12, "a 12-bit JPEG"),
            (0xC3, 8, "a lossless JPEG"),
            (0xC3, 16, "a lossless JPEG"),
            (0xCB, 8, "a lossless JPEG"),
            (0xC5, 8, "a hierarchical JPEG"),
            (0xF7, 8, "a JPEG-LS picture"),
        ],
    )
    def test_rare_kinds_of_jpeg_are_named(self, marker, bits, named):
        frame = struct.pack(">HHBHHB", 0xFF00 | marker, 11, bits, 64, 64, 1) + b"\1\x11\0"
        with pytest.raises(UnsupportedImageError) as caught:
            decode(b"\xff\xd8" + frame + b"\xff\xd9")
        assert str(caught.value) == f"This is {named}; of JPEGs the usual 8-bit ones are accepted."

    @pytest.mark.parametrize("kind", FORMATS)
    def test_half_a_file_is_incomplete(self, kind):
        rng = np.random.default_rng(0)
        noise = Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8))
        body = save(noise, kind)
        with pytest.raises(BrokenImageError, match=r"^The picture is incomplete or damaged .*\.$"):
            decode(body[: len(body) // 2])

    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_signature_alone_is_broken(self, kind):
        with pytest.raises(BrokenImageError):
            decode(save(flag(), kind)[:16])

    @pytest.mark.parametrize(
        "thrown", [OSError, SyntaxError, ValueError, EOFError, KeyError, struct.error, UserWarning]
    )
    def test_whatever_a_decoder_throws_is_a_broken_image(self, thrown, monkeypatch):
        def explode(*_):
            raise thrown("internals")

        monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", explode)
        with pytest.raises(BrokenImageError) as caught:
            decode(save(flag(), "PNG"))
        assert "internals" not in str(caught.value)
        assert isinstance(caught.value.__cause__, thrown)

    @pytest.mark.parametrize("thrown", [MemoryError, Image.DecompressionBombError])
    def test_what_does_not_fit_into_memory_is_too_large(self, thrown, monkeypatch):
        def explode(*_):
            raise thrown

        monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", explode)
        with pytest.raises(ImageTooLargeError, match="64 megapixels"):
            decode(save(flag(), "PNG"))

    def test_an_interrupt_is_not_a_picture_s_fault(self, monkeypatch):
        def interrupt(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", interrupt)
        with pytest.raises(KeyboardInterrupt):
            decode(save(flag(), "PNG"))


class TestEncode:
    @pytest.mark.parametrize(("kind", "name"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
    def test_the_file_is_of_its_format(self, kind, name):
        body = encode(Picture(np.array(flag())), format=kind)
        with Image.open(BytesIO(body)) as image:
            assert image.format == name
        assert_is_flag(decode(body), 12)

    @pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
    @pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
    def test_nothing_of_the_past_travels_on(self, source, kind):
        exif = Image.Exif()
        exif[0x010F] = "SecretCamera"
        exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.6)
        options = {"exif": exif.tobytes(), "icc_profile": display_p3()}
        if source == "JPEG":
            options["comment"] = b"SecretComment"
        body = save(flag(), source, **options)
        assert b"SecretCamera" in body
        result = encode(decode(body), format=kind)
        assert b"Secret" not in result
        with Image.open(BytesIO(result)) as image:
            image.load()
            assert not {"exif", "icc_profile", "comment", "xmp"} & image.info.keys()
            assert not image.getexif()

    @pytest.mark.parametrize("kind", ["png", "webp"])
    def test_alpha_is_kept(self, kind):
        alpha = np.tile(np.arange(40, dtype=np.uint8), (40, 1))
        result = decode(encode(Picture(np.array(plain(RED)), alpha), format=kind))
        np.testing.assert_array_equal(result.alpha, alpha)

    @pytest.mark.parametrize(("opacity", "colour"), [(0, (255,) * 3), (128, (255, 127, 127))])
    def test_a_jpeg_lies_on_white(self, opacity, colour):
        picture = Picture(np.array(plain(RED)), np.full((40, 40), opacity, np.uint8))
        result = decode(encode(picture, format="jpeg"))
        assert result.alpha is None
        assert_colour(result, colour, 3)

    @pytest.mark.parametrize(("quality", "sampling"), [(92, (1, 1)), (90, (1, 1)), (89, (2, 2))])
    def test_full_colour_resolution_from_quality_90(self, quality, sampling):
        body = encode(Picture(np.array(flag())), format="jpeg", quality=quality)
        with JpegImageFile(BytesIO(body)) as image:
            assert image.layer[0][1:3] == sampling

    def test_the_picture_is_left_as_it_was(self):
        picture = Picture(np.array(plain(RED)), np.full((40, 40), 7, np.uint8))
        for kind in ("jpeg", "png", "webp"):
            encode(picture, format=kind)
        assert_colour(picture, RED)
        assert_alpha(picture, 7)

    @pytest.mark.parametrize("quality", [0, 101, -5])
    def test_a_quality_out_of_range(self, quality):
        with pytest.raises(InvalidOptionError, match=f"{quality}; .* between 1 and 100"):
            encode(Picture(np.array(plain(RED))), format="jpeg", quality=quality)

    def test_a_side_too_long_for_the_format(self):
        picture = Picture(np.zeros((1, 16_384, 3), np.uint8))
        assert encode(picture, format="png")
        with pytest.raises(ImageTooLargeError, match=r"16384 pixels long; .* 16383\."):
            encode(picture, format="webp")


class TestPicture:
    @pytest.mark.parametrize(
        ("rgb", "alpha"),
        [
            (np.zeros((4, 5), np.uint8), None),
            (np.zeros((4, 5, 4), np.uint8), None),
            (np.zeros((4, 5, 3), np.float32), None),
            (np.zeros((4, 5, 3), np.uint8), np.zeros((5, 4), np.uint8)),
            (np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5), np.float32)),
        ],
    )
    def test_other_shapes_are_refused(self, rgb, alpha):
        with pytest.raises(ValueError, match="uint8"):
            Picture(rgb, alpha)

    def test_pixels_may_be_written_to(self):
        picture = decode(save(plain((1, 2, 3, 4), "RGBA"), "PNG"))
        assert picture.alpha is not None
        assert picture.rgb.flags.writeable
        assert picture.alpha.flags.writeable


SIDES = st.tuples(st.integers(32, 40), st.integers(32, 40))
PIXELS = SIDES.flatmap(lambda sides: hnp.arrays(np.uint8, (*sides, 4)))


@given(PIXELS, st.booleans())
@settings(max_examples=40, deadline=None, database=None)
def test_png_is_lossless(pixels, with_alpha):
    picture = Picture(pixels[..., :3].copy(), pixels[..., 3].copy() if with_alpha else None)
    result = decode(encode(picture, format="png"))
    # What is hidden is of no use to anyone and takes other colours.
    seen = slice(None) if picture.alpha is None else picture.alpha > 0
    np.testing.assert_array_equal(result.rgb[seen], picture.rgb[seen])
    if picture.alpha is None or (picture.alpha == 255).all():
        assert result.alpha is None
    else:
        np.testing.assert_array_equal(result.alpha, picture.alpha)


LIMITS = ImageLimits(max_pixels=100_000)


def decode_or_refuse(body, max_side_px=None):
    """Decode to a picture within the limits or raise an ImageError: there is no third way."""
    try:
        picture = decode(body, limits=LIMITS, max_side_px=max_side_px)
    except ImageError:
        return
    short, long = sorted((picture.width, picture.height))
    assert short >= LIMITS.min_side_px
    assert short * long <= LIMITS.max_pixels
    assert long <= (max_side_px or long)


def sample_files():
    """A small file of every format and of the odder paths through it."""
    see_through = plain((200, 100, 50, 99), "RGBA")
    frames = {"save_all": True, "append_images": [plain(BLUE)], "duration": 50}
    exif, exif_p3 = orientation_exif(6), {"icc_profile": display_p3()}
    yield from (save(flag(48, 40), kind) for kind in FORMATS)
    yield from (save(plain(RED), kind, **frames) for kind in ("GIF", "WEBP", "PNG", "AVIF"))
    yield from (save(see_through, kind) for kind in ("PNG", "WEBP", "AVIF", "HEIC"))
    yield save(flag(48, 40), "JPEG", progressive=True, exif=exif, **exif_p3)
    yield save(flag(48, 40), "PNG", exif=exif, **exif_p3)
    yield save(flag(48, 40), "WEBP", lossless=False, exif=exif, **exif_p3)
    yield save(flag(48, 40), "HEIC", exif=exif.tobytes(), **exif_p3)
    yield save(plain((9, 8, 7, 6), "CMYK"), "JPEG", icc_profile=cmyk_where_cyan_is_mid_grey())
    yield save(flag(48, 40).convert("P"), "PNG", transparency=bytes(range(200)))
    yield save(Image.fromarray(np.arange(1600, dtype=np.uint16).reshape(40, 40)), "PNG")


SAMPLES = tuple(sample_files())
SIDE_LIMITS = st.sampled_from([None, 36])


@given(st.binary(max_size=200), st.sampled_from(SAMPLES), st.integers(0, 32), SIDE_LIMITS)
@settings(max_examples=100, deadline=None, database=None)
def test_arbitrary_bytes_are_refused_in_order(noise, sample, kept, max_side_px):
    decode_or_refuse(noise)
    decode_or_refuse(sample[:kept] + noise, max_side_px)


@given(st.data(), st.sampled_from(SAMPLES), SIDE_LIMITS)
@settings(max_examples=250, deadline=None, database=None)
def test_damaged_files_are_decoded_or_refused(data, sample, max_side_px):
    places = st.integers(0, len(sample) - 1)
    body = bytearray(sample)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        body[place] = value
    end = data.draw(st.one_of(st.just(len(sample)), places))
    decode_or_refuse(bytes(body[:end]), max_side_px)


def test_this_pillow_reads_every_accepted_format():
    assert features.check("avif")
    assert features.check("webp")
    assert features.check("littlecms2")


def _mask(mode: str, size: tuple[int, int], colour: Any) -> bytes:
    file = BytesIO()
    Image.new(mode, size, colour).save(file, "PNG")
    return file.getvalue()


class TestMask:
    @pytest.mark.parametrize(
        ("mode", "colour", "value"),
        [
            ("L", 77, 77), ("1", 1, 255), ("RGB", (0, 255, 0), 150), ("LA", (255, 40), 40),
            ("RGBA", (0, 0, 0, 200), 200), ("RGBA", (255, 255, 255, 255), 255),
        ],
    )  # fmt: skip
    def test_is_opacity_or_brightness(self, mode: str, colour: Any, value: int):
        mask = decode_mask(_mask(mode, (64, 48), colour), (128, 96))
        assert mask.shape == (96, 128)
        assert mask.dtype == np.uint8
        assert np.unique(mask).tolist() == [value]

    @pytest.mark.parametrize("size", [(640, 480), (65, 48), (1280, 979)])
    def test_may_differ_by_what_is_rounded(self, size: tuple[int, int]):
        assert decode_mask(_mask("L", (64, 48), 255), size).shape == size[::-1]

    @pytest.mark.parametrize("size", [(480, 640), (66, 48), (64, 50)])
    def test_of_another_photo_is_refused(self, size: tuple[int, int]):
        with pytest.raises(MaskMismatchError, match="the same proportions"):
            decode_mask(_mask("L", (64, 48), 255), size)

    def test_has_the_limits_of_a_picture(self):
        with pytest.raises(ImageTooLargeError):
            decode_mask(_mask("L", (64, 48), 255), (64, 48), limits=ImageLimits(max_pixels=1000))
        with pytest.raises(UnsupportedImageError):
            decode_mask(b"no picture", (64, 48))
