import io

from PIL import Image

from devices.led import picture


def lit(image: Image.Image) -> int:
    return sum(1 for value in image.tobytes() if value)


def test_a_call_fills_a_panel_of_128_by_16_exactly() -> None:
    assert picture.width_of("A001 请到3号窗口", 16) == 128


def test_dots_differ_by_text_and_blank_is_dark() -> None:
    assert lit(picture.dots("", 128, 16)) == 0
    one, two = picture.dots("A001", 128, 16), picture.dots("A002", 128, 16)
    assert lit(one) > 60 and one.tobytes() != two.tobytes()


def test_a_long_text_runs() -> None:
    text = "请A001到12号窗口办理业务"
    assert picture.dots(text, 128, 16).tobytes() != picture.dots(text, 128, 16, shift=5).tobytes()


def test_the_picture_is_red_on_black() -> None:
    image = Image.open(io.BytesIO(picture.png(picture.panel(picture.dots("A001 请到3号窗口", 128, 16)))))
    assert image.size == (128 * picture.PITCH + 2 * picture.FRAME, 16 * picture.PITCH + 2 * picture.FRAME)
    pixels = [image.getpixel((x, y)) for x in range(30, image.width - 30, 3) for y in range(30, image.height - 30, 3)]
    bright = [p for p in pixels if isinstance(p, tuple) and p[0] > 200]
    assert len(bright) > 100 and all(p[0] > p[1] and p[0] > p[2] for p in bright)
