#include "runner/plan/number_sequence.h"

#include <math.h>

#include "engine/base/double_math.h"

/* An unevaluated sum of two doubles, `low` being at most half an ulp of `high`:
 * 106 bits (Dekker 1971). */
struct twofold {
    double high, low;
};

static const struct twofold LOG_10 = {0x1.26bb1bbb55516p+1,
                                      -0x1.f48ad494ea3e9p-53};
static const struct twofold LOG10_E = {0x1.bcb7b1526e50ep-2,
                                       0x1.95355baaafad3p-57};
static const double LOG_2[] = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56,
                               0x1.7b57a079a1934p-111};

/* a + b exactly. */
static struct twofold sum_of(double a, double b) {
    double high = a + b, part = high - a;
    return (struct twofold){high, (a - (high - part)) + (b - part)};
}

/* a * b exactly. */
static struct twofold product_of(double a, double b) {
    double high = a * b;
    return (struct twofold){high, fma(a, b, -high)};
}

static struct twofold add(struct twofold a, struct twofold b) {
    struct twofold sum = sum_of(a.high, b.high);
    struct twofold rest = sum_of(a.low, b.low);
    sum = sum_of(sum.high, sum.low + rest.high);
    return sum_of(sum.high, sum.low + rest.low);
}

static struct twofold multiply(struct twofold a, struct twofold b) {
    struct twofold product = product_of(a.high, b.high);
    double cross = fma(a.high, b.low, a.low * b.high);
    return sum_of(product.high, product.low + cross);
}

static struct twofold divide(struct twofold a, double b) {
    double quotient = a.high / b;
    struct twofold back = product_of(quotient, b);
    double rest = ((a.high - back.high) - back.low + a.low) / b;
    return sum_of(quotient, rest);
}

static struct twofold times_log_2(double factor) {
    struct twofold product = product_of(factor, LOG_2[0]);
    product = add(product, product_of(factor, LOG_2[1]));
    return add(product, (struct twofold){factor * LOG_2[2], 0});
}

/* exp(x) - 1 for |x| < 0.002: ten terms of its series, nested. */
static struct twofold series(struct twofold x) {
    const struct twofold one = {1, 0};
    struct twofold sum = one;
    for (int n = 10; n > 1; n--)
        sum = add(one, multiply(divide(x, n), sum));
    return multiply(x, sum);
}

/* exp(x) as fraction * 2^exponent: x less a multiple of log 2, that divided by
 * 2^8, and the series' result squared eight times. (1 + s)^2 is 1 + 2s + s^2,
 * and only s is kept, to lose nothing against the 1. */
static struct twofold exponential(struct twofold x, int *exponent) {
    const struct twofold one = {1, 0};
    double multiple = rint(x.high / LOG_2[0]);
    struct twofold rest = add(x, times_log_2(-multiple));
    rest.high /= 256;
    rest.low /= 256;
    struct twofold s = series(rest);
    for (int i = 0; i < 8; i++)
        s = add(add(s, s), multiply(s, s));
    *exponent = (int)multiple;
    return add(one, s);
}

/* log(x) by one step of Newton's on exp(y) = x from a double's logarithm: its
 * error of 2^-53 is squared. */
static struct twofold logarithm(double x) {
    int exponent, none;
    double fraction = frexp(x, &exponent);
    if (fraction < 0.75) { /* so that the logarithm of 1 is 0 */
        fraction *= 2;
        exponent--;
    }
    double start = double_log(fraction);
    struct twofold inverse = exponential((struct twofold){-start, 0}, &none);
    inverse.high = ldexp(inverse.high, none);
    inverse.low = ldexp(inverse.low, none);
    struct twofold product = multiply(inverse, (struct twofold){fraction, 0});
    struct twofold step = add(product, (struct twofold){-1, 0});
    return add(add((struct twofold){start, 0}, step), times_log_2(exponent));
}

static double log10_of(double x) {
    return multiply(logarithm(x), LOG10_E).high;
}

static double power_of_ten(double x) {
    int exponent;
    struct twofold power =
        exponential(multiply((struct twofold){x, 0}, LOG_10), &exponent);
    return ldexp(power.high, exponent);
}

void linspace(double start, double stop, size_t count, double *numbers) {
    double divisor = count > 1 ? (double)(count - 1) : 1;
    double delta = stop - start, step = delta / divisor;
    for (size_t i = 0; i < count; i++) {
        /* A step that is lost among the smallest numbers, as in numpy. */
        double part =
            step == 0 ? (double)i / divisor * delta : (double)i * step;
        numbers[i] = part + start;
    }
    if (count > 1)
        numbers[count - 1] = stop;
}

void geomspace(double start, double stop, size_t count, double *numbers) {
    double sign = start < 0 ? -1 : 1;
    linspace(log10_of(sign * start), log10_of(sign * stop), count, numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = sign * power_of_ten(numbers[i]);
    if (count > 0)
        numbers[0] = start;
    if (count > 1)
        numbers[count - 1] = stop;
}
