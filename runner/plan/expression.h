#ifndef RUNNER_PLAN_EXPRESSION_H
#define RUNNER_PLAN_EXPRESSION_H

/* Expressions over a config's values: `sweep.where`, and quoted scalars with
 * ${PATH} in them.
 *
 *     or · and · not · == != < <= > >= · + - · * / // % · unary - · ( )
 *
 * from loosest to tightest, with Python's meaning: comparisons chain (a < b < c
 * is a < b and b < c), `and` and `or` give the operand that decided and leave
 * the other alone, // and % round towards minus infinity, true and false count
 * as 1 and 0. Numbers are binary64. Where Python would go on with something no
 * option can be, this is an error: division by zero, a result too large for a
 * number, arithmetic with texts, the order of a text and a number. A null (of a
 * path) equals null alone and is false.
 *
 * An expression is parsed once, into steps for a stack, and evaluated as often
 * as there are runs; evaluating allocates nothing.
 */

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/status.h"
#include "runner/config/tree.h"

enum expression_type {
    EXPRESSION_NULL,
    EXPRESSION_BOOLEAN,
    EXPRESSION_NUMBER,
    EXPRESSION_TEXT,
    EXPRESSION_OTHER, /* a list or map: nothing can be done with it */
};

struct expression_value {
    enum expression_type type;
    double number;    /* of a boolean 1 or 0 */
    const char *text; /* borrowed, from the lookup or the expression */
};

/* A place in an expression's text, in characters from 1. */
struct expression_place {
    size_t column, length;
};

struct expression_path {
    char *path; /* "train.batch_size", as written, without ${} */
    struct expression_place place; /* where it stands first */
};

struct expression_step;

struct expression {
    struct expression_path *paths; /* each once, in the order of the text */
    size_t path_count;
    /* The rest is the parser's. */
    struct expression_step *steps;
    size_t step_count, step_capacity, path_capacity, text_capacity;
    char **texts;
    size_t text_count;
};

enum expression_form {
    EXPRESSION_REFERENCES, /* paths stand in ${} alone */
    EXPRESSION_WORDS,      /* bare words are paths too (`sweep.where`) */
};

/* What is wrong, and where in the text. */
struct expression_error {
    struct status status;
    struct expression_place place;
};

/* Parses a NUL-terminated text in UTF-8. STATUS_CONFIG if it is no expression;
 * it must be released all the same. Parentheses, `not` and signs nest 64
 * deep. A bare word's segments are letters, digits and '_'; a layer's name with
 * a '-' needs ${}. */
enum status_code expression_init(struct expression *expression,
                                 const char *text, enum expression_form form,
                                 struct expression_error *error);
void expression_release(struct expression *expression);

/* The value of paths[index] now; false, and a status, if there is none. */
typedef bool expression_lookup(void *data, size_t index,
                               struct expression_value *value,
                               struct status *status);

/* Only paths that the result depends on are looked up. */
enum status_code expression_evaluate(const struct expression *expression,
                                     expression_lookup *lookup, void *data,
                                     struct expression_value *result,
                                     struct expression_error *error);

/* Whether a run with this value of `sweep.where` is wanted: Python's truth of
 * booleans and numbers; a text, a null, a list say nothing and are errors. */
enum status_code expression_is_true(const struct expression_value *value,
                                    bool *is_true, struct status *status);

/* True for scalars that hold an expression: quoted, with a ${…} in them. */
bool expression_is_in(const struct node *node);

/* Where a place in a scalar's text stands in its source. A scalar whose text is
 * not the source's own characters on one line (escapes, folding) is underlined
 * whole. */
struct position expression_position(const struct node *node,
                                    struct expression_place place);

/* What a node is to an expression. A map with a `type` is that text, as a bare
 * KIND is. The text is borrowed from the node. */
struct expression_value expression_value_of(const struct node *node);

/* The value at a path, `type` of a bare KIND included; false if there is none.
 */
bool expression_value_at(struct node *root, const char *path,
                         struct expression_value *value);

/* The value as a scalar of the tree. A whole number is written without a point,
 * so that an integer option takes it. The value is no list or map. */
struct node *expression_node(struct tree *tree,
                             const struct expression_value *value,
                             struct position position);

#endif
