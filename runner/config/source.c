/* Sources: texts with a name, and where their lines begin. */

#include <assert.h>
#include <string.h>

#include "runner/config/tree_memory.h"

/* The bytes of the line break at `at`, or 0. YAML 1.1, and so libyaml, counts
 * more characters as one than its successor; lines are counted as there. */
static size_t break_length(const char *at, size_t length) {
    static const char *const BREAKS[] = {
        "\r\n", "\n", "\r", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};
    unsigned char first = (unsigned char)*at;
    if (first != '\n' && first != '\r' && first != 0xc2 && first != 0xe2)
        return 0;
    for (size_t i = 0; i < sizeof BREAKS / sizeof BREAKS[0]; i++) {
        size_t size = strlen(BREAKS[i]);
        if (size <= length && memcmp(at, BREAKS[i], size) == 0)
            return size;
    }
    return 0;
}

/* Counts the lines, and writes where each begins if `starts` is given. */
static size_t find_lines(const struct source *source, uint32_t *starts) {
    size_t lines = 1;
    for (size_t at = 0; at < source->length;) {
        size_t size = break_length(source->text + at, source->length - at);
        at += size ? size : 1;
        if (size && starts)
            starts[lines] = (uint32_t)at;
        lines += size != 0;
    }
    return lines;
}

static void index_lines(struct tree *tree, struct source *source) {
    assert(source->length < UINT32_MAX);
    source->lines = find_lines(source, NULL);
    uint32_t *starts = tree_allocate(tree, source->lines * sizeof *starts);
    find_lines(source, starts);
    source->line_starts = starts;
}

/* The bytes of the line break that ends just before `end`. */
static size_t break_before(const char *end) {
    unsigned char last = (unsigned char)end[-1];
    if (last == '\n' || last == '\r')
        return 1;
    return last == 0x85 ? 2 : 3;
}

const char *source_line(const struct source *source, size_t line,
                        size_t *length) {
    *length = 0;
    if (line == 0 || line > source->lines)
        return "";
    const char *start = source->text + source->line_starts[line - 1];
    const char *end = source->text + source->length;
    if (line < source->lines) {
        end = source->text + source->line_starts[line];
        bool paired = end - start >= 2 && end[-1] == '\n' && end[-2] == '\r';
        end -= paired ? 2 : break_before(end);
    }
    *length = (size_t)(end - start);
    return start;
}

/* "a/b.yaml" stands in "a", "/b.yaml" in "/", "b.yaml" in "". */
static char *folder_of(struct tree *tree, const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == path)
        slash++;
    return tree_string(tree, path, slash ? (size_t)(slash - path) : 0);
}

static struct source *new_source(struct tree *tree, const char *bytes,
                                 size_t length) {
    struct source *source = tree_allocate(tree, sizeof *source);
    source->text = tree_string(tree, bytes, length);
    source->length = length;
    source->order = ++tree->memory->sources;
    source->tree = tree->memory;
    index_lines(tree, source);
    return source;
}

struct source *tree_new_source(struct tree *tree, const char *name,
                               const char *bytes, size_t length) {
    static const char MARK[] = {'\xef', '\xbb', '\xbf'};
    bool marked =
        length >= sizeof MARK && memcmp(bytes, MARK, sizeof MARK) == 0;
    size_t skipped = marked ? sizeof MARK : 0;
    struct source *source = new_source(tree, bytes + skipped, length - skipped);
    source->skipped = skipped;
    source->name = tree_string(tree, name, strlen(name));
    source->folder = folder_of(tree, name);
    return source;
}

struct source *tree_new_override(struct tree *tree, const char *argument) {
    struct source *source = new_source(tree, argument, strlen(argument));
    source->name = "command line";
    source->folder = "";
    source->is_override = true;
    source->override = source->text;
    return source;
}
