"""Evidence photos of the synthetic county: drawn pictures that nobody takes for a real place."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

SIZE = (960, 720)
KINDS = 8
_SKY = ((188, 214, 238), (206, 220, 226), (160, 186, 214), (232, 214, 190))
_GROUND = ((148, 146, 140), (122, 138, 108), (170, 158, 140))
_WALL = ((214, 196, 172), (190, 174, 160), (222, 214, 204), (172, 150, 140))
_MARK = (205, 60, 52)


def picture(number: int, *, after: bool = False) -> bytes:
    """A JPEG of a drawn street with a marked spot; ``after`` shows the same street put in order.

    The same number gives the same street every time.
    """
    rng = np.random.default_rng([number, 77])
    image = Image.new("RGB", SIZE, _pick(rng, _SKY))
    pen = ImageDraw.Draw(image)
    horizon = int(rng.integers(360, 430))
    _houses(rng, pen, horizon)
    pen.rectangle((0, horizon, SIZE[0], SIZE[1]), fill=_pick(rng, _GROUND))
    pen.polygon([(330, horizon), (600, horizon), (960, 720), (60, 720)], fill=(96, 98, 102))
    for step in range(5):
        top = horizon + 12 + step * 56
        pen.polygon([(462, top), (472, top), (478, top + 30), (456, top + 30)], fill=(230, 226, 208))
    _spot(rng, pen, after=after)
    pen.rectangle((14, 14, 300, 54), fill=(255, 255, 255))
    pen.text((24, 24), f"SYNTHETIC PICTURE  No {number:03d}" + ("  AFTER" if after else ""), fill=(60, 60, 60))
    held = io.BytesIO()
    image.save(held, "JPEG", quality=72)
    return held.getvalue()


def _houses(rng: np.random.Generator, pen: ImageDraw.ImageDraw, horizon: int) -> None:
    left = -20
    while left < SIZE[0]:
        width, height = int(rng.integers(90, 200)), int(rng.integers(90, 300))
        pen.rectangle((left, horizon - height, left + width, horizon), fill=_pick(rng, _WALL), outline=(120, 110, 104))
        for row in range(horizon - height + 16, horizon - 30, 40):
            for col in range(left + 14, left + width - 20, 36):
                pen.rectangle((col, row, col + 16, row + 22), fill=(96, 120, 140))
        left += width + int(rng.integers(0, 24))


def _spot(rng: np.random.Generator, pen: ImageDraw.ImageDraw, *, after: bool) -> None:
    """The thing reported: a hole, a heap, a puddle or a fallen post, ringed in red; nothing but a clean patch after."""
    x, y = int(rng.integers(260, 700)), int(rng.integers(520, 640))
    shape = int(rng.integers(4))
    if after:
        pen.ellipse((x - 80, y - 26, x + 80, y + 26), fill=(110, 112, 116))
        return
    if shape == 0:
        pen.ellipse((x - 60, y - 20, x + 60, y + 20), fill=(30, 30, 32), outline=(150, 150, 150), width=6)
    elif shape == 1:
        for _ in range(26):
            dx, dy = int(rng.integers(-70, 50)), int(rng.integers(-40, 12))
            pen.rectangle(
                (x + dx, y + dy, x + dx + 22, y + dy + 16), fill=tuple(int(c) for c in rng.integers(60, 220, 3))
            )
    elif shape == 2:
        pen.ellipse((x - 110, y - 30, x + 110, y + 30), fill=(92, 120, 146))
    else:
        pen.line((x - 90, y + 10, x + 100, y - 50), fill=(120, 96, 70), width=14)
    pen.ellipse((x - 130, y - 70, x + 130, y + 60), outline=_MARK, width=6)


def _pick(rng: np.random.Generator, colours: tuple[tuple[int, int, int], ...]) -> tuple[int, int, int]:
    return colours[int(rng.integers(len(colours)))]
