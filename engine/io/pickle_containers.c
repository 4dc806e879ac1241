/* Pickled lists, tuples and dicts; the stack's marks, and the memo. */

#include "engine/base/memory.h"
#include "engine/io/pickle_machine.h"

static struct pickle_value *pop(struct pickle_machine *machine) {
    struct pickle_value *value = pickle_top(machine);
    if (value)
        machine->depth--;
    return value;
}

static bool op_mark(struct pickle_machine *machine) {
    pickle_push(machine, NULL);
    return true;
}

/* Where the values over the last mark begin; false without a mark. */
static bool find_mark(const struct pickle_machine *machine, size_t *first) {
    for (*first = machine->depth; *first > 0; --*first)
        if (!machine->stack[*first - 1])
            return true;
    return false;
}

static bool op_pop(struct pickle_machine *machine) {
    if (machine->depth == 0)
        return false;
    machine->depth--;
    return true;
}

static bool op_pop_mark(struct pickle_machine *machine) {
    size_t first;
    if (!find_mark(machine, &first))
        return false;
    machine->depth = first - 1;
    return true;
}

static bool op_dup(struct pickle_machine *machine) {
    struct pickle_value *value = pickle_top(machine);
    if (value)
        pickle_push(machine, value);
    return value != NULL;
}

static void add_items(struct pickle_value *value, struct pickle_value **items,
                      size_t count) {
    for (size_t i = 0; i < count; i++) {
        memory_grow(&value->items, value->count, &value->capacity,
                    sizeof(struct pickle_value *));
        value->items[value->count++] = items[i];
    }
}

/* A new value of the last `count` on the stack. */
static bool collect(struct pickle_machine *machine, enum pickle_type type,
                    size_t count) {
    if (machine->depth < count)
        return false;
    size_t first = machine->depth - count;
    for (size_t i = first; i < machine->depth; i++)
        if (!machine->stack[i])
            return false;
    struct pickle_value *value = pickle_new_value(machine, type);
    add_items(value, machine->stack + first, count);
    machine->depth = first;
    pickle_push(machine, value);
    return type != PICKLE_DICT || count % 2 == 0;
}

static bool collect_to_mark(struct pickle_machine *machine,
                            enum pickle_type type) {
    size_t first;
    if (!find_mark(machine, &first) ||
        !collect(machine, type, machine->depth - first))
        return false;
    struct pickle_value *value = pop(machine);
    machine->depth--; /* the mark */
    pickle_push(machine, value);
    return true;
}

static bool op_list(struct pickle_machine *machine) {
    return collect_to_mark(machine, PICKLE_LIST);
}

static bool op_tuple(struct pickle_machine *machine) {
    return collect_to_mark(machine, PICKLE_TUPLE);
}

static bool op_dict(struct pickle_machine *machine) {
    return collect_to_mark(machine, PICKLE_DICT);
}

static bool op_empty_list(struct pickle_machine *machine) {
    return collect(machine, PICKLE_LIST, 0);
}

static bool op_empty_tuple(struct pickle_machine *machine) {
    return collect(machine, PICKLE_TUPLE, 0);
}

static bool op_empty_dict(struct pickle_machine *machine) {
    return collect(machine, PICKLE_DICT, 0);
}

static bool op_tuple1(struct pickle_machine *machine) {
    return collect(machine, PICKLE_TUPLE, 1);
}

static bool op_tuple2(struct pickle_machine *machine) {
    return collect(machine, PICKLE_TUPLE, 2);
}

static bool op_tuple3(struct pickle_machine *machine) {
    return collect(machine, PICKLE_TUPLE, 3);
}

/* Adds the stack's values from `first` on to the container below them (below
 * the mark too, where there is one). */
