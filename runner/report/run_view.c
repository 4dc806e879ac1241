#include "runner/report/run_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 256 };

/* The element of a list at a position or of that name. */
static const struct json_value *element_of(const struct json_value *list,
                                           const char *key) {
    char *end;
    unsigned long index = strtoul(key, &end, 10);
    if (*key >= '0' && *key <= '9' && !*end)
        return json_element(list, index);
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *element = json_element(list, i);
        const char *name = json_get_string(json_member(element, "name"), "");
        if (*key && strcmp(name, key) == 0)
            return element;
    }
    return NULL;
}

static const struct json_value *child_of(const struct json_value *value,
                                         const char *key) {
    if (json_is_array(value))
        return element_of(value, key);
    if (json_is_object(value))
        return json_member(value, key);
    /* A bare KIND is short for {type: KIND}. */
    return json_get_string(value, NULL) && strcmp(key, "type") == 0 ? value
                                                                    : NULL;
}

const struct json_value *json_at_path(const struct json_value *value,
                                      const char *path) {
    char key[KEY_SIZE];
    while (value) {
        size_t length = strcspn(path, ".");
        if (length >= sizeof key)
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        value = child_of(value, key);
        if (!path[length])
            return value;
        path += length + 1;
    }
    return NULL;
}

/* "test.average_loss": a part's metric, whose name may hold anything. */
static const struct json_value *metric_at(const struct json_value *metrics,
                                          const char *path) {
    char part[KEY_SIZE];
    size_t length = strcspn(path, ".");
    if (length >= sizeof part || !path[length])
        return NULL;
    memcpy(part, path, length);
    part[length] = '\0';
    return json_member(json_member(metrics, part), path + length + 1);
}

/* In the experiment's config, where nothing above the path was swept. */
static const struct json_value *unrecorded(const struct run_view *view,
                                           const char *path) {
    for (size_t i = 0; i < json_count(view->values); i++) {
        const struct json_value *value;
        const char *swept = json_member_at(view->values, i, &value);
        size_t length = strlen(swept);
        if (strncmp(path, swept, length) == 0 && path[length] == '.')
            return json_at_path(value, path + length + 1);
    }
    return json_at_path(view->base, path);
}

const struct json_value *run_view_value(const struct run_view *view,
                                        const char *path) {
    const struct json_value *planned = json_member(view->values, path);
    const struct json_value *value = planned;
    if (!planned || view->is_config_first)
        value = json_at_path(view->config, path);
    if (!value)
        value = planned;
    if (!value && !view->config)
        value = unrecorded(view, path);
    return value ? value : metric_at(view->metrics, path);
}

/* ----------------------------------------------------------------- writing */

/* `plain`: a whole number stands without a point. */
static void write_number(const struct json_value *value, bool plain,
                         struct json_writer *writer) {
    const double EXACT = 0x1p53;
    double number = json_get_double(value, 0);
    if (json_get_integer(value, 0) == json_get_integer(value, 1))
        json_integer(writer, json_get_integer(value, 0));
    else if (plain && fabs(number) < EXACT && number == trunc(number))
        json_integer(writer, (int64_t)number);
    else
        json_double(writer, number);
}

static void write_scalar(const struct json_value *value, bool plain,
                         struct json_writer *writer) {
    bool truth = json_get_boolean(value, false);
    if (json_is_number(value))
        write_number(value, plain, writer);
    else if (json_get_string(value, NULL))
        json_string(writer, json_get_string(value, ""));
    else if (truth == json_get_boolean(value, true))
        json_boolean(writer, truth);
    else
        json_null(writer);
}

static void write_any(const struct json_value *value, bool plain,
                      struct json_writer *writer) {
    bool is_object = json_is_object(value);
    if (!is_object && !json_is_array(value)) {
        write_scalar(value, plain, writer);
        return;
    }
    (is_object ? json_begin_object : json_begin_array)(writer);
    for (size_t i = 0; i < json_count(value); i++) {
        const struct json_value *child = json_element(value, i);
        if (is_object)
            json_key(writer, json_member_at(value, i, &child));
        write_any(child, plain, writer);
    }
    (is_object ? json_end_object : json_end_array)(writer);
}

void json_write_value(const struct json_value *value,
                      struct json_writer *writer) {
    write_any(value, true, writer);
}

void json_write_typed(const struct json_value *value,
                      struct json_writer *writer) {
    write_any(value, false, writer);
}
