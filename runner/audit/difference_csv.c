/* Two CSV files of a record, cell by cell. */

#include <string.h>

#include "engine/base/number.h"
#include "engine/io/csv_scan.h"
#include "engine/io/utf8.h"
#include "runner/audit/difference.h"
#include "runner/audit/ulp.h"

/* Cells that are told one by one. */
enum { CELLS_TOLD = 3, COLUMN_LIMIT = 512, CELL_EXCERPT = 40 };

/* One of the two texts, and its current record's cells, copied. */
struct side {
    struct csv_scanner scanner;
    struct text cells[COLUMN_LIMIT];
    size_t count;
};

struct comparison {
    const char *file;
    struct side stored, made;
    struct text header[COLUMN_LIMIT]; /* of the made one */
    size_t header_count;
    bool is_predictions, is_metrics;
    size_t different; /* cells */
    struct findings *findings;
};

/* Reads the record that the scanner stands at; false where it is no CSV. */
static bool read_cells(struct side *side) {
    struct csv_cell cell = {.last = false};
    struct status ignored = STATUS_INIT;
    side->count = 0;
    while (!cell.last) {
        if (side->count == COLUMN_LIMIT ||
            csv_next_cell(&side->scanner, &cell, &ignored) != STATUS_OK)
            return false;
        struct text *text = &side->cells[side->count++];
        text_clear(text);
        text_append(text, cell.text, cell.length);
    }
    return true;
}

static bool same_cell(const struct text *a, const struct text *b) {
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* float32 where the text made again is what a float32 is written as, and the
 * two differ as such. */
static bool are_floats(double a, double b, const struct text *made) {
    char digits[NUMBER_TEXT_SIZE];
    number_write_float((float)b, digits);
    return strcmp(digits, made->bytes) == 0 && (float)a != (float)b;
}

static void add_cells(const struct comparison *comparison, const struct text *x,
                      const struct text *y, struct text *out) {
    double a, b;
    if (!number_read(x->bytes, x->length, &a) ||
        !number_read(y->bytes, y->length, &b) ||
        (ulp_double(a, b) == 0 && !(a == 0 && b == 0))) {
        text_add_char(out, '\'');
        utf8_excerpt(out, x->bytes, x->length, CELL_EXCERPT);
        text_print(out, "'%s'", DIFFERENCE_AGAIN);
        utf8_excerpt(out, y->bytes, y->length, CELL_EXCERPT);
        text_add_char(out, '\'');
    } else if (comparison->is_predictions && are_floats(a, b, y)) {
        ulp_write_floats((float)a, DIFFERENCE_AGAIN, (float)b, out);
    } else {
        ulp_write_doubles(a, DIFFERENCE_AGAIN, b, out);
    }
}

/* "test.auc", "step 250: test.accuracy", "row 17: y". */
static void add_place(const struct comparison *comparison, size_t column,
                      struct text *out) {
    const struct text *cells = comparison->made.cells;
    if (comparison->is_metrics)
        text_print(out, "%s.%s", cells[0].bytes, cells[1].bytes);
    else
        text_print(
            out, "%s %s: %s", comparison->header[0].bytes, cells[0].bytes,
            column < comparison->header_count ? comparison->header[column].bytes
                                              : "?");
}

static void tell(struct comparison *comparison, size_t column) {
    struct text message = TEXT_INIT;
    if (comparison->different++ >= CELLS_TOLD)
        return;
    add_place(comparison, column, &message);
    text_add(&message, ": recorded ");
    add_cells(comparison, &comparison->stored.cells[column],
              &comparison->made.cells[column], &message);
    findings_add(comparison->findings, FINDING_RESULT, comparison->file, "%s",
                 message.bytes);
    text_release(&message);
}

/* False where the two go no further together. */
static bool compare_record(struct comparison *comparison) {
    struct side *stored = &comparison->stored, *made = &comparison->made;
    if (!read_cells(stored) || !read_cells(made) ||
        stored->count != made->count)
        return false;
    /* A metric or a row of another name is no cell that differs. */
    size_t labels = comparison->is_metrics ? 2 : 1;
    for (size_t i = 0; i < labels && i < made->count; i++)
        if (!same_cell(&stored->cells[i], &made->cells[i]))
            return false;
    for (size_t i = labels; i < made->count; i++)
        if (!same_cell(&stored->cells[i], &made->cells[i]))
            tell(comparison, i);
    return true;
}

static bool compare_header(struct comparison *comparison) {
    struct side *stored = &comparison->stored, *made = &comparison->made;
    if (!csv_next_record(&stored->scanner) ||
        !csv_next_record(&made->scanner) || !read_cells(stored) ||
        !read_cells(made) || stored->count != made->count)
        return false;
    comparison->header_count = made->count;
    for (size_t i = 0; i < made->count; i++) {
        if (!same_cell(&stored->cells[i], &made->cells[i]))
            return false;
        text_append(&comparison->header[i], made->cells[i].bytes,
                    made->cells[i].length);
    }
    return true;
}

/* False where they differ in more than cells. */
static bool compare_cells(struct comparison *comparison) {
    if (!compare_header(comparison))
        return false;
    for (;;) {
        bool more = csv_next_record(&comparison->stored.scanner);
        if (csv_next_record(&comparison->made.scanner) != more)
            return false;
        if (!more)
            return comparison->different > 0;
        if (!compare_record(comparison))
            return false;
    }
}

static void release(struct comparison *comparison) {
    csv_scanner_release(&comparison->stored.scanner);
    csv_scanner_release(&comparison->made.scanner);
    for (size_t i = 0; i < COLUMN_LIMIT; i++) {
        text_release(&comparison->stored.cells[i]);
        text_release(&comparison->made.cells[i]);
        text_release(&comparison->header[i]);
    }
}

static bool is_text(const struct bytes *bytes) {
    const char *text = (const char *)bytes->data;
    return !memchr(text, '\0', bytes->size) &&
           utf8_valid(text, bytes->size) == bytes->size;
}

void difference_csv(const char *file, const struct bytes *stored,
                    const struct text *made, struct findings *findings) {
    struct comparison comparison = {
        .file = file,
        .stored.scanner = csv_scanner_new(file, (const char *)stored->data,
                                          is_text(stored) ? stored->size : 0),
        .made.scanner = csv_scanner_new(file, text_string(made), made->length),
        .is_predictions = strcmp(file, "predictions.csv") == 0,
        .is_metrics = strcmp(file, "metrics.csv") == 0,
        .findings = findings};
    bool only_cells = compare_cells(&comparison);
    if (comparison.different > CELLS_TOLD)
        findings_add(findings, FINDING_RESULT, file, "%zu more cells differ",
                     comparison.different - CELLS_TOLD);
    if (!only_cells && comparison.different == 0)
        difference_lines(file, "", stored, made, findings);
    release(&comparison);
}
