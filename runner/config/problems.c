/* Collecting and printing what is wrong with a config. */

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/json.h"
#include "engine/io/utf8.h"
#include "runner/config/tree.h"

enum {
    MESSAGE_LIMIT = 600,
    PLACE_LIMIT = 200,
    LINE_LIMIT = 120, /* characters of a source line that are shown */
    LINE_BEFORE = 60, /* of which before the caret, where it is cut */
    /* So many problems come with their line: finding a column in a line of a
     * million characters takes its time. */
    DRAWN_LIMIT = 500,
};

/* Characters that a terminal might act on: controls, line separators, and those
 * that turn the direction of writing. */
static const struct unsafe_row {
    uint32_t first, last;
} UNSAFE[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff},
};

static uint32_t code_point(const char *bytes, size_t length) {
    static const unsigned char MASKS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = (unsigned char)bytes[0] & MASKS[length];
    for (size_t i = 1; i < length; i++)
        value = value << 6 | ((unsigned char)bytes[i] & 0x3f);
    return value;
}

static bool is_safe(const char *bytes, size_t length) {
    uint32_t value = code_point(bytes, length);
    for (size_t i = 0; i < sizeof UNSAFE / sizeof UNSAFE[0]; i++)
        if (value >= UNSAFE[i].first && value <= UNSAFE[i].last)
            return false;
    return true;
}

/* Appends the character at `bytes`, or '?' for what can't be shown; returns the
 * bytes it took. Tabs go through where `tabs` says so. */
static size_t show_character(struct text *out, const char *bytes, size_t length,
                             bool tabs) {
    size_t size = utf8_character(bytes, length);
    if (size && ((tabs && *bytes == '\t') || is_safe(bytes, size)))
        text_append(out, bytes, size);
    else
        text_add_char(out, '?');
    return size ? size : 1;
}

static char *safe_string(const char *string, size_t limit) {
    struct text out = TEXT_INIT;
    size_t length = strlen(string), at = 0;
    for (size_t count = 0; at < length && count < limit; count++)
        at += show_character(&out, string + at, length - at, false);
    if (at < length)
        text_add(&out, "...");
    return text_take(&out);
}

/* The bytes of at most `*count` characters, a malformed byte being one; what
 * the text lacks of them is left in `count`. */
static size_t skip_counting(const char *bytes, size_t length, size_t *count) {
    size_t at = 0;
    for (; *count > 0 && at < length; --*count) {
        size_t size = 1;
        if ((unsigned char)bytes[at] >= 0x80)
            size = utf8_character(bytes + at, length - at);
        at += size ? size : 1;
    }
    return at;
}

static size_t skip_characters(const char *bytes, size_t length, size_t count) {
    return skip_counting(bytes, length, &count);
}

/* The number of characters, if it is less than `limit`, or `limit`. */
static size_t count_characters(const char *bytes, size_t length, size_t limit) {
    size_t left = limit;
    skip_counting(bytes, length, &left);
    return limit - left;
}

/* The part of a line that is shown: from `start` on, all counted in
 * characters; the caret stands under `column` - 1. */
struct window {
    size_t start, shown;
    bool is_cut; /* at the end */
};

static struct window choose_window(size_t characters, size_t column) {
    struct window window = {0, characters, false};
    if (characters <= LINE_LIMIT)
        return window;
    if (column > LINE_LIMIT - LINE_BEFORE / 2)
        window.start = column - LINE_BEFORE;
    window.shown = characters - window.start;
    window.is_cut = window.shown > LINE_LIMIT;
    if (window.is_cut)
        window.shown = LINE_LIMIT;
    return window;
}

/* Blanks up to the caret, tabs where the line has them, then "^~~~". */
static void draw_caret(struct text *caret, const char *line, size_t length,
                       size_t blanks, size_t underlined) {
    for (size_t at = 0; blanks > 0; blanks--) {
        bool tab = at < length && line[at] == '\t';
        text_add_char(caret, tab ? '\t' : ' ');
        at += skip_characters(line + at, length - at, 1);
    }
    text_add_char(caret, '^');
    for (size_t i = 1; i < underlined; i++)
        text_add_char(caret, '~');
}

