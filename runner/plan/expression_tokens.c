#include "runner/plan/expression_tokens.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/io/utf8.h"

/* ------------------------------------------------------------------- errors */

static struct expression_place place_of(struct parser *parser,
                                        const char *start, size_t length) {
    parser->column +=
        utf8_count(parser->counted, (size_t)(start - parser->counted));
    parser->counted = start;
    size_t characters = utf8_count(start, length);
    return (struct expression_place){parser->column,
                                     characters ? characters : 1};
}

void parser_fail(struct parser *parser, struct expression_place place,
                 const char *format, ...) {
    if (parser->failed)
        return;
    char message[STATUS_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    status_set(&parser->error->status, STATUS_CONFIG, "%s", message);
    parser->error->place = place;
    parser->failed = true;
}

/* The token for a message: "'&'", "the end". */
static void describe(const struct token *token, struct text *out) {
    enum { SHOWN = 40 };
    if (token->type == TOKEN_END) {
        text_add(out, "the end");
        return;
    }
    text_add_char(out, '\'');
    utf8_excerpt(out, token->start, token->length, SHOWN);
    text_add_char(out, '\'');
}

void parser_fail_at_token(struct parser *parser, const char *expected) {
    struct text found = TEXT_INIT;
    describe(&parser->token, &found);
    parser_fail(parser, parser->token.place, "expected %s, found %s", expected,
                text_string(&found));
    text_release(&found);
}

/* ------------------------------------------------------------------- tokens */

/* Longer ones first. What other languages have comes with a hint. */
static const struct symbol {
    const char *text, *hint; /* hint NULL: ours */
} SYMBOLS[] = {
    {"==", NULL},
    {"!=", NULL},
    {"<=", NULL},
    {">=", NULL},
    {"//", NULL},
    {"**", "there are no powers; write a product"},
    {"&&", "'and' is the word for it"},
    {"||", "'or' is the word for it"},
    {"<", NULL},
    {">", NULL},
    {"+", NULL},
    {"-", NULL},
    {"*", NULL},
    {"/", NULL},
    {"%", NULL},
    {"(", NULL},
    {")", NULL},
    {"=", "'==' compares"},
    {"!", "'not' is the word for it"},
    {"&", "'and' is the word for it"},
    {"|", "'or' is the word for it"},
    {"^", "there are no powers; write a product"},
    {"$", "a reference is ${PATH}"},
};

static bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte == '_';
}

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

static void take(struct parser *parser, enum token_type type, const char *start,
                 size_t length) {
    parser->token.type = type;
    parser->token.start = start;
    parser->token.length = length;
    parser->token.place = place_of(parser, start, length);
    parser->at = start + length;
}

static size_t digits_length(const char *at) {
    return strspn(at, "0123456789");
}

/* "5", "5.", ".5", "5e-3": the bytes that look like one number. */
static size_t number_length(const char *start) {
    const char *at = start + digits_length(start);
    if (*at == '.')
        at += 1 + digits_length(at + 1);
    if (*at == 'e' || *at == 'E') {
        size_t sign = at[1] == '+' || at[1] == '-';
        size_t digits = digits_length(at + 1 + sign);
        at += digits ? 1 + sign + digits : 0;
    }
    return (size_t)(at - start);
}

static void scan_number(struct parser *parser) {
    const char *start = parser->at;
    size_t length = number_length(start), zeros = 0;
    while (zeros + 1 < length && start[zeros] == '0' &&
           is_digit(start[zeros + 1]))
        zeros++;
    take(parser, TOKEN_NUMBER, start, length);
    struct token *token = &parser->token;
    if (is_letter(start[length]) || start[length] == '.' ||
        !number_read(start + zeros, length - zeros, &token->number))
        parser_fail(parser, token->place, "this is not a number");
    else if (!isfinite(token->number))
        parser_fail(parser, token->place,
                    "a number beyond the range of binary64");
}

static void scan_text(struct parser *parser) {
    const char *start = parser->at + 1;
    const char *end = strchr(start, parser->at[0]);
    if (!end) {
        parser_fail(parser, place_of(parser, parser->at, 1),
                    "the text that begins here is not closed");
        return;
    }
    take(parser, TOKEN_TEXT, start, (size_t)(end - start));
    if (memchr(start, '\\', parser->token.length))
        parser_fail(parser, parser->token.place,
                    "a text with a backslash; there are no escapes");
    parser->at = end + 1;
}

