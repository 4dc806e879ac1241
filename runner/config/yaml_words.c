#include "runner/config/yaml_words.h"

#include <string.h>

static const struct yaml_words ROWS[] = {
    {.problem = "found character that cannot start any token",
     .character = '\t',
     .message = "a tab can't indent; use spaces"},
    {.problem = "found character that cannot start any token",
     .character = '@',
     .message = "a value can't begin with '@'; quote it"},
    {.problem = "found character that cannot start any token",
     .character = '`',
     .message = "a value can't begin with '`'; quote it"},
    {.problem = "found character that cannot start any token",
     .character = '%',
     .message = "a value can't begin with '%'; quote it"},
    {.problem = "found character that cannot start any token",
     .message = "a value can't begin with this character; quote it"},
    {.problem = "mapping values are not allowed in this context",
     .column = 1025,
     .message =
         "a key of more than 1024 characters, or a ':' that can't stand here"},
    {.problem = "did not find expected key",
     .character = ':',
     .at_start = true,
     .message = "a key is expected before ':'"},
    {.context = "while parsing a block mapping",
     .problem = "did not find expected key",
     .character = ']',
     .message = "']' closes nothing"},
    {.context = "while parsing a block collection",
     .problem = "did not find expected '-' indicator",
     .character = ']',
     .message = "']' closes nothing"},
    {.context = "while parsing a block mapping",
     .problem = "did not find expected key",
     .character = '}',
     .message = "'}' closes nothing"},
    {.context = "while parsing a block collection",
     .problem = "did not find expected '-' indicator",
     .character = '}',
     .message = "'}' closes nothing"},
    {.context = "while scanning a quoted scalar",
     .problem = "found unexpected end of stream",
     .message = "the quote that opens here is not closed",
     .at_context = true},
    {.context = "while scanning a quoted scalar",
     .problem = "found unexpected document indicator",
     .message = "the quote that opens here is not closed",
     .at_context = true},
    {.problem = "found unknown escape character",
     .message =
         "unknown escape in double quotes; a backslash is written \\\\, or the "
         "text "
         "in single quotes"},
    {.problem = "did not find expected hexdecimal number",
     .message = "an escape in double quotes needs hexadecimal digits here"},
    {.problem = "found invalid Unicode character escape code",
     .message = "this escape in double quotes is no Unicode character"},
    {.problem = "mapping values are not allowed in this context",
     .message =
         "':' can't stand here; is the indentation right? Text with ': ' in it "
         "needs quotes"},
    {.problem = "could not find expected ':'",
     .message = "a key without ':' behind it on its line, or longer than 1024 "
                "characters",
     .at_context = true},
    {.problem = "block sequence entries are not allowed in this context",
     .message = "a list's '- ' can't begin here; it needs a line of its own"},
    {.problem = "mapping keys are not allowed in this context",
     .message = "a key can't begin here; it needs a line of its own"},
    {.context = "while parsing a block mapping",
     .problem = "did not find expected key",
     .message =
         "this does not fit into the map around it; is the indentation right?",
     .whole = "map"},
    {.context = "while parsing a block collection",
     .problem = "did not find expected '-' indicator",
     .message =
         "this does not fit into the list around it; is the indentation right?",
     .whole = "list"},
    {.context = "while parsing a flow mapping",
     .problem = "did not find expected ',' or '}'",
     .message = "',' or '}' expected",
     .whole = "map"},
    {.context = "while parsing a flow sequence",
     .problem = "did not find expected ',' or ']'",
     .message = "',' or ']' expected",
     .whole = "list"},
    {.problem = "did not find expected node content",
     .message = "a value is expected here"},
    {.problem = "found a tab character that violates indentation",
     .message = "a tab can't indent; use spaces"},
    {.problem = "found a tab character where an indentation space is expected",
     .message = "a tab can't indent; use spaces"},
    {.problem = "did not find expected comment or line break",
     .message = "only a comment can stand here"},
    {.problem = "found an indentation indicator equal to 0",
     .message = "an indentation of 0 is not possible"},
    {.context = "while scanning an anchor",
     .problem = "did not find expected alphabetic or numeric character",
     .message = "anchors are not taken; share settings with 'extends', or "
                "quote the '&'",
     .at_context = true},
    {.context = "while scanning an alias",
     .problem = "did not find expected alphabetic or numeric character",
     .message = "aliases are not taken; share settings with 'extends', or "
                "quote the '*'",
     .at_context = true},
    {.problem = "found undefined tag handle",
     .message = "tags are not taken; quote the '!'"},
    {.context = "while scanning a tag",
     .message = "tags are not taken; quote the '!'",
     .at_context = true},
    {.context = "while parsing a tag",
     .message = "tags are not taken; quote the '!'",
     .at_context = true},
    {.problem = "found incompatible YAML document",
     .message = "this version of YAML is not known; 1.2 is"},
    {.problem = "found duplicate %YAML directive",
     .message = "%YAML is given twice"},
    {.problem = "found unknown directive name",
     .message = "this directive is not known"},
    {.problem = "did not find expected <document start>",
     .message = "'---' is expected after a % directive"},
    {.context = "while scanning a %YAML directive",
     .message = "'%YAML' needs a version such as 1.2",
     .at_context = true},
    {.context = "while scanning a %TAG directive",
     .message = "tags are not taken, nor %TAG",
     .at_context = true},
    {.context = "while scanning a directive",
     .message = "this directive is not known",
     .at_context = true},
};

static bool equal(const char *wanted, const char *given) {
    return !wanted || (given && strcmp(wanted, given) == 0);
}

const struct yaml_words *yaml_words_find(const char *context,
                                         const char *problem, char character,
                                         size_t column, bool at_start) {
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct yaml_words *row = &ROWS[i];
        if (equal(row->context, context) && equal(row->problem, problem) &&
            (!row->character || row->character == character) &&
            row->column <= column && (!row->at_start || at_start))
            return row;
    }
    return NULL;
}
