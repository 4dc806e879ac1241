/* Pickled numbers and strings. */

#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/io/pickle_machine.h"
#include "engine/io/utf8.h"

static bool push_integer(struct pickle_machine *machine, int64_t integer) {
    struct pickle_value *value = pickle_new_value(machine, PICKLE_INTEGER);
    value->integer = integer;
    pickle_push(machine, value);
    return true;
}

static bool push_boolean(struct pickle_machine *machine, bool boolean) {
    push_integer(machine, boolean);
    pickle_top(machine)->type = PICKLE_BOOLEAN;
    return true;
}

static bool push_float(struct pickle_machine *machine, double number) {
    struct pickle_value *value = pickle_new_value(machine, PICKLE_FLOAT);
    value->number = number;
    pickle_push(machine, value);
    return true;
}

/* Takes the text's bytes; they must be UTF-8 and serve as a C string. */
static bool push_string(struct pickle_machine *machine, struct text *text) {
    size_t length = text->length;
    const char *string = text_string(text);
    bool good =
        utf8_valid(string, length) == length && !memchr(string, '\0', length);
    if (good) {
        struct pickle_value *value = pickle_new_value(machine, PICKLE_STRING);
        value->string = text_take(text);
        value->length = length;
        pickle_push(machine, value);
    }
    text_release(text);
    return good;
}

static bool push_bytes(struct pickle_machine *machine, size_t width) {
    uint64_t length;
    struct text text = TEXT_INIT;
    if (!pickle_read_bytes(machine, width, &length) ||
        length > (size_t)(machine->end - machine->at))
        return false;
    text_append(&text, machine->at, (size_t)length);
    machine->at += length;
    return push_string(machine, &text);
}

static bool op_none(struct pickle_machine *machine) {
    pickle_push(machine, pickle_new_value(machine, PICKLE_NONE));
    return true;
}

static bool op_true(struct pickle_machine *machine) {
    return push_boolean(machine, true);
}

static bool op_false(struct pickle_machine *machine) {
    return push_boolean(machine, false);
}

/* Protocol 0 writes True as I01, False as I00. */
static bool op_int(struct pickle_machine *machine) {
    const char *text;
    size_t length;
    int64_t integer;
    if (!pickle_read_line(machine, &text, &length) ||
        !pickle_parse_integer(text, length, &integer))
        return false;
    if (length == 2 && text[0] == '0')
        return push_boolean(machine, integer != 0);
    return push_integer(machine, integer);
}

static bool op_long(struct pickle_machine *machine) {
    const char *text;
    size_t length;
    int64_t integer;
    if (!pickle_read_line(machine, &text, &length))
        return false;
    length -= length > 0 && text[length - 1] == 'L';
    return pickle_parse_integer(text, length, &integer) &&
           push_integer(machine, integer);
}

static bool op_binint(struct pickle_machine *machine) {
    uint64_t bits;
    return pickle_read_bytes(machine, 4, &bits) &&
           push_integer(machine, (int32_t)(uint32_t)bits);
}

static bool op_binint1(struct pickle_machine *machine) {
    uint64_t bits;
    return pickle_read_bytes(machine, 1, &bits) &&
           push_integer(machine, (int64_t)bits);
}

static bool op_binint2(struct pickle_machine *machine) {
    uint64_t bits;
    return pickle_read_bytes(machine, 2, &bits) &&
           push_integer(machine, (int64_t)bits);
}

/* Two's complement of as many bytes as it takes. */
static bool op_long1(struct pickle_machine *machine) {
    uint64_t size, bits;
    if (!pickle_read_bytes(machine, 1, &size) || size > 8 ||
        !pickle_read_bytes(machine, (size_t)size, &bits))
        return false;
    uint64_t sign = size ? (uint64_t)1 << (8 * size - 1) : 0;
    return push_integer(machine, (int64_t)((bits ^ sign) - sign));
}

