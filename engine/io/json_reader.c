/* The library's json_string(), json_integer() and json_null() make values;
 * ours of the same names write text. The library's are put out of the way
 * while its header is read; none of them is called here. */
#define json_string jansson_string
#define json_integer jansson_integer
#define json_null jansson_null
#include <jansson.h>
#undef json_string
#undef json_integer
#undef json_null
#undef json_boolean
#undef json_is_null
#undef json_is_number
#undef json_is_object
#undef json_is_array

#include "engine/io/json.h"

#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/io/utf8.h"

/* Without memory the library would tell of a text that is no JSON, or leave a
 * member out; ours gives up in one line instead. */
static void *allocate(size_t size) {
    return memory_resize(NULL, size, 1);
}

/* The handle is the library's value under a name of our own. */
static const json_t *open_value(const struct json_value *value) {
    return (const json_t *)(const void *)value;
}

static struct json_value *close_value(json_t *value) {
    return (struct json_value *)(void *)value;
}

static bool has_type(const struct json_value *value, json_type type) {
    return value && json_typeof(open_value(value)) == type;
}

struct json_value *json_parse(const char *text, size_t length,
                              struct status *status) {
    json_error_t error;
    json_set_alloc_funcs(allocate, free);
    json_t *document = json_loadb(
        text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (document)
        return close_value(document);
    utf8_make_line(error.text); /* it quotes the text, line ends and all */
    status_set(status, STATUS_INPUT, "not JSON: line %d, column %d: %s",
               error.line, error.column, error.text);
    return NULL;
}

void json_free(struct json_value *document) {
    json_decref((json_t *)(void *)document);
}

const struct json_value *json_member(const struct json_value *object,
                                     const char *key) {
    return close_value(json_object_get(open_value(object), key));
}

const struct json_value *json_element(const struct json_value *array,
                                      size_t index) {
    return close_value(json_array_get(open_value(array), index));
}

size_t json_count(const struct json_value *value) {
    return json_is_array(value) ? json_array_size(open_value(value))
                                : json_object_size(open_value(value));
}

const char *json_member_at(const struct json_value *object, size_t index,
                           const struct json_value **value) {
    *value = NULL;
    if (!json_is_object(object))
        return NULL;
    /* Iterating does not change the object; the library's type says it may. */
    json_t *members = (json_t *)(uintptr_t)open_value(object);
    void *member = json_object_iter(members);
    while (member && index-- > 0)
        member = json_object_iter_next(members, member);
    if (!member)
        return NULL;
    *value = close_value(json_object_iter_value(member));
    return json_object_iter_key(member);
}

bool json_is_null(const struct json_value *value) {
    return !value || has_type(value, JSON_NULL);
}

bool json_is_number(const struct json_value *value) {
    return has_type(value, JSON_INTEGER) || has_type(value, JSON_REAL);
}

bool json_is_object(const struct json_value *value) {
    return has_type(value, JSON_OBJECT);
}

bool json_is_array(const struct json_value *value) {
    return has_type(value, JSON_ARRAY);
}

const char *json_get_string(const struct json_value *value,
                            const char *fallback) {
    return has_type(value, JSON_STRING) ? json_string_value(open_value(value))
                                        : fallback;
}

double json_get_double(const struct json_value *value, double fallback) {
    return json_is_number(value) ? json_number_value(open_value(value))
                                 : fallback;
}

int64_t json_get_integer(const struct json_value *value, int64_t fallback) {
    return has_type(value, JSON_INTEGER) ? json_integer_value(open_value(value))
                                         : fallback;
}

bool json_get_boolean(const struct json_value *value, bool fallback) {
    return has_type(value, JSON_TRUE) || has_type(value, JSON_FALSE)
               ? has_type(value, JSON_TRUE)
               : fallback;
}
