/* libyaml's events into nodes. Events come one at a time and libyaml looks at
 * most 1024 characters ahead, so stopping at the first level too many also
 * bounds what nested brackets cost it; nothing is ever expanded. */

#include "runner/config/yaml_reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "engine/base/memory.h"
#include "engine/io/utf8.h"
#include "runner/config/document.h"
#include "runner/config/text_check.h"
#include "runner/config/tree_memory.h"
#include "runner/config/yaml_words.h"

enum {
    DEPTH_LIMIT = 64,
    NODES_LIMIT = 100000,
    KEYS_LIMIT = 4096,
    SCALAR_LIMIT = 1 << 16,
};

/* What YAML has and a config has not; each is complained of once. */
enum refusal {
    REFUSED_ANCHOR,
    REFUSED_ALIAS,
    REFUSED_MERGE,
    REFUSED_TAG,
    REFUSAL_COUNT
};

/* A list or map being filled, and in a map the key that waits for a value. */
struct frame {
    struct node *node;
    bool in_brackets;
    const char *key;
    struct position key_position;
};

struct reader {
    yaml_parser_t parser;
    struct tree *tree;
    const struct source *source;
    struct problems *problems;
    size_t start; /* of the YAML text in the source */
    struct frame frames[DEPTH_LIMIT];
    size_t depth;
    struct node *root;
    bool refused[REFUSAL_COUNT];
    bool stopped; /* the rest can't be read */
    bool unclear; /* a value is not known: nothing is worth checking */
};

/* libyaml counts lines, and characters in a line, from 0; an override's text
 * begins behind its path. */
static struct position position_of(const struct reader *reader,
                                   yaml_mark_t start, yaml_mark_t end) {
    size_t column = start.column + 1;
    if (start.line == 0)
        column += utf8_count(reader->source->text, reader->start);
    size_t length = 1;
    if (start.line == end.line && end.column > start.column)
        length = end.column - start.column;
    return (struct position){reader->source, start.line + 1, column, length};
}

static struct position event_position(const struct reader *reader,
                                      const yaml_event_t *event) {
    return position_of(reader, event->start_mark, event->end_mark);
}

static void refuse(struct reader *reader, enum refusal refusal,
                   struct position position) {
    static const char *const WORDS[REFUSAL_COUNT] = {
        [REFUSED_ANCHOR] = "anchors (&) are not taken; share settings between "
                           "files with 'extends'",
        [REFUSED_ALIAS] = "aliases (*) are not taken; share settings between "
                          "files with 'extends'",
        [REFUSED_MERGE] = "merge keys (<<) are not taken; share settings "
                          "between files with 'extends'",
        [REFUSED_TAG] = "tags (!) are not taken; quote a text that begins so",
    };
    if (!reader->refused[refusal])
        problems_add(reader->problems, position, "%s", WORDS[refusal]);
    reader->refused[refusal] = true;
}

static void refuse_marks(struct reader *reader, const yaml_char_t *anchor,
                         const yaml_char_t *tag, struct position position) {
    position.length = 1;
    if (anchor)
        refuse(reader, REFUSED_ANCHOR, position);
    if (tag)
        refuse(reader, REFUSED_TAG, position);
}

/* The map that waits for a key, or NULL. */
static struct frame *frame_without_key(struct reader *reader) {
    if (reader->depth == 0)
        return NULL;
    struct frame *frame = &reader->frames[reader->depth - 1];
    bool waits = frame->node->kind == NODE_MAP && !frame->key;
    return waits ? frame : NULL;
}

static void stop(struct reader *reader, struct position position,
                 const char *message) {
    problems_add(reader->problems, position, "%s", message);
    reader->stopped = true;
}

static void attach(struct reader *reader, struct node *node) {
    if (++reader->tree->memory->nodes_read > NODES_LIMIT) {
        problems_add(reader->problems, node->position,
                     "more than %d values in a config", NODES_LIMIT);
        reader->stopped = true;
    } else if (reader->depth == 0) {
        reader->root = node;
    } else {
        struct frame *frame = &reader->frames[reader->depth - 1];
        tree_add(reader->tree, frame->node, frame->key, frame->key_position,
                 node);
        frame->key = NULL;
    }
}

