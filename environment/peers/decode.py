"""decode.py make DIR: writes images of many kinds into DIR as Pillow and libjpeg-turbo write them, and beside each FILE.npy:
Image.open(FILE).convert("RGB").
decode.py LIST OUT.npy: the same for the files named in LIST, one a line, all of one size, in one array."""

import pathlib
import struct
import sys
import zlib

import numpy
from PIL import Image


def scene(width, height, channels, seed):
    """Smooth colour and sharp edges, so that chroma matters."""
    rng = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    planes = []
    for _ in range(channels):
        fx, fy, phase = rng.uniform(0.02, 0.5, 3)
        wave = numpy.sin(fx * x + phase) + numpy.cos(fy * y - phase)
        planes.append(127 + 60 * wave + 60 * ((x * fx + y * fy) % 3 > 1.5) + rng.normal(0, 6, x.shape))
    return numpy.clip(numpy.stack(planes, -1), 0, 255).astype(numpy.uint8)


def write_jpegs(folder):
    for width, height in [(96, 96), (97, 61), (33, 50), (17, 1), (1, 9), (3, 3), (4, 5), (5, 4)]:
        colour = Image.fromarray(scene(width, height, 3, width * height))
        for subsampling in ["4:4:4", "4:2:2", "4:2:0"]:
            for quality in [40, 75, 95]:
                name = f"{width}x{height}_{subsampling.replace(':', '')}_q{quality}.jpg"
                colour.save(folder / name, quality=quality, subsampling=subsampling)
        colour.save(folder / f"{width}x{height}_progressive.jpg", progressive=True)
        colour.save(folder / f"{width}x{height}_progressive444.jpg", progressive=True, quality=97, subsampling="4:4:4")
        colour.save(folder / f"{width}x{height}_restart.jpg", restart_marker_blocks=2)
        colour.save(folder / f"{width}x{height}_rgb.jpg", keep_rgb=True)
        colour.convert("L").save(folder / f"{width}x{height}_grey.jpg")
    write_restacked(folder / "48x64_440.jpg", "4:2:2", 0x12, (96, 32), (48, 64))
    write_restacked(folder / "128x24_411.jpg", "4:2:0", 0x41, (64, 48), (128, 24))
    rotated = Image.Exif()
    rotated[0x0112] = 6
    Image.fromarray(scene(40, 24, 3, 1)).save(folder / "exif_orientation_6.jpeg", exif=rotated)
    write_cmyks(folder)


def write_cmyks(folder):
    """Adobe's CMYK; the same bytes declared YCCK; the same without Adobe's marker."""
    image = Image.frombytes("CMYK", (41, 27), scene(41, 27, 4, 2).tobytes())
    for subsampling in ["4:4:4", "4:2:0"]:
        name = f"cmyk{subsampling.replace(':', '')}"
        image.save(folder / f"{name}.jpg", subsampling=subsampling)
        content = bytearray((folder / f"{name}.jpg").read_bytes())
        adobe = content.index(b"\xff\xee\x00\x0eAdobe")
        content[adobe + 15] = 2
        (folder / f"{name}_ycck.jpg").write_bytes(content)
        del content[adobe : adobe + 16]
        (folder / f"{name}_plain.jpg").write_bytes(content)


def write_restacked(file, subsampling, factors, size, new_size):
    """Samplings that Pillow does not write: the same blocks under a frame header of another sampling and size."""
    width, height = size
    Image.fromarray(scene(width, height, 3, 7)).save(file, subsampling=subsampling)
    content = bytearray(file.read_bytes())
    frame = content.index(b"\xff\xc0\x00\x11\x08")
    content[frame + 5 : frame + 9] = new_size[1].to_bytes(2, "big") + new_size[0].to_bytes(2, "big")
    content[frame + 11] = factors
    file.write_bytes(content)


def write_pngs(folder):
    for mode, channels in [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4)]:
        pixels = scene(37, 23, channels, channels)
        Image.frombytes(mode, (37, 23), pixels.tobytes()).save(folder / f"{mode}.png")
    colour = Image.fromarray(scene(37, 23, 3, 5))
    colour.convert("1").save(folder / "one_bit.png")
    for colours in [2, 4, 16, 256]:
        palette = colour.quantize(colours)
        palette.save(folder / f"palette{colours}.png")
        palette.save(folder / f"palette{colours}_transparent.png", transparency=1)
        palette.save(folder / f"palette{colours}_alpha.png", transparency=bytes(i * 255 // colours for i in range(colours)))
    colour.save(folder / "rgb_transparent.png", transparency=(1, 2, 3))
    write_raw_png(folder / "rgb16.png", 2, 16, scene(37, 23, 6, 8))
    write_raw_png(folder / "la16.png", 4, 16, scene(37, 23, 4, 9))
    write_raw_png(folder / "rgba16.png", 6, 16, scene(37, 23, 8, 10))
    write_raw_png(folder / "grey2.png", 0, 2, scene(10, 23, 1, 11))
    write_raw_png(folder / "grey4.png", 0, 4, scene(19, 23, 1, 12))
    sixteen = scene(37, 23, 1, 6).astype(numpy.uint16)[..., 0] * 257 - 3
    Image.fromarray(sixteen).save(folder / "grey16.png")


def write_raw_png(file, colour_type, depth, rows):
    """Kinds of PNG that Pillow does not write; rows is height × any × bytes."""
    samples = {0: 1, 2: 3, 4: 2, 6: 4}[colour_type]
    height = rows.shape[0]
    raw = rows.reshape(height, -1)
    width = raw.shape[1] * 8 // (samples * depth)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in raw))
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def decoded(file):
    return numpy.asarray(Image.open(file).convert("RGB"))


def main():
    if sys.argv[1] == "make":
        folder = pathlib.Path(sys.argv[2])
        write_jpegs(folder)
        write_pngs(folder)
        for file in sorted(folder.iterdir()):
            numpy.save(f"{file}.npy", decoded(file))
        return
    numpy.save(sys.argv[2], numpy.stack([decoded(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]))


if __name__ == "__main__":
    main()
