"""Small signs on labels and cards, drawn four times as large and reduced, so that their edges are smooth."""

from __future__ import annotations

from PIL import Image, ImageDraw

from mcu.mixer.lettering import WHITE


def hand(size: int) -> Image.Image:
    """A raised hand, white on nothing, ``size`` pixels high and wide."""
    side = 4 * size
    sign = Image.new("RGBA", (side, side), (*WHITE[:3], 0))
    draw = ImageDraw.Draw(sign)
    # Four fingers, the palm, the thumb; in parts of the side.
    for x, top in ((0.22, 0.22), (0.37, 0.10), (0.52, 0.06), (0.67, 0.14)):
        draw.rounded_rectangle((x * side, top * side, (x + 0.12) * side, 0.66 * side), 0.06 * side, fill=WHITE)
    draw.rounded_rectangle((0.22 * side, 0.48 * side, 0.79 * side, 0.96 * side), 0.2 * side, fill=WHITE)
    draw.line((0.14 * side, 0.56 * side, 0.34 * side, 0.80 * side), fill=WHITE, width=round(0.13 * side))
    draw.ellipse((0.07 * side, 0.49 * side, 0.20 * side, 0.62 * side), fill=WHITE)
    return sign.resize((size, size), Image.Resampling.BOX)


def camera_off(image: Image.Image, centre: tuple[int, int], radius: int) -> None:
    if radius < 6:
        return
    side = 8 * radius  # four times as large
    sign = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(sign)
    ground = (24, 28, 34, 255)
    draw.ellipse((0, 0, side - 1, side - 1), fill=ground)

    def scaled(*points: float) -> list[float]:
        return [p * side for p in points]

    draw.rounded_rectangle(scaled(0.22, 0.34, 0.60, 0.66), side * 0.06, fill=WHITE)
    draw.polygon(scaled(0.63, 0.48, 0.79, 0.36, 0.79, 0.64, 0.63, 0.52), fill=WHITE)
    draw.line(scaled(0.24, 0.22, 0.80, 0.78), fill=ground, width=round(side * 0.15))
    draw.line(scaled(0.24, 0.22, 0.80, 0.78), fill=WHITE, width=round(side * 0.06))
    small = sign.resize((2 * radius, 2 * radius), Image.Resampling.BOX)
    image.alpha_composite(small, (centre[0] - radius, centre[1] - radius))
