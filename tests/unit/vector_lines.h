#ifndef TESTS_UNIT_VECTOR_LINES_H
#define TESTS_UNIT_VECTOR_LINES_H

/* Lines of a golden file: cells between semicolons, the first line a comment
 * with the versions that made it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VECTOR_CELLS = 4096 };

struct vector_lines {
    FILE *file;
    char *line;
    size_t capacity, count;
    char *cells[VECTOR_CELLS];
};

/* Reads the next line; false at the end. */
static inline bool vector_next(struct vector_lines *lines) {
    ssize_t length = getline(&lines->line, &lines->capacity, lines->file);
    if (length < 0)
        return false;
    lines->line[strcspn(lines->line, "\n")] = '\0';
    lines->count = 0;
    for (char *cell = lines->line; cell;) {
        assert_true(lines->count < VECTOR_CELLS);
        lines->cells[lines->count++] = cell;
        cell = strchr(cell, ';');
        if (cell)
            *cell++ = '\0';
    }
    return true;
}

static inline bool vector_is(const struct vector_lines *lines,
                             const char *word) {
    return strcmp(lines->cells[0], word) == 0;
}

static inline struct vector_lines vector_open(const char *name) {
    struct vector_lines lines = {0};
    char path[1000];
    snprintf(path, sizeof path, "%s/tests/golden/%s", TEST_SOURCE_DIR, name);
    lines.file = fopen(path, "r");
    if (!lines.file)
        fail_msg("cannot read %s", path);
    assert_true(vector_next(&lines) && lines.cells[0][0] == '#');
    return lines;
}

static inline void vector_close(struct vector_lines *lines) {
    fclose(lines->file);
    free(lines->line);
}

#endif
