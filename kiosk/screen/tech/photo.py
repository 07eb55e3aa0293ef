"""A camera's picture, decoded in memory; bytes that are no picture draw an empty frame."""

from __future__ import annotations

import base64
import binascii
import io

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget
from PIL import Image

from kiosk.screen.rects import Rect
from kiosk.screen.theme import HAIR

CHARS_MAX = 4 * 1024 * 1024
SIDE_MAX = 1280  # pixels; larger pictures are reduced


class Shot(Widget):  # type: ignore[misc]
    """The picture in its own proportions, in the middle of `rect`."""

    def __init__(self, jpeg: str, rect: Rect) -> None:
        super().__init__(pos=(rect.x, rect.y), size=(rect.w, rect.h), size_hint=(None, None))
        image = decode(jpeg)
        with self.canvas:
            if image is None:
                Color(*HAIR, 1)
                Rectangle(pos=self.pos, size=self.size)
                return
            texture = Texture.create(size=image.size, colorfmt="rgb")
            texture.blit_buffer(image.tobytes(), colorfmt="rgb", bufferfmt="ubyte")
            scale = min(rect.w / image.width, rect.h / image.height)
            box = rect.middle(image.width * scale, image.height * scale)
            Color(1, 1, 1, 1)
            Rectangle(texture=texture, pos=(box.x, box.y), size=(box.w, box.h))


def decode(jpeg: str) -> Image.Image | None:
    """Base64 of a JPEG -> its pixels, the lowest row first as a texture wants them; None for anything else."""
    if len(jpeg) > CHARS_MAX:
        return None
    try:
        raw = base64.b64decode(jpeg, validate=True)
        with Image.open(io.BytesIO(raw), formats=("JPEG",)) as opened:
            opened.draft("RGB", (SIDE_MAX, SIDE_MAX))
            image = opened.convert("RGB")
    except (binascii.Error, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    image.thumbnail((SIDE_MAX, SIDE_MAX))
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
