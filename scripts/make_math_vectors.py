#!/usr/bin/env python3
"""Writes tests/golden/double_math.csv: exact values of elementary functions to
about 106 bits. Needs mpmath.

    python3 scripts/make_math_vectors.py > tests/golden/double_math.csv

A line is: function,x,y,shift,high,low; x, y, high and low are the bits of a
binary64, y (the exponent) only with pow. The exact value is
(high + low) 2^-shift; shift keeps low in range where the value is tiny.
"""
import math
import random
import struct

import mpmath
from mpmath import mp, mpf

mp.prec = 2400  # sin of the largest double needs its 1,024 bits of integer part

RANDOM = random.Random(20240229)
POINTS = 400

FUNCTIONS = {
    "exp": (mp.exp, (-745, 709.5), (-60, 9)),
    "expm1": (mp.expm1, (-3, 3), (-60, 9)),
    "log": (mp.log, (0.3, 3), (-1074, 1023)),
    "log1p": (mp.log1p, (-0.999, 3), (-60, 1023)),
    "sin": (mp.sin, (-30, 30), (-40, 1023)),
    "cos": (mp.cos, (-30, 30), (-40, 1023)),
    "tanh": (mp.tanh, (-4, 4), (-60, 4)),
    "erf": (mp.erf, (-6, 6), (-60, 2)),
}

# Where reductions change over, cancellation is worst, or the result subnormal.
EDGES = {
    "exp": [-745.1, -744.5, -708.5, -708.3, 709.78, 0.34657359, -0.34657359],
    "expm1": [-39.9, -37.5, 37.08, 0.34657359, -0.34657360, 709.7, 1e-300],
    "log": [5e-324, 2.3e-308, 0.7071067811865475, 0.7071067811865476,
            1.4142135623730951, 1 - 2**-53, 1 + 2**-52, 1.7e308],
    "log1p": [-1 + 2**-53, -0.29289321881345, 0.41421356237309, 2**-53,
              -2.0**-53, 2.0**53, 2.0**54, 1.7e308, -0.5],
    # The last is the double nearest to a multiple of pi/2.
    "sin": [math.pi, 2 * math.pi, 0.7853981633974483, 0.7853981633974484,
            1e22, 1.7976931348623157e308, 355.0, 5e-324, 6381956970095103 *
            2.0**797],
    "cos": [math.pi / 2, 3 * math.pi / 2, 0.7853981633974483, 11.0, 1e22,
            0.7853981633974484, 1.7976931348623157e308, 6381956970095103 *
            2.0**797],
    "tanh": [2.0**-28, 2.0**-27, 0.1732867951, 21.9, 22.0, 0.55, 5e-324],
    "erf": [0.5, 0.4999999999999999, 1.0, 0.9999999999999999, 1.75,
            1.7499999999999998, 5.99, 2e-308, 0.984],
}


def bits(x):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", x))[0]


def nearest(value):
    """The binary64 nearest to a number, subnormals and overflow included."""
    if value == 0:
        return 0.0
    exponent = max(int(mpmath.floor(mpmath.log(abs(value), 2))), -1022)
    significand = int(mpmath.nint(value * mpf(2)**(52 - exponent)))
    return math.ldexp(significand, exponent - 52)


def any_magnitude(low, high):
    exponent = RANDOM.randint(low, high - 1)
    return math.ldexp(RANDOM.uniform(1, 2), exponent) * RANDOM.choice((-1, 1))


def line(name, x, y, value):
    shift = 300 if 0 < abs(value) < mpf(2)**-800 else 0
    value *= mpf(2)**shift
    high = nearest(value)
    print(",".join((name, bits(x), "" if y is None else bits(y), str(shift),
                    bits(high), bits(nearest(value - mpf(high))))))


def in_domain(name, x):
    return not (name == "log" and x <= 0 or name == "log1p" and x <= -1 or
                name in ("exp", "expm1") and x > 709.78)


def write_function(name):
    function, uniform, magnitudes = FUNCTIONS[name]
    points = EDGES[name] + [-x for x in EDGES[name]]
    points += [RANDOM.uniform(*uniform) for _ in range(POINTS // 2)]
    points += [any_magnitude(*magnitudes) for _ in range(POINTS // 2)]
    for x in points:
        x = abs(x) if name == "log" else x
        if in_domain(name, x):
            line(name, x, None, function(mpf(x)))


def write_pow():
    """Results within [1e-300, 1e300]."""
    points = [(10.0, 22.0), (10.0, -5.0), (2.0, 0.5), (0.9, 1000.0),
              (1 + 2**-52, 1e18), (1 - 2**-53, -5e18), (5e-324, 0.25),
              (1.7e308, -0.9), (-3.0, 5.0), (-1.5, -4.0), (0.999, 1e5)]
    while len(points) < POINTS:
        base = (RANDOM.uniform(0.001, 4) if len(points) % 2 else
                abs(any_magnitude(-1022, 1023)))
        points.append((base, RANDOM.uniform(-690, 690) / math.log(base)
                       if len(points) % 3 else RANDOM.uniform(-0.9, 0.9)))
    for base, exponent in points:
        line("pow", base, exponent, mpf(base)**mpf(exponent))


def main():
    print("# mpmath %s; function,x,y,shift,high,low: see "
          "scripts/make_math_vectors.py" % mpmath.__version__)
    for name in FUNCTIONS:
        write_function(name)
    write_pow()


if __name__ == "__main__":
    main()
