"""Prints the SIFT descriptors that OpenCV finds in image files enlarged by a factor, after the number for each: FACTOR FILE..."""
import sys

import cv2
import numpy as np

for path in sys.argv[2:]:
    grey = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2GRAY)
    factor = float(sys.argv[1])
    if factor != 1:
        height, width = (int(factor * side + 0.5) for side in grey.shape)
        grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_CUBIC)
    found = cv2.SIFT_create().detectAndCompute(grey, None)[1]
    if found is None:
        found = np.zeros((0, 128))
    sys.stdout.buffer.write(np.uint32(len(found)).tobytes() + found.astype(np.uint8).tobytes())
