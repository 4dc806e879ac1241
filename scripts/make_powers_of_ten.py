#!/usr/bin/env python3
"""Writes engine/base/powers_of_ten.def: the powers of ten that the shortest
formatter multiplies with, 10^k / 2^(floor(log2 10^k) - 127) rounded up to 128
bits, for every k that a binary64 can need.

    python3 scripts/make_powers_of_ten.py > engine/base/powers_of_ten.def
"""

SMALLEST, LARGEST = -292, 324

HEADER = """\
/* 10^k / 2^(floor(log2 10^k) - 127), rounded up, for k = %d ... %d: high
 * and low half, two powers a line. Written by scripts/make_powers_of_ten.py. */
"""


def scaled_power(k):
    """10^k as a 128-bit number with its top bit set, rounded up."""
    if k >= 0:
        power = 10**k
        shift = power.bit_length() - 128
        return -(-power >> shift) if shift > 0 else power << -shift
    power = 10**-k
    shift = 127 + power.bit_length()
    scaled = -(-(1 << shift) // power)
    return scaled if scaled < 1 << 128 else -(-scaled >> 1)


def main():
    halves = []
    for k in range(SMALLEST, LARGEST + 1):
        scaled = scaled_power(k)
        assert scaled >> 127 == 1
        halves += ["0x%016x," % (scaled >> 64),
                   "0x%016x," % (scaled & (1 << 64) - 1)]
    print(HEADER % (SMALLEST, LARGEST), end="")
    for i in range(0, len(halves), 4):
        print(" ".join(halves[i:i + 4]))


if __name__ == "__main__":
    main()
