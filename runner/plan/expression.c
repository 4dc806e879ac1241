/* The machine that runs an expression's steps. */

#include "runner/plan/expression.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "runner/plan/expression_steps.h"

static const char *const SYMBOLS[] = {
    [STEP_NEGATE] = "-",    [STEP_ADD] = "+",       [STEP_SUBTRACT] = "-",
    [STEP_MULTIPLY] = "*",  [STEP_DIVIDE] = "/",    [STEP_FLOOR_DIVIDE] = "//",
    [STEP_REMAINDER] = "%", [STEP_LESS] = "<",      [STEP_AT_MOST] = "<=",
    [STEP_GREATER] = ">",   [STEP_AT_LEAST] = ">=",
};

static const char *noun_of(const struct expression_value *value) {
    static const char *const NOUNS[] = {
        [EXPRESSION_NULL] = "null",
        [EXPRESSION_BOOLEAN] = "a boolean",
        [EXPRESSION_NUMBER] = "a number",
        [EXPRESSION_TEXT] = "a text",
        [EXPRESSION_OTHER] = "a list or map",
    };
    return NOUNS[value->type];
}

/* true and false count as numbers, as in Python. */
static bool is_number(const struct expression_value *value) {
    return value->type == EXPRESSION_NUMBER ||
           value->type == EXPRESSION_BOOLEAN;
}

static struct expression_value number_value(double number) {
    return (struct expression_value){.type = EXPRESSION_NUMBER,
                                     .number = number};
}

static struct expression_value boolean_value(bool boolean) {
    return (struct expression_value){.type = EXPRESSION_BOOLEAN,
                                     .number = boolean};
}

/* Python's truth of a value; nothing else than 0, '' and null is false. */
static bool is_true(const struct expression_value *value) {
    if (is_number(value))
        return value->number != 0;
    if (value->type == EXPRESSION_TEXT)
        return *value->text != '\0';
    return value->type == EXPRESSION_OTHER;
}

/* --------------------------------------------------------------- arithmetic */

/* Quotient and remainder as CPython's float_divmod has them: the remainder has
 * the divisor's sign, the quotient is a whole number. fmod() and floor() are
 * exact. */
static double floor_division(double a, double b, double *remainder) {
    double rest = fmod(a, b), quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) {
        rest += b;
        quotient -= 1;
    }
    *remainder = rest != 0 ? rest : copysign(0, b);
    double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

static double calculate(enum expression_operation operation, double a,
                        double b) {
    double remainder, quotient;
    switch (operation) {
    case STEP_ADD:
        return a + b;
    case STEP_SUBTRACT:
        return a - b;
    case STEP_MULTIPLY:
        return a * b;
    case STEP_DIVIDE:
        return a / b;
    default:
        quotient = floor_division(a, b, &remainder);
        return operation == STEP_REMAINDER ? remainder : quotient;
    }
}

static enum status_code arithmetic(enum expression_operation operation,
                                   struct expression_value *a,
                                   const struct expression_value *b,
                                   struct status *status) {
    const struct expression_value *wrong = !is_number(a)   ? a
                                           : !is_number(b) ? b
                                                           : NULL;
    STATUS_RETURN_IF(wrong, status, STATUS_CONFIG,
                     "'%s' takes numbers, found %s", SYMBOLS[operation],
                     noun_of(wrong));
    STATUS_RETURN_IF(operation >= STEP_DIVIDE && b->number == 0, status,
                     STATUS_CONFIG, "'%s' by zero", SYMBOLS[operation]);
    *a = number_value(calculate(operation, a->number, b->number));
    STATUS_RETURN_IF(!isfinite(a->number), status, STATUS_CONFIG,
                     "the result of '%s' is beyond the range of binary64",
                     SYMBOLS[operation]);
    return STATUS_OK;
}

/* --------------------------------------------------------------- comparison */

static bool are_equal(const struct expression_value *a,
                      const struct expression_value *b) {
    if (is_number(a) && is_number(b))
        return a->number == b->number;
    if (a->type != b->type)
        return false;
    return a->type == EXPRESSION_TEXT ? strcmp(a->text, b->text) == 0
                                      : a->type == EXPRESSION_NULL;
}

/* -1, 0, 1; the bytes of UTF-8 order texts as their code points do. */
static int order_of(const struct expression_value *a,
                    const struct expression_value *b) {
    if (a->type == EXPRESSION_TEXT)
        return strcmp(a->text, b->text);
    return (a->number > b->number) - (a->number < b->number);
}

static bool holds(enum expression_operation comparison, int order) {
    return comparison == STEP_LESS      ? order < 0
           : comparison == STEP_AT_MOST ? order <= 0
           : comparison == STEP_GREATER ? order > 0
                                        : order >= 0;
}

