"""Computes the SIFT descriptors of photographs.

The only argument is a JSON object of settings. Standard input is a sequence of photographs: a header (HEADER) and height x width
x 3 bytes of red, green and blue. Standard output is first the length and the text of a JSON object of versions, and then for
each photograph, in the order of the input, the number of descriptors and 128 bytes for each.
"""

import collections
import concurrent.futures
import json
import struct
import sys
import threading

import cv2
import numpy

# width and height in pixels, those of the image in which descriptors are found, 1 if it is warped by the matrix (2 x 3, from the
# photograph's pixels to the image's), gain and bias of the brightness
HEADER = struct.Struct("<5I6d2d")
BATCH = 4  # photographs in work, for each thread

settings = json.loads(sys.argv[1])
local = threading.local()


def prepared(pixels, width, height, warped, matrix, gain, bias):
    """Returns the grey image in which descriptors are found."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if warped:
        matrix = numpy.array(matrix).reshape(2, 3)
        grey = cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return cv2.convertScaleAbs(numpy.maximum(grey * gain + bias, 0))
    if (height, width) == grey.shape:
        return grey
    return cv2.resize(grey, (width, height), interpolation=cv2.INTER_CUBIC)


def descriptors(pixels, *how):
    """Returns n x 128 descriptors of type uint8."""
    if not hasattr(local, "sift"):
        local.sift = cv2.SIFT_create(contrastThreshold=settings["contrast_threshold"], edgeThreshold=settings["edge_threshold"],
                                     sigma=settings["sigma"], nOctaveLayers=settings["octave_layers"])
    found = local.sift.detectAndCompute(prepared(pixels, *how), None)[1]
    if found is None:
        return numpy.empty((0, 128), numpy.uint8)
    small = found.astype(numpy.uint8)
    if not numpy.array_equal(small, found):
        raise ValueError("a descriptor holds a number that is no integer of 0 ... 255")
    return small


def photographs(stream):
    """Yields the arguments of descriptors for each photograph of the stream."""
    while head := stream.read(HEADER.size):
        width, height, *rest = HEADER.unpack(head)
        pixels = numpy.frombuffer(stream.read(width * height * 3), numpy.uint8).reshape(height, width, 3)
        yield pixels, rest[0], rest[1], rest[2], rest[3:9], rest[9], rest[10]


def answer(stream, found):
    stream.write(struct.pack("<I", len(found)))
    stream.write(found.tobytes())


def main():
    cv2.setNumThreads(1)
    out = sys.stdout.buffer
    versions = json.dumps({"opencv": cv2.__version__, "numpy": numpy.__version__}).encode()
    out.write(struct.pack("<I", len(versions)) + versions)
    waiting = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(settings["threads"]) as pool:
        for arguments in photographs(sys.stdin.buffer):
            waiting.append(pool.submit(descriptors, *arguments))
            if len(waiting) > BATCH * settings["threads"]:
                answer(out, waiting.popleft().result())
        while waiting:
            answer(out, waiting.popleft().result())
    out.flush()


main()
