#!/usr/bin/env python3
"""Writes complex.txt: values of functions of complex numbers, by mpmath, to 720 digits on the way.

    python3 tests/math/complex.py > tests/math/complex.txt

A line is a function, its operands' parts, the result's parts, and for each of these its condition: by how many units it
moves when the operands' parts move by one.
"""
import math
import random
import struct

from mpmath import mp, mpc

mp.prec = 2400
POINTS = 48



# Each function, and its derivative where its condition is asked for.
UNARY = {
    "exp": (mp.exp, None),
    "expm1": (lambda z: mp.exp(z) - 1, mp.exp),
    "log": (mp.log, None),
    "log1p": (lambda z: mp.log(1 + z), None),
    "sqrt": (mp.sqrt, None),
    "rsqrt": (lambda z: 1 / mp.sqrt(z), None),
    "sin": (mp.sin, None),
    "cos": (mp.cos, None),
    "tan": (mp.tan, None),
    "tanh": (mp.tanh, None),
    "logistic": (lambda z: 1 / (1 + mp.exp(-z)), lambda z: mp.exp(z) / (1 + mp.exp(z)) ** 2),
    "sign": (lambda z: z / abs(z), None),
    "abs": (lambda z: mpc(abs(z)), None),
}


# These come last: the points of the others stay.
INVERSE = {
    "exp2": (lambda z: mp.power(2, z), lambda z: mp.power(2, z) * mp.log(2)),
    "log2": (lambda z: mp.log(z) / mp.log(2), None),
    "log10": (lambda z: mp.log(z) / mp.log(10), None),
    "sinh": (mp.sinh, None),
    "cosh": (mp.cosh, None),
    "asin": (mp.asin, None),
    "acos": (mp.acos, None),
    "atan": (mp.atan, None),
    "asinh": (mp.asinh, None),
    "acosh": (mp.acosh, None),
    "atanh": (mp.atanh, None),
}


def sign():
    return random.choice((-1, 1))


def spread(lo, hi):
    return sign() * 10 ** random.uniform(lo, hi)


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def moderate():
    return random.uniform(-3, 3), random.uniform(-3, 3)


def special(name):
    """A point where digits are easily lost."""
    near = random.choice((0, 1)) * spread(-15, -1)
    if name in ("exp", "expm1", "logistic"):
        return spread(-9, 0), math.pi * random.randint(-3, 3) + spread(-9, 0)
    if name == "exp2":
        return random.choice((float(random.randint(-9, 9)), spread(-9, 0))), spread(-9, 1)
    if name in ("sinh", "cosh"):
        return spread(-9, 0), math.pi / 2 * random.randint(-4, 4) + near
    if name in ("asin", "acos", "acosh", "atanh"):
        return sign() + near, random.choice((1, spread(-9, 0))) * spread(-15, 0)
    if name in ("asinh", "atan"):
        return random.choice((1, spread(-9, 0))) * spread(-15, 0), sign() + near
    if name in ("sin", "cos", "tan"):
        return math.pi / 2 * random.randint(-4, 4) + near, spread(-9, 0)
    if name == "tanh":
        return spread(-9, 0), math.pi / 2 * random.randint(-4, 4) + near
    angle = random.uniform(-math.pi, math.pi)
    re, im = (1 + near) * math.cos(angle), (1 + near) * math.sin(angle)
    return (re - 1, im) if name == "log1p" else (re, im)


def far(name, small):
    """A point with a large part."""
    grows = {"exp": 1.9, "expm1": 1.9, "sin": 1.9, "cos": 1.9, "tan": 3, "tanh": 3, "logistic": 1.9, "exp2": 1.9, "sinh": 1.9, "cosh": 1.9}
    if name not in grows:
        return spread(-small, small), spread(-small, small)
    along, across = spread(0, grows[name]), spread(0, 5)
    return (across, along) if name in ("sin", "cos", "tan") else (along, across)


def points(name):
    for k in range(POINTS):
        is_single = k % 2 == 0
        small = 30 if is_single else 290
        slant = spread(-9, -3)
        kinds = (
            lambda: (spread(-small, 0), spread(-small, 0)),
            moderate,
            lambda: special(name),
            lambda: (spread(-small, 1), spread(-1, 1)),
            lambda: (spread(-1, 1), spread(-small, 1)),
            lambda: far(name, small),
            lambda: special(name),
            lambda: (slant, sign() * abs(slant) ** random.choice((0.5, 1, 2))),
        )
        re, im = kinds[k // 2 % len(kinds)]()
        yield (single(re), single(im)) if is_single else (re, im)


def condition(part, *terms):
    return max(1, sum(abs(term) for term in terms) / abs(part)) if part else 1


def moves(slope, z):
    """What a relative change of the parts of z adds to the real and to the imaginary part."""
    return [slope.real * z.real, slope.imag * z.imag], [slope.imag * z.real, slope.real * z.imag]


def line(name, operands, result, conditions):
    parts = [part for operand in operands for part in operand]
    return " ".join([name, *map(repr, parts), repr(float(result.real)), repr(float(result.imag)), *conditions])


def conditions(result, re, im):
    return [f"{float(condition(result.real, *re)):.3g}", f"{float(condition(result.imag, *im)):.3g}"]


def print_values(functions):
    for name, (function, slope) in functions.items():
        for operand in points(name):
            z = mpc(*operand)
            result = function(z)
            print(line(name, [operand], result, conditions(result, *moves(slope(z), z)) if slope else ["1", "1"]))


def main():
    random.seed(1)
    print_values(UNARY)
    for k, (a, b) in enumerate(zip(points("div"), points("sign"))):
        if k % 2 == 0:
            b = (single(b[0]), single(b[1]))
        print(line("div", [a, b], mpc(*a) / mpc(*b), ["1", "1"]))
    for k in range(POINTS):
        a, b = moderate(), random.choice((moderate(), (random.randint(-3, 3) + 0.0, 0.0), (spread(-3, 1), spread(-3, 1))))
        if k % 2 == 0:
            a, b = (single(a[0]), single(a[1])), (single(b[0]), single(b[1]))
        z, w = mpc(*a), mpc(*b)
        result = mp.exp(w * mp.log(z))
        re_a, im_a = moves(result * w / z, z)
        re_b, im_b = moves(result * mp.log(z), w)
        print(line("pow", [a, b], result, conditions(result, re_a + re_b, im_a + im_b)))
    print_values(INVERSE)


main()