static bool op_float(struct pickle_machine *machine) {
    static const struct {
        const char *word;
        double value;
    } WORDS[] = {{"nan", NAN}, {"inf", INFINITY}, {"-inf", -INFINITY}};
    const char *text;
    size_t length;
    double number;
    if (!pickle_read_line(machine, &text, &length))
        return false;
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strlen(WORDS[i].word) == length &&
            memcmp(WORDS[i].word, text, length) == 0)
            return push_float(machine, WORDS[i].value);
    return number_read(text, length, &number) && push_float(machine, number);
}

static bool op_binfloat(struct pickle_machine *machine) {
    if (machine->end - machine->at < 8)
        return false;
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | (unsigned char)*machine->at++;
    double number;
    memcpy(&number, &bits, sizeof number);
    return push_float(machine, number);
}

static int hex_digit(char character) {
    static const char DIGITS[] = "0123456789abcdef";
    char lower = character >= 'A' && character <= 'F' ? (char)(character + 32)
                                                      : character;
    const char *found = lower ? strchr(DIGITS, lower) : NULL;
    return found ? (int)(found - DIGITS) : -1;
}

/* `count` hex digits; false if there are fewer. */
static bool read_hex(const char **at, const char *end, size_t count,
                     uint32_t *value) {
    if ((size_t)(end - *at) < count)
        return false;
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(*(*at)++);
        if (digit < 0)
            return false;
        *value = *value << 4 | (uint32_t)digit;
    }
    return true;
}

/* Python 2's repr() of a str: quotes and escapes. */
static bool unescape(struct text *text, const char *at, const char *end) {
    static const char NAMES[] = "\\'\"nrt", MEANT[] = "\\'\"\n\r\t";
    while (at < end) {
        if (*at != '\\') {
            text_add_char(text, *at++);
            continue;
        }
        if (++at == end)
            return false;
        const char *name = *at ? strchr(NAMES, *at) : NULL;
        uint32_t byte;
        bool is_hex = *at++ == 'x';
        if (name)
            text_add_char(text, MEANT[name - NAMES]);
        else if (is_hex && read_hex(&at, end, 2, &byte))
            text_add_char(text, (char)byte);
        else
            return false;
    }
    return true;
}

static bool op_string(struct pickle_machine *machine) {
    const char *line;
    size_t length;
    struct text text = TEXT_INIT;
    if (!pickle_read_line(machine, &line, &length) || length < 2 ||
        (line[0] != '\'' && line[0] != '"') || line[length - 1] != line[0])
        return false;
    if (unescape(&text, line + 1, line + length - 1))
        return push_string(machine, &text);
    text_release(&text);
    return false;
}

/* Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX. */
static bool decode_raw(struct text *text, const char *at, const char *end) {
    while (at < end) {
        uint32_t code_point = (unsigned char)*at++;
        bool escaped =
            code_point == '\\' && at < end && (*at == 'u' || *at == 'U');
        if (escaped) {
            size_t digits = *at++ == 'u' ? 4 : 8;
            if (!read_hex(&at, end, digits, &code_point) ||
                code_point > 0x10ffff)
                return false;
        }
        utf8_append(text, code_point);
    }
    return true;
}

static bool op_unicode(struct pickle_machine *machine) {
    const char *line;
    size_t length;
    struct text text = TEXT_INIT;
    if (!pickle_read_line(machine, &line, &length))
        return false;
    if (decode_raw(&text, line, line + length))
        return push_string(machine, &text);
    text_release(&text);
    return false;
}

static bool op_short_bytes(struct pickle_machine *machine) {
    return push_bytes(machine, 1);
}

static bool op_long_bytes(struct pickle_machine *machine) {
    return push_bytes(machine, 4);
}

pickle_operation *const PICKLE_SCALARS[256] = {
    ['N'] = op_none,       ['I'] = op_int,         ['L'] = op_long,
    ['J'] = op_binint,     ['K'] = op_binint1,     ['M'] = op_binint2,
    ['F'] = op_float,      ['G'] = op_binfloat,    ['S'] = op_string,
    ['V'] = op_unicode,    ['U'] = op_short_bytes, ['T'] = op_long_bytes,
    ['X'] = op_long_bytes, [0x88] = op_true,       [0x89] = op_false,
    [0x8a] = op_long1,
};
