import pytest
import torch

from engine.api.contract import StyleCode
from engine.painting.networks import Generator
from engine.painting.style_code import pack, unpack

VECTOR = torch.tensor([0.1, -2.5, 3.0])
OFFSETS = torch.tensor([0.5, -1.27, 0.004, 0.0])


def test_offsets_become_multiples_of_a_127th_of_the_largest():
    data = pack(VECTOR, OFFSETS)
    assert len(data) == 4 * 3 + 4 + 4
    assert list(data[-4:]) == [50, 256 - 127, 0, 0]
    vector, offsets = unpack(data, 3, 4)
    assert torch.equal(vector, VECTOR)
    torch.testing.assert_close(offsets, torch.tensor([0.5, -1.27, 0.0, 0.0]))


def test_what_was_rounded_once_is_not_changed_again():
    offsets = torch.randn(1000, generator=torch.Generator().manual_seed(3))
    vector, once = unpack(pack(VECTOR, offsets), 3, 1000)
    assert torch.equal(vector, VECTOR)
    assert 0 < (once - offsets).abs().max() <= offsets.abs().max() / 127 / 2 + 1e-6
    assert pack(VECTOR, once) == pack(VECTOR, offsets)


def test_a_style_without_offsets_is_its_vector_alone():
    data = pack(VECTOR, torch.zeros(4))
    assert data == VECTOR.numpy().tobytes()
    vector, offsets = unpack(data, 3, 4)
    assert torch.equal(vector, VECTOR)
    assert torch.equal(offsets, torch.zeros(4))


@pytest.mark.parametrize("length", [0, 11, 13, 19, 21])
def test_bytes_of_another_length_are_no_style(length: int):
    with pytest.raises(ValueError, match=f"{length} bytes"):
        unpack(bytes(length), 3, 4)


def test_a_code_fits_in_a_url():
    """Servers and proxies commonly take 8 190 bytes of a request's first line."""
    generator = Generator()
    data = pack(torch.ones(generator.config.style_dim), torch.ones(generator.modulation_dim))
    assert len(StyleCode("0123456789abcdef", data).to_text()) < 6000
