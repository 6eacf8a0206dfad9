#!/usr/bin/env python3
"""Makes glyphs.bin and the portraits. Nothing here shows a person who exists.

Needs Debian's xfonts-shinonome (public domain), pcf2bdf and libopenjp2-tools:
    python3 draw.py
"""

import gzip
import math
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
FONTS = pathlib.Path("/usr/share/fonts/X11/misc")

# What a name, an address or a security code here may be drawn with; anything else is drawn as 〓.
KANJI = (
    "一丁七万三上下中久九二五井亀交人介仁今代例住佐作保健優元兄光八六内出利前加助化北区十千升南原収口古号司合吉名和品哲"
    "四回国在地坂城報場塚境夏外多大天太夫失女好妹姉子字存孝孫安宅完定宮家富寿小尾山岡岩島川州左市帯平年幸広店府座康弘"
    "張当形彩影後徳心志性恵愛慶成戸所手技摩支教敏文料斉新方旅日早旧明昭星春是昌暁曲更月有木未本札杉村東松板林果枝架株"
    "桂桃桜梅森植楠楢榎樹橋次正歩武殿比民水永江池沢河治沼泉波洋津活浅浜海深清渡港湯源滝澄濱瀬灯照熊王珠理瑠璃生田町男"
    "界番畑登白百盛目直真眞看知石砂神祐福秀秋科稲種空立竹第笹節紀純紗結絵緑羅美義羽老者聡育良花芝英茂草荒菊菜葉葛藤蘭"
    "虎虚行西見角計記試詩護豊貝賀赤越足路辺近追通逢連進道遠部郎都配里重野金鈴銀鎌長門間関陽隆雄雅雪雲電青静順風飯飾香"
    "馬高鳥鶴鹿麻黒齋龍"
)


def bdf(name):
    """Code point in the font's own encoding -> twelve rows of bits."""
    with tempfile.TemporaryDirectory() as work:
        pcf = pathlib.Path(work, "f.pcf")
        pcf.write_bytes(gzip.open(FONTS / f"{name}.pcf.gz").read())
        text = subprocess.run(["pcf2bdf", pcf], capture_output=True, check=True).stdout.decode("latin-1")
    glyphs, lines = {}, iter(text.splitlines())
    for line in lines:
        if line.startswith("ENCODING"):
            code = int(line.split()[1])
        elif line.startswith("BBX"):
            width, height, left, bottom = map(int, line.split()[1:])
        elif line == "BITMAP":
            rows = [int(next(lines), 16) >> (((width + 7) // 8) * 8 - width) << (12 - width) >> left for _ in range(height)]
            above = 10 - bottom - height  # the fonts have an ascent of ten rows
            glyphs[code] = ([0] * above + rows + [0] * 12)[:12]
    return glyphs


def glyphs():
    """Sorted entries of 21 bytes: three of code point, eighteen of 12 by 12 bits, row by row, 1 for ink."""
    kanji, latin = bdf("shnmk12"), bdf("shnm6x12a")
    wide = [chr(c) for c in [*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]]
    entries = {}
    for char in [*wide, *"\u3000ー－―・、。々〓●（）", *KANJI]:
        code = {"－": b"\x21\x5d"}.get(char) or char.encode("iso2022_jp")[3:5]
        entries[ord(char)] = kanji[int.from_bytes(code, "big")]
    for code in range(0x20, 0x7F):
        entries[code] = latin[code]
    with open(HERE / "glyphs.bin", "wb") as out:
        for code, rows in sorted(entries.items()):
            bits = int("".join(f"{row:012b}" for row in rows), 2)
            out.write(code.to_bytes(3, "big") + bits.to_bytes(18, "big"))


WIDTH, HEIGHT = 378, 472


def portrait(name, hair, hair_length, cheeks, wrinkles, glasses, size):
    """A face of circles and lines, with the word SAMPLE under it."""
    mid, top = WIDTH / 2, HEIGHT / 2 - 10

    def inside(x, y, cx, cy, rx, ry):
        return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1

    def shade(x, y):
        dx, dy = (x - mid) / size, (y - top) / size
        ink = lambda distance, width=3: distance < width / size
        face = inside(dx, dy, 0, 0, 105, 135)
        if face:
            for side in (-1, 1):
                if inside(dx, dy, side * 42, -12, 9, 11):
                    return 30
                if glasses and abs(math.hypot(dx - side * 42, dy + 12) - 30) < 2.5:
                    return 70
                if ink(abs(dy + 45 + abs(dx - side * 42) * 0.15) * size) and abs(dx - side * 42) < 22:
                    return hair // 2
                if wrinkles and abs(dx - side * 80) < 14 and abs((dy + 12) % 12 - 6) < 1.2 and -26 < dy < 2:
                    return 150
                if inside(dx, dy, side * 62, 32, 20, 13):
                    return cheeks
            if abs(dx) < 2 + (dy + 5) / 12 and -5 < dy < 28:
                return 165
            if abs(math.hypot(dx, dy - 30) - 45) < 3 and dy > 58:
                return 90
            if dy < -75 - 18 * math.cos(dx / 40):
                return hair
            return 215
        if inside(dx, dy, 0, -30, 128, 138) and dy < hair_length:
            return hair
        if inside(dx, dy, 0, 235, 190, 120) or (abs(dx) < 38 and 100 < dy < 180):
            return 120 if dy > 150 or abs(dx) > 38 else 200
        return 245

    pixels = bytearray(shade(x, y) for y in range(HEIGHT) for x in range(WIDTH))
    latin = bdf("shnm6x12a")
    for position, char in enumerate("SAMPLE"):
        for row in range(12):
            for column in range(6):
                if latin[ord(char)][row] >> (11 - column) & 1:
                    for at in range(8 * 8):
                        x, y = 45 + (position * 6 + column) * 8 + at % 8, 370 + row * 8 + at // 8
                        pixels[y * WIDTH + x] = 255
    with tempfile.TemporaryDirectory() as work:
        pgm = pathlib.Path(work, "p.pgm")
        pgm.write_bytes(b"P5\n%d %d\n255\n" % (WIDTH, HEIGHT) + pixels)
        subprocess.run(
            ["opj_compress", "-i", pgm, "-o", HERE / f"portrait-{name}.jp2", "-r", "75", "-I", "-n", "6"],
            check=True, capture_output=True,
        )


glyphs()
portrait("woman", hair=190, hair_length=60, cheeks=196, wrinkles=True, glasses=True, size=1.0)
portrait("man", hair=150, hair_length=-40, cheeks=208, wrinkles=True, glasses=False, size=1.03)
portrait("child", hair=40, hair_length=20, cheeks=180, wrinkles=False, glasses=False, size=0.8)
