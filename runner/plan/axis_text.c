/* Axes on the command line. */

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/io/utf8.h"
#include "runner/config/axis_check.h"
#include "runner/config/text_check.h"
#include "runner/config/tree_memory.h"
#include "runner/config/yaml_reader.h"
#include "runner/plan/number_sequence.h"
#include "runner/plan/space_parts.h"

/* An argument as it is read. */
struct argument {
    struct space_reader *reader;
    const struct source *source;
    const char *value; /* in the source's text, behind the '=' */
    struct axis *axis;
};

static struct position position_of(const struct argument *argument,
                                   const char *at, size_t length) {
    const struct source *source = argument->source;
    struct position position =
        text_position(source, (size_t)(at - source->text));
    size_t characters = utf8_count(at, length);
    position.length = characters ? characters : 1;
    return position;
}

static bool complain(const struct argument *argument, const char *at,
                     size_t length, const char *message) {
    problems_add(argument->reader->reader.problems,
                 position_of(argument, at, length), "%s", message);
    return false;
}

/* --------------------------------------------------------- functions, ranges
 */

struct number {
    double value;
    bool is_whole; /* written without a point */
};

enum { ARGUMENTS_LIMIT = 3 };

struct call {
    struct number numbers[ARGUMENTS_LIMIT];
    const char *start[ARGUMENTS_LIMIT];
    size_t length[ARGUMENTS_LIMIT];
    size_t count;
    const char *inside; /* between the parentheses */
    size_t inside_length;
};

static bool read_number(const struct argument *argument, const char *start,
                        size_t length, struct number *number) {
    if (!number_read(start, length, &number->value) || !isfinite(number->value))
        return complain(argument, start, length, "expected a number");
    number->is_whole = !memchr(start, '.', length) &&
                       number->value == floor(number->value) &&
                       fabs(number->value) <= 9007199254740991.0;
    return true;
}

/* Cuts blanks off both ends. */
static void trim(const char **start, size_t *length) {
    while (*length && **start == ' ')
        (*start)++, (*length)--;
    while (*length && (*start)[*length - 1] == ' ')
        (*length)--;
}

/* numpy's name for the third number of linspace and geomspace. */
static void skip_name(const char **start, size_t *length, size_t index) {
    if (index == 2 && *length > 4 && strncmp(*start, "num=", 4) == 0) {
        *start += 4;
        *length -= 4;
        trim(start, length);
    }
}

static bool read_arguments(const struct argument *argument, struct call *call,
                           const char *usage) {
    const char *at = call->inside, *end = at + call->inside_length;
    for (bool more = true; more; call->count++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *start = at;
        size_t length = (size_t)((comma ? comma : end) - at), index;
        index = call->count;
        trim(&start, &length);
        if (index == ARGUMENTS_LIMIT)
            return complain(argument, start, length, usage);
        skip_name(&start, &length, index);
        if (!length)
            return complain(argument, call->inside, call->inside_length, usage);
        call->start[index] = start;
        call->length[index] = length;
        if (!read_number(argument, start, length, &call->numbers[index]))
            return false;
        more = comma != NULL;
        at = more ? comma + 1 : end;
    }
    return true;
}

static bool read_range(const struct argument *argument,
                       const struct call *call) {
    for (size_t i = 0; i < call->count; i++)
        if (!call->numbers[i].is_whole)
            return complain(argument, call->start[i], call->length[i],
                            "range() takes whole numbers; linspace(start, "
                            "stop, num) takes any");
    const struct number *numbers = call->numbers;
    double start = call->count > 1 ? numbers[0].value : 0;
    double stop = numbers[call->count > 1].value;
    double step = call->count > 2 ? numbers[2].value : 1;
    if (step == 0)
        return complain(argument, call->start[2], call->length[2],
                        "range() takes no step of 0");
    int64_t width = (int64_t)stop - (int64_t)start;
    int64_t stride = (int64_t)step;
    if (width == 0 || (width < 0) != (stride < 0))
        return complain(argument, call->inside, call->inside_length,
                        "this range is empty; its upper end is not in it");
    struct axis *axis = argument->axis;
    axis->kind = AXIS_INTEGERS;
    axis->first = (int64_t)start;
    axis->step = stride;
    axis->count = (uint64_t)((llabs(width) - 1) / llabs(stride)) + 1;
    return true;
}

/* Whole values of whole ends are written as such, for integer options. */
static bool all_whole(const struct call *call, const double *numbers,
                      size_t count) {
    bool whole = call->numbers[0].is_whole && call->numbers[1].is_whole;
    for (size_t i = 0; whole && i < count; i++)
        whole = numbers[i] == floor(numbers[i]);
    return whole;
}