/* Writes the line as it is shown and what stands under it. */
static void draw_line(struct problem *problem,
                      const struct position *position) {
    struct text excerpt = TEXT_INIT, caret = TEXT_INIT;
    size_t length;
    const char *line = source_line(position->source, position->line, &length);
    size_t column = position->column ? position->column - 1 : 0;
    size_t characters = count_characters(line, length, column + 2 * LINE_LIMIT);
    if (column > characters)
        column = characters;
    struct window window = choose_window(characters, column);
    size_t skipped = skip_characters(line, length, window.start);
    line += skipped;
    length = skip_characters(line, length - skipped, window.shown);
    if (window.start > 0) {
        text_add(&excerpt, "...");
        text_add(&caret, "   ");
    }
    for (size_t at = 0; at < length;)
        at += show_character(&excerpt, line + at, length - at, true);
    if (window.is_cut)
        text_add(&excerpt, "...");
    size_t blanks = column - window.start, rest = window.shown - blanks;
    draw_caret(&caret, line, length, blanks,
               position->length < rest ? position->length : rest);
    problem->excerpt = text_take(&excerpt);
    problem->caret = text_take(&caret);
}

/* A problem of another tree than the one before begins a group. */
static void place_problem(struct problem *problem,
                          const struct problem *previous,
                          const struct position *position) {
    const struct source *source = position->source;
    problem->tree = source     ? (const void *)source->tree
                    : previous ? previous->tree
                               : NULL;
    problem->group = previous ? previous->group : 0;
    if (previous && previous->tree && previous->tree != problem->tree)
        problem->group++;
    problem->order = source ? source->order : SIZE_MAX;
    if (!source)
        return;
    problem->is_override = source->is_override;
    problem->place = safe_string(
        source->is_override ? source->override : source->name, PLACE_LIMIT);
    problem->line = position->line;
    problem->column = position->column;
}

static void add(struct problems *problems, enum status_code code,
                struct position position, const char *format, va_list arguments)
    __attribute__((format(printf, 4, 0)));

static void add(struct problems *problems, enum status_code code,
                struct position position, const char *format,
                va_list arguments) {
    char *message;
    if (vasprintf(&message, format, arguments) < 0)
        message = memory_string("not enough memory for a message");
    memory_grow(&problems->problem, problems->count, &problems->capacity,
                sizeof *problems->problem);
    struct problem *problem = &problems->problem[problems->count];
    *problem = (struct problem){.code = code};
    problem->message = safe_string(message, MESSAGE_LIMIT);
    free(message);
    place_problem(problem, problems->count ? problem - 1 : NULL, &position);
    if (position.source && problems->count < DRAWN_LIMIT)
        draw_line(problem, &position);
    problems->count++;
}

void problems_add(struct problems *problems, struct position position,
                  const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(problems, STATUS_CONFIG, position, format, arguments);
    va_end(arguments);
}

void problems_add_code(struct problems *problems, enum status_code code,
                       struct position position, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add(problems, code, position, format, arguments);
    va_end(arguments);
}

void problems_add_path(struct problems *problems, enum status_code code,
                       struct position position, const char *path,
                       const char *format, ...) {
    char *message;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = memory_string("not enough memory for a message");
    va_end(arguments);
    problems_add_code(problems, code, position, "%s%s%s", path,
                      *path ? ": " : "", message);
    problems->problem[problems->count - 1].path = memory_string(path);
    free(message);
}

/* "train" is around "train.loss". */
static bool is_around(const char *outer, const char *inner) {
    size_t length = strlen(outer);
    return strncmp(outer, inner, length) == 0 &&
           (inner[length] == '.' || inner[length] == '\0');
}

bool problems_concern(const struct problems *problems, size_t from,
                      const char *path) {
    for (size_t i = from; i < problems->count; i++) {
        const char *other = problems->problem[i].path;
        if (!other || is_around(path, other))
            return true;
    }
    return false;
}

bool problems_are_at(const struct problems *problems, size_t from,
                     const char *path) {
    for (size_t i = from; i < problems->count; i++) {
        const char *other = problems->problem[i].path;
        if (!other || strcmp(other, path) == 0)
            return true;
    }
    return false;
}

