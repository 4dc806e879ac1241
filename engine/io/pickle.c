#include "engine/io/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/pickle_machine.h"

struct pickle_value *pickle_new_value(struct pickle_machine *machine,
                                      enum pickle_type type) {
    struct pickle *pickle = machine->pickle;
    memory_grow(&pickle->values, pickle->count, &pickle->capacity,
                sizeof *pickle->values);
    struct pickle_value *value = memory_zeroed(1, sizeof *value);
    value->type = type;
    return pickle->values[pickle->count++] = value;
}

void pickle_push(struct pickle_machine *machine, struct pickle_value *value) {
    memory_grow(&machine->stack, machine->depth, &machine->stack_capacity,
                sizeof *machine->stack);
    machine->stack[machine->depth++] = value;
}

struct pickle_value *pickle_top(const struct pickle_machine *machine) {
    return machine->depth ? machine->stack[machine->depth - 1] : NULL;
}

bool pickle_read_bytes(struct pickle_machine *machine, size_t size,
                       uint64_t *value) {
    if ((size_t)(machine->end - machine->at) < size)
        return false;
    *value = 0;
    for (size_t i = size; i-- > 0;)
        *value = *value << 8 | (unsigned char)machine->at[i];
    machine->at += size;
    return true;
}

bool pickle_read_line(struct pickle_machine *machine, const char **text,
                      size_t *length) {
    const char *end =
        memchr(machine->at, '\n', (size_t)(machine->end - machine->at));
    if (!end)
        return false;
    *text = machine->at;
    *length = (size_t)(end - machine->at);
    machine->at = end + 1;
    return true;
}

bool pickle_parse_integer(const char *text, size_t length, int64_t *value) {
    bool negative = length > 0 && *text == '-';
    uint64_t most = (uint64_t)INT64_MAX + negative, magnitude = 0;
    if (negative)
        text++, length--;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (magnitude > (most - digit) / 10)
            return false;
        magnitude = magnitude * 10 + digit;
    }
    *value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return length > 0;
}

/* Protocols above 2 frame their opcodes in ways that are not read. */
static bool op_protocol(struct pickle_machine *machine) {
    uint64_t version;
    return pickle_read_bytes(machine, 1, &version) && version <= 2;
}

static pickle_operation *find_operation(unsigned char code) {
    enum { PROTOCOL = 0x80 };
    if (code == PROTOCOL)
        return op_protocol;
    return PICKLE_SCALARS[code] ? PICKLE_SCALARS[code]
                                : PICKLE_CONTAINERS[code];
}

static enum status_code run(struct pickle_machine *machine,
                            struct status *status) {
    for (;;) {
        size_t offset = (size_t)(machine->at - machine->start);
        STATUS_RETURN_IF(machine->at == machine->end, status, STATUS_INPUT,
                         "the pickle ends without a stop");
        unsigned char code = (unsigned char)*machine->at++;
        if (code == '.')
            break;
        pickle_operation *operation = find_operation(code);
        STATUS_RETURN_IF(!operation, status, STATUS_INPUT,
                         "a pickle of more than plain data (opcode 0x%02x at "
                         "offset %zu), which is not carried out",
                         code, offset);
        STATUS_RETURN_IF(!operation(machine), status, STATUS_INPUT,
                         "a damaged pickle (opcode 0x%02x at offset %zu)", code,
                         offset);
    }
    STATUS_RETURN_IF(!pickle_top(machine), status, STATUS_INPUT,
                     "a damaged pickle: it stops without a value");
    machine->pickle->value = pickle_top(machine);
    return STATUS_OK;
}

enum status_code pickle_read(const char *bytes, size_t length,
                             struct pickle *pickle, struct status *status) {
    *pickle = (struct pickle){0};
    struct pickle_machine machine = {
        .start = bytes, .at = bytes, .end = bytes + length, .pickle = pickle};
    enum status_code code = run(&machine, status);
    free(machine.stack);
    free(machine.memo);
    if (code != STATUS_OK)
        pickle_release(pickle);
    return code;
}

void pickle_release(struct pickle *pickle) {
    for (size_t i = 0; i < pickle->count; i++) {
        free(pickle->values[i]->string);
        free(pickle->values[i]->items);
        free(pickle->values[i]);
    }
    free(pickle->values);
    *pickle = (struct pickle){0};
}

const struct pickle_value *pickle_item(const struct pickle_value *value,
                                       size_t index) {
    return value && index < value->count ? value->items[index] : NULL;
}
