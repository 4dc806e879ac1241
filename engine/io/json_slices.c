#include "engine/io/json_slices.h"

#include <string.h>

static const char *skip_blanks(const char *at, const char *end) {
    while (at < end &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Behind the string that begins at `at`; NULL if it has no end. */
static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : NULL;
}

static const bool IS_BRACKET_OR_QUOTE[256] = {
    ['{'] = true, ['}'] = true, ['['] = true, [']'] = true, ['"'] = true};

/* Behind the object or array that begins at `at`. */
static const char *skip_nested(const char *at, const char *end) {
    size_t depth = 0;
    while (at < end) {
        while (at < end && !IS_BRACKET_OR_QUOTE[(unsigned char)*at])
            at++;
        if (at == end)
            return NULL;
        if (*at == '"') {
            at = skip_string(at, end);
            if (!at)
                return NULL;
            continue;
        }
        char c = *at++;
        depth += c == '{' || c == '[';
        if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
    return NULL;
}

static const bool ENDS_WORD[256] = {
    [','] = true,  [':'] = true,  [']'] = true,  ['}'] = true,
    ['['] = true,  ['{'] = true,  ['"'] = true,  [' '] = true,
    ['\0'] = true, ['\n'] = true, ['\r'] = true, ['\t'] = true};

/* Behind a number or word. */
static const char *skip_word(const char *at, const char *end) {
    const char *from = at;
    while (at < end && !ENDS_WORD[(unsigned char)*at])
        at++;
    return at > from ? at : NULL;
}

static const char *skip_value(const char *at, const char *end) {
    if (at >= end)
        return NULL;
    if (*at == '"')
        return skip_string(at, end);
    return *at == '{' || *at == '[' ? skip_nested(at, end) : skip_word(at, end);
}

bool json_walk_begin(struct json_walk *walk, struct json_slice text) {
    const char *end = text.bytes + text.length;
    const char *at = skip_blanks(text.bytes, end);
    if (at >= end || (*at != '{' && *at != '['))
        return false;
    *walk = (struct json_walk){at + 1, end, *at == '{', true, false};
    return true;
}

/* Ends the walk: wholly if the closing bracket is all that is left. */
static bool finish(struct json_walk *walk) {
    char bracket = walk->is_object ? '}' : ']';
    walk->is_whole = walk->at < walk->end && *walk->at == bracket &&
                     skip_blanks(walk->at + 1, walk->end) == walk->end;
    walk->at = walk->end;
    return false;
}

static bool fail(struct json_walk *walk) {
    walk->at = walk->end;
    return false;
}

/* The key and its colon. */
static bool read_key(struct json_walk *walk, struct json_slice *key) {
    const char *from = walk->at;
    const char *behind =
        from < walk->end && *from == '"' ? skip_string(from, walk->end) : NULL;
    if (!behind)
        return false;
    *key = (struct json_slice){from + 1, (size_t)(behind - from) - 2};
    walk->at = skip_blanks(behind, walk->end);
    if (walk->at >= walk->end || *walk->at != ':')
        return false;
    walk->at = skip_blanks(walk->at + 1, walk->end);
    return true;
}

bool json_walk_next(struct json_walk *walk, struct json_slice *key,
                    struct json_slice *value) {
    walk->at = skip_blanks(walk->at, walk->end);
    if (walk->at >= walk->end)
        return fail(walk);
    bool is_comma = *walk->at == ',';
    if (walk->is_first ? *walk->at == '}' || *walk->at == ']' : !is_comma)
        return finish(walk);
    if (!walk->is_first)
        walk->at = skip_blanks(walk->at + 1, walk->end);
    walk->is_first = false;
    *key = (struct json_slice){walk->at, 0};
    if (walk->is_object && !read_key(walk, key))
        return fail(walk);
    const char *behind = skip_value(walk->at, walk->end);
    if (!behind)
        return fail(walk);
    *value = (struct json_slice){walk->at, (size_t)(behind - walk->at)};
    walk->at = behind;
    return true;
}

bool json_slice_is(struct json_slice slice, const char *text) {
    return strlen(text) == slice.length &&
           memcmp(slice.bytes, text, slice.length) == 0;
}

bool json_slice_member(struct json_slice object, const char *name,
                       struct json_slice *value) {
    struct json_walk walk;
    struct json_slice key;
    if (!json_walk_begin(&walk, object))
        return false;
    while (json_walk_next(&walk, &key, value))
        if (walk.is_object && json_slice_is(key, name))
            return true;
    return false;
}
