/* Text to steps: recursive descent, one function a level of precedence. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/plan/expression_tokens.h"

/* -------------------------------------------------------------------- steps */

static struct expression_step *add(struct parser *parser,
                                   enum expression_operation operation,
                                   struct expression_place place) {
    struct expression *expression = parser->expression;
    memory_grow(&expression->steps, expression->step_count,
                &expression->step_capacity, sizeof *expression->steps);
    struct expression_step *step = &expression->steps[expression->step_count++];
    *step = (struct expression_step){.operation = operation, .place = place};
    return step;
}

static size_t add_path(struct expression *expression,
                       const struct token *token) {
    for (size_t i = 0; i < expression->path_count; i++)
        if (token_has_text(token, expression->paths[i].path))
            return i;
    memory_grow(&expression->paths, expression->path_count,
                &expression->path_capacity, sizeof *expression->paths);
    expression->paths[expression->path_count] = (struct expression_path){
        memory_string_of(token->start, token->length), token->place};
    return expression->path_count++;
}

static const char *add_text(struct expression *expression,
                            const struct token *token) {
    memory_grow(&expression->texts, expression->text_count,
                &expression->text_capacity, sizeof *expression->texts);
    char *text = memory_string_of(token->start, token->length);
    expression->texts[expression->text_count++] = text;
    return text;
}

static void add_value(struct parser *parser, struct expression_value value) {
    add(parser, STEP_VALUE, parser->token.place)->value = value;
    token_next(parser);
}

/* ------------------------------------------------------------------ grammar */

static void parse_or(struct parser *parser);

/* False, and an error, if it nests too deep. */
static bool enter(struct parser *parser) {
    if (++parser->depth <= EXPRESSION_DEPTH_LIMIT)
        return true;
    parser_fail(parser, parser->token.place, "nesting deeper than %d",
                EXPRESSION_DEPTH_LIMIT);
    return false;
}

static void parse_parentheses(struct parser *parser) {
    struct expression_place open = parser->token.place;
    if (enter(parser)) {
        token_next(parser);
        parse_or(parser);
        if (parser->token.type == TOKEN_END)
            parser_fail(parser, open, "the '(' here is not closed");
        else if (!token_is(parser, ")"))
            parser_fail_at_token(parser, "an operator or ')'");
        token_next(parser);
    }
    parser->depth--;
}

static void parse_atom(struct parser *parser) {
    struct token *token = &parser->token;
    bool is_true = token_is(parser, "true");
    if (token->type == TOKEN_NUMBER) {
        add_value(parser, (struct expression_value){.type = EXPRESSION_NUMBER,
                                                    .number = token->number});
    } else if (token->type == TOKEN_TEXT) {
        const char *text = add_text(parser->expression, token);
        add_value(parser, (struct expression_value){.type = EXPRESSION_TEXT,
                                                    .text = text});
    } else if (is_true || token_is(parser, "false")) {
        add_value(parser, (struct expression_value){.type = EXPRESSION_BOOLEAN,
                                                    .number = is_true});
    } else if (token->type == TOKEN_PATH) {
        size_t index = add_path(parser->expression, token);
        add(parser, STEP_PATH, token->place)->operand = index;
        token_next(parser);
    } else if (token_is(parser, "(")) {
        parse_parentheses(parser);
    } else {
        parser_fail_at_token(parser, "a value");
    }
}

static void parse_sign(struct parser *parser) {
    if (!token_is(parser, "-")) {
        parse_atom(parser);
        return;
    }
    struct expression_place place = parser->token.place;
    if (enter(parser)) {
        token_next(parser);
        parse_sign(parser);
        add(parser, STEP_NEGATE, place);
    }
    parser->depth--;
}

struct operator_row {
    const char *symbol;
    enum expression_operation operation;
};

static const struct operator_row PRODUCTS[] = {
    {"*", STEP_MULTIPLY},  {"/", STEP_DIVIDE}, {"//", STEP_FLOOR_DIVIDE},
    {"%", STEP_REMAINDER}, {NULL, 0},
};

static const struct operator_row SUMS[] = {
    {"+", STEP_ADD}, {"-", STEP_SUBTRACT}, {NULL, 0}};