static bool extend(struct pickle_machine *machine, size_t first, size_t marks,
                   enum pickle_type type) {
    size_t count = machine->depth - first;
    if (first < 1 + marks)
        return false;
    struct pickle_value *container = machine->stack[first - 1 - marks];
    if (!container || container->type != type)
        return false;
    if (type == PICKLE_DICT && count % 2 != 0)
        return false;
    for (size_t i = first; i < machine->depth; i++)
        if (!machine->stack[i])
            return false;
    add_items(container, machine->stack + first, count);
    machine->depth = first - marks;
    return true;
}

static bool op_append(struct pickle_machine *machine) {
    return machine->depth >= 1 &&
           extend(machine, machine->depth - 1, 0, PICKLE_LIST);
}

static bool op_setitem(struct pickle_machine *machine) {
    return machine->depth >= 2 &&
           extend(machine, machine->depth - 2, 0, PICKLE_DICT);
}

static bool op_appends(struct pickle_machine *machine) {
    size_t first;
    return find_mark(machine, &first) && extend(machine, first, 1, PICKLE_LIST);
}

static bool op_setitems(struct pickle_machine *machine) {
    size_t first;
    return find_mark(machine, &first) && extend(machine, first, 1, PICKLE_DICT);
}

/* A pickle of n bytes has no use for a memo of more than n values. */
static bool put(struct pickle_machine *machine, uint64_t index) {
    struct pickle_value *value = pickle_top(machine);
    if (!value || index > (size_t)(machine->end - machine->start))
        return false;
    if (index >= machine->memo_count) {
        size_t count = 2 * (size_t)index + 8;
        machine->memo =
            memory_resize(machine->memo, count, sizeof *machine->memo);
        for (size_t i = machine->memo_count; i < count; i++)
            machine->memo[i] = NULL;
        machine->memo_count = count;
    }
    machine->memo[index] = value;
    return true;
}

static bool get(struct pickle_machine *machine, uint64_t index) {
    if (index >= machine->memo_count || !machine->memo[index])
        return false;
    pickle_push(machine, machine->memo[index]);
    return true;
}

static bool memo_line(struct pickle_machine *machine, uint64_t *index) {
    const char *text;
    size_t length;
    int64_t value = -1;
    if (!pickle_read_line(machine, &text, &length) ||
        !pickle_parse_integer(text, length, &value) || value < 0)
        return false;
    *index = (uint64_t)value;
    return true;
}

static bool op_put(struct pickle_machine *machine) {
    uint64_t index;
    return memo_line(machine, &index) && put(machine, index);
}

static bool op_binput(struct pickle_machine *machine) {
    uint64_t index;
    return pickle_read_bytes(machine, 1, &index) && put(machine, index);
}

static bool op_long_binput(struct pickle_machine *machine) {
    uint64_t index;
    return pickle_read_bytes(machine, 4, &index) && put(machine, index);
}

static bool op_get(struct pickle_machine *machine) {
    uint64_t index;
    return memo_line(machine, &index) && get(machine, index);
}

static bool op_binget(struct pickle_machine *machine) {
    uint64_t index;
    return pickle_read_bytes(machine, 1, &index) && get(machine, index);
}

static bool op_long_binget(struct pickle_machine *machine) {
    uint64_t index;
    return pickle_read_bytes(machine, 4, &index) && get(machine, index);
}

pickle_operation *const PICKLE_CONTAINERS[256] = {
    ['('] = op_mark,       ['0'] = op_pop,         ['1'] = op_pop_mark,
    ['2'] = op_dup,        ['l'] = op_list,        ['t'] = op_tuple,
    ['d'] = op_dict,       [']'] = op_empty_list,  [')'] = op_empty_tuple,
    ['}'] = op_empty_dict, ['a'] = op_append,      ['e'] = op_appends,
    ['s'] = op_setitem,    ['u'] = op_setitems,    ['p'] = op_put,
    ['q'] = op_binput,     ['r'] = op_long_binput, ['g'] = op_get,
    ['h'] = op_binget,     ['j'] = op_long_binget, [0x85] = op_tuple1,
    [0x86] = op_tuple2,    [0x87] = op_tuple3,
};
