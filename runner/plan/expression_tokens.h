#ifndef RUNNER_PLAN_EXPRESSION_TOKENS_H
#define RUNNER_PLAN_EXPRESSION_TOKENS_H

/* An expression's text as tokens, for its parser. */

#include "runner/plan/expression_steps.h"

enum token_type {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_PATH,
    TOKEN_WORD,   /* true, false, and, or, not */
    TOKEN_SYMBOL, /* an operator or parenthesis */
};

struct token {
    enum token_type type;
    const char *start; /* for a path or text, of its inside */
    size_t length;
    double number;
    struct expression_place place;
};

struct parser {
    struct expression *expression;
    struct expression_error *error;
    enum expression_form form;
    const char *at; /* behind the token */
    struct token token;
    /* Columns are counted on from the last one that was asked for. */
    const char *counted;
    size_t column;
    size_t depth;
    bool failed;
};

/* Reads the next token; after an error there is none but the end. */
void token_next(struct parser *parser);

/* True if the token is this word or symbol of the language. */
bool token_is(const struct parser *parser, const char *text);

/* True if its text is this. */
bool token_has_text(const struct token *token, const char *text);

/* Keeps the first error. */
void parser_fail(struct parser *parser, struct expression_place place,
                 const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "expected EXPECTED, found 'x'" */
void parser_fail_at_token(struct parser *parser, const char *expected);

#endif
