#include "engine/base/number.h"

#include <assert.h>
#include <string.h>

/* Shortest digits: Raffaello Giulietti, "The Schubfach way to render doubles"
 * (2020), with 128-bit powers of ten and a 64-bit-wide variant for binary32.
 *
 * A value c 2^q stands for every real between its neighbours' midpoints. With
 * 10^k the largest power of ten not wider than that interval, the interval
 * holds a multiple of 10^k and at most one of 10^(k+1). Four times the value
 * and its bounds are scaled by 10^-k to whole numbers whose last bit says "and
 * something more" (rounding to odd), which is enough to compare them with
 * multiples of 4 and 40 exactly. */

enum { SMALLEST_POWER = -292, LARGEST_POWER = 324 };

struct power {
    uint64_t high, low;
};

static const uint64_t POWER_HALVES[] = {
#include "engine/base/powers_of_ten.def"
};

static_assert(sizeof POWER_HALVES ==
                  (LARGEST_POWER - SMALLEST_POWER + 1) * sizeof(struct power),
              "one row for every power");

__extension__ typedef unsigned __int128 uint128_t;

/* digits * 10^exponent, the digits without trailing zeros. */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* The interval around significand * 2^exponent that reads back as it. */
struct interval {
    uint64_t significand;
    int exponent;
    /* The value is a power of two: the neighbour below is half as far. */
    bool is_lower_closer;
};

/* Four times the interval's bounds and middle, scaled by 10^-power. */
struct scaled {
    uint64_t lower, value, upper;
    int power;
};

/* floor(log2(10^k)) for |k| <= 1233. */
static int floor_log2_pow10(int k) {
    return (k * 1741647) >> 19;
}

