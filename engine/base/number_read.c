#include "engine/base/number.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* Powers of ten that binary64 holds exactly, and the most digits of a decimal
 * significand that always fit into 64 bits. */
enum { EXACT_POWERS = 22, EXACT_DIGITS = 19 };

/* A written exponent beyond it counts as it: more than any text has digits. */
#define EXPONENT_LIMIT INT64_C(100000000000000000)

static const double EXACT_POWER[EXACT_POWERS + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A text being read: what it says so far, and what is left of it. */
struct reading {
    const char *next, *end;
    uint64_t significand; /* its first EXACT_DIGITS digits */
    int digits;           /* of the significand, at most one too many */
    int64_t exponent;     /* of ten */
    bool is_negative;
};

static bool is_digit(const struct reading *reading) {
    return reading->next < reading->end && *reading->next >= '0' &&
           *reading->next <= '9';
}

static bool take(struct reading *reading, char character) {
    if (reading->next == reading->end || *reading->next != character)
        return false;
    reading->next++;
    return true;
}

/* True for a minus; a plus is taken too. */
static bool take_sign(struct reading *reading) {
    if (take(reading, '-'))
        return true;
    take(reading, '+');
    return false;
}

/* Reads digits, each of which moves the point by `step`; returns how many. */
static size_t read_digits(struct reading *reading, int step) {
    const char *first = reading->next;
    for (; is_digit(reading); reading->next++) {
        int digit = *reading->next - '0';
        if (reading->digits == 0 && digit == 0) {
            reading->exponent += step;
        } else if (reading->digits < EXACT_DIGITS) {
            reading->significand = 10 * reading->significand + (uint64_t)digit;
            reading->digits++;
            reading->exponent += step;
        } else {
            reading->digits = EXACT_DIGITS + 1;
        }
    }
    return (size_t)(reading->next - first);
}

/* Nothing, or "e" and a whole number. */
static bool read_exponent(struct reading *reading) {
    if (!take(reading, 'e') && !take(reading, 'E'))
        return true;
    bool is_negative = take_sign(reading);
    bool has_digits = is_digit(reading);
    int64_t exponent = 0;
    for (; is_digit(reading); reading->next++)
        if (exponent < EXPONENT_LIMIT)
            exponent = 10 * exponent + (*reading->next - '0');
    reading->exponent += is_negative ? -exponent : exponent;
    return has_digits;
}

static bool read_grammar(struct reading *reading) {
    reading->is_negative = take_sign(reading);
    size_t digits = read_digits(reading, 0);
    if (take(reading, '.'))
        digits += read_digits(reading, -1);
    return digits && read_exponent(reading) && reading->next == reading->end;
}

/* Where the significand and the power of ten are exact in binary64, one product
 * or quotient is the correctly rounded value (Clinger 1990). */
static bool is_exact(const struct reading *reading) {
    return reading->digits <= EXACT_DIGITS &&
           reading->significand <= (uint64_t)1 << 53 &&
           reading->exponent >= -EXACT_POWERS &&
           reading->exponent <= EXACT_POWERS;
}

static double exact_value(const struct reading *reading) {
    double value = (double)reading->significand;
    if (reading->exponent < 0)
        value /= EXACT_POWER[-reading->exponent];
    else
        value *= EXACT_POWER[reading->exponent];
    return reading->is_negative ? -value : value;
}

/* strtod() wants a NUL behind the text. It reads the point of the C locale,
 * which nothing in the program leaves. */
static double any_value(const char *text, size_t length) {
    char short_copy[64];
    if (length < sizeof short_copy) {
        memcpy(short_copy, text, length);
        short_copy[length] = '\0';
        return strtod(short_copy, NULL);
    }
    char *copy = memory_string_of(text, length);
    double value = strtod(copy, NULL);
    free(copy);
    return value;
}

bool number_read(const char *text, size_t length, double *value) {
    if (!length)
        return false;
    struct reading reading = {.next = text, .end = text + length};
    if (!read_grammar(&reading))
        return false;
    *value =
        is_exact(&reading) ? exact_value(&reading) : any_value(text, length);
    return true;
}
