#ifndef ENGINE_BASE_FIELD_H
#define ENGINE_BASE_FIELD_H

/* One table is the option.
 *
 * Whatever a config can set is a row of a table of fields: key, type, range,
 * unit, default, help, and where in a struct the value goes. Checking,
 * defaults, `runner list`, `runner schema` and `configs/reference.yaml` are all
 * read from these rows. The default is text and goes through the parser that
 * reads the user's value.
 *
 * The tables stand with what they configure (a layer's in its file); reading
 * YAML against them is runner/config's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
    FIELD_BOOLEAN,  /* bool */
    FIELD_INTEGER,  /* int64_t; 1e4 is a whole number, 1.5 is not */
    FIELD_NUMBER,   /* double, finite */
    FIELD_WORD,     /* int: the position in `words` */
    FIELD_TEXT,     /* const char *, owned by the config */
    FIELD_NUMBERS,  /* struct field_numbers */
    FIELD_INTEGERS, /* struct field_integers */
    FIELD_TEXTS,    /* struct field_texts */
    FIELD_POINTS,   /* struct field_points: lists of numbers of one length */
    /* A whole number is a count, a number with a point is a fraction inside
     * (0, 1): struct field_share. */
    FIELD_SHARE,
    /* A whole number, or a list of `most` of them, one an axis; or one of
     * `words`, if there are any: struct field_sizes. */
    FIELD_SIZES,
    /* A map, list or tagged thing with a reader of its own in runner/config
     * (data.source, model.layers, a table's columns, …); `offset` is unused. */
    FIELD_SECTION,
};

struct field_numbers {
    const double *values;
    size_t count;
};

struct field_integers {
    const int64_t *values;
    size_t count;
};

struct field_texts {
    const char *const *values;
    size_t count;
};

struct field_points {
    const double *values; /* [count][width] */
    size_t count, width;
};

struct field_share {
    bool is_count;
    int64_t count;   /* where is_count */
    double fraction; /* else */
};

enum { FIELD_SIZES_LIMIT = 2 };
struct field_sizes {
    int64_t values[FIELD_SIZES_LIMIT]; /* as many as there are axes */
    bool is_word;
    int word; /* where is_word: the position in `words` */
};

/* A value that may be absent (null, or not written): the field's `offset` is
 * that of `value`, `present_offset` that of `present`. */
struct field_optional_number {
    bool present;
    double value;
};

struct field_optional_integer {
    bool present;
    int64_t value;
};

struct field_optional_sizes {
    bool present;
    struct field_sizes value;
};

enum field_flag {
    FIELD_REQUIRED = 1,     /* has no default and must be written */
    FIELD_NULLABLE = 2,     /* null is a value; the default may be null */
    FIELD_MINIMUM_OPEN = 4, /* the minimum itself is outside the range */
    FIELD_MAXIMUM_OPEN = 8, /* so is the maximum */
    FIELD_HAS_MINIMUM = 16,
    FIELD_HAS_MAXIMUM = 32,
    /* The default follows from other keys (model.seed from seed): it is not
     * written into a run's config.yaml unless the user gave the key, and
     * `default_text` is a description for people ("seed"). The field is
     * optional and has a `present` flag. */
    FIELD_DERIVED = 64,
    /* With FIELD_TEXT and friends: a quoted scalar or number is taken as its
     * text (column labels). */
    FIELD_ANY_SCALAR = 128,
};

struct field {
    const char *key;
    enum field_type type;
    unsigned flags;
    size_t offset;
    size_t present_offset;    /* of a bool; with FIELD_NULLABLE, FIELD_DERIVED;
                                 FIELD_TEXT needs none: NULL says it all */
    const char *default_text; /* YAML; NULL with FIELD_REQUIRED */
    double minimum, maximum;  /* of the value, or of each in a list */
    size_t least, most;       /* lengths of a list; most = 0: no limit */
    const char *const *words; /* FIELD_WORD, FIELD_SIZES: NULL-terminated */
    /* A list is taken in place of the one value: by this row, which has a
     * list's type and an `offset` of its own. NULL: it is not. */
    const struct field *list;
    const char *unit; /* NULL: none */
    const char *help; /* a few words, lower case, no full stop */
};

/* Options that a library has and we refuse by name, with the reason that
 * completes "'inplace' is not taken: …". */
struct field_refused {
    const char *key;
    const char *reason;
};

/* The options of one kind: {type: NAME, option: value, …}. A kind's own struct
 * (a layer's, an optimizer's) has this one as its first member. */
struct kind {
    const char *name;
    const char *help;
    const struct field *fields; /* NULL-key-terminated; NULL: none */
    size_t options_size;        /* bytes of the options struct; 0: none */
    const struct field_refused *refused; /* NULL-key-terminated; NULL: none */
    /* Checks what no single field can say (nesterov without momentum). Returns
     * NULL, or a message and through `key` the option at fault. May be NULL. */
    const char *(*check)(const void *options, const char **key);
    /* Puts into options that passed the check what follows from the others and
     * is written out all the same. May be NULL. */
    void (*settle)(void *options);
};

/* A registry: every kind of one family. */
struct kind_family {
    const char *name;                /* "layers" */
    const char *singular;            /* "layer" */
    const struct kind *const *kinds; /* NULL-terminated */
};

/* The kind of that name, or NULL. */
const struct kind *kind_find(const struct kind_family *family,
                             const char *name);

/* The row of that key, or NULL. */
const struct field *field_find(const struct field *fields, const char *key);

/* True if the struct's flag says that a nullable or derived field has a value;
 * true for any other field. */
bool field_is_present(const struct field *field, const void *options);

/* The row that holds the value: `field`, or its list where one was given. */
const struct field *field_given(const struct field *field, const void *options);

/* Chosen options of one kind, as a config holds them. */
struct choice {
    const struct kind *kind;
    const void *options; /* kind->options_size bytes, owned by the config */
};

/* Shorthands for the rows. */
#define FIELD_AT(type, member) .offset = offsetof(type, member)
#define FIELD_OPTIONAL_AT(type, member)                                        \
    .offset = offsetof(type, member.value),                                    \
    .present_offset = offsetof(type, member.present)
#define FIELD_AT_LEAST(low) .minimum = (low)
#define FIELD_BETWEEN(low, high) .minimum = (low), .maximum = (high)

enum {
    FIELD_NOT_NEGATIVE = FIELD_HAS_MINIMUM, /* with minimum 0 or as given */
    FIELD_POSITIVE = FIELD_HAS_MINIMUM | FIELD_MINIMUM_OPEN,
    FIELD_RANGE = FIELD_HAS_MINIMUM | FIELD_HAS_MAXIMUM,
    FIELD_HALF_OPEN = FIELD_RANGE | FIELD_MAXIMUM_OPEN, /* [low, high) */
    FIELD_OPEN = FIELD_HALF_OPEN | FIELD_MINIMUM_OPEN,  /* (low, high) */
};

#endif
