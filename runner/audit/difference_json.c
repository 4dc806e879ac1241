/* Two JSON values, member by member. */

#include <inttypes.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/io/utf8.h"
#include "runner/audit/difference.h"
#include "runner/audit/ulp.h"

enum { STRING_EXCERPT = 24, PATH_LIMIT = 200 };

struct comparison {
    const char *const *passed;
    struct text path;
    size_t count;
    difference_row *row;
    void *context;
};

static bool is_integer(const struct json_value *value) {
    return json_is_number(value) &&
           json_get_integer(value, 0) == json_get_integer(value, 1);
}

static bool is_boolean(const struct json_value *value) {
    return json_get_boolean(value, false) == json_get_boolean(value, true);
}

void difference_write_value(const struct json_value *value, struct text *out) {
    const char *string = json_get_string(value, NULL);
    char digits[NUMBER_TEXT_SIZE];
    if (string) {
        text_add_char(out, '\'');
        utf8_excerpt(out, string, strlen(string), STRING_EXCERPT);
        text_add_char(out, '\'');
    } else if (is_integer(value)) {
        text_print(out, "%" PRId64, json_get_integer(value, 0));
    } else if (json_is_number(value)) {
        number_write_double(json_get_double(value, 0), digits);
        text_add(out, digits);
    } else if (json_is_object(value)) {
        const struct json_value *type = json_member(value, "type");
        text_print(out, type ? "{type: %s, ...}" : "{...}",
                   json_get_string(type, "?"));
    } else if (json_is_array(value)) {
        text_print(out, "a list of %zu", json_count(value));
    } else if (is_boolean(value)) {
        text_add(out, json_get_boolean(value, false) ? "true" : "false");
    } else {
        text_add(out, "null");
    }
}

/* ------------------------------------------------------------------- paths */

/* "a.b" + "c": returns the length to go back to. */
static size_t enter(struct comparison *comparison, const char *key) {
    size_t before = comparison->path.length;
    if (before)
        text_add_char(&comparison->path, '.');
    utf8_excerpt(&comparison->path, key, strlen(key), PATH_LIMIT);
    return before;
}

static void leave(struct comparison *comparison, size_t before) {
    comparison->path.length = before;
    comparison->path.bytes[before] = '\0';
}

