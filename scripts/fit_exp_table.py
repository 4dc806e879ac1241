#!/usr/bin/env python3
"""Prints the table of lane_exp_down_end() in engine/kernel/lane_math.h, and the
errors of it and of the polynomial there. Needs numpy and mpmath.

    python3 scripts/fit_exp_table.py            those of lane_math.h's EXP_SHIFT
    python3 scripts/fit_exp_table.py SECONDS    looks for a better shift

The table's entry j is 2^(j/16) e^(EXP_SHIFT LN2_LOW), rounded to float. A shift is
good if no entry is far from what it stands for, least of all the first: a
sigmoid's result has up to twice the relative error of an exponential just above a
power of two.
"""
import sys
import time

import mpmath
import numpy

mpmath.mp.prec = 140
LN2_LOW = mpmath.mpf(float.fromhex("-0x1.05c61p-29"))
LN2 = mpmath.log(2)
EXP_SHIFT = 592451.5
BIAS = 1.5 * 2**19 + 191  # V_SIXTEENTHS_BIAS
POLYNOMIAL = "0x1.00025ap-1", "0x1.555794p-3"
WEIGHTS = [5, 1.25, 1.25, 1.25] + 12 * [1]


def entries(shift):
    """Exact values, and as floats."""
    exact = [mpmath.exp(LN2 * j / 16 + shift * LN2_LOW) for j in range(16)]
    return exact, [float(numpy.float32(float(value))) for value in exact]


def errors(shift):
    """Of the entries, relative, in 2^-24."""
    return [float(abs(rounded / value - 1) * 2**24) for value, rounded in zip(*entries(shift))]


def badness(shift):
    return max(error * weight for error, weight in zip(errors(shift), WEIGHTS))


def polynomial_error(shift):
    """The largest error of e^r = 1 + r + r^2 (c + d r), in 2^-24."""
    half = LN2 / 32 + abs(shift * LN2_LOW)
    c, d = map(float.fromhex, POLYNOMIAL)
    steps = (half * i / 1000 for i in range(-1000, 1001))
    return float(max(abs(mpmath.expm1(r) - r - r * r * (c + d * r)) for r in steps) * 2**24)


def usable(shift):
    """BIAS - shift, and n + shift for every n, are floats."""
    return float(numpy.float32(BIAS - shift)) == BIAS - shift and abs(shift) + 200 < 2**20


def search(seconds):
    """The best of many shifts in steps of 1/16, |shift| below a tenth of a step of the table."""
    generator = numpy.random.default_rng(1)
    powers = numpy.exp2(numpy.arange(16) / 16)[:, None]
    weights = numpy.array(WEIGHTS)[:, None]
    best, end = EXP_SHIFT, time.time() + seconds
    while time.time() < end:
        shifts = numpy.rint(generator.uniform(-1, 1, 100000) * 2**24) / 16
        values = powers * numpy.exp(shifts * float(LN2_LOW))
        units = values * numpy.where(values < 1, 2.0**24, 2.0**23)
        found = (numpy.abs(units - numpy.rint(units)) / units * weights).max(axis=0)
        for shift in shifts[numpy.argsort(found)[:5]]:
            if usable(shift) and badness(shift) < badness(best):
                best = float(shift)
    return best


def main():
    shift = search(float(sys.argv[1])) if len(sys.argv) > 1 else EXP_SHIFT
    print(f"EXP_SHIFT {shift!r}: {float(shift * LN2_LOW / LN2 * 16):.4f} sixteenths")
    for value, error in zip(entries(shift)[1], errors(shift)):
        print(f"  {value.hex():24} {error:.3f} * 2^-24")
    print(f"e^r: {polynomial_error(shift):.3f} * 2^-24")


if __name__ == "__main__":
    main()
