#ifndef RUNNER_CONFIG_YAML_WORDS_H
#define RUNNER_CONFIG_YAML_WORDS_H

/* What libyaml's complaints mean to somebody who writes a config. */

#include <stdbool.h>
#include <stddef.h>

struct yaml_words {
    const char *context; /* libyaml's, or NULL for any */
    const char *problem; /* libyaml's, or NULL for any */
    /* The character that must be there, or 0 for any; the least column; only
     * where the context begins. */
    char character;
    size_t column;
    bool at_start;
    const char *message;
    bool at_context;   /* where the thing began is the better place to show */
    const char *whole; /* NULL, or what began at the context: "map", "list" */
};

/* The row for a complaint, or NULL for one that has none. `context` may be
 * NULL. The character at the complaint's mark, its column from 0, and whether
 * that is where the context begins tell apart what libyaml has one complaint
 * for. */
const struct yaml_words *yaml_words_find(const char *context,
                                         const char *problem, char character,
                                         size_t column, bool at_start);

#endif
