"""Writes drawn images in STL-10's format and as PNG: FOLDER

FOLDER/train_X.bin, train_y.bin and class_names.txt have the format of the data set (planes of columns, labels from 1); FOLDER/<i>.png is
image i, and FOLDER/classes.txt the class of each, one a line.
"""
import sys

import numpy
from decode import scene
from PIL import Image

folder = sys.argv[1]
names, labels = "airplane bird car cat deer dog horse monkey ship truck".split(), [4, 1, 10]
pixels = [scene(96, 96, 3, seed) // 32 * 32 for seed in labels]
with open(f"{folder}/train_X.bin", "wb") as file:
    file.writelines(image.transpose(2, 1, 0).tobytes() for image in pixels)
numpy.array(labels, "u1").tofile(f"{folder}/train_y.bin")
for i, image in enumerate(pixels):
    Image.fromarray(image).save(f"{folder}/{i}.png")
for name, lines in ("class_names", names), ("classes", [names[label - 1] for label in labels]):
    with open(f"{folder}/{name}.txt", "w") as file:
        file.writelines(line + "\n" for line in lines)
