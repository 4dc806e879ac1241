#include "engine/io/csv_header.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/csv_value.h"
#include "engine/io/utf8.h"

/* Labels seen, by open addressing: a million equal labels must not take a
 * million million steps. `next` is the number the next twin tries first. */
struct label_slot {
    const char *label;
    size_t next;
};

struct label_set {
    struct label_slot *slots;
    size_t mask;
};

static struct label_set label_set_new(size_t count) {
    size_t size = 16;
    while (size < 4 * count)
        size *= 2;
    return (struct label_set){memory_zeroed(size, sizeof(struct label_slot)),
                              size - 1};
}

/* FNV-1a, 64 bits. */
static uint64_t hash_label(const char *label) {
    uint64_t hash = 0xcbf29ce484222325U;
    for (; *label; label++)
        hash = (hash ^ (unsigned char)*label) * 0x100000001b3U;
    return hash ^ hash >> 32;
}

/* The label's slot, or the free one it would take. */
static struct label_slot *find_slot(const struct label_set *set,
                                    const char *label) {
    size_t at = (size_t)hash_label(label) & set->mask;
    while (set->slots[at].label && strcmp(set->slots[at].label, label) != 0)
        at = (at + 1) & set->mask;
    return &set->slots[at];
}

static char *make_twin(const struct label_set *set, struct label_slot *slot) {
    size_t size = strlen(slot->label) + 24;
    char *twin = memory_zeroed(size, 1);
    do
        snprintf(twin, size, "%s.%zu", slot->label, ++slot->next);
    while (find_slot(set, twin)->label);
    return twin;
}

/* pandas looks at all given labels before it makes a new one, so that "x, x,
 * x.1" becomes "x, x.2, x.1". The set never holds more than twice `count`. */
static void rename_twins(struct csv_header *header) {
    struct label_set set = label_set_new(header->count);
    unsigned char *is_twin = memory_zeroed(header->count, 1);
    for (size_t i = 0; i < header->count; i++) {
        struct label_slot *slot = find_slot(&set, header->labels[i]);
        is_twin[i] = slot->label != NULL;
        slot->label = slot->label ? slot->label : header->labels[i];
    }
    for (size_t i = 0; i < header->count; i++) {
        if (!is_twin[i])
            continue;
        char *twin = make_twin(&set, find_slot(&set, header->labels[i]));
        free(header->labels[i]);
        header->labels[i] = twin;
        find_slot(&set, twin)->label = twin;
    }
    free(is_twin);
    free(set.slots);
}

static void add_label(struct csv_header *header, const struct csv_cell *cell) {
    char unnamed[40];
    memory_grow(&header->labels, header->count, &header->capacity,
                sizeof *header->labels);
    snprintf(unnamed, sizeof unnamed, "Unnamed: %zu", header->count);
    header->labels[header->count++] =
        cell->length ? memory_string_of(cell->text, cell->length)
                     : memory_string(unnamed);
}

static bool is_position(const char *label, size_t position) {
    char text[24];
    snprintf(text, sizeof text, "%zu", position);
    return strcmp(text, label) == 0;
}

/* Numbers in every cell are data, unless they are what pandas writes for
 * columns without names. */
static bool lacks_labels(const struct csv_header *header) {
    bool numbers = true, positions = true;
    for (size_t i = 0; i < header->count; i++) {
        double value;
        const char *label = header->labels[i];
        numbers =
            numbers && csv_classify(label, strlen(label), &value) == CSV_NUMBER;
        positions = positions && is_position(label, i);
    }
    return numbers && !positions;
}

static enum status_code check_labels(const struct csv_scanner *scanner,
                                     const struct csv_header *header,
                                     struct status *status) {
    STATUS_RETURN_IF(lacks_labels(header), status, STATUS_INPUT,
                     "%s:%zu: the first line is all numbers: a header with "
                     "the columns' names is missing",
                     scanner->path, header->line);
    const char *label = header->labels[0];
    const char *separator = strpbrk(label, ";\t");
    STATUS_RETURN_IF(header->count == 1 && separator, status, STATUS_INPUT,
                     "%s:%zu: one column with %s in its name: the separator "
                     "must be a comma",
                     scanner->path, header->line,
                     *separator == ';' ? "';'" : "a tab");
    return STATUS_OK;
}

static enum status_code read_labels(struct csv_scanner *scanner,
                                    struct csv_header *header,
                                    struct status *status) {
    struct csv_cell cell;
    do {
        STATUS_TRY(csv_next_cell(scanner, &cell, status));
        STATUS_RETURN_IF(header->count == 0 && cell.length == 0, status,
                         STATUS_INPUT,
                         "%s:%zu:1: the first column has no name: it seems to "
                         "be the index that pandas writes; write the file with "
                         "to_csv(…, index=False)",
                         scanner->path, cell.line);
        add_label(header, &cell);
    } while (!cell.last);
    return check_labels(scanner, header, status);
}

enum status_code csv_header_read(struct csv_scanner *scanner,
                                 struct csv_header *header,
                                 struct status *status) {
    *header = (struct csv_header){.line = scanner->line};
    enum status_code code = read_labels(scanner, header, status);
    if (code == STATUS_OK)
        rename_twins(header);
    else
        csv_header_release(header);
    return code;
}

void csv_header_release(struct csv_header *header) {
    for (size_t i = 0; i < header->count; i++)
        free(header->labels[i]);
    free(header->labels);
    *header = (struct csv_header){0};
}
