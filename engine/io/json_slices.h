#ifndef ENGINE_IO_JSON_SLICES_H
#define ENGINE_IO_JSON_SLICES_H

/* The members of a JSON text as pieces of that text, so that of a hundred
 * thousand records only the few numbers that are wanted are ever parsed. A walk
 * checks brackets, quotes, colons and commas on its own level and what closes
 * on those below; who needs more parses a slice. */

#include <stdbool.h>
#include <stddef.h>

struct json_slice {
    const char *bytes;
    size_t length;
};

/* A walk through the members of an object or the elements of an array. */
struct json_walk {
    const char *at, *end;
    bool is_object, is_first;
    bool is_whole; /* after the last: nothing was wrong and nothing follows */
};

/* False if the text is neither object nor array. */
bool json_walk_begin(struct json_walk *walk, struct json_slice text);

/* The next member; false at the end or at what is no JSON. The key is without
 * its quotes, as written, escapes and all; of an element it is empty. */
bool json_walk_next(struct json_walk *walk, struct json_slice *key,
                    struct json_slice *value);

/* Whether a slice is exactly this text. */
bool json_slice_is(struct json_slice slice, const char *text);

/* The value of the first member of that name. */
bool json_slice_member(struct json_slice object, const char *name,
                       struct json_slice *value);

#endif