static void take_key(struct reader *reader, struct frame *frame,
                     const yaml_event_t *event) {
    const char *key = (const char *)event->data.scalar.value;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    frame->key_position = event_position(reader, event);
    if (frame->node->count >= KEYS_LIMIT) {
        problems_add(reader->problems, frame->key_position,
                     "more than %d keys in one map", KEYS_LIMIT);
        reader->stopped = true;
        return;
    }
    if (!*key)
        stop(reader, frame->key_position, "a key is expected before ':'");
    if (plain && strcmp(key, "<<") == 0) {
        refuse(reader, REFUSED_MERGE, frame->key_position);
        reader->unclear = true;
    }
    frame->key = tree_string(reader->tree, key, strlen(key));
}

static bool check_scalar(struct reader *reader, const yaml_event_t *event) {
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    struct position position = event_position(reader, event);
    if (length > SCALAR_LIMIT)
        problems_add(reader->problems, position,
                     "a text of %zu bytes; at most %d are read", length,
                     SCALAR_LIMIT);
    else if (strlen(text) != length)
        problems_add(reader->problems, position,
                     "the escape \\0 is not taken: a text can't hold it");
    else
        return true;
    reader->stopped = true;
    return false;
}

static void take_scalar(struct reader *reader, const yaml_event_t *event) {
    struct position position = event_position(reader, event);
    refuse_marks(reader, event->data.scalar.anchor, event->data.scalar.tag,
                 position);
    if (!check_scalar(reader, event))
        return;
    struct frame *frame = frame_without_key(reader);
    if (frame) {
        take_key(reader, frame, event);
        return;
    }
    bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    const char *text = (const char *)event->data.scalar.value;
    attach(reader, tree_new_scalar(reader->tree, text, quoted, position));
}

static void take_alias(struct reader *reader, const yaml_event_t *event) {
    struct position position = event_position(reader, event);
    refuse(reader, REFUSED_ALIAS, position);
    reader->unclear = true;
    if (frame_without_key(reader))
        reader->stopped = true;
    else
        attach(reader, tree_new_scalar(reader->tree, "", false, position));
}

static void open_collection(struct reader *reader, struct node *node,
                            bool in_brackets) {
    if (frame_without_key(reader)) {
        stop(reader, node->position, "a key must be a word, not a list or map");
        return;
    }
    if (reader->depth == DEPTH_LIMIT) {
        problems_add(reader->problems, node->position,
                     "nesting deeper than %d levels", DEPTH_LIMIT);
        reader->stopped = true;
        return;
    }
    attach(reader, node);
    reader->frames[reader->depth++] =
        (struct frame){.node = node, .in_brackets = in_brackets};
}

static void take_list_start(struct reader *reader, const yaml_event_t *event) {
    struct position position = event_position(reader, event);
    refuse_marks(reader, event->data.sequence_start.anchor,
                 event->data.sequence_start.tag, position);
    open_collection(reader, tree_new_list(reader->tree, position),
                    event->data.sequence_start.style ==
                        YAML_FLOW_SEQUENCE_STYLE);
}

