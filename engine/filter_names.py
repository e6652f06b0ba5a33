"""What the photographic filters are called, for listing them without loading them."""

from typing import Final, NamedTuple


class FilterName(NamedTuple):
    """How a filter is shown.

    Attributes:
        titles: Language tag to title.
        tags: What it is like, for searching.
    """

    titles: dict[str, str]
    tags: tuple[str, ...]


FILTER_NAMES: Final = {
    "black-and-white": FilterName({"en": "Black and White", "zh": "黑白"}, ("film", "monochrome")),
    "vintage": FilterName({"en": "Vintage", "zh": "复古"}, ("film", "warm")),
    "sepia": FilterName({"en": "Sepia", "zh": "怀旧棕"}, ("film", "monochrome", "warm")),
    "oil-painting": FilterName({"en": "Oil Painting", "zh": "油画"}, ("drawn", "bold")),
    "pencil-sketch": FilterName({"en": "Pencil Sketch", "zh": "铅笔素描"}, ("drawn", "monochrome")),
    "comic": FilterName({"en": "Comic", "zh": "漫画"}, ("drawn", "bold")),
    "warm": FilterName({"en": "Warm", "zh": "暖色"}, ("light", "warm")),
    "cool": FilterName({"en": "Cool", "zh": "冷色"}, ("light", "cool")),
    "high-contrast": FilterName({"en": "High Contrast", "zh": "高对比"}, ("light", "bold")),
    "faded": FilterName({"en": "Faded", "zh": "褪色"}, ("film", "soft")),
}
