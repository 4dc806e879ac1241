#ifndef TESTS_UNIT_TABLE_FIXTURES_H
#define TESTS_UNIT_TABLE_FIXTURES_H

/* tests/fixtures/tables.json says what each fixture holds or why it is refused:
 * see scripts/make_fixtures.py, which wrote both. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/io/json.h"
#include "engine/io/table.h"

#define FIXTURES TEST_SOURCE_DIR "/tests/fixtures/"

static inline struct bytes read_file(const char *path) {
    struct bytes bytes;
    struct status status = STATUS_INIT;
    if (whole_file_read(path, (size_t)1 << 30, STATUS_INPUT, &bytes, &status))
        fail_msg("%s", status.message);
    return bytes;
}

static inline struct bytes read_fixture(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s%s", FIXTURES, name);
    return read_file(path);
}

static inline uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline void check_value(const struct json_value *expected, double value,
                               const char *label, size_t row) {
    double wanted = strtod(json_get_string(expected, "nan"), NULL);
    if (json_is_null(expected) ? value == value
                               : bits_of(wanted) != bits_of(value))
        fail_msg("column '%s', row %zu: %a, expected %s", label, row, value,
                 json_get_string(expected, "a missing value"));
}

static inline void check_column(const struct json_value *expected,
                                const struct table *table, size_t index) {
    const struct table_column *column = &table->column[index];
    const struct json_value *values = json_member(expected, "values");
    assert_string_equal(column->label,
                        json_get_string(json_member(expected, "label"), NULL));
    if (json_is_null(values)) {
        assert_null(column->values);
        assert_non_null(column->defect);
        assert_null(strchr(column->defect, '\n'));
        return;
    }
    if (column->defect)
        fail_msg("unexpected defect: %s", column->defect);
    assert_int_equal(table->rows, json_count(values));
    for (size_t row = 0; row < table->rows; row++)
        check_value(json_element(values, row), column->values[row],
                    column->label, row);
}

static inline void check_refusal(const struct json_value *entry,
                                 enum status_code code,
                                 const struct status *status) {
    const char *error = json_get_string(json_member(entry, "error"), NULL);
    const char *words = json_get_string(json_member(entry, "words"), NULL);
    bool is_config = strcmp(error, "config") == 0;
    print_message("  %s\n", status->message);
    assert_int_equal(code, is_config ? STATUS_CONFIG : STATUS_INPUT);
    assert_string_equal(status->key, is_config ? "key" : "");
    assert_null(strchr(status->message, '\n'));
    if (!strstr(status->message, words))
        fail_msg("'%s' does not say '%s'", status->message, words);
}

static inline void check_entry(const struct json_value *entry,
                               const char *name) {
    const char *key = json_get_string(json_member(entry, "key"), NULL);
    const struct json_value *columns = json_member(entry, "columns");
    struct status status = STATUS_INIT;
    struct table table;
    struct bytes bytes = read_fixture(name);
    print_message("%s %s\n", name, key ? key : "");
    enum status_code code = table_read(&bytes, name, key, &table, &status);
    bytes_release(&bytes);
    if (!columns) {
        check_refusal(entry, code, &status);
        return;
    }
    if (code != STATUS_OK)
        fail_msg("%s", status.message);
    assert_int_equal(table.columns, json_count(columns));
    for (size_t i = 0; i < table.columns; i++)
        check_column(json_element(columns, i), &table, i);
    table_release(&table);
}

/* Checks every fixture whose name ends so; returns how many there were. */
static inline size_t check_fixtures(const char *ending) {
    struct status status = STATUS_INIT;
    struct bytes text = read_fixture("tables.json");
    struct json_value *document =
        json_parse((const char *)text.data, text.size, &status);
    bytes_release(&text);
    assert_non_null(document);
    const struct json_value *entries = json_member(document, "entries");
    size_t checked = 0;
    for (size_t i = 0; i < json_count(entries); i++) {
        const struct json_value *entry = json_element(entries, i);
        const char *name = json_get_string(json_member(entry, "file"), "");
        size_t length = strlen(name);
        if (length < strlen(ending) ||
            strcmp(name + length - strlen(ending), ending) != 0)
            continue;
        check_entry(entry, name);
        checked++;
    }
    json_free(document);
    return checked;
}

/* A table read from text or bytes given in the test. */
static inline enum status_code read_given(const void *data, size_t size,
                                          struct table *table,
                                          struct status *status) {
    unsigned char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    struct bytes bytes = {copy, size};
    *status = STATUS_INIT;
    enum status_code code = table_read(&bytes, "given", NULL, table, status);
    free(copy);
    return code;
}

#endif
