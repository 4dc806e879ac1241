#include "runner/config/axis_check.h"

#include <stdbool.h>
#include <string.h>

static const char NOT_YET[] =
    "an axis of several values is not in this version; one value is expected";

/* numpy's words, which make an axis; a value that only begins like one does not
 * have the parenthesis. */
static const struct function_row {
    const char *name, *message;
} FUNCTIONS[] = {
    {"range(", NOT_YET},
    {"linspace(", NOT_YET},
    {"geomspace(", NOT_YET},
    {"logspace(", "logspace takes exponents and is not taken; geomspace takes "
                  "the values themselves, and axes are not in this version"},
};

static const char *find_function(const char *value, size_t *length) {
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
        *length = strlen(FUNCTIONS[i].name) - 1;
        if (strncmp(value, FUNCTIONS[i].name, *length + 1) == 0)
            return FUNCTIONS[i].message;
    }
    return NULL;
}

static size_t integer_length(const char *text) {
    size_t sign = *text == '-' || *text == '+';
    size_t digits = strspn(text + sign, "0123456789");
    return digits ? sign + digits : 0;
}

/* "1..100" and nothing else: paths have dots too. */
static size_t range_length(const char *value) {
    size_t first = integer_length(value);
    if (!first || strncmp(value + first, "..", 2) != 0)
        return 0;
    size_t last = integer_length(value + first + 2);
    size_t length = first + 2 + last;
    bool ends = value[length + strspn(value + length, " ")] == '\0';
    return last && ends ? length : 0;
}

/* The end of a quoted text that begins at `at`. */
static const char *skip_quoted(const char *at) {
    char quote = *at++;
    while (*at && *at != quote)
        at += quote == '"' && at[0] == '\\' && at[1] ? 2 : 1;
    return *at ? at : at - 1;
}

/* A comma outside brackets, braces and quotes, or NULL. A quote opens a text
 * only where a value begins: not in "it's". */
static const char *find_comma(const char *value) {
    size_t depth = 0;
    bool begins = true;
    for (const char *at = value; *at; at++) {
        if (begins && (*at == '"' || *at == '\'')) {
            at = skip_quoted(at);
            begins = false;
            continue;
        }
        if (*at == ',' && depth == 0)
            return at;
        if (*at == '[' || *at == '{')
            depth++;
        else if ((*at == ']' || *at == '}') && depth > 0)
            depth--;
        begins = strchr("[{,:", *at) || (begins && *at == ' ');
    }
    return NULL;
}

const char *axis_find(const char *value, size_t *at, size_t *length) {
    *at = strspn(value, " ");
    const char *message = find_function(value + *at, length);
    if (message)
        return message;
    *length = range_length(value + *at);
    if (*length)
        return NOT_YET;
    const char *comma = find_comma(value);
    if (!comma)
        return NULL;
    *at = (size_t)(comma - value);
    *length = 1;
    return "an axis of several values is not in this version; a list is "
           "[a, b], a text with a comma needs quotes inside quotes: "
           "'\"a, b\"'";
}
