#ifndef RUNNER_CONFIG_SECTIONS_H
#define RUNNER_CONFIG_SECTIONS_H

/* The shape of a config: tables of fields, and for each field that is a section
 * how its inside looks. Reading, writing, `list`, `schema` and the reference
 * config all walk these rows; none of them knows a key by itself.
 *
 * A table's offsets count from its base. The tables here have struct config for
 * one; a kind's table has the kind's options, SPLIT_FIELDS struct
 * split_options, and so on: `offset` leads from a section's enclosing base to
 * its own.
 */

#include "engine/base/field.h"

enum section_shape {
    SECTION_MAP,     /* a map of `fields` */
    SECTION_CHOICE,  /* KIND or {type: KIND, …}: a struct choice */
    SECTION_CHOICES, /* a list of them */
    SECTION_LAYERS,  /* a list of struct layer_choice, with LAYER_FIELDS */
    SECTION_METRIC,  /* "test.auc": a struct part_metric */
    SECTION_METRICS, /* a list of them */
    SECTION_COLUMNS, /* labels or {start, stop}: in a struct table_options */
};

struct section {
    const struct field *table; /* where the row stands; NULL: in a kind's own */
    const char *key;
    enum section_shape shape;
    const struct field *fields;       /* SECTION_MAP, SECTION_COLUMNS */
    const struct kind_family *family; /* SECTION_CHOICE and lists of them */
    size_t offset;       /* of the struct, or of a list's pointer */
    size_t count_offset; /* lists: of their size_t */
    bool is_optional;    /* null is a value, and what is meant if not written */
    size_t present_offset; /* of a bool; an optional SECTION_MAP has one */
    const char *list_key;  /* SECTION_MAP: a bare list means this key's */
    size_t least;          /* lists: items there must be */
};

extern const struct field TOP_FIELDS[];
/* The keys of every layer besides its options; their base is the struct
 * layer_choice. */
extern const struct field LAYER_FIELDS[];
/* {start, stop} of a table's columns. */
extern const struct field COLUMNS_FIELDS[];

/* How the inside of a FIELD_SECTION row of `table` looks; never NULL. */
const struct section *section_of(const struct field *table,
                                 const struct field *field);

/* Where a misplaced key belongs ("to 'train'", "at the top"), or NULL. */
const char *section_with_key(const char *key);

/* What a record of a run leaves out: of config.yaml place and form of the
 * results, and checkpoints on the way to them; of the canonical form also what
 * changes nothing in a run's result. */
bool field_is_recorded(const struct field *table, const struct field *field,
                       bool canonical);

#endif
