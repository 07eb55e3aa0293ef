"""What a camera gives → one JPEG that everything can show. Pure but for Pillow's decoding.

Motion-JPEG frames may leave out the Huffman tables (they are those of ITU-T T.81 K.3), are padded behind their end, and come
broken when the cable or the bus is at its limit: each frame is decoded whole before it is believed.
"""

from __future__ import annotations

import io

from PIL import Image

START, END, TABLES = b"\xff\xd8", b"\xff\xd9", b"\xff\xc4"
FRAME_LIMIT = 16 * 1024 * 1024  # bytes of one frame
PIXEL_LIMIT = 50_000_000
QUALITY = 90


class BadFrame(ValueError):
    """A frame that is no whole picture; the text says why."""


def whole(frame: bytes) -> bytes:
    """`frame` without what follows its end, with tables; raises BadFrame unless every pixel of it can be decoded."""
    end = frame.rfind(END)
    if not frame.startswith(START) or end < 0:
        raise BadFrame(f"{len(frame)} bytes that do not begin and end as a JPEG does")
    frame = frame[: end + 2]
    try:
        with Image.open(io.BytesIO(frame), formats=("JPEG",)) as picture:
            if picture.width * picture.height > PIXEL_LIMIT:
                raise BadFrame(f"a picture of {picture.width} x {picture.height} pixels")
            picture.load()
            return frame if TABLES in frame else _saved(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadFrame(f"{len(frame)} bytes that do not decode ({type(error).__name__})") from error


def from_yuyv(frame: bytes, width: int, height: int, stride: int = 0) -> bytes:
    """4:2:2 packed Y U Y V, rows of `stride` bytes (0 = 2 × width) → JPEG. `width` is even. Raises BadFrame."""
    stride = stride or 2 * width
    if len(frame) < stride * (height - 1) + 2 * width or width % 2 or width < 2 or height < 1:
        raise BadFrame(f"{len(frame)} bytes where {width} x {height} pixels take {stride * height}")
    if stride != 2 * width:
        frame = b"".join(frame[row * stride : row * stride + 2 * width] for row in range(height))
    frame = frame[: 2 * width * height]
    luma = Image.frombytes("L", (width, height), frame[0::2])
    blue = Image.frombytes("L", (width // 2, height), frame[1::4]).resize((width, height))
    red = Image.frombytes("L", (width // 2, height), frame[3::4]).resize((width, height))
    return _saved(Image.merge("YCbCr", (luma, blue, red)))


def _saved(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
