#ifndef RUNNER_CONFIG_TREE_H
#define RUNNER_CONFIG_TREE_H

/* A config as text reads: nodes that know where they were set.
 *
 * libyaml's events become a tree; `extends` and the command line change the
 * tree; checking reads it. A node keeps its position to the end, so that an
 * error found late still points at the line that caused it. All nodes, strings
 * and sources belong to the tree's pool and die with it. A problem keeps copies
 * of what it prints and may outlive the tree.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"
#include "engine/base/text.h"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

/* A text that nodes came from: a file, or one command-line override. */
struct source {
    const char *name;   /* "configs/a.yaml", or "command line" */
    const char *folder; /* of the file, "" for the working directory; data
                           paths in the text are relative to it */
    const char *text;   /* UTF-8 where it could be read; no byte order mark */
    size_t length;
    size_t skipped; /* bytes of the file before `text` (a byte order mark) */
    size_t order;   /* among the tree's sources, in which problems are sorted:
                       the config, what it extends, the command line */
    const uint32_t *line_starts; /* [lines], offsets into `text` */
    size_t lines;
    const struct tree_memory *tree;
    bool is_override;
    const char *override; /* "train.optimizer.lr=0.1" as typed */
};

struct position {
    const struct source *source; /* NULL: nowhere (a default) */
    size_t line, column;         /* from 1; columns count characters */
    size_t length;               /* characters to underline, at least 1 */
};

/* The text of a line (from 1) without its end; beyond the last it is empty. */
const char *source_line(const struct source *source, size_t line,
                        size_t *length);

struct node;

struct member {
    char *key;
    struct position key_position;
    struct node *value;
};

struct node {
    enum node_kind kind;
    struct position position; /* of the value */
    /* NODE_SCALAR */
    char *text;
    bool quoted; /* a string, whatever it looks like */
    /* NODE_MAP, NODE_LIST (key NULL) */
    struct member *members;
    size_t count, capacity;
};

/* A scalar's meaning in YAML 1.2's core schema. */
enum scalar_type {
    SCALAR_NULL,
    SCALAR_BOOLEAN,
    SCALAR_INTEGER,
    SCALAR_NUMBER, /* with a point or exponent; also .inf, .nan */
    SCALAR_STRING,
};

struct scalar {
    enum scalar_type type;
    bool boolean;
    double number; /* of an integer too */
    /* Whether it was written with a point and no whole-number reading was
     * meant ("0.5", "1.0"); 1e4 is a whole number written short. */
    bool has_point;
};

/* `number` is correctly rounded, and an infinity beyond the range. A quoted
 * scalar is a string; so is what no other type takes ("yes", "1_000", "1e"). */
struct scalar node_scalar(const struct node *node);

/* The errors of a config, all of them, in the order of lines. */
struct problem {
    char *
        message; /* "train.optimizer: unknown option 'x'; did you mean 'lr'?" */
    /* The key it is about ("train.optimizer"), with which the message begins;
     * "" is the root; NULL: the text as a whole could not be understood. */
    char *path;
    enum status_code code;
    /* Where: what is printed, and what problems are sorted by. */
    bool is_override;
    char *place; /* the file, the override as typed; NULL: nowhere */
    size_t line, column;
    char *excerpt, *caret; /* the line shown, what stands under it; or NULL */
    const void *tree;      /* whose source it is; to compare, not to follow */
    size_t group, order;   /* of the trees, of the sources in a tree */
};

struct problems {
    struct problem *problem;
    size_t count, capacity;
};

/* The message is kept on one line: control characters and bytes that are not
 * UTF-8 become '?', and what is longer than 600 characters ends in "...". */
