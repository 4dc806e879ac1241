#include "runner/config/text_check.h"

#include <stdio.h>
#include <string.h>

#include "engine/io/utf8.h"

/* The last line that begins at or before the offset. */
static size_t line_at(const struct source *source, size_t offset) {
    size_t low = 0, high = source->lines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct position text_position(const struct source *source, size_t offset) {
    size_t line = line_at(source, offset);
    size_t start = source->line_starts[line];
    size_t characters = utf8_count(source->text + start, offset - start);
    return (struct position){source, line + 1, characters + 1, 1};
}

/* YAML 1.2.2, section 5.1: tab, line breaks, and what can be printed; `at` is a
 * well-formed character of `size` bytes. */
static bool is_taken(const char *at, size_t size) {
    unsigned char byte = (unsigned char)*at;
    if (size == 1)
        return (byte >= 0x20 && byte < 0x7f) || byte == '\t' || byte == '\n' ||
               byte == '\r';
    if (size == 2 && byte == 0xc2)
        return (unsigned char)at[1] >= 0xa0 || (unsigned char)at[1] == 0x85;
    static const char *const REFUSED[] = {"\xef\xbb\xbf", "\xef\xbf\xbe",
                                          "\xef\xbf\xbf"};
    for (size_t i = 0; size == 3 && i < 3; i++)
        if (memcmp(at, REFUSED[i], 3) == 0)
            return false;
    return true;
}

static size_t find_refused(const char *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        size_t size = utf8_character(text + at, length - at);
        if (size == 0 || !is_taken(text + at, size))
            break;
        at += size;
    }
    return at;
}

/* What the marks at the beginning of a file in UTF-16 or UTF-32 look like. */
static bool is_wide(const char *text, size_t length) {
    return length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
                           memcmp(text, "\xfe\xff", 2) == 0);
}

/* What the byte at the offset is, in words. */
static void describe(const struct source *source, size_t offset, char *words,
                     size_t size) {
    const char *at = source->text + offset;
    unsigned char byte = (unsigned char)*at;
    if (!utf8_character(at, source->length - offset))
        snprintf(words, size, "byte 0x%02x, not UTF-8,", byte);
    else if (byte == 0)
        snprintf(words, size, "NUL byte");
    else if (byte < 0x80 || byte == 0xc2)
        snprintf(words, size, "control character 0x%02x",
                 byte < 0x80 ? byte : (unsigned char)at[1]);
    else
        snprintf(words, size, "character that is no text");
}

bool text_check(const struct source *source, struct problems *problems) {
    size_t offset = find_refused(source->text, source->length);
    if (offset == source->length)
        return true;
    char words[64];
    describe(source, offset, words, sizeof words);
    bool wide = offset == 0 && is_wide(source->text, source->length);
    problems_add(problems, text_position(source, offset),
                 "%s at byte offset %zu; %s is text in UTF-8%s", words,
                 offset + source->skipped,
                 source->is_override ? "an override" : "a config",
                 wide ? ", and this looks like UTF-16" : "");
    return false;
}

bool text_check_directives(const struct source *source,
                           struct problems *problems) {
    static const char DIRECTIVE[] = "%TAG";
    size_t found = 0, length;
    for (size_t line = 1; line <= source->lines; line++) {
        const char *text = source_line(source, line, &length);
        if (length < 4 || memcmp(text, DIRECTIVE, 4) != 0 || ++found < 2)
            continue;
        problems_add(problems, (struct position){source, line, 1, 4},
                     "tags are not taken, nor %%TAG");
        return false;
    }
    return true;
}
