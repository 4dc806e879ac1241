#include "runner/config/yaml_writer.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/io/utf8.h"

/* ----------------------------------------------------------------- strings */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_inner(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || (c && strchr("./-'", c));
}

/* Words that YAML 1.1 takes for something else, in lower case. */
static bool is_reserved(const char *text) {
    static const char *const WORDS[] = {"y",     "n",  "yes", "no",  "true",
                                        "false", "on", "off", "null"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        size_t at = 0;
        while (text[at] && (text[at] | 0x20) == WORDS[i][at])
            at++;
        if (!text[at] && !WORDS[i][at])
            return true;
    }
    return false;
}

/* Whether a string may stand without quotes, anywhere: words, names, paths,
 * sentences without punctuation. */
static bool is_plain(const char *text) {
    if (strncmp(text, "../", 3) == 0)
        text += 3;
    if ((!is_letter(*text) && *text != '/') || is_reserved(text))
        return false;
    for (; *text; text++)
        if (!is_inner(*text) && (*text != ' ' || !is_inner(text[1])))
            return false;
    return true;
}

static uint32_t code_point(const char *at, size_t length) {
    uint32_t value = (unsigned char)*at;
    if (length > 1)
        value &= 0x7fu >> length;
    for (size_t i = 1; i < length; i++)
        value = value << 6 | ((unsigned char)at[i] & 0x3f);
    return value;
}

static bool is_printable(uint32_t code) {
    return code >= 0x20 && (code < 0x7f || code > 0x9f) && code != 0x2028 &&
           code != 0x2029 && code != 0xfeff && code != 0xfffe && code != 0xffff;
}

static void write_character(const char *at, size_t length, struct text *out) {
    uint32_t code = code_point(at, length);
    if (code == '"' || code == '\\')
        text_print(out, "\\%c", (int)code);
    else if (is_printable(code))
        text_append(out, at, length);
    else
        text_print(out, "\\u%04x", (unsigned)code);
}

static void write_string(const char *string, struct text *out) {
    if (is_plain(string)) {
        text_add(out, string);
        return;
    }
    size_t length = strlen(string);
    text_add_char(out, '"');
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_character(string + at, length - at);
        if (step)
            write_character(string + at, step, out);
        else
            utf8_append(out, 0xfffd);
        step += step == 0;
    }
    text_add_char(out, '"');
}

/* ------------------------------------------------------------------- nodes */

void yaml_write_inline(const struct node *node, struct text *out) {
    if (node->kind == NODE_SCALAR) {
        if (node->quoted)
            write_string(node->text, out);
        else
            text_add(out, node->text);
        return;
    }
    assert(node->kind == NODE_LIST || node->count == 0);
    bool is_map = node->kind == NODE_MAP;
    text_add_char(out, is_map ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        text_add(out, i ? ", " : "");
        yaml_write_inline(node->members[i].value, out);
    }
    text_add_char(out, is_map ? '}' : ']');
}

static bool is_inline(const struct node *node) {
    bool is_short = node->kind == NODE_LIST || node->count == 0;
    for (size_t i = 0; is_short && i < node->count; i++)
        is_short = node->members[i].value->kind == NODE_SCALAR;
    return node->kind == NODE_SCALAR || is_short;
}

static void indent(int depth, struct text *out) {
    for (int i = 0; i < depth; i++)
        text_add(out, "  ");
}

static void write_map(const struct node *map, int depth, bool in_line,
                      struct text *out);

static void write_items(const struct node *list, int depth, struct text *out) {
    for (size_t i = 0; i < list->count; i++) {
        const struct node *item = list->members[i].value;
        indent(depth, out);
        text_add(out, "- ");
        if (item->kind == NODE_MAP && item->count) {
            write_map(item, depth + 1, true, out);
        } else {
            yaml_write_inline(item, out);
            text_add_char(out, '\n');
        }
    }
}

/* `in_line`: the first key goes on the line that there is. */
static void write_map(const struct node *map, int depth, bool in_line,
                      struct text *out) {
    for (size_t i = 0; i < map->count; i++) {
        const struct node *value = map->members[i].value;
        indent(in_line && i == 0 ? 0 : depth, out);
        text_print(out, "%s:", map->members[i].key);
        text_add_char(out, is_inline(value) ? ' ' : '\n');
        if (is_inline(value)) {
            yaml_write_inline(value, out);
            text_add_char(out, '\n');
        } else if (value->kind == NODE_MAP) {
            write_map(value, depth + 1, false, out);
        } else {
            write_items(value, depth + 1, out);
        }
    }
}

void yaml_write(const struct node *map, struct text *out) {
    write_map(map, 0, false, out);
}
