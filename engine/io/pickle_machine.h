#ifndef ENGINE_IO_PICKLE_MACHINE_H
#define ENGINE_IO_PICKLE_MACHINE_H

/* The machine that a pickle is a program for: a stack whose marks are NULL, and
 * a memo of numbered values. Python's Lib/pickletools.py has the meaning of
 * each opcode. Functions return false where the pickle is damaged. */

#include "engine/io/pickle.h"

struct pickle_machine {
    const char *start, *at, *end;
    struct pickle *pickle;
    struct pickle_value **stack;
    size_t depth, stack_capacity;
    struct pickle_value **memo;
    size_t memo_count;
};

/* What an opcode does; NULL for the ones that a table does not have. */
typedef bool pickle_operation(struct pickle_machine *machine);

extern pickle_operation *const PICKLE_SCALARS[256],
    *const PICKLE_CONTAINERS[256];

/* A new value of this type; it is on no stack yet. */
struct pickle_value *pickle_new_value(struct pickle_machine *machine,
                                      enum pickle_type type);
void pickle_push(struct pickle_machine *machine, struct pickle_value *value);
/* The value on top, or NULL if there is none or a mark. */
struct pickle_value *pickle_top(const struct pickle_machine *machine);
/* The next `size` <= 8 bytes as a little-endian number. */
bool pickle_read_bytes(struct pickle_machine *machine, size_t size,
                       uint64_t *value);
/* The text up to the line's end. */
bool pickle_read_line(struct pickle_machine *machine, const char **text,
                      size_t *length);
/* A whole number of 64 bits in decimal digits. */
bool pickle_parse_integer(const char *text, size_t length, int64_t *value);

#endif