static const struct operator_row COMPARISONS[] = {
    {"==", STEP_EQUAL},
    {"!=", STEP_UNEQUAL},
    {"<=", STEP_AT_MOST},
    {">=", STEP_AT_LEAST},
    {"<", STEP_LESS},
    {">", STEP_GREATER},
    {NULL, 0},
};

static const struct operator_row *
find_operator(const struct parser *parser, const struct operator_row *row) {
    while (row->symbol && !token_is(parser, row->symbol))
        row++;
    return row->symbol ? row : NULL;
}

/* `inner` OPERATOR `inner` …, from the left. */
static void parse_binary(struct parser *parser,
                         const struct operator_row *operators,
                         void (*inner)(struct parser *)) {
    inner(parser);
    const struct operator_row *row;
    while ((row = find_operator(parser, operators))) {
        struct expression_place place = parser->token.place;
        token_next(parser);
        inner(parser);
        add(parser, row->operation, place);
    }
}

static void parse_product(struct parser *parser) {
    parse_binary(parser, PRODUCTS, parse_sign);
}

static void parse_sum(struct parser *parser) {
    parse_binary(parser, SUMS, parse_product);
}

/* Makes the steps of this kind from `first` on go on at the present end. */
static void close_jumps(struct parser *parser, size_t first) {
    struct expression *expression = parser->expression;
    for (size_t i = first; i < expression->step_count; i++) {
        struct expression_step *step = &expression->steps[i];
        if (step->operation >= STEP_CHAIN && step->operand == 0)
            step->operand = expression->step_count;
    }
}

/* a < b < c: every comparison but the last leaves its second value. What is
 * compared has closed its own jumps. */
static void parse_comparison(struct parser *parser) {
    parse_sum(parser);
    const struct operator_row *row = find_operator(parser, COMPARISONS);
    size_t first = parser->expression->step_count;
    while (row) {
        struct expression_place place = parser->token.place;
        token_next(parser);
        parse_sum(parser);
        const struct operator_row *following =
            find_operator(parser, COMPARISONS);
        struct expression_step *step =
            add(parser, following ? STEP_CHAIN : row->operation, place);
        step->comparison = row->operation;
        row = following;
    }
    close_jumps(parser, first);
}

static void parse_not(struct parser *parser) {
    if (!token_is(parser, "not")) {
        parse_comparison(parser);
        return;
    }
    struct expression_place place = parser->token.place;
    if (enter(parser)) {
        token_next(parser);
        parse_not(parser);
        add(parser, STEP_NOT, place);
    }
    parser->depth--;
}

/* `inner` WORD `inner` …; each WORD may jump to the end of all. */
static void parse_logical(struct parser *parser, const char *word,
                          enum expression_operation operation,
                          void (*inner)(struct parser *)) {
    inner(parser);
    size_t first = parser->expression->step_count;
    while (token_is(parser, word)) {
        add(parser, operation, parser->token.place);
        token_next(parser);
        inner(parser);
    }
    close_jumps(parser, first);
}

static void parse_and(struct parser *parser) {
    parse_logical(parser, "and", STEP_AND, parse_not);
}

static void parse_or(struct parser *parser) {
    parse_logical(parser, "or", STEP_OR, parse_and);
}

enum status_code expression_init(struct expression *expression,
                                 const char *text, enum expression_form form,
                                 struct expression_error *error) {
    *expression = (struct expression){0};
    *error = (struct expression_error){.status = STATUS_INIT};
    struct parser parser = {
        .expression = expression,
        .error = error,
        .form = form,
        .at = text,
        .counted = text,
        .column = 1,
    };
    token_next(&parser);
    parse_or(&parser);
    if (parser.token.type != TOKEN_END)
        parser_fail_at_token(&parser, "an operator or the end");
    return error->status.code;
}

void expression_release(struct expression *expression) {
    for (size_t i = 0; i < expression->path_count; i++)
        free(expression->paths[i].path);
    for (size_t i = 0; i < expression->text_count; i++)
        free(expression->texts[i]);
    free(expression->paths);
    free(expression->texts);
    free(expression->steps);
    *expression = (struct expression){0};
}