void problems_add(struct problems *problems, struct position position,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As problems_add() with another code than STATUS_CONFIG. */
void problems_add_code(struct problems *problems, enum status_code code,
                       struct position position, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* As problems_add_code(), "PATH: MESSAGE". */
void problems_add_path(struct problems *problems, enum status_code code,
                       struct position position, const char *path,
                       const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* True if a problem, from number `from` on, is about `path`, about something
 * inside it, or about a text as a whole. One about what is around it (an
 * unknown key of `train`) leaves it ("train.loss") as it is. */
bool problems_concern(const struct problems *problems, size_t from,
                      const char *path);
/* True if one is about `path` itself, or about a text as a whole. */
bool problems_are_at(const struct problems *problems, size_t from,
                     const char *path);
/* Moves the problems of `from` that `to` does not have yet to `to`, with `note`
 * (or NULL) behind their messages; a problem that differs in its note alone is
 * the same. `from` is empty afterwards. */
void problems_move(struct problems *to, struct problems *from,
                   const char *note);
void problems_release(struct problems *problems);

/* Sorted by source and line, each once, as "FILE:LINE:COL: error: MESSAGE", the
 * source line and "^~~~" under the words. An override's place is "command line:
 * train.optimizer.lr=0.1"; a problem from nowhere begins with "runner: error:"
 * and has no lines. Long lines are cut around the caret, unsafe characters
 * shown as '?'. From the 501st problem on there are no source lines. */
void problems_print(struct problems *problems, struct text *out);
/* The same as an array of objects {file, line, column, message, source, code}:
 * `source` is the line shown, `code` the exit status. An override has
 * {override, column, …}, with `line` only where it has several lines; a problem
 * from nowhere {message, code}. */
void problems_print_json(struct problems *problems, struct text *out);
/* The code that wins among them. */
enum status_code problems_code(const struct problems *problems);

struct tree {
    struct node *root; /* NULL if there is nothing to check */
    struct tree_memory *memory;
};

/* An empty tree, for builders; the readers below do this themselves. */
void tree_init(struct tree *tree);

/* Reads a config file with everything it `extends`, merged; the
 * `extends` key itself is gone from the result. Problems are added. The root is
 * a map, or NULL where a text could not be understood: checking the rest would
 * only add errors that follow from the first. Its position's source is `path`
 * itself, whatever it extends. */
void tree_read(struct tree *tree, const char *path, struct problems *problems);
/* The same from memory (tests, fuzzing); `extends` is refused. The text is
 * copied. */
void tree_read_text(struct tree *tree, const char *name, const char *text,
                    size_t length, struct problems *problems);
void tree_release(struct tree *tree);

/* Applies one override as typed on the command line: PATH=VALUE, +LIST=VALUE,
 * ~PATH. A PATH's segments are keys, list positions from 0, or
 * the `name` of a list's item. Keys need not exist: checking finds the unknown
 * ones, at the override's position. Values that make an axis ("0.01,0.1",
 * "1..100", range(…), linspace(…), …) are refused as 'not in this version'.
 * Where the root is NULL only the argument itself is judged. */
void tree_override(struct tree *tree, const char *argument,
                   struct problems *problems);

/* Sets a path as PATH=VALUE does: maps merge, a map of another `type` is
 * replaced whole, train.steps and train.epochs replace each other, maps on the
 * way are made. `value` belongs to the tree; `position` is where `path` stands,
 * for errors and new keys. False and a problem if the path leads outside a
 * list. */
bool tree_set(struct tree *tree, const char *path, struct position position,
              struct node *value, struct problems *problems);

/* The member's value, or NULL; `map` may be NULL or no map. */
struct node *node_member(const struct node *map, const char *key);
struct member *node_find(const struct node *map, const char *key);

/* The node at a dotted path ("model.layers.0.out_features", or with a layer's
 * name for its number), or the nearest ancestor that exists; `found` says
 * which. Never NULL while the root isn't. */
struct node *node_at(struct node *root, const char *path, bool *found);

/* Takes the member out of its map or list; it stays the tree's. */
void node_remove(struct node *parent, size_t index);

/* Builders, owned by the tree. A copy's positions point to the sources of the
 * tree it was copied from, which must live as long. `key` is copied, and NULL
 * in a list. */
struct node *tree_new_scalar(struct tree *tree, const char *text, bool quoted,
                             struct position position);
struct node *tree_new_map(struct tree *tree, struct position position);
struct node *tree_new_list(struct tree *tree, struct position position);
struct node *tree_copy(struct tree *tree, const struct node *node);
void tree_add(struct tree *tree, struct node *parent, const char *key,
              struct position key_position, struct node *value);

#endif
