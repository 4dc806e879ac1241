/* What a plain scalar means: YAML 1.2.2, section 10.3.2 (core schema). */

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/number.h"
#include "runner/config/tree.h"

/* Words that are no strings. */
static const struct word_row {
    const char *text;
    struct scalar scalar;
} WORDS[] = {
    {"", {.type = SCALAR_NULL}},
    {"~", {.type = SCALAR_NULL}},
    {"null", {.type = SCALAR_NULL}},
    {"Null", {.type = SCALAR_NULL}},
    {"NULL", {.type = SCALAR_NULL}},
    {"true", {.type = SCALAR_BOOLEAN, .boolean = true}},
    {"True", {.type = SCALAR_BOOLEAN, .boolean = true}},
    {"TRUE", {.type = SCALAR_BOOLEAN, .boolean = true}},
    {"false", {.type = SCALAR_BOOLEAN}},
    {"False", {.type = SCALAR_BOOLEAN}},
    {"FALSE", {.type = SCALAR_BOOLEAN}},
    {".nan", {.type = SCALAR_NUMBER, .number = NAN, .has_point = true}},
    {".NaN", {.type = SCALAR_NUMBER, .number = NAN, .has_point = true}},
    {".NAN", {.type = SCALAR_NUMBER, .number = NAN, .has_point = true}},
};

static bool read_word(const char *text, struct scalar *scalar) {
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (*WORDS[i].text == *text && strcmp(WORDS[i].text, text) == 0) {
            *scalar = WORDS[i].scalar;
            return true;
        }
    }
    return false;
}

/* 0o17 and 0x1F, without a sign. Digits are gathered in 64 bits; those beyond
 * leave a mark in the lowest bit, so that one rounding to double is right. */
static bool read_based(const char *text, struct scalar *scalar) {
    if (text[0] != '0' || (text[1] != 'o' && text[1] != 'x') || !text[2])
        return false;
    static const char DIGITS[] = "0123456789abcdef";
    int base = text[1] == 'x' ? 16 : 8;
    uint64_t bits = 0;
    double scale = 1;
    for (const char *at = text + 2; *at; at++) {
        int lower = *at >= 'A' && *at <= 'F' ? *at - 'A' + 'a' : *at;
        const char *digit = memchr(DIGITS, lower, (size_t)base);
        if (!digit)
            return false;
        uint64_t value = (uint64_t)(digit - DIGITS);
        if (bits < UINT64_C(1) << 60) {
            bits = bits * (uint64_t)base + value;
        } else {
            bits |= value != 0;
            scale *= base;
        }
    }
    *scalar =
        (struct scalar){.type = SCALAR_INTEGER, .number = (double)bits * scale};
    return true;
}

static const char *skip_digits(const char *at) {
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

/* The form of [0-9]+, or of a float; true if all of `text` is one. */
static bool match_number(const char *text, struct scalar *scalar) {
    const char *at = skip_digits(text);
    bool digits = at > text;
    scalar->type = SCALAR_INTEGER;
    scalar->has_point = *at == '.';
    if (scalar->has_point) {
        scalar->type = SCALAR_NUMBER;
        const char *fraction = at + 1;
        at = skip_digits(fraction);
        digits |= at > fraction;
    }
    if (digits && (*at == 'e' || *at == 'E')) {
        scalar->type = SCALAR_NUMBER;
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        const char *exponent = at;
        at = skip_digits(at);
        digits = at > exponent;
    }
    return digits && *at == '\0';
}

static bool is_infinity(const char *text) {
    return *text == '.' &&
           (strcmp(text, ".inf") == 0 || strcmp(text, ".Inf") == 0 ||
            strcmp(text, ".INF") == 0);
}

static bool read_number(const char *text, struct scalar *scalar) {
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    struct scalar found = {.type = SCALAR_NUMBER, .has_point = true};
    if (is_infinity(text)) {
        found.number = INFINITY;
    } else {
        if (!match_number(text, &found))
            return false;
        while (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
            text++;
        bool read = number_read(text, strlen(text), &found.number);
        assert(read);
        (void)read;
    }
    if (negative)
        found.number = -found.number;
    *scalar = found;
    return true;
}

struct scalar node_scalar(const struct node *node) {
    assert(node->kind == NODE_SCALAR);
    struct scalar scalar = {.type = SCALAR_STRING};
    static bool (*const READERS[])(const char *, struct scalar *) = {
        read_word, read_based, read_number};
    for (size_t i = 0; !node->quoted && i < 3; i++)
        if (READERS[i](node->text, &scalar))
            break;
    return scalar;
}
