#!/usr/bin/env python3
"""Prints the polynomials of engine/base/double_*.c: near-minimax fits by
Chebyshev interpolation, coefficients from the constant up, with the largest
error of the rounded polynomial. Needs mpmath.

    python3 scripts/fit_double_math.py
"""
import mpmath
from mpmath import mp, mpf

mp.prec = 300


def series(term, first, count=60):
    """sum over n >= first of term(n), for removable singularities at 0."""
    return sum(term(n) for n in range(first, first + count))


def erf_slope(center):
    """(erf(center + t) - erf(center)) / t as a function of t."""
    def slope(t):
        if t == 0:
            return 2 / mp.sqrt(mp.pi) * mp.exp(-center**2)
        return (mp.erf(center + t) - mp.erf(center)) / t
    return slope


FITS = [
    ("EXP_POLYNOMIAL", "(e^r - 1 - r - r^2/2) / r^3",
     lambda r: series(lambda n: r**(n - 3) / mpmath.factorial(n), 3),
     -mp.log(2) / 2 - mpf("1e-4"), mp.log(2) / 2 + mpf("1e-4"), 10),
    ("LOG_POLYNOMIAL", "(2 atanh(s) - 2s - 2/3 s^3) / s^5 of s^2",
     lambda z: series(lambda n: 2 * z**(n - 2) / (2 * n + 1), 2),
     mpf(0), (3 - 2 * mp.sqrt(2))**2 + mpf("1e-6"), 8),
    ("SIN_POLYNOMIAL", "(sin(x) - x) / x^3 of x^2",
     lambda z: series(lambda n: (-1)**n * z**(n - 1) /
                      mpmath.factorial(2 * n + 1), 1),
     mpf(0), (mp.pi / 4)**2 + mpf("1e-6"), 7),
    ("COS_POLYNOMIAL", "(cos(x) - 1 + x^2/2) / x^4 of x^2",
     lambda z: series(lambda n: (-1)**n * z**(n - 2) /
                      mpmath.factorial(2 * n), 2),
     mpf(0), (mp.pi / 4)**2 + mpf("1e-6"), 7),
    ("ERF_LOW", "erf(x) / x - 1 of x^2, 0 <= x <= 1/2",
     lambda z: 2 / mp.sqrt(mp.pi) *
     series(lambda n: (-z)**n / (mpmath.factorial(n) * (2 * n + 1)), 0) - 1,
     mpf(0), mpf(1) / 4, 10),
    ("ERF_BELOW_1", "(erf(3/4 + t) - erf(3/4)) / t, |t| <= 1/4",
     erf_slope(mpf(3) / 4), mpf(-1) / 4, mpf(1) / 4, 14),
    ("ERF_ABOVE_1", "(erf(11/8 + t) - erf(11/8)) / t, |t| <= 3/8",
     erf_slope(mpf(11) / 8), mpf(-3) / 8, mpf(3) / 8, 17),
    ("ERFC_HIGH", "e^(x^2) erfc(x) of (x - 2) / (x + 2), 7/4 <= x <= 6",
     lambda t: mp.exp((2 * (1 + t) / (1 - t))**2) *
     mp.erfc(2 * (1 + t) / (1 - t)),
     mpf(-1) / 15, mpf(1) / 2, 14),
]


def worst_error(function, coefficients, low, high, points=400):
    worst = mpf(0)
    for i in range(points + 1):
        x = low + (high - low) * i / points + mpf("1e-30")
        worst = max(worst,
                    abs(mpmath.polyval(coefficients[::-1], x) - function(x)))
    return worst


def main():
    for name, formula, function, low, high, count in FITS:
        fit = mpmath.chebyfit(function, [low, high], count)[::-1]
        rounded = [float(c) for c in fit]
        error = worst_error(function, [mpf(c) for c in rounded], low, high)
        print("/* %s; error %s. */" % (formula, mpmath.nstr(error, 2)))
        print("static const double %s[%d] = {" % (name, count))
        for c in rounded:
            print("    %s," % c.hex())
        print("};")
    for center in (mpf(3) / 4, mpf(11) / 8):
        value = mp.erf(center)
        print("erf(%s) = %s + %s" %
              (float(center), float(value).hex(),
               float(value - float(value)).hex()))


if __name__ == "__main__":
    main()
