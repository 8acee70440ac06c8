"""resize.py LIST SIZE: applies torchvision's Resize(SIZE) and CenterCrop(224) to images with Pillow.

LIST names one .npy a line (uint8, height × width × 3). Prints the SHA-256 of each crop's 224 × 224 × 3 bytes, one a line.
"""

import hashlib
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
    for name in open(sys.argv[1]).read().split("\n"):
        print(hashlib.sha256(crop(numpy.load(name), int(sys.argv[2])).tobytes()).hexdigest())


main()
