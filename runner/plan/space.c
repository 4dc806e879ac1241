/* Combinations by number. */

#include "runner/plan/space.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"

void space_release(struct space *space) {
    expression_release(&space->where);
    arena_release(&space->arena);
    free(space->axes);
    free(space->groups);
    *space = (struct space){0};
}

void space_point_init(struct space_point *point, const struct space *space) {
    size_t count = space->axis_count + 1;
    point->values = memory_zeroed(count, sizeof *point->values);
    point->nodes = memory_zeroed(count, sizeof *point->nodes);
    point->texts = memory_zeroed(count, sizeof *point->texts);
    for (size_t i = 0; i < space->axis_count; i++)
        point->nodes[i] = (struct node){
            .kind = NODE_SCALAR,
            .position = space->axes[i].value_position,
            .text = point->texts[i],
        };
}

void space_point_release(struct space_point *point) {
    free(point->values);
    free(point->nodes);
    free(point->texts);
    *point = (struct space_point){0};
}

/* A zero is written without its sign. */
static const struct node *write_number(struct space_point *point, size_t axis,
                                       double number, bool is_whole) {
    if (is_whole && fabs(number) < 9007199254740992.0)
        number_write_integer((int64_t)number, point->texts[axis]);
    else
        number_write_double(number == 0 ? 0 : number, point->texts[axis]);
    return &point->nodes[axis];
}

const struct node *space_axis_value(struct space_point *point,
                                    const struct space *space, size_t axis,
                                    uint64_t index) {
    const struct axis *from = &space->axes[axis];
    assert(index < from->count);
    if (from->kind == AXIS_NODES)
        return from->nodes[index];
    if (from->kind == AXIS_NUMBERS)
        return write_number(point, axis, from->numbers[index], from->is_whole);
    number_write_integer(from->first + from->step * (int64_t)index,
                         point->texts[axis]);
    return &point->nodes[axis];
}

static void set_group(struct space_point *point, const struct space *space,
                      const struct axis_group *group, uint64_t index) {
    const union space_draw *draw =
        space->columns ? &space->drawn[index % space->draws * space->columns]
                       : NULL;
    uint64_t at = group->is_crossed ? index / group->stride % group->values
                  : group->values   ? draw[group->column].index
                                    : 0;
    for (size_t i = group->first; i < group->first + group->count; i++) {
        const struct axis *axis = &space->axes[i];
        point->values[i] =
            axis->kind == AXIS_DRAWN
                ? write_number(point, i, draw[group->column].number,
                               axis->is_whole)
                : space_axis_value(point, space, i, at);
    }
}

void space_point_set(struct space_point *point, const struct space *space,
                     uint64_t index) {
    assert(index < space->count);
    for (size_t i = 0; i < space->group_count; i++)
        set_group(point, space, &space->groups[i], index);
}