/* floor(log10(2^q)), or floor(log10(3/4 2^q)), for |q| <= 1500. */
static int floor_log10_pow2(int q, bool three_quarters) {
    return (q * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

static struct power power_of_ten(int k) {
    assert(k >= SMALLEST_POWER && k <= LARGEST_POWER);
    const uint64_t *halves = POWER_HALVES + 2 * (k - SMALLEST_POWER);
    return (struct power){halves[0], halves[1]};
}

/* value * power / 2^128, rounded to odd. */
static uint64_t scale_double(uint64_t value, struct power power) {
    uint128_t low = (uint128_t)value * power.low;
    uint128_t high = (uint128_t)value * power.high + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The same for the 32-bit values of binary32, whose powers need 64 bits. */
static uint64_t scale_float(uint64_t value, struct power power) {
    uint64_t rounded_up = power.high + (power.low != 0);
    uint128_t product = (uint128_t)value * rounded_up;
    return (uint64_t)(product >> 64) | ((uint32_t)(product >> 32) > 1);
}

typedef uint64_t scale_function(uint64_t value, struct power power);

static inline struct scaled scale(struct interval interval,
                                  scale_function *scale_value) {
    struct scaled scaled = {
        .power = floor_log10_pow2(interval.exponent, interval.is_lower_closer)};
    struct power power = power_of_ten(-scaled.power);
    int shift = interval.exponent + floor_log2_pow10(-scaled.power) + 1;
    uint64_t value = 4 * interval.significand;
    uint64_t below = interval.is_lower_closer ? 1 : 2;
    scaled.lower = scale_value((value - below) << shift, power);
    scaled.value = scale_value(value << shift, power);
    scaled.upper = scale_value((value + 2) << shift, power);
    /* Ties read back as the even significand, so an odd one's bounds are
     * outside. */
    scaled.lower += interval.significand & 1;
    scaled.upper -= interval.significand & 1;
    return scaled;
}

/* The shortest decimal inside, the nearest to the value among equals. */
static inline struct decimal shortest(struct scaled scaled) {
    uint64_t ones = scaled.value / 4, tens = ones / 10;
    if (tens) {
        bool is_below_inside = scaled.lower <= 40 * tens;
        bool is_above_inside = 40 * tens + 40 <= scaled.upper;
        if (is_below_inside != is_above_inside)
            return (struct decimal){tens + is_above_inside, scaled.power + 1};
    }
    bool is_below_inside = scaled.lower <= 4 * ones;
    bool is_above_inside = 4 * ones + 4 <= scaled.upper;
    if (is_below_inside != is_above_inside)
        return (struct decimal){ones + is_above_inside, scaled.power};
    uint64_t middle = 4 * ones + 2;
    bool is_up = scaled.value > middle || (scaled.value == middle && ones & 1);
    return (struct decimal){ones + is_up, scaled.power};
}

static struct decimal without_zeros(struct decimal decimal) {
    static const struct {
        uint64_t divisor;
        int zeros;
    } STEPS[] = {
        {10000000000000000, 16}, {100000000, 8}, {10000, 4}, {100, 2}, {10, 1}};
    if (decimal.digits % 10)
        return decimal;
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++)
        if (decimal.digits % STEPS[i].divisor == 0) {
            decimal.digits /= STEPS[i].divisor;
            decimal.exponent += STEPS[i].zeros;
        }
    return decimal;
}

static const char DIGIT_PAIRS[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536"
    "37383940414243444546474849505152535455565758596061626364656667686970717273"
    "7475767778798081828384858687888990919293949596979899";

static int digit_count(uint64_t digits) {
    static const uint64_t LEAST_OF_NEXT[20] = {
        0,
        10,
        100,
        1000,
        10000,
        100000,
        1000000,
        10000000,
        100000000,
        1000000000,
        10000000000,
        100000000000,
        1000000000000,
        10000000000000,
        100000000000000,
        1000000000000000,
        10000000000000000,
        100000000000000000,
        1000000000000000000,
        10000000000000000000u,
    };
    int bits = 64 - __builtin_clzll(digits | 1);
    int count = (bits * 1233) >> 12; /* floor(bits log10(2)) */
    return count + (count == 0 || digits >= LEAST_OF_NEXT[count]);
}

/* Writes exactly `count` digits, with leading zeros. The four pairs of a group
 * of eight are found side by side instead of one after the other. */
static void write_digits(uint64_t digits, int count, char *text) {
    for (; count >= 8; count -= 8) {
        uint32_t eight = (uint32_t)(digits % 100000000);
        uint32_t high = eight / 10000, low = eight % 10000;
        digits /= 100000000;
        memcpy(text + count - 8, DIGIT_PAIRS + 2 * (high / 100), 2);
        memcpy(text + count - 6, DIGIT_PAIRS + 2 * (high % 100), 2);
        memcpy(text + count - 4, DIGIT_PAIRS + 2 * (low / 100), 2);
        memcpy(text + count - 2, DIGIT_PAIRS + 2 * (low % 100), 2);
    }
    uint32_t rest = (uint32_t)digits;
    for (; count >= 2; count -= 2, rest /= 100)
        memcpy(text + count - 2, DIGIT_PAIRS + 2 * (rest % 100), 2);
    if (count)
        text[0] = (char)('0' + rest % 10);
}

/* "1.5e-07": at least two digits of exponent. */
static char *write_exponent_form(struct decimal decimal, int count,
                                 char *text) {
    int exponent = decimal.exponent + count - 1;
    write_digits(decimal.digits, count, text + 1);
    text[0] = text[1];
    text[1] = '.';
    text += count > 1 ? count + 1 : 1;
    *text++ = 'e';
    *text++ = exponent < 0 ? '-' : '+';
    int magnitude = exponent < 0 ? -exponent : exponent;
    int width = magnitude < 100 ? 2 : 3;
    write_digits((uint64_t)magnitude, width, text);
    return text + width;
}

/* "0.0015", "15.25", "1500.0". */
static char *write_plain_form(struct decimal decimal, int count, char *text) {
    int point = count + decimal.exponent; /* digits before the point */
    if (point <= 0) {
        memset(text, '0', (size_t)(2 - point));
        text[1] = '.';
        write_digits(decimal.digits, count, text + 2 - point);
        return text + 2 - point + count;
    }
    if (point >= count) {
        write_digits(decimal.digits, count, text);
        memset(text + count, '0', (size_t)(point - count));
        memcpy(text + point, ".0", 2);
        return text + point + 2;
    }
    write_digits(decimal.digits, count, text + 1);
    memmove(text, text + 1, (size_t)point);
    text[point] = '.';
    return text + count + 1;
}

static char *write_decimal(struct decimal decimal, char *text) {
    int count = digit_count(decimal.digits);
    int exponent = decimal.exponent + count - 1;
    if (exponent < -4 || exponent >= 16)
        return write_exponent_form(decimal, count, text);
    return write_plain_form(decimal, count, text);
}

/* The parts of a binary format: fields of `value`'s bits. */
struct format {
    int fraction_bits, exponent_bits;
    scale_function *scale_value;
};

static inline struct decimal decimal_of(struct format format, uint64_t fraction,
                                        int biased) {
    const int bias =
        (1 << (format.exponent_bits - 1)) - 1 + format.fraction_bits;
    const uint64_t hidden = (uint64_t)1 << format.fraction_bits;
    struct interval interval = {
        .significand = biased ? hidden | fraction : fraction,
        .exponent = (biased ? biased : 1) - bias,
        .is_lower_closer = fraction == 0 && biased > 1,
    };
    int places = -interval.exponent;
    if (places >= 0 && places <= format.fraction_bits &&
        (interval.significand & (((uint64_t)1 << places) - 1)) == 0)
        return (struct decimal){interval.significand >> places, 0};
    return without_zeros(shortest(scale(interval, format.scale_value)));
}

static inline size_t write_value(struct format format, uint64_t bits,
                                 char text[NUMBER_TEXT_SIZE]) {
    const int exponent_limit = (1 << format.exponent_bits) - 1;
    uint64_t fraction = bits & (((uint64_t)1 << format.fraction_bits) - 1);
    int biased = (int)(bits >> format.fraction_bits) & exponent_limit;
    bool is_negative = bits >> (format.fraction_bits + format.exponent_bits);
    char *end = text;
    bool is_nan = biased == exponent_limit && fraction;
    if (is_negative && !is_nan)
        *end++ = '-';
    if (biased == exponent_limit) {
        memcpy(end, is_nan ? "nan" : "inf", 3);
        end += 3;
    } else if (biased == 0 && fraction == 0) {
        memcpy(end, "0.0", 3);
        end += 3;
    } else {
        end = write_decimal(decimal_of(format, fraction, biased), end);
    }
    *end = '\0';
    return (size_t)(end - text);
}

size_t number_write_double(double value, char text[NUMBER_TEXT_SIZE]) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return write_value((struct format){52, 11, scale_double}, bits, text);
}

size_t number_write_float(float value, char text[NUMBER_TEXT_SIZE]) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return write_value((struct format){23, 8, scale_float}, bits, text);
}

size_t number_write_integer(int64_t value, char text[NUMBER_TEXT_SIZE]) {
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    size_t sign = value < 0;
    text[0] = '-';
    int count = digit_count(magnitude);
    write_digits(magnitude, count, text + sign);
    text[sign + (size_t)count] = '\0';
    return sign + (size_t)count;
}
