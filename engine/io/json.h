#ifndef ENGINE_IO_JSON_H
#define ENGINE_IO_JSON_H

/* JSON text, written by a small streaming writer with the project's own numbers
 * (shortest text that reads back), keys in the order given; read by jansson. */

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/status.h"
#include "engine/base/text.h"

/* jansson exports functions of some of these names: ours stay invisible to it,
 * however they are compiled. */
#pragma GCC visibility push(hidden)

/* Writes into `text`. With `indent` > 0 each member stands on a line of its
 * own, else everything on one line with no blanks. Commas are the writer's. */
struct json_writer {
    struct text *text;
    int indent, depth;
    bool first;     /* no member written yet at this depth */
    bool after_key; /* the next value belongs to the key just written */
};

struct json_writer json_writer_new(struct text *text, int indent);
void json_begin_object(struct json_writer *writer);
void json_end_object(struct json_writer *writer);
void json_begin_array(struct json_writer *writer);
void json_end_array(struct json_writer *writer);
/* A key, for the value that follows. */
void json_key(struct json_writer *writer, const char *key);
void json_string(struct json_writer *writer, const char *string);
void json_integer(struct json_writer *writer, int64_t value);
void json_double(struct json_writer *writer, double value); /* NaN, Inf: null */
void json_float(struct json_writer *writer, float value);
void json_boolean(struct json_writer *writer, bool value);
void json_null(struct json_writer *writer);
/* Ready-made JSON text as one value. */
void json_raw(struct json_writer *writer, const char *json);

/* Reading. A document is a tree of values that belong to it. */
struct json_value; /* jansson's json_t */

/* Parses a whole text; NULL and a message (STATUS_INPUT) if it is not JSON. */
struct json_value *json_parse(const char *text, size_t length,
                              struct status *status);
void json_free(struct json_value *document);

/* The member of an object or element of an array, or NULL; NULL in, NULL out.
 */
const struct json_value *json_member(const struct json_value *object,
                                     const char *key);
const struct json_value *json_element(const struct json_value *array,
                                      size_t index);
size_t json_count(const struct json_value *value); /* members or elements */
/* The key and value of an object's i-th member, in the order of the text. */
const char *json_member_at(const struct json_value *object, size_t index,
                           const struct json_value **value);

bool json_is_null(const struct json_value *value); /* also true for NULL */
bool json_is_number(const struct json_value *value);
bool json_is_object(const struct json_value *value);
bool json_is_array(const struct json_value *value);
/* The value, or the fallback where it is of another type or NULL. */
const char *json_get_string(const struct json_value *value,
                            const char *fallback);
double json_get_double(const struct json_value *value, double fallback);
int64_t json_get_integer(const struct json_value *value, int64_t fallback);
bool json_get_boolean(const struct json_value *value, bool fallback);

#pragma GCC visibility pop

#endif
