#ifndef ENGINE_IO_PICKLE_H
#define ENGINE_IO_PICKLE_H

/* Plain values out of Python pickles, as PyTables writes them into attributes.
 *
 * Known are None, booleans, integers, floats, strings, lists, tuples, dicts and
 * the memo: all that protocol 0 needs for them and the binary opcodes of
 * protocols 1 and 2 for the same. Every other opcode is refused; nothing named
 * in a pickle is looked up, built or called. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/status.h"

enum pickle_type {
    PICKLE_NONE,
    PICKLE_BOOLEAN,
    PICKLE_INTEGER, /* that fits 64 bits; a larger one is refused */
    PICKLE_FLOAT,
    PICKLE_STRING,
    PICKLE_LIST,
    PICKLE_TUPLE,
    PICKLE_DICT, /* items are key, value, key, value, … */
};

struct pickle_value {
    enum pickle_type type;
    int64_t integer; /* and booleans */
    double number;
    char *string;  /* UTF-8 without NUL */
    size_t length; /* of the string */
    struct pickle_value **items;
    size_t count, capacity;
};

/* All values of one pickle; they live as long as it does. Values may be shared
 * and, in a hostile pickle, contain themselves: do not walk them without a
 * limit of depth. */
struct pickle {
    const struct pickle_value *value; /* what it holds */
    struct pickle_value **values;     /* all there are */
    size_t count, capacity;
};

/* Errors: STATUS_INPUT, with what was found ("an object of class …" is not
 * told: the opcode and its offset are). */
enum status_code pickle_read(const char *bytes, size_t length,
                             struct pickle *pickle, struct status *status);
void pickle_release(struct pickle *pickle);

/* The item, or NULL where there is none or the value has no items. */
const struct pickle_value *pickle_item(const struct pickle_value *value,
                                       size_t index);

#endif
