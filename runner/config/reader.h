#ifndef RUNNER_CONFIG_READER_H
#define RUNNER_CONFIG_READER_H

/* From nodes to option structs, by the tables. What the files of the reader
 * share. */

#include "runner/config/config.h"
#include "runner/config/sections.h"

struct reader {
    struct tree *tree; /* owns what is made: options, lists, defaults */
    struct problems *problems;
};

/* Where in the config a value stands: a chain from it to the root, for the
 * dotted path in messages. */
struct place {
    const struct place *parent; /* NULL: the root */
    const char *key;            /* NULL: a list's item */
    size_t index;
    struct position position; /* of the key, or of a list's item */
};

/* "train.optimizer.lr"; "" for the root. */
void place_path(const struct place *place, struct text *out);

/* The place of a map's member; its position is the map's where the member is
 * missing. */
struct place place_member(const struct place *map, const struct member *member,
                          const char *key);
struct place place_item(const struct place *list, size_t index,
                        const struct node *item);

/* Adds "PATH: MESSAGE" at `position`. */
void reader_complain(struct reader *reader, const struct place *place,
                     struct position position, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "PATH: expected EXPECTED, found …" */
void reader_expected(struct reader *reader, const struct place *place,
                     const struct node *node, const char *expected);

/* True while there are few enough problems for each to be worth a search for
 * the nearest name. */
bool reader_may_search(const struct reader *reader);

/* Complains about every name that was there before ("layer 'a' is given
 * twice"). */
struct named {
    const char *name;
    struct position position;
    size_t order;
};
void read_check_unique(struct reader *reader, const struct place *place,
                       const char *noun, struct named *names, size_t count);

/* Reads a value by its row into the struct at `base`; `node` NULL means the
 * row's default. False if there was a problem. */
bool read_value(struct reader *reader, const struct place *place,
                const struct field *field, void *base, const struct node *node);

/* A scalar's string, quoted or not, if it is one; NULL if it is anything else,
 * of which `expected` says what it should have been. */
const char *read_string(struct reader *reader, const struct place *place,
                        const struct node *node, const char *expected);

/* The default of a row as the user would have written it. */
const struct node *default_node(struct tree *tree, const struct field *field);

/* The keys that a map may have; the others are problems. */
struct known_keys {
    const struct field *tables[2]; /* either may be NULL */
    const struct field_refused *refused;
    bool has_type;
    /* Found by read_check_keys(): keys that misspelt ones were meant to be. */
    const char *meant[8];
    size_t meant_count;
};
void read_check_keys(struct reader *reader, const struct place *place,
                     struct known_keys *known, const struct node *map);

/* Reads the rows of a table out of a map (NULL: none of its keys is there).
 * Required rows that are missing are problems, unless one was misspelt. */
void read_fields(struct reader *reader, const struct place *place,
                 const struct known_keys *known, const struct field *fields,
                 void *base, const struct node *map);

/* Reads the inside of a section; `node` NULL: it is not there. `base` is that
 * of the table in which the section stands. */
void read_section(struct reader *reader, const struct place *place,
                  const struct field *field, const struct section *section,
                  void *base, const struct node *node);

/* KIND or {type: KIND, …}. `common` is a table of further keys, with their base
 * (layers: name), or NULL. False, and no kind, if there was a problem. */
bool read_choice(struct reader *reader, const struct place *place,
                 const struct kind_family *family, const struct field *common,
                 void *common_base, const struct node *node,
                 struct choice *choice);

/* "test.auc". */
bool read_part_metric(struct reader *reader, const struct place *place,
                      const struct node *node, struct part_metric *metric);

#endif
