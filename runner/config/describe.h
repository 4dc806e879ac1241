#ifndef RUNNER_CONFIG_DESCRIBE_H
#define RUNNER_CONFIG_DESCRIBE_H

/* Fields in words, for messages, `list` and the reference config. */

#include "engine/base/field.h"
#include "engine/base/text.h"
#include "runner/config/tree.h"

/* What the field takes: "a whole number from 1 to 10", "a list of 2 numbers in
 * [0, 1)", "one of mean, sum"; with "or null" where null is a value. */
void describe_expected(const struct field *field, struct text *out);
/* The same of one element of a list. */
void describe_element(const struct field *field, struct text *out);
/* What stands there: "-1", "'abc'", "a list of 3", "nothing". */
void describe_found(const struct node *node, struct text *out);
/* "sgd, adagrad, adam": the names of a family, of words. */
void describe_kinds(const struct kind_family *family, struct text *out);
void describe_words(const char *const *words, struct text *out);

/* A number as messages have it: whole ones without a point. */
void describe_number(double value, struct text *out);

#endif
