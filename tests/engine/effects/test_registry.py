import subprocess
import sys

import pytest

from engine.api.errors import UnknownStyleError
from engine.effects.registry import EFFECTS, Registry


def test_effects_are_found_by_id_and_mistyped_ones_named():
    assert EFFECTS.find("sepia").spec.id == "sepia"
    with pytest.raises(UnknownStyleError, match="Did you mean 'sepia'"):
        EFFECTS.find("sepai")
    with pytest.raises(UnknownStyleError, match="no effect 'sepia'"):
        Registry().find("sepia")


def test_every_effect_and_param_is_titled_in_both_languages():
    for effect in EFFECTS:
        params = effect.spec.params
        all_titles = [effect.spec.titles, *(param.titles for param in params)]
        all_titles += [option.titles for param in params for option in param.options]
        for titles in all_titles:
            assert set(titles) == {"en", "zh"}, effect.spec.id


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("engine.serving.rendering", "torch"),
        ("engine.serving.codec", "torch"),
        ("engine.effects.registry", "numpy"),
    ],
)
def test_what_needs_no_device_loads_no_torch(module: str, unwanted: str):
    code = f"import sys, {module}; sys.exit({unwanted!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own code
    assert done.returncode == 0