static enum status_code compare(enum expression_operation comparison,
                                const struct expression_value *a,
                                const struct expression_value *b, bool *result,
                                struct status *status) {
    bool have_order =
        (is_number(a) && is_number(b)) ||
        (a->type == EXPRESSION_TEXT && b->type == EXPRESSION_TEXT);
    bool is_list = a->type == EXPRESSION_OTHER || b->type == EXPRESSION_OTHER;
    STATUS_RETURN_IF(is_list, status, STATUS_CONFIG,
                     "a list or map can't be compared");
    if (comparison == STEP_EQUAL || comparison == STEP_UNEQUAL) {
        *result = are_equal(a, b) == (comparison == STEP_EQUAL);
        return STATUS_OK;
    }
    STATUS_RETURN_IF(!have_order, status, STATUS_CONFIG,
                     "'%s' takes two numbers or two texts, found %s and %s",
                     SYMBOLS[comparison], noun_of(a), noun_of(b));
    bool has_nan = is_number(a) && (isnan(a->number) || isnan(b->number));
    *result = !has_nan && holds(comparison, order_of(a, b));
    return STATUS_OK;
}

/* ------------------------------------------------------------------ machine */

struct machine {
    const struct expression *expression;
    expression_lookup *lookup;
    void *data;
    struct expression_value stack[EXPRESSION_STACK];
    size_t depth;
    size_t next; /* the step */
    struct status *status;
};

static void push(struct machine *machine, struct expression_value value) {
    assert(machine->depth < EXPRESSION_STACK);
    machine->stack[machine->depth++] = value;
}

static enum status_code look_up(struct machine *machine, size_t index) {
    struct expression_value value = {0};
    if (!machine->lookup(machine->data, index, &value, machine->status)) {
        assert(machine->status->code != STATUS_OK);
        return machine->status->code;
    }
    push(machine, value);
    return STATUS_OK;
}

static enum status_code negate(struct machine *machine) {
    struct expression_value *top = &machine->stack[machine->depth - 1];
    STATUS_RETURN_IF(!is_number(top), machine->status, STATUS_CONFIG,
                     "'-' takes a number, found %s", noun_of(top));
    *top = number_value(-top->number);
    return STATUS_OK;
}

/* `and`, `or`: the value that decides stays. */
static void decide(struct machine *machine,
                   const struct expression_step *step) {
    const struct expression_value *top = &machine->stack[machine->depth - 1];
    if (is_true(top) == (step->operation == STEP_OR))
        machine->next = step->operand;
    else
        machine->depth--;
}

static enum status_code take_chain(struct machine *machine,
                                   const struct expression_step *step) {
    struct expression_value *a = &machine->stack[machine->depth - 2];
    bool result = false;
    STATUS_TRY(compare(step->comparison, a, a + 1, &result, machine->status));
    machine->depth--;
    *a = result ? a[1] : boolean_value(false);
    if (!result)
        machine->next = step->operand;
    return STATUS_OK;
}

static enum status_code take_binary(struct machine *machine,
                                    const struct expression_step *step) {
    struct expression_value *b = &machine->stack[--machine->depth];
    struct expression_value *a = b - 1;
    if (step->operation < STEP_EQUAL)
        return arithmetic(step->operation, a, b, machine->status);
    bool result = false;
    STATUS_TRY(compare(step->operation, a, b, &result, machine->status));
    *a = boolean_value(result);
    return STATUS_OK;
}

static enum status_code take(struct machine *machine,
                             const struct expression_step *step) {
    struct expression_value *top = machine->stack + machine->depth - 1;
    switch (step->operation) {
    case STEP_VALUE:
        push(machine, step->value);
        return STATUS_OK;
    case STEP_PATH:
        return look_up(machine, step->operand);
    case STEP_NOT:
        *top = boolean_value(!is_true(top));
        return STATUS_OK;
    case STEP_NEGATE:
        return negate(machine);
    case STEP_CHAIN:
        return take_chain(machine, step);
    case STEP_AND:
    case STEP_OR:
        decide(machine, step);
        return STATUS_OK;
    default:
        return take_binary(machine, step);
    }
}

enum status_code expression_evaluate(const struct expression *expression,
                                     expression_lookup *lookup, void *data,
                                     struct expression_value *result,
                                     struct expression_error *error) {
    struct machine machine;
    machine.expression = expression;
    machine.lookup = lookup;
    machine.data = data;
    machine.depth = machine.next = 0;
    machine.status = &error->status;
    error->status.code = STATUS_OK;
    while (machine.next < expression->step_count) {
        const struct expression_step *step = &expression->steps[machine.next++];
        if (take(&machine, step) != STATUS_OK) {
            error->place = step->place;
            return error->status.code;
        }
    }
    assert(machine.depth == 1);
    *result = machine.stack[0];
    return STATUS_OK;
}

enum status_code expression_is_true(const struct expression_value *value,
                                    bool *wanted, struct status *status) {
    STATUS_RETURN_IF(!is_number(value), status, STATUS_CONFIG,
                     "expected a condition that is true or false, found %s",
                     noun_of(value));
    *wanted = is_true(value);
    return STATUS_OK;
}
