#!/usr/bin/python3
"""Writes tests/golden/statistics.csv: what scipy makes of samples and of Student's t.

    scripts/make_statistics_vectors.py > tests/golden/statistics.csv

Lines, numbers as Python's repr, lists with blanks between:
`gamma;X;log Gamma`, `beta;A;B;X;I_x(a, b)`, `cdf;T;DF;P`, `two_sided;T;DF;P`, `quantile;P;DF;T`,
`sample;VALUES;MEAN;SD;LOW;HIGH;MEDIAN`, `welch;VALUES;VALUES;T;DF;P`, `holm;P;ADJUSTED`.
Needs Debian's python3-scipy. Holm's p values are R's p.adjust(p, "holm"), whose definition is written out below.
"""
import platform

import numpy as np
import scipy
from scipy import special, stats

RANDOM = np.random.RandomState(20240229)


def line(kind, *cells):
    texts = [" ".join(repr(float(x)) for x in np.atleast_1d(cell)) for cell in cells]
    print(";".join([kind, *texts]))


def quantile(p, df):
    """ppf alone is off by 1e-9 for p = 0.9995, df = 1: Newton's steps with scipy's own tails take it further"""
    t, tail, sign = stats.t.ppf(p, df), min(p, 1 - p), 1 if p > 0.5 else -1
    for _ in range(3):
        t += sign * (stats.t.sf(abs(t), df) - tail) / stats.t.pdf(t, df)
    return t


def distributions():
    for x in (1e-3, 0.5, 1.5, 3, 7.25, 15.9, 16, 33.5, 1000, 123456.5):
        line("gamma", x, special.gammaln(x))
    for a, b, x in ((0.5, 0.5, 0.3), (2, 3, 0.75), (40, 0.5, 0.9), (0.5, 40, 0.01), (7.5, 0.5, 1e-6),
                    (300, 200, 0.61), (5000, 0.5, 0.9999)):
        line("beta", a, b, x, special.betainc(a, b, x))
    for df in (1, 1.37, 2, 3, 4.6, 9, 29.5, 99, 1234.5, 99999):
        for t in (0, 1e-8, 0.1, -0.7, 1.96, -3.3, 12, -40):
            line("cdf", t, df, stats.t.cdf(t, df))
            line("two_sided", t, df, 2 * stats.t.sf(abs(t), df))
        for p in (1e-6, 0.025, 0.4, 0.9, 0.975, 0.9995):
            line("quantile", p, df, quantile(p, df))


def sample(values):
    values = np.array(values, dtype="f8")
    mean, error = values.mean(), stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
    line("sample", values, mean, values.std(ddof=1), low, high, np.median(values))


def welch(a, b):
    result = stats.ttest_ind(a, b, equal_var=False)
    va, vb = np.var(a, ddof=1) / len(a), np.var(b, ddof=1) / len(b)
    df = (va + vb) ** 2 / (va ** 2 / (len(a) - 1) + vb ** 2 / (len(b) - 1))
    line("welch", a, b, result.statistic, df, result.pvalue)


def samples():
    drawn = [RANDOM.normal(0.3, 0.01, n).round(6) for n in (2, 3, 5, 10, 30)]
    for values in ([1, 2], [0.1, 0.2, 0.4], [1e-9, 3e-9, 2e-9, 1e-9], [1e8 + 1, 1e8 + 2, 1e8 + 4],
                   [-5, 5, 0, 1], *drawn):
        sample(values)
    for a, b in (([1, 2, 3], [2, 3, 4, 5]), ([0.1, 0.1, 0.1], [0.1, 0.2, 0.3]), ([1, 2], [100, 101]),
                 ([1e-9, 2e-9, 4e-9], [3, 1, 2]), (drawn[3], drawn[4]), (drawn[1], drawn[2] + 0.01),
                 (drawn[4], drawn[4] + 0.1), (drawn[0], drawn[0])):
        welch(np.array(a, dtype="f8"), np.array(b, dtype="f8"))


def holm(p):
    p = np.array(p, dtype="f8")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
    line("holm", p, adjusted)


def main():
    print(f"# scipy {scipy.__version__}, numpy {np.__version__}, python {platform.python_version()};"
          " scripts/make_statistics_vectors.py")
    distributions()
    samples()
    for p in ([0.04], [0.01, 0.04, 0.03], [0.5, 0.001, 0.02, 0.02, 0.9], [0.2, 0.2, 0.2, 0.0, 1.0]):
        holm(p)


if __name__ == "__main__":
    main()
