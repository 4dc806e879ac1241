#include "engine/io/csv_value.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "engine/base/number.h"

static const struct word_row {
    const char *word;
    enum csv_kind kind;
    double value;
} WORD_ROWS[] = {
    /* pandas.read_csv, na_values */
    {"", CSV_MISSING, NAN},         {"#N/A", CSV_MISSING, NAN},
    {"#N/A N/A", CSV_MISSING, NAN}, {"#NA", CSV_MISSING, NAN},
    {"-1.#IND", CSV_MISSING, NAN},  {"-1.#QNAN", CSV_MISSING, NAN},
    {"-NaN", CSV_MISSING, NAN},     {"-nan", CSV_MISSING, NAN},
    {"1.#IND", CSV_MISSING, NAN},   {"1.#QNAN", CSV_MISSING, NAN},
    {"<NA>", CSV_MISSING, NAN},     {"N/A", CSV_MISSING, NAN},
    {"NA", CSV_MISSING, NAN},       {"NULL", CSV_MISSING, NAN},
    {"NaN", CSV_MISSING, NAN},      {"n/a", CSV_MISSING, NAN},
    {"nan", CSV_MISSING, NAN},      {"null", CSV_MISSING, NAN},
    {"True", CSV_BOOLEAN, 1},       {"TRUE", CSV_BOOLEAN, 1},
    {"true", CSV_BOOLEAN, 1},       {"False", CSV_BOOLEAN, 0},
    {"FALSE", CSV_BOOLEAN, 0},      {"false", CSV_BOOLEAN, 0},
};

static const struct word_row *find_word(const char *text, size_t length) {
    for (size_t i = 0; i < sizeof WORD_ROWS / sizeof WORD_ROWS[0]; i++)
        if (strlen(WORD_ROWS[i].word) == length &&
            memcmp(WORD_ROWS[i].word, text, length) == 0)
            return &WORD_ROWS[i];
    return NULL;
}

static bool is_blank(char character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
}

static bool is_infinity(const char *text, size_t length) {
    return (length == 3 && strncasecmp(text, "inf", 3) == 0) ||
           (length == 8 && strncasecmp(text, "infinity", 8) == 0);
}

static bool read_number(const char *text, size_t length, double *value) {
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    while (length > 0 && is_blank(*text))
        text++, length--;
    bool negative = length > 0 && *text == '-';
    if (length > 0 && (negative || *text == '+'))
        text++, length--;
    /* The sign was read: a second one is none of number_read()'s. */
    if (length == 0 || *text == '-' || *text == '+')
        return false;
    if (is_infinity(text, length))
        *value = INFINITY;
    else if (!number_read(text, length, value))
        return false;
    if (negative)
        *value = -*value;
    return true;
}

enum csv_kind csv_classify(const char *text, size_t length, double *value) {
    if (read_number(text, length, value))
        return CSV_NUMBER;
    const struct word_row *row = find_word(text, length);
    if (!row)
        return CSV_WORD;
    *value = row->value;
    return row->kind;
}