static bool read_space(const struct argument *argument, const struct call *call,
                       void (*space)(double, double, size_t, double *)) {
    enum { NUMPY_NUM = 50 };
    double num = call->count > 2 ? call->numbers[2].value : NUMPY_NUM;
    double start = call->numbers[0].value, stop = call->numbers[1].value;
    if (call->count > 2 &&
        (!call->numbers[2].is_whole || num < 1 || num > SPACE_LIMIT))
        return complain(argument, call->start[2], call->length[2],
                        "expected the number of values, from 1 to 10000000");
    if (!isfinite(stop - start))
        return complain(argument, call->inside, call->inside_length,
                        "this is beyond the range of numbers");
    struct axis *axis = argument->axis;
    struct arena *arena = &argument->reader->space->arena;
    double *numbers = arena_zeroed(arena, (size_t)num, sizeof *numbers);
    struct status status = STATUS_INIT;
    if (arena_status(arena, "an axis", &status) != STATUS_OK)
        return complain(argument, call->inside, call->inside_length,
                        status.message);
    space(start, stop, (size_t)num, numbers);
    axis->kind = AXIS_NUMBERS;
    axis->count = (uint64_t)num;
    axis->numbers = numbers;
    axis->is_whole = all_whole(call, numbers, (size_t)num);
    return true;
}

static bool read_linspace(const struct argument *argument,
                          const struct call *call) {
    return read_space(argument, call, linspace);
}

static bool read_geomspace(const struct argument *argument,
                           const struct call *call) {
    double start = call->numbers[0].value, stop = call->numbers[1].value;
    if (start == 0 || stop == 0 || (start < 0) != (stop < 0))
        return complain(argument, call->inside, call->inside_length,
                        "geomspace() takes two numbers of one sign, neither 0");
    return read_space(argument, call, geomspace);
}

static bool read_logspace(const struct argument *argument,
                          const struct call *call) {
    return complain(argument, call->inside, call->inside_length,
                    "logspace takes exponents and is not taken; "
                    "geomspace(start, stop, num) takes the values themselves");
}

static const struct function {
    const char *name, *usage;
    size_t least;
    bool (*read)(const struct argument *, const struct call *);
} FUNCTIONS[] = {
    {"range(", "expected range(stop) or range(start, stop, step)", 1,
     read_range},
    {"linspace(", "expected linspace(start, stop, num)", 2, read_linspace},
    {"geomspace(", "expected geomspace(start, stop, num)", 2, read_geomspace},
    {"logspace(", "", 0, read_logspace},
};

static bool read_call(const struct argument *argument,
                      const struct function *function, const char *start) {
    struct call call = {.inside = start + strlen(function->name)};
    call.inside_length = strcspn(call.inside, ")");
    const char *close = call.inside + call.inside_length;
    if (!*close)
        return complain(argument, call.inside - 1, 1,
                        "the '(' here is not closed");
    const char *rest = close + 1 + strspn(close + 1, " ");
    if (*rest)
        return complain(argument, rest, strlen(rest),
                        "nothing can follow the ')'");
    if (function->least && !read_arguments(argument, &call, function->usage))
        return false;
    if (call.count < function->least)
        return complain(argument, call.inside, call.inside_length,
                        function->usage);
    return function->read(argument, &call);
}

/* "1..100": both ends. */
static bool read_dots(const struct argument *argument, const char *start,
                      size_t length) {
    const char *dots = strstr(start, "..");
    const char *end = dots + 2;
    size_t first = *start == '+', last = *end == '+';
    struct number low, high;
    if (!read_number(argument, start + first, (size_t)(dots - start) - first,
                     &low) ||
        !read_number(argument, end + last,
                     (size_t)(start + length - end) - last, &high))
        return false;
    if (!low.is_whole || !high.is_whole)
        return complain(argument, start, length, "these numbers are too large");
    if (low.value > high.value)
        return complain(argument, start, length,
                        "this range is empty: it ends below its beginning");
    argument->axis->kind = AXIS_INTEGERS;
    argument->axis->first = (int64_t)low.value;
    argument->axis->step = 1;
    argument->axis->count = (uint64_t)(high.value - low.value) + 1;
    return true;
}

/* -------------------------------------------------------------------- lists */

static void move_positions(struct node *node, const struct source *source) {
    node->position.source = source;
    for (size_t i = 0; i < node->count; i++) {
        node->members[i].key_position.source = source;
        move_positions(node->members[i].value, source);
    }
}

/* The values are what YAML makes of "[VALUES]". The brackets stand where the
 * '=' was and behind the end, so every column is that of the argument. */