static void release(struct problem *problem) {
    free(problem->message);
    free(problem->path);
    free(problem->place);
    free(problem->excerpt);
    free(problem->caret);
}

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_there(const struct problems *problems,
                     const struct problem *problem) {
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *other = &problems->problem[i];
        if (same_text(other->place, problem->place) &&
            other->line == problem->line && other->column == problem->column &&
            strncmp(other->message, problem->message,
                    strlen(problem->message)) == 0)
            return true;
    }
    return false;
}

void problems_move(struct problems *to, struct problems *from,
                   const char *note) {
    for (size_t i = 0; i < from->count; i++) {
        struct problem *problem = &from->problem[i];
        if (is_there(to, problem))
            continue;
        struct text message = TEXT_INIT;
        text_print(&message, "%s%s", problem->message, note ? note : "");
        memory_grow(&to->problem, to->count, &to->capacity,
                    sizeof *to->problem);
        to->problem[to->count] = *problem;
        to->problem[to->count++].message = text_take(&message);
        char *old = problem->message;
        *problem = (struct problem){.message = old};
    }
    problems_release(from);
}

void problems_release(struct problems *problems) {
    for (size_t i = 0; i < problems->count; i++)
        release(&problems->problem[i]);
    free(problems->problem);
    *problems = (struct problems){0};
}

static int compare_sizes(size_t a, size_t b) {
    return (a > b) - (a < b);
}

static int compare_strings(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "");
}

/* By config, file, line, column, then message. */
static int compare(const void *left, const void *right) {
    const struct problem *a = left, *b = right;
    int order = compare_sizes(a->group, b->group);
    if (!order)
        order = compare_sizes(a->order, b->order);
    if (!order)
        order = compare_strings(a->place, b->place);
    if (!order)
        order = compare_sizes(a->line, b->line);
    if (!order)
        order = compare_sizes(a->column, b->column);
    return order ? order : compare_strings(a->message, b->message);
}

/* Sorts, and keeps one of each. */
static void sort(struct problems *problems) {
    struct problem *problem = problems->problem;
    if (problems->count < 2)
        return;
    qsort(problem, problems->count, sizeof *problem, compare);
    size_t kept = 1;
    for (size_t i = 1; i < problems->count; i++) {
        if (compare(&problem[i], &problem[kept - 1]) == 0)
            release(&problem[i]);
        else
            problem[kept++] = problem[i];
    }
    problems->count = kept;
}

static void print(const struct problem *problem, struct text *out) {
    if (!problem->place) {
        text_print(out, "runner: error: %s\n", problem->message);
        return;
    }
    if (problem->is_override)
        text_print(out, "command line: %s: ", problem->place);
    else
        text_print(out, "%s:%zu:%zu: ", problem->place, problem->line,
                   problem->column);
    text_print(out, "error: %s\n", problem->message);
    if (problem->excerpt)
        text_print(out, "%s\n%s\n", problem->excerpt, problem->caret);
}

void problems_print(struct problems *problems, struct text *out) {
    sort(problems);
    for (size_t i = 0; i < problems->count; i++)
        print(&problems->problem[i], out);
}

static void write_place(const struct problem *problem,
                        struct json_writer *writer) {
    json_key(writer, problem->is_override ? "override" : "file");
    json_string(writer, problem->place);
    if (!problem->is_override || problem->line > 1) {
        json_key(writer, "line");
        json_integer(writer, (int64_t)problem->line);
    }
    json_key(writer, "column");
    json_integer(writer, (int64_t)problem->column);
}

static void write_json(const struct problem *problem,
                       struct json_writer *writer) {
    json_begin_object(writer);
    if (problem->place)
        write_place(problem, writer);
    json_key(writer, "message");
    json_string(writer, problem->message);
    if (problem->excerpt) {
        json_key(writer, "source");
        json_string(writer, problem->excerpt);
    }
    json_key(writer, "code");
    json_integer(writer, status_exit(problem->code));
    json_end_object(writer);
}

void problems_print_json(struct problems *problems, struct text *out) {
    sort(problems);
    struct json_writer writer = json_writer_new(out, 0);
    json_begin_array(&writer);
    for (size_t i = 0; i < problems->count; i++)
        write_json(&problems->problem[i], &writer);
    json_end_array(&writer);
}

enum status_code problems_code(const struct problems *problems) {
    enum status_code code = STATUS_OK;
    for (size_t i = 0; i < problems->count; i++)
        code = status_worse(code, problems->problem[i].code);
    return code;
}