static void take_map_start(struct reader *reader, const yaml_event_t *event) {
    struct position position = event_position(reader, event);
    refuse_marks(reader, event->data.mapping_start.anchor,
                 event->data.mapping_start.tag, position);
    open_collection(reader, tree_new_map(reader->tree, position),
                    event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
}

/* A collection in brackets on one line is underlined whole. */
static void close_collection(struct reader *reader, const yaml_event_t *event) {
    assert(reader->depth > 0);
    struct node *node = reader->frames[--reader->depth].node;
    struct position end = event_position(reader, event);
    bool closed = event->end_mark.index > event->start_mark.index;
    if (closed && node->position.line == end.line)
        node->position.length = end.column + end.length - node->position.column;
}

static void take_map_end(struct reader *reader, const yaml_event_t *event) {
    document_drop_duplicates(reader->frames[reader->depth - 1].node,
                             reader->problems);
    close_collection(reader, event);
}

/* Bytes of the first `count` characters behind `start`. */
static size_t offset_of(const struct reader *reader, size_t count) {
    const char *text = reader->source->text;
    size_t at = reader->start;
    while (at < reader->source->length && count > 0) {
        at++;
        while (at < reader->source->length &&
               ((unsigned char)text[at] & 0xc0) == 0x80)
            at++;
        count--;
    }
    return at;
}

static void take_document_end(struct reader *reader,
                              const yaml_event_t *event) {
    size_t offset = offset_of(reader, event->end_mark.index);
    if (!document_check_rest(reader->source, offset, reader->problems))
        reader->stopped = true;
}

static void take_nothing(struct reader *reader, const yaml_event_t *event) {
    (void)reader;
    (void)event;
}

static void (*const TAKERS[])(struct reader *, const yaml_event_t *) = {
    [YAML_NO_EVENT] = take_nothing,
    [YAML_STREAM_START_EVENT] = take_nothing,
    [YAML_STREAM_END_EVENT] = take_nothing,
    [YAML_DOCUMENT_START_EVENT] = take_nothing,
    [YAML_DOCUMENT_END_EVENT] = take_document_end,
    [YAML_ALIAS_EVENT] = take_alias,
    [YAML_SCALAR_EVENT] = take_scalar,
    [YAML_SEQUENCE_START_EVENT] = take_list_start,
    [YAML_SEQUENCE_END_EVENT] = close_collection,
    [YAML_MAPPING_START_EVENT] = take_map_start,
    [YAML_MAPPING_END_EVENT] = take_map_end,
};

/* The list or map whose bracket the text's end leaves open, or NULL. */
static const struct node *open_bracket(const struct reader *reader) {
    size_t at = offset_of(reader, reader->parser.problem_mark.index);
    if (at < reader->source->length || reader->depth == 0)
        return NULL;
    const struct frame *frame = &reader->frames[reader->depth - 1];
    return frame->in_brackets ? frame->node : NULL;
}

/* libyaml's complaint in our words. */
static void complain_at_mark(struct reader *reader) {
    const yaml_parser_t *parser = &reader->parser;
    yaml_mark_t mark = parser->problem_mark, context = parser->context_mark;
    size_t offset = offset_of(reader, mark.index);
    char character = reader->source->text[offset];
    const struct yaml_words *words =
        yaml_words_find(parser->context, parser->problem, character,
                        mark.column, mark.index == context.index);
    struct position at = position_of(reader, mark, mark);
    struct position start = position_of(reader, context, context);
    if (!words)
        problems_add(reader->problems, at, "this is not YAML: %s",
                     parser->problem ? parser->problem : "not known why");
    else if (words->whole)
        problems_add(reader->problems, at, "%s (the %s begins on line %zu)",
                     words->message, words->whole, start.line);
    else
        problems_add(reader->problems, words->at_context ? start : at, "%s",
                     words->message);
}

static void complain(struct reader *reader) {
    reader->stopped = true;
    const struct node *open = open_bracket(reader);
    if (reader->parser.error == YAML_MEMORY_ERROR)
        problems_add_code(reader->problems, STATUS_OUTPUT,
                          (struct position){.source = NULL},
                          "not enough memory to read %s", reader->source->name);
    else if (open)
        problems_add(reader->problems, open->position,
                     "the '%c' here is not closed",
                     open->kind == NODE_LIST ? '[' : '{');
    else
        complain_at_mark(reader);
}

static void read_events(struct reader *reader) {
    const struct source *source = reader->source;
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &reader->parser, (const unsigned char *)source->text + reader->start,
        source->length - reader->start);
    for (bool ended = false; !ended && !reader->stopped;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            complain(reader);
            return;
        }
        ended = event.type == YAML_STREAM_END_EVENT ||
                event.type == YAML_DOCUMENT_END_EVENT;
        TAKERS[event.type](reader, &event);
        yaml_event_delete(&event);
    }
}

/* An override's value may be anything. */
static void check_value(struct reader *reader) {
    size_t before = utf8_count(reader->source->text, reader->start);
    struct position position = {reader->source, 1, before + 1, 1};
    if (!reader->root)
        reader->root = tree_new_scalar(reader->tree, "", false, position);
}

struct node *yaml_read(struct tree *tree, const struct source *source,
                       size_t start, struct problems *problems) {
    if (!text_check(source, problems) ||
        !text_check_directives(source, problems))
        return NULL;
    struct reader *reader = memory_zeroed(1, sizeof *reader);
    reader->tree = tree;
    reader->source = source;
    reader->problems = problems;
    reader->start = start;
    if (yaml_parser_initialize(&reader->parser))
        read_events(reader);
    else
        complain(reader);
    if (!reader->stopped && source->is_override)
        check_value(reader);
    else if (!reader->stopped)
        reader->stopped = !document_check_root(source, reader->root, problems);
    yaml_parser_delete(&reader->parser);
    struct node *root =
        reader->stopped || reader->unclear ? NULL : reader->root;
    free(reader);
    return root;
}