/* True if the path is keys with single dots between. */
static bool is_path(const char *path, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool dot = path[i] == '.';
        if (dot && (i == 0 || i + 1 == length || path[i + 1] == '.'))
            return false;
        if ((unsigned char)path[i] <= ' ' || strchr("${}'\"", path[i]))
            return false;
    }
    return length > 0;
}

static void scan_reference(struct parser *parser) {
    const char *start = parser->at + 2;
    size_t length = strcspn(start, "}");
    if (!start[length]) {
        parser_fail(parser, place_of(parser, parser->at, 2),
                    "the '${' here is not closed");
        return;
    }
    take(parser, TOKEN_PATH, start, length);
    if (!is_path(start, length))
        parser_fail(
            parser, parser->token.place,
            "a path is expected in '${}', keys with single dots between");
    parser->at = start + length + 1;
}

bool token_has_text(const struct token *token, const char *word) {
    return token->length == strlen(word) &&
           memcmp(token->start, word, token->length) == 0;
}

/* Words of the language, and those of Python and YAML for the same. */
static const struct keyword {
    const char *word, *hint;
} KEYWORDS[] = {
    {"true", NULL}, {"false", NULL},  {"and", NULL},      {"or", NULL},
    {"not", NULL},  {"True", "true"}, {"False", "false"}, {"AND", "and"},
    {"OR", "or"},   {"NOT", "not"},
};

static size_t word_length(const char *start) {
    size_t length = 0;
    while (is_letter(start[length]) || is_digit(start[length]) ||
           (start[length] == '.' && length &&
            (is_letter(start[length + 1]) || is_digit(start[length + 1]))))
        length++;
    return length;
}

static void judge_word(struct parser *parser) {
    struct token *token = &parser->token;
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        if (!token_has_text(token, KEYWORDS[i].word))
            continue;
        token->type = TOKEN_WORD;
        if (KEYWORDS[i].hint)
            parser_fail(parser, token->place,
                        "unknown word '%s'; did you mean '%s'?",
                        KEYWORDS[i].word, KEYWORDS[i].hint);
        return;
    }
    if (parser->form == EXPRESSION_WORDS)
        return;
    struct text shown = TEXT_INIT;
    utf8_excerpt(&shown, token->start, token->length, 60);
    parser_fail(parser, token->place,
                "unknown word '%s'; a path is written ${%s}, a text in quotes",
                text_string(&shown), text_string(&shown));
    text_release(&shown);
}

static void scan_symbol(struct parser *parser) {
    for (size_t i = 0; i < sizeof SYMBOLS / sizeof *SYMBOLS; i++) {
        size_t length = strlen(SYMBOLS[i].text);
        if (strncmp(parser->at, SYMBOLS[i].text, length) != 0)
            continue;
        take(parser, TOKEN_SYMBOL, parser->at, length);
        if (SYMBOLS[i].hint)
            parser_fail(parser, parser->token.place, "'%s' is not taken; %s",
                        SYMBOLS[i].text, SYMBOLS[i].hint);
        return;
    }
    size_t length = utf8_character(parser->at, strlen(parser->at));
    take(parser, TOKEN_SYMBOL, parser->at, length ? length : 1);
    parser_fail_at_token(parser, "a value or an operator");
}

void token_next(struct parser *parser) {
    parser->at += strspn(parser->at, " \t\r\n");
    const char *at = parser->at;
    if (parser->failed || !*at) {
        take(parser, TOKEN_END, at, 0);
    } else if (is_digit(*at) || (*at == '.' && is_digit(at[1]))) {
        scan_number(parser);
    } else if (*at == '\'' || *at == '"') {
        scan_text(parser);
    } else if (at[0] == '$' && at[1] == '{') {
        scan_reference(parser);
    } else if (is_letter(*at)) {
        take(parser, TOKEN_PATH, at, word_length(at));
        judge_word(parser);
    } else {
        scan_symbol(parser);
    }
    if (parser->failed)
        parser->token.type = TOKEN_END;
}

bool token_is(const struct parser *parser, const char *text) {
    const struct token *token = &parser->token;
    return (token->type == TOKEN_WORD || token->type == TOKEN_SYMBOL) &&
           token_has_text(token, text);
}
