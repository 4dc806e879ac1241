#include "runner/report/student.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "engine/base/double_math.h"

/* log sqrt(2 pi) */
static const double LOG_ROOT_TWO_PI = 0x1.d67f1c864beb5p-1;
/* From here on Stirling's series is exact to a double. */
static const double STIRLING_FROM = 16;

/* ------------------------------------------------------------- log Gamma */

/* log Gamma(x) less (x - 1/2) log x - x + log sqrt(2 pi): B_2k / (2k (2k - 1)
 * x^(2k - 1)), for x >= STIRLING_FROM. */
static double stirling_rest(double x) {
    static const double TERMS[] = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                   -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
    double inverse = 1 / x, square = inverse * inverse, sum = 0;
    for (size_t i = sizeof TERMS / sizeof *TERMS; i-- > 0;)
        sum = sum * square + TERMS[i];
    return sum * inverse;
}

double log_gamma(double x) {
    assert(x > 0);
    double product = 1;
    for (; x < STIRLING_FROM; x++)
        product *= x;
    return (x - 0.5) * double_log(x) - x + LOG_ROOT_TWO_PI + stirling_rest(x) -
           double_log(product);
}

/* log(Gamma(a + b) / Gamma(a)): for large a the two would cancel. */
static double log_gamma_step(double a, double b) {
    double product = 1;
    for (; a < STIRLING_FROM; a++)
        product *= a / (a + b);
    return (a - 0.5) * double_log1p(b / a) + b * double_log(a + b) - b +
           (stirling_rest(a + b) - stirling_rest(a)) + double_log(product);
}

static double log_beta(double a, double b) {
    return a >= b ? log_gamma(b) - log_gamma_step(a, b)
                  : log_gamma(a) - log_gamma_step(b, a);
}

/* -------------------------------------------------------- incomplete beta */

/* Modified Lentz: the value so far, and the ratios of successive numerators
 * and denominators. */
struct fraction {
    double value, numerator, denominator;
};

/* One more level, of partial numerator d over 1; returns the factor by which
 * the value has changed. */
static double fraction_step(struct fraction *fraction, double d) {
    const double TINY = 1e-300; /* in place of a zero that is divided by */
    fraction->numerator = 1 + d / fraction->numerator;
    if (fabs(fraction->numerator) < TINY)
        fraction->numerator = TINY;
    fraction->denominator = 1 + d * fraction->denominator;
    if (fabs(fraction->denominator) < TINY)
        fraction->denominator = TINY;
    fraction->denominator = 1 / fraction->denominator;
    double factor = fraction->numerator * fraction->denominator;
    fraction->value *= factor;
    return factor;
}

/* 1 / (1 + d1 / (1 + d2 / ...)), which takes about sqrt(max(a, b)) steps for
 * x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x) {
    enum { STEP_LIMIT = 1000000 };
    struct fraction fraction = {1, 1, 0};
    for (int m = 0; m < STEP_LIMIT; m++) {
        double odd =
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1));
        double next = m + 1;
        double even =
            next * (b - next) * x / ((a + 2 * next - 1) * (a + 2 * next));
        fraction_step(&fraction, odd);
        if (fabs(fraction_step(&fraction, even) - 1) < 1e-16)
            break;
    }
    return 1 / fraction.value;
}

/* log x, where y = 1 - x may be the more exact of the two. */
static double log_of_part(double x, double y) {
    return x > 0.5 ? double_log1p(-y) : double_log(x);
}

/* For x where the fraction is quick. */
static double beta_by_fraction(double a, double b, double x, double y) {
    double power =
        a * log_of_part(x, y) + b * log_of_part(y, x) - log_beta(a, b);
    return double_exp(power) * beta_fraction(a, b, x) / a;
}

double incomplete_beta(double a, double b, double x, double y) {
    assert(a > 0 && b > 0);
    if (x <= 0)
        return 0;
    if (y <= 0)
        return 1;
    return x < (a + 1) / (a + b + 2) ? beta_by_fraction(a, b, x, y)
                                     : 1 - beta_by_fraction(b, a, y, x);
}

/* ------------------------------------------------------------- Student's t */

double student_two_sided(double t, double df) {
    double ratio = t * t / df;
    if (isinf(ratio))
        return 0;
    return incomplete_beta(df / 2, 0.5, 1 / (1 + ratio), ratio / (1 + ratio));
}

double student_cdf(double t, double df) {
    double tail = student_two_sided(t, df) / 2;
    return t > 0 ? 1 - tail : tail;
}

static double student_density(double t, double df) {
    double power = (df + 1) / 2 * double_log1p(t * t / df);
    return double_exp(-power - log_beta(df / 2, 0.5)) / sqrt(df);
}

/* The t > 0 beyond which `tail` lies: Newton's steps inside a bracket that
 * halves where they leave it. */
static double upper_quantile(double tail, double df) {
    enum { STEP_LIMIT = 200 };
    double low = 0, high = 1;
    while (student_two_sided(high, df) / 2 > tail) {
        low = high;
        high *= 2;
    }
    double t = (low + high) / 2;
    for (int i = 0; i < STEP_LIMIT; i++) {
        double excess = student_two_sided(t, df) / 2 - tail;
        *(excess > 0 ? &low : &high) = t;
        double next = t + excess / student_density(t, df);
        if (!(next > low && next < high))
            next = low + (high - low) / 2;
        if (fabs(next - t) <= 2e-16 * t)
            return next;
        t = next;
    }
    return t;
}

double student_quantile(double p, double df) {
    assert(p > 0 && p < 1 && df >= 1);
    /* Bit for bit: p = 1/2 must be 0, and p below it the negative of its
     * mirror image. */
    double tail = p < 0.5 ? p : 1 - p;
    if (tail == 0.5)
        return 0;
    double t = upper_quantile(tail, df);
    return p < 0.5 ? -t : t;
}