static struct node *read_bracketed(const struct argument *argument) {
    struct tree *tree = argument->reader->reader.tree;
    struct text text = TEXT_INIT;
    size_t start = (size_t)(argument->value - argument->source->text) - 1;
    text_print(&text, "%s]", argument->source->text);
    text.bytes[start] = '[';
    struct source *source = tree_new_override(tree, text.bytes);
    text_release(&text);
    struct problems problems = {0};
    struct node *list = yaml_read(tree, source, start, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        const struct problem *problem = &problems.problem[i];
        struct position position = {argument->source, problem->line,
                                    problem->column, 1};
        problems_add_code(argument->reader->reader.problems, problem->code,
                          position, "%s", problem->message);
    }
    problems_release(&problems);
    if (list)
        move_positions(list, argument->source);
    return list;
}

/* A single value, on a path that is swept. */
static struct node *read_single(const struct argument *argument) {
    struct tree *tree = argument->reader->reader.tree;
    size_t start = (size_t)(argument->value - argument->source->text);
    struct node *value = yaml_read(tree, argument->source, start,
                                   argument->reader->reader.problems);
    struct node *list = value ? tree_new_list(tree, value->position) : NULL;
    if (value)
        tree_add(tree, list, NULL, value->position, value);
    return list;
}

/* A comma with nothing behind it, which YAML lets pass. */
static bool ends_in_comma(const char *value) {
    size_t length = strlen(value);
    while (length && value[length - 1] == ' ')
        length--;
    return length && value[length - 1] == ',';
}

static bool read_values(const struct argument *argument, bool is_single) {
    size_t length = strlen(argument->value);
    if (!is_single && ends_in_comma(argument->value))
        return complain(argument, argument->value + length - 1, 1,
                        "a value is expected behind the comma");
    struct node *list =
        is_single ? read_single(argument) : read_bracketed(argument);
    if (!list)
        return false;
    struct axis *axis = argument->axis;
    struct tree *tree = argument->reader->reader.tree;
    const struct node **nodes =
        tree_allocate(tree, (list->count + 1) * sizeof *nodes);
    for (size_t i = 0; i < list->count; i++)
        nodes[i] = list->members[i].value;
    axis->kind = AXIS_NODES;
    axis->nodes = nodes;
    axis->count = list->count;
    return list->count > 0;
}

static bool read_axis(const struct argument *argument) {
    const char *start = argument->value + strspn(argument->value, " ");
    size_t at, length;
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++)
        if (strncmp(start, FUNCTIONS[i].name, strlen(FUNCTIONS[i].name)) == 0)
            return read_call(argument, &FUNCTIONS[i], start);
    const char *message = axis_find(argument->value, &at, &length);
    if (message && argument->value[at] != ',')
        return read_dots(argument, argument->value + at, length);
    return read_values(argument, !message);
}

/* -------------------------------------------------------------------- paths */

/* As an override's path is: keys with single dots between. */
static bool read_path(const struct argument *argument, size_t length) {
    enum { SEGMENTS_LIMIT = 64 };
    const char *path = argument->source->text;
    size_t segments = 1;
    for (size_t i = 0; i < length; i++) {
        bool dot = path[i] == '.';
        if (dot && (i == 0 || path[i - 1] == '.' || i + 1 == length))
            return complain(argument, path + i, 1,
                            "a path is keys with single dots between");
        if ((unsigned char)path[i] <= ' ' || strchr("[]{}\"'", path[i]))
            return complain(argument, path + i, 1,
                            "a path can't have this character");
        segments += dot;
    }
    if (!length || segments > SEGMENTS_LIMIT)
        return complain(argument, path, 1,
                        length ? "a path of more than 64 keys"
                               : "a path is expected, as in "
                                 "'train.optimizer.lr=0.01,0.1'");
    return true;
}

bool axis_text_read(struct space_reader *reader, const char *text,
                    struct axis *axis) {
    struct tree *tree = reader->reader.tree;
    struct argument argument = {.reader = reader, .axis = axis};
    if (strlen(text) > CONFIG_SIZE_LIMIT) {
        problems_add(reader->reader.problems, (struct position){0},
                     "an override of %zu bytes; at most %d are read",
                     strlen(text), CONFIG_SIZE_LIMIT);
        return false;
    }
    argument.source = tree_new_override(tree, text);
    if (!text_check(argument.source, reader->reader.problems))
        return false;
    const char *path = argument.source->text;
    size_t length = strcspn(path, "=");
    argument.value = path + length + 1;
    if (!read_path(&argument, length))
        return false;
    axis->path = tree_string(tree, path, length);
    axis->position = position_of(&argument, path, length);
    axis->value_position =
        position_of(&argument, argument.value, strlen(argument.value));
    return read_axis(&argument);
}