static bool is_passed(const struct comparison *comparison) {
    for (const char *const *path = comparison->passed; path && *path; path++)
        if (strcmp(*path, text_string(&comparison->path)) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------ values */

static void compare(struct comparison *comparison,
                    const struct json_value *stored,
                    const struct json_value *made);

static void compare_objects(struct comparison *comparison,
                            const struct json_value *stored,
                            const struct json_value *made) {
    const struct json_value *value;
    for (size_t i = 0; i < json_count(made); i++) {
        const char *key = json_member_at(made, i, &value);
        size_t before = enter(comparison, key);
        compare(comparison, json_member(stored, key), value);
        leave(comparison, before);
    }
    for (size_t i = 0; i < json_count(stored); i++) {
        const char *key = json_member_at(stored, i, &value);
        if (json_member(made, key))
            continue;
        size_t before = enter(comparison, key);
        compare(comparison, value, NULL);
        leave(comparison, before);
    }
}

static const char *name_of(const struct json_value *element) {
    return json_get_string(json_member(element, "name"), NULL);
}

/* Whether every element has a name: then it is known by that. */
static bool has_names(const struct json_value *array) {
    bool has = json_count(array) > 0;
    for (size_t i = 0; has && i < json_count(array); i++)
        has = name_of(json_element(array, i)) != NULL;
    return has;
}

static const struct json_value *find_named(const struct json_value *array,
                                           const char *name) {
    for (size_t i = 0; i < json_count(array); i++)
        if (strcmp(name_of(json_element(array, i)), name) == 0)
            return json_element(array, i);
    return NULL;
}

/* "files.metrics.csv", wherever in the list it is. */
static void compare_named(struct comparison *comparison,
                          const struct json_value *stored,
                          const struct json_value *made) {
    const struct json_value *const arrays[2] = {made, stored};
    for (size_t i = 0; i < json_count(made) + json_count(stored); i++) {
        bool is_made = i < json_count(made);
        const struct json_value *element =
            json_element(arrays[!is_made], is_made ? i : i - json_count(made));
        const char *name = name_of(element);
        if (!is_made && find_named(made, name))
            continue;
        size_t before = enter(comparison, name);
        compare(comparison, is_made ? find_named(stored, name) : element,
                is_made ? element : NULL);
        leave(comparison, before);
    }
}

static void compare_arrays(struct comparison *comparison,
                           const struct json_value *stored,
                           const struct json_value *made) {
    size_t count = json_count(made), stored_count = json_count(stored);
    size_t longer = count > stored_count ? count : stored_count;
    char digits[NUMBER_TEXT_SIZE];
    if (has_names(stored) && has_names(made)) {
        compare_named(comparison, stored, made);
        return;
    }
    for (size_t i = 0; i < longer; i++) {
        number_write_integer((int64_t)i, digits);
        size_t before = enter(comparison, digits);
        compare(comparison, json_element(stored, i), json_element(made, i));
        leave(comparison, before);
    }
}

static bool same_number(const struct json_value *a,
                        const struct json_value *b) {
    double x = json_get_double(a, 0), y = json_get_double(b, 0);
    return is_integer(a) == is_integer(b) && memcmp(&x, &y, sizeof x) == 0 &&
           json_get_integer(a, 0) == json_get_integer(b, 0);
}

static bool same_scalar(const struct json_value *a,
                        const struct json_value *b) {
    const char *x = json_get_string(a, NULL), *y = json_get_string(b, NULL);
    if (x || y)
        return x && y && strcmp(x, y) == 0;
    if (json_is_number(a) || json_is_number(b))
        return json_is_number(a) && json_is_number(b) && same_number(a, b);
    if (json_is_object(a) || json_is_object(b) || json_is_array(a) ||
        json_is_array(b))
        return false;
    return is_boolean(a) == is_boolean(b) &&
           json_get_boolean(a, false) == json_get_boolean(b, false);
}

static void compare(struct comparison *comparison,
                    const struct json_value *stored,
                    const struct json_value *made) {
    if (is_passed(comparison))
        return;
    if (json_is_object(stored) && json_is_object(made)) {
        compare_objects(comparison, stored, made);
    } else if (json_is_array(stored) && json_is_array(made)) {
        compare_arrays(comparison, stored, made);
    } else if (!stored || !made || !same_scalar(stored, made)) {
        comparison->count++;
        comparison->row(comparison->context, text_string(&comparison->path),
                        stored, made);
    }
}

size_t difference_walk(const struct json_value *stored,
                       const struct json_value *made, const char *const *passed,
                       difference_row *row, void *context) {
    struct comparison comparison = {
        .passed = passed, .row = row, .context = context};
    compare(&comparison, stored, made);
    text_release(&comparison.path);
    return comparison.count;
}

/* ---------------------------------------------------------------- findings */

struct telling {
    const char *file;
    struct findings *findings;
};

static bool are_reals(const struct json_value *a, const struct json_value *b) {
    return json_is_number(a) && json_is_number(b) && !is_integer(a) &&
           !is_integer(b);
}

static void tell(void *context, const char *path,
                 const struct json_value *stored,
                 const struct json_value *made) {
    const struct telling *telling = context;
    struct text message = TEXT_INIT;
    text_print(&message, "%s: %s", path, stored ? "recorded " : "missing");
    if (are_reals(stored, made)) {
        ulp_write_doubles(json_get_double(stored, 0), DIFFERENCE_AGAIN,
                          json_get_double(made, 0), &message);
    } else {
        if (stored)
            difference_write_value(stored, &message);
        text_add(&message,
                 made ? DIFFERENCE_AGAIN : ", run again it is not there");
        if (made)
            difference_write_value(made, &message);
    }
    findings_add(telling->findings, FINDING_RESULT, telling->file, "%s",
                 message.bytes);
    text_release(&message);
}

size_t difference_json(const char *file, const struct json_value *stored,
                       const struct json_value *made, const char *const *passed,
                       struct findings *findings) {
    struct telling telling = {file, findings};
    return difference_walk(stored, made, passed, tell, &telling);
}
