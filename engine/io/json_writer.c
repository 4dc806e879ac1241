#include "engine/io/json.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/io/utf8.h"

struct json_writer json_writer_new(struct text *text, int indent) {
    return (struct json_writer){.text = text, .indent = indent, .first = true};
}

static void start_line(struct json_writer *writer) {
    if (writer->indent <= 0)
        return;
    text_add_char(writer->text, '\n');
    for (int i = 0; i < writer->indent * writer->depth; i++)
        text_add_char(writer->text, ' ');
}

/* What stands between the member before and this one. */
static void start_member(struct json_writer *writer) {
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    if (!writer->first)
        text_add_char(writer->text, ',');
    if (writer->depth > 0)
        start_line(writer);
    writer->first = false;
}

static void begin(struct json_writer *writer, char bracket) {
    start_member(writer);
    text_add_char(writer->text, bracket);
    writer->depth++;
    writer->first = true;
}

static void end(struct json_writer *writer, char bracket) {
    assert(writer->depth > 0 && !writer->after_key);
    writer->depth--;
    if (!writer->first)
        start_line(writer);
    text_add_char(writer->text, bracket);
    writer->first = false;
}

void json_begin_object(struct json_writer *writer) {
    begin(writer, '{');
}

void json_end_object(struct json_writer *writer) {
    end(writer, '}');
}

void json_begin_array(struct json_writer *writer) {
    begin(writer, '[');
}

void json_end_array(struct json_writer *writer) {
    end(writer, ']');
}

/* RFC 8259, section 7: the characters with an escape of two letters. */
static const char *find_escape(unsigned char byte) {
    static const char *const ESCAPES[128] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
        ['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t",
    };
    return byte < 128 ? ESCAPES[byte] : NULL;
}

/* One character; what is not UTF-8 becomes U+FFFD, since JSON is UTF-8. */
static size_t write_character(struct text *text, const char *at,
                              size_t length) {
    unsigned char byte = (unsigned char)*at;
    const char *escape = find_escape(byte);
    size_t step = utf8_character(at, length);
    if (escape)
        text_add(text, escape);
    else if (byte < 0x20)
        text_print(text, "\\u%04x", byte);
    else if (step == 0)
        utf8_append(text, 0xfffd);
    else
        text_append(text, at, step);
    return step ? step : 1;
}

/* How many of the next characters are ASCII that stands for itself. */
static size_t plain_length(const char *at, size_t length) {
    size_t count = 0;
    for (; count < length; count++) {
        unsigned char byte = (unsigned char)at[count];
        if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\')
            break;
    }
    return count;
}

static void write_string(struct text *text, const char *string) {
    size_t length = strlen(string);
    text_add_char(text, '"');
    for (size_t at = 0; at < length;) {
        size_t plain = plain_length(string + at, length - at);
        text_append(text, string + at, plain);
        at += plain;
        if (at < length)
            at += write_character(text, string + at, length - at);
    }
    text_add_char(text, '"');
}

void json_key(struct json_writer *writer, const char *key) {
    assert(!writer->after_key);
    start_member(writer);
    write_string(writer->text, key);
    text_add(writer->text, writer->indent > 0 ? ": " : ":");
    writer->after_key = true;
}

void json_string(struct json_writer *writer, const char *string) {
    start_member(writer);
    write_string(writer->text, string);
}

void json_raw(struct json_writer *writer, const char *json) {
    start_member(writer);
    text_add(writer->text, json);
}

void json_integer(struct json_writer *writer, int64_t value) {
    char number[NUMBER_TEXT_SIZE];
    number_write_integer(value, number);
    json_raw(writer, number);
}

void json_double(struct json_writer *writer, double value) {
    char number[NUMBER_TEXT_SIZE] = "null";
    if (isfinite(value))
        number_write_double(value, number);
    json_raw(writer, number);
}

void json_float(struct json_writer *writer, float value) {
    char number[NUMBER_TEXT_SIZE] = "null";
    if (isfinite(value))
        number_write_float(value, number);
    json_raw(writer, number);
}

void json_boolean(struct json_writer *writer, bool value) {
    json_raw(writer, value ? "true" : "false");
}

void json_null(struct json_writer *writer) {
    json_raw(writer, "null");
}
