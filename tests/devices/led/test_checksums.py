"""Check values of "123456789" as the catalogue of parametrised CRC algorithms publishes them."""

import pytest

from devices.led.checksums import CHECKSUMS


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("crc16-modbus", 0x4B37),
        ("crc16-arc", 0xBB3D),
        ("crc16-xmodem", 0x31C3),
        ("crc16-ccitt-false", 0x29B1),
        ("crc16-kermit", 0x2189),
        ("sum8", 0xDD),
        ("neg-sum8", 0x23),
        ("xor8", 0x31),
        ("sum16", 0x01DD),
    ],
)
def test_check_value(kind: str, value: int) -> None:
    assert CHECKSUMS[kind].of(b"123456789") == value
