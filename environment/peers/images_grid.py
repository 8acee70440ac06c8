"""images_grid.py make DIR: writes small images of many formats and modes into DIR/read, and ones to be refused into DIR/refused.
images_grid.py webp DIR PHOTOGRAPHS: writes each hundredth of the JPEG files below PHOTOGRAPHS into DIR as WebP, quality 30, 75 and 95.
images_grid.py check DIR: prints as JSON what Pillow makes of each file in DIR: {name: null where Pillow refuses it, else
[width, height, SHA-256 of the bytes of Image.open(file).convert("RGB")]}."""

import hashlib
import json
import pathlib
import struct
import sys
import warnings
import zlib

import numpy
from decode import scene
from PIL import Image, TiffImagePlugin

SIZE = (37, 23)
MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}


def picture(mode, size=SIZE, seed=3):
    if mode == "1":
        return picture("L", size, seed).convert("1")
    if mode == "P":
        return picture("RGB", size, seed).quantize(32)
    if mode == "I;16":
        return Image.fromarray((scene(*size, 1, seed)[..., 0].astype("u2") * 3))
    return Image.frombytes(mode, size, scene(*size, MODES[mode], seed).tobytes())


def write_pngs(folder):
    """What decode.py does not write: interlaced files, grey of 16 bits with a transparent value, short palettes."""
    for name, kind, depth in [("grey1", 0, 1), ("grey8", 0, 8), ("rgb8", 2, 8), ("rgba8", 6, 8), ("rgba16", 6, 16), ("grey16", 0, 16)]:
        write_adam7(folder / f"interlaced_{name}.png", kind, depth)
    grey = picture("L")
    for value in 0, 128:
        grey.save(folder / f"grey_transparent{value}.png", transparency=value)
    grey.convert("1").save(folder / "one_bit_transparent.png", transparency=1)
    picture("P").save(folder / "named_wrongly.jpg", format="PNG")
    frames = [picture("RGB", seed=s) for s in (1, 2)]
    frames[0].save(folder / "animated.png", save_all=True, append_images=frames[1:])


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_adam7(file, kind, depth):
    """An interlaced PNG file: seven reduced images (PNG specification, section 8.2)."""
    width, height = SIZE
    samples = {0: 1, 2: 3, 6: 4}[kind]
    pixels = scene(width, height, samples * max(depth // 8, 1), depth)
    raw = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for row in pixels[y0::dy, x0::dx]:
            bits = numpy.packbits(row[:, 0] > 127) if depth == 1 else row
            raw += b"\0" + bits.tobytes() if row.size else b""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 1)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def write_gifs(folder):
    for mode in "1", "L", "P", "RGB":
        picture(mode).save(folder / f"{mode}.gif")
    picture("P", (64, 50)).save(folder / "interlaced.gif", interlace=True)
    picture("P").save(folder / "not_interlaced.GIF", interlace=False)
    for index in 0, 5, 31:
        picture("P").save(folder / f"transparent{index}.gif", transparency=index)
    frames = [picture("P", seed=s) for s in (4, 5, 6)]
    frames[0].save(folder / "animated.gif", save_all=True, append_images=frames[1:], duration=20, loop=0, comment=b"three frames")
    for disposal in 1, 2, 3:
        frames[0].save(folder / f"disposal{disposal}.gif", save_all=True, append_images=frames[1:], disposal=disposal, transparency=7)
    content = bytearray((folder / "P.gif").read_bytes())
    table = content[13 : 13 + 96]
    frame = content.index(b",", 13 + 96)
    for name, screen, at in [("offset", (60, 40), (9, 5)), ("screen_too_small", (10, 11), (2, 3))]:
        moved = content[:6] + struct.pack("<HH", *screen) + content[10:frame]
        moved += b"," + struct.pack("<HHHH", *at, *SIZE) + content[frame + 9 :]
        (folder / f"{name}.gif").write_bytes(moved)
        clear = content[:6] + struct.pack("<HH", *screen) + content[10:109] + b"!\xf9\x04\x01\0\0\x09\0"
        clear += b"," + struct.pack("<HHHH", *at, *SIZE) + content[frame + 9 :]
        (folder / f"{name}_transparent.gif").write_bytes(clear)
    local = content[:10] + b"\0" + content[11:13] + b"," + struct.pack("<HHHH", 0, 0, *SIZE) + b"\x84" + table + content[frame + 10 :]
    (folder / "local_palette.gif").write_bytes(local)
    both = content[:13] + bytes(reversed(table)) + local[13:]
    (folder / "both_palettes.gif").write_bytes(both)


def write_bmps(folder, refused):
    for mode in "1", "L", "P", "RGB", "RGBA":
        picture(mode).save(folder / f"{mode}.bmp")
    picture("P").save(folder / "P.dib.bmp", bits=8)
    four = picture("RGB").quantize(13)
    rows = numpy.pad(numpy.asarray(four), ((0, 0), (0, 3)))
    palette = bytes(four.getpalette()[:39])
    colours = b"".join(palette[i : i + 3][::-1] + b"\0" for i in range(0, 39, 3))
    packed = rows[:, 0::2] << 4 | rows[:, 1::2]
    for name, data, height in [("4bit", packed[::-1], 23), ("4bit_top_down", packed, -23)]:
        write_bmp(folder / f"{name}.bmp", (37, height), 4, data.tobytes(), colours=colours)
    rgb = scene(37, 23, 3, 9)
    padded = b"".join(row.tobytes() + b"\0" for row in rgb)
    write_bmp(folder / "24bit_top_down.bmp", (37, -23), 24, padded)
    write_bmp(folder / "24bit_gap.bmp", (37, 23), 24, padded, gap=b"\1" * 6)
    four = scene(37, 23, 4, 10).tobytes()
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    write_bmp(folder / "32bit_plain.bmp", (37, 23), 32, four)
    write_bmp(folder / "32bit_v4.bmp", (37, 23), 32, four, length=108, compression=3, masks=masks)
    write_bmp(folder / "32bit_v5.bmp", (37, 23), 32, four, length=124, compression=3, masks=masks)
    other = struct.pack("<IIII", 0xFF000000, 0xFF0000, 0xFF00, 0xFF)
    write_bmp(refused / "bit fields.bmp", (37, 23), 32, four, length=108, compression=3, masks=other)
    write_bmp(refused / "16 bits.bmp", (37, 23), 16, scene(38, 23, 2, 1).tobytes())
    grey = bytes(v for i in range(256) for v in (i, 255 - i, i, 0))
    write_bmp(refused / "RLE8.bmp", (4, 2), 8, b"\4\7\0\0\4\x09\0\1", colours=grey, compression=1)
    write_bmp(refused / "RLE4.bmp", (4, 2), 4, b"\4\x12\0\0\4\x34\0\1", colours=grey[:64], compression=2)
    (refused / "header of 12 bytes.bmp").write_bytes(b"BM" + struct.pack("<IIIIHHHH", 38, 0, 26, 12, 2, 2, 1, 24) + bytes(12))


def write_bmp(file, size, bits, data, *, length=40, compression=0, colours=b"", masks=b"", gap=b""):
    header = struct.pack("<IiiHHIIiiII", length, *size, 1, bits, compression, len(data), 0, 0, len(colours) // 4, 0)
    header = (header + masks).ljust(length, b"\0") + colours + gap
    file.write_bytes(b"BM" + struct.pack("<III", 14 + len(header) + len(data), 0, 14 + len(header)) + header + data)


def write_tiffs(folder, refused):
    grid = {None: ["1", "L", "P", "RGB", "RGBA", "I;16"], "packbits": ["1", "L", "RGB"], "group3": ["1"], "group4": ["1"]}
    for compression in "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate":
        grid[compression] = ["1", "L", "P", "RGB", "RGBA", "I;16"]
    for compression, modes in grid.items():
        for mode in modes:
            name = f"{mode.replace(';', '')}_{compression}.tif"
            picture(mode, (45, 39)).save(folder / name, compression=compression, tiffinfo={278: 16})
    for compression in "group3", "group4":
        for name, field in [("white_is_zero", {262: 0}), ("fill_order2", {266: 2}), ("fill_order2_white_is_zero", {262: 0, 266: 2})]:
            picture("1").save(folder / f"{compression}_{name}.tif", compression=compression, tiffinfo=field)
    for mode in "L", "RGB", "RGBA":
        for compression in "tiff_lzw", "tiff_adobe_deflate":
            picture(mode).save(folder / f"predicted_{mode}_{compression}.tiff", compression=compression, tiffinfo={317: 2})
    for orientation in range(10):
        picture("RGB").save(folder / f"orientation{orientation}.tif", tiffinfo={274: orientation})
    for orientation in range(2, 9):
        picture("RGB").save(folder / f"orientation{orientation}_lzw.tif", tiffinfo={274: orientation}, compression="tiff_lzw")
    pages = [picture("RGB", seed=s) for s in (1, 2)]
    pages[0].save(folder / "two_pages.tif", save_all=True, append_images=pages[1:])
    picture("RGB").save(folder / "big_endian.TIF", big_endian=True)
    write_raw_tiffs(folder)
    picture("CMYK").save(refused / "color model.tif")
    picture("L").save(refused / "photometric.tif", tiffinfo={262: 0})
    (refused / "photometric.tif").rename(folder / "white_is_zero.tif")
    picture("LA").save(refused / "extra samples.tif")
    picture("RGB").convert("YCbCr").save(refused / "color model#YCbCr.tif")
    picture("RGB").save(refused / "compression JPEG.tif", compression="jpeg")
    Image.fromarray(numpy.zeros((4, 5), "f4")).save(refused / "sample format.tif")
    Image.fromarray(numpy.zeros((4, 5), "i4")).save(refused / "sample format#int32.tif")
    picture("RGB").save(refused / "BigTIFF.tif", big_tiff=True)
    picture("1").save(refused / "fill order 2.tif", tiffinfo={266: 2})
    picture("RGB").save(refused / "predictor 2.tif", tiffinfo={317: 2})
    picture("1").save(refused / "group 3 in two dimensions.tif", compression="group3", tiffinfo={292: 1})
    for name, compression in [("Zstandard", "zstd"), ("LZMA", "lzma"), ("WebP", "webp")]:
        try:
            picture("RGB").save(refused / f"compression {name}.tif", compression=compression)
        except OSError:
            pass
    planes = scene(*SIZE, 3, 1).transpose(2, 0, 1).tobytes()
    write_tiff(refused / "separate planes.tif", SIZE, planes, {258: (8, 8, 8), 262: 2, 277: 3, 284: 2, 273: (0, 851, 1702), 279: (851,) * 3})
    write_tiff(refused / "white is zero.tif", SIZE, bytes(2 * 37 * 23), {258: 16, 262: 0})


def write_raw_tiffs(folder):
    """What Pillow reads and does not write: tiles, alpha of every kind, samples of 16 bits, palettes of one bit."""
    for mode, kind in [("L", 1), ("RGB", 2), ("RGBA", 2)]:
        channels = MODES[mode]
        pixels = numpy.zeros((64, 96, channels), "u1")
        pixels[:50, :70] = scene(70, 50, channels, channels)
        tiles = [pixels[y : y + 32, x : x + 48].tobytes() for y in (0, 32) for x in (0, 48)]
        fields = {258: (8,) * channels, 262: kind, 277: channels, 322: 48, 323: 32, 338: 2}
        if channels < 4:
            del fields[338]
        for name, pack, compression in [("none", bytes, 1), ("deflate", zlib.compress, 8)]:
            data = [pack(t) for t in tiles]
            at = [sum(map(len, data[:i])) for i in range(4)]
            extra = {259: compression, 324: tuple(at), 325: tuple(map(len, data))}
            write_tiff(folder / f"tiles_{mode}_{name}.tif", (70, 50), b"".join(data), fields | extra)
    for extra in 1, 2:
        pixels = scene(*SIZE, 4, 30 + extra)
        pixels[:3, :, 3], pixels[3:6, :, 3] = 0, 255
        write_tiff(folder / f"alpha{extra}.tif", SIZE, pixels.tobytes(), {258: (8,) * 4, 262: 2, 277: 4, 338: extra})
        wide = scene(*SIZE, 8, 40 + extra).tobytes()
        write_tiff(folder / f"alpha{extra}_16.tif", SIZE, wide, {258: (16,) * 4, 262: 2, 277: 4, 338: extra})
    for order in "<", ">":
        wide = scene(*SIZE, 3, 50).astype(order + "u2") * 257 - 9
        write_tiff(folder / f"rgb16_{ord(order)}.tif", SIZE, wide.tobytes(), {258: (16,) * 3, 262: 2, 277: 3}, order)
        write_tiff(folder / f"grey16_{ord(order)}.tif", SIZE, (wide[..., 0] // 200).tobytes(), {258: 16, 262: 1}, order)
    bits = numpy.packbits(scene(*SIZE, 1, 60)[..., 0] > 127, axis=1).tobytes()
    write_tiff(folder / "palette1.tif", SIZE, bits, {258: 1, 262: 3, 320: (65535, 256, 30000, 51200, 0, 900)})
    write_tiff(folder / "no_fields.tif", SIZE, bits, {})


def write_tiff(file, size, data, fields, order="<"):
    """One directory of LONG fields behind the data; offsets among the fields count from the data's start."""
    fields = {256: size[0], 257: size[1], 273: 0, 278: size[1], 279: len(data), **fields}
    if 322 in fields:
        del fields[273], fields[278], fields[279]
    fields = {tag: value if isinstance(value, tuple) else (value,) for tag, value in fields.items()}
    for tag in fields.keys() & {273, 324}:
        fields[tag] = tuple(8 + offset for offset in fields[tag])
    data += b"\0" * (len(data) % 2)
    directory, tail = struct.pack(order + "H", len(fields)), b""
    behind = 8 + len(data) + 2 + 12 * len(fields) + 4
    for tag in sorted(fields):
        values = fields[tag]
        kind, letter = (3, "H") if tag in (258, 320) else (4, "I")
        body = struct.pack(f"{order}{len(values)}{letter}", *values)
        if len(body) > 4:
            body, tail = struct.pack(order + "I", behind + len(tail)), tail + body
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + body.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8 + len(data))
    file.write_bytes(head + data + directory + bytes(4) + tail)


def write_webps(folder):
    for width, height in [(37, 23), (96, 64), (1, 1), (2, 3), (17, 16), (200, 150)]:
        for quality in 5, 60, 95:
            picture("RGB", (width, height), quality).save(folder / f"{width}x{height}_q{quality}.webp", quality=quality)
        picture("RGBA", (width, height)).save(folder / f"{width}x{height}_alpha.webp", quality=70)
        picture("RGBA", (width, height)).save(folder / f"{width}x{height}_lossless.webp", lossless=True)
        picture("RGB", (width, height)).save(folder / f"{width}x{height}_lossless_rgb.webp", lossless=True, exact=True)
    for method in 0, 3, 6:
        picture("RGB", (64, 64)).save(folder / f"method{method}.webp", method=method)
    picture("P").save(folder / "palette.webp", lossless=True)
    picture("L").save(folder / "grey.webp")
    rotated = Image.Exif()
    rotated[0x0112] = 6
    picture("RGB").save(folder / "exif.webp", exif=rotated, icc_profile=b"profile", xmp=b"<x/>")
    for mode in "RGB", "RGBA":
        for lossless in False, True:
            frames = [picture(mode, seed=s) for s in (1, 2, 3)]
            frames[0].save(
                folder / f"animated_{mode}_{lossless}.webp", save_all=True, append_images=frames[1:], lossless=lossless, background=(9, 8, 7, 255)
            )


def what_pillow_sees(file):
    try:
        with Image.open(file) as opened:
            rgb = opened.convert("RGB")
    except Exception:  # whatever Pillow raises is a refusal
        return None
    return [*rgb.size, hashlib.sha256(rgb.tobytes()).hexdigest()]


def print_what_pillow_sees(folder):
    print(json.dumps({file.name: what_pillow_sees(file) for file in sorted(folder.iterdir())}))


def main():
    folder = pathlib.Path(sys.argv[2])
    warnings.simplefilter("ignore")
    if sys.argv[1] == "check":
        print_what_pillow_sees(folder)
        return
    if sys.argv[1] == "webp":
        for i, file in enumerate(sorted(pathlib.Path(sys.argv[3]).rglob("*.jp*g"))[::100]):
            for quality in 30, 75, 95:
                Image.open(file).convert("RGB").save(folder / f"{i}_{quality}.webp", quality=quality, method=2)
        return
    read, refused = folder / "read", folder / "refused"
    read.mkdir()
    refused.mkdir()
    write_pngs(read)
    write_gifs(read)
    write_bmps(read, refused)
    write_tiffs(read, refused)
    write_webps(read)
    print_what_pillow_sees(read)


main()
