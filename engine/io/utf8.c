#include "engine/io/utf8.h"

#include <stdbool.h>
#include <string.h>

/* RFC 3629, section 4: how long a character is by its first byte, and between
 * which values its second byte lies. */
static const struct lead_row {
    unsigned char first, last, length, second_least, second_most;
} LEAD_ROWS[] = {
    {0x00, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static const struct lead_row *find_lead(unsigned char byte) {
    size_t count = sizeof LEAD_ROWS / sizeof LEAD_ROWS[0];
    for (size_t i = 0; i < count; i++)
        if (byte >= LEAD_ROWS[i].first && byte <= LEAD_ROWS[i].last)
            return &LEAD_ROWS[i];
    return NULL;
}

size_t utf8_character(const char *bytes, size_t length) {
    const unsigned char *byte = (const unsigned char *)bytes;
    if (byte[0] < 0x80)
        return 1;
    const struct lead_row *lead = find_lead(byte[0]);
    if (!lead || lead->length > length)
        return 0;
    if (byte[1] < lead->second_least || byte[1] > lead->second_most)
        return 0;
    for (size_t i = 2; i < lead->length; i++)
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    return lead->length;
}

size_t utf8_valid(const char *bytes, size_t length) {
    size_t at = 0;
    while (at < length) {
        size_t step = utf8_character(bytes + at, length - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}

size_t utf8_count(const char *bytes, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return count;
}

void utf8_append(struct text *text, uint32_t code_point) {
    char bytes[4];
    size_t length = code_point < 0x80      ? 1
                    : code_point < 0x800   ? 2
                    : code_point < 0x10000 ? 3
                                           : 4;
    static const unsigned char MARKS[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 1; code_point >>= 6)
        bytes[i] = (char)(0x80 | (code_point & 0x3f));
    bytes[0] = (char)(MARKS[length] | code_point);
    text_append(text, bytes, length);
}

static bool is_printable(unsigned char byte) {
    return byte >= 0x20 && byte != 0x7f;
}

void utf8_excerpt(struct text *text, const char *bytes, size_t length,
                  size_t limit) {
    size_t at = 0;
    for (size_t count = 0; at < length && count < limit; count++) {
        size_t step = utf8_character(bytes + at, length - at);
        if (step == 0 || !is_printable((unsigned char)bytes[at]))
            text_add_char(text, '?');
        else
            text_append(text, bytes + at, step);
        at += step ? step : 1;
    }
    if (at < length)
        text_add(text, "...");
}

void utf8_make_line(char *text) {
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        size_t step = utf8_character(text + at, length - at);
        if (step == 0 || !is_printable((unsigned char)text[at]))
            text[at] = '?';
        at += step ? step : 1;
    }
}
