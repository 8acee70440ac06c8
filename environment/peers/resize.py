"""resize.py LIST OUT SIZE: what torchvision's Resize(SIZE) and CenterCrop(224) make of images with Pillow.

LIST names one .npy a line (uint8, height × width × 3). OUT is the crops one after another, 224 × 224 × 3 bytes each.
"""

import sys

import numpy
from PIL import Image

CROP = 224


def crop(pixels, size):
    image = Image.fromarray(pixels)
    width, height = image.size
    short, long = min(width, height), max(width, height)
    long = int(size * long / short)
    width, height = (size, long) if width <= height else (long, size)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    top, left = int(round((height - CROP) / 2.0)), int(round((width - CROP) / 2.0))
    return numpy.asarray(image.crop((left, top, left + CROP, top + CROP)))


def main():
    names, out, size = open(sys.argv[1]).read().split("\n"), sys.argv[2], int(sys.argv[3])
    with open(out, "wb") as file:
        for name in names:
            file.write(crop(numpy.load(name), size).tobytes())


main()
