#ifndef RUNNER_PLAN_EXPRESSION_STEPS_H
#define RUNNER_PLAN_EXPRESSION_STEPS_H

/* What an expression is parsed into: steps for a machine with a stack. */

#include "runner/plan/expression.h"

enum expression_operation {
    STEP_VALUE, /* pushes `value` */
    STEP_PATH,  /* pushes paths[operand] */
    STEP_NOT,
    STEP_NEGATE,
    STEP_ADD, /* pops two, pushes one; so do all up to STEP_AT_LEAST */
    STEP_SUBTRACT,
    STEP_MULTIPLY,
    STEP_DIVIDE,
    STEP_FLOOR_DIVIDE,
    STEP_REMAINDER,
    STEP_EQUAL,
    STEP_UNEQUAL,
    STEP_LESS,
    STEP_AT_MOST,
    STEP_GREATER,
    STEP_AT_LEAST,
    /* The first of two comparisons in a chain: compares as `comparison` says,
     * leaves the second value for the next one, or else false and goes on at
     * `operand`. */
    STEP_CHAIN,
    STEP_AND, /* goes on at `operand` if the top is false, else pops it */
    STEP_OR,  /* goes on at `operand` if the top is true, else pops it */
};

struct expression_step {
    enum expression_operation operation, comparison;
    size_t operand;
    struct expression_value value;
    struct expression_place place;
};

/* Each level of nesting leaves at most a term, a sum and a comparison
 * waiting. */
enum {
    EXPRESSION_DEPTH_LIMIT = 64,
    EXPRESSION_STACK = 4 * (EXPRESSION_DEPTH_LIMIT + 2),
};

#endif
