#ifndef TESTS_UNIT_DATA_FIXTURES_H
#define TESTS_UNIT_DATA_FIXTURES_H

/* tests/golden/data_*.json: what scikit-learn makes, cuts and scales; see
 * scripts/make_data_vectors.py, which wrote them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/memory.h"
#include "engine/data/dataset.h"
#include "engine/io/json.h"
#include "engine/io/whole_file.h"

static inline struct json_value *read_json(const char *path) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    if (whole_file_read(path, (size_t)1 << 30, STATUS_INPUT, &bytes, &status))
        fail_msg("%s", status.message);
    struct json_value *document =
        json_parse((const char *)bytes.data, bytes.size, &status);
    bytes_release(&bytes);
    if (!document)
        fail_msg("%s: %s", path, status.message);
    return document;
}

/* Calls `check` with every case of tests/golden/data_NAME.json. */
static inline void check_cases(const char *name,
                               void (*check)(const struct json_value *entry)) {
    char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/data_%s.json", TEST_SOURCE_DIR,
             name);
    struct json_value *document = read_json(path);
    const struct json_value *cases = json_member(document, "cases");
    assert_true(json_count(cases) > 10);
    for (size_t i = 0; i < json_count(cases); i++)
        check(json_element(cases, i));
    json_free(document);
}

static inline int64_t integer_of(const struct json_value *entry,
                                 const char *key, int64_t fallback) {
    return json_get_integer(json_member(entry, key), fallback);
}

static inline double number_of(const struct json_value *entry, const char *key,
                               double fallback) {
    return json_get_double(json_member(entry, key), fallback);
}

static inline const char *text_of(const struct json_value *entry,
                                  const char *key) {
    return json_get_string(json_member(entry, key), "");
}

/* A list of numbers for the caller to free(). */
static inline double *numbers_of(const struct json_value *entry,
                                 const char *key, size_t *count) {
    const struct json_value *list = json_member(entry, key);
    *count = json_count(list);
    double *numbers = memory_zeroed(*count, sizeof *numbers);
    for (size_t i = 0; i < *count; i++)
        numbers[i] = json_get_double(json_element(list, i), 0);
    return numbers;
}

/* The kind of that name, which must be there. */
static inline const struct kind *kind_of(const struct kind_family *family,
                                         const char *name) {
    const struct kind *kind = kind_find(family, name);
    assert_non_null(kind);
    return kind;
}

static inline struct field_share count_share(int64_t count) {
    return (struct field_share){.is_count = true, .count = count};
}

static inline struct field_share fraction_share(double fraction) {
    return (struct field_share){.fraction = fraction};
}

static inline void check_error(const struct status *status,
                               enum status_code code, const char *key,
                               const char *fragment) {
    assert_int_equal(status->code, code);
    assert_string_equal(status->key, key);
    if (!strstr(status->message, fragment) || strchr(status->message, '\n'))
        fail_msg("'%s' does not say '%s' on one line", status->message,
                 fragment);
}

/* The fields of a table: each has a key, help, and a default or none as its
 * flags want it, and no two have one key. */
static inline void check_fields(const struct field *fields) {
    for (const struct field *field = fields; field && field->key; field++) {
        assert_non_null(field->help);
        assert_ptr_equal(field_find(fields, field->key), field);
        if (field->type != FIELD_SECTION)
            assert_int_equal(!field->default_text,
                             (field->flags & FIELD_REQUIRED) != 0);
    }
}

#endif
