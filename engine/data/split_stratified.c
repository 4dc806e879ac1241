#include "engine/data/split_stratified.h"

#include <math.h>
#include <stdlib.h>

#include "engine/base/number.h"
#include "engine/random/numpy_random.h"

struct member {
    double class;
    int64_t row;
};

/* Rows grouped by class, classes ascending, members in the rows' order. */
struct strata {
    size_t classes;
    const struct member *member; /* [rows] */
    size_t *first;               /* [classes + 1] */
    int64_t *count;              /* [classes] */
    int64_t *train, *test;       /* [classes]: rows that each part takes */
};

/* Room for sharing out, and for permutations of up to all rows. */
struct workspace {
    struct share *share; /* [classes] */
    double *floored;     /* [classes] */
    int64_t *order;      /* [rows] */
};

/* What a class' part of a count has behind the point. */
struct share {
    double remainder;
    size_t class;
};

static int compare_members(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The largest remainder first, of equals the first class. */
static int compare_shares(const void *a, const void *b) {
    const struct share *x = a, *y = b;
    if (x->remainder != y->remainder)
        return x->remainder > y->remainder ? -1 : 1;
    return (x->class > y->class) - (x->class < y->class);
}

static const struct member *sort_members(const struct stratified_cut *cut,
                                         struct arena *scratch) {
    struct member *member = arena_zeroed(scratch, cut->rows, sizeof *member);
    if (!member || !cut->classes)
        return NULL;
    for (size_t i = 0; i < cut->rows; i++)
        member[i] = (struct member){cut->classes[i], (int64_t)i};
    qsort(member, cut->rows, sizeof *member, compare_members);
    return member;
}

static bool starts_class(const struct member *member, size_t i) {
    return i == 0 || member[i].class != member[i - 1].class;
}

static bool find_strata(const struct stratified_cut *cut, struct arena *scratch,
                        struct strata *strata) {
    const struct member *member = sort_members(cut, scratch);
    *strata = (struct strata){.member = member};
    if (!member)
        return false;
    for (size_t i = 0; i < cut->rows; i++)
        strata->classes += starts_class(member, i);
    size_t classes = strata->classes, next = 0;
    strata->first = arena_zeroed(scratch, classes + 1, sizeof(size_t));
    strata->count = arena_zeroed(scratch, classes, sizeof(int64_t));
    strata->train = arena_zeroed(scratch, classes, sizeof(int64_t));
    strata->test = arena_zeroed(scratch, classes, sizeof(int64_t));
    if (scratch->failed)
        return false;
    for (size_t i = 0; i < cut->rows; i++)
        if (starts_class(member, i))
            strata->first[next++] = i;
    strata->first[classes] = cut->rows;
    for (size_t i = 0; i < classes; i++)
        strata->count[i] = (int64_t)(strata->first[i + 1] - strata->first[i]);
    return true;
}

static enum status_code check_members(const struct strata *strata,
                                      struct status *status) {
    for (size_t i = 0; i < strata->classes; i++) {
        if (strata->count[i] >= 2)
            continue;
        char text[NUMBER_TEXT_SIZE];
        number_write_double(strata->member[strata->first[i]].class, text);
        return status_set_key(
            status, STATUS_CONFIG, "split.stratify",
            "stratify needs at least 2 rows of every class among those that "
            "are cut; class %s has 1 (%zu classes in all)",
            text, strata->classes);
    }
    return STATUS_OK;
}

static enum status_code check_sizes(const struct stratified_cut *cut,
                                    size_t classes, struct status *status) {
    size_t least = cut->train < cut->test ? cut->train : cut->test;
    if (least >= classes)
        return STATUS_OK;
    return status_set_key(
        status, STATUS_CONFIG, cut->key,
        "with stratify each part must have at least as many rows as there are "
        "classes, %zu; %zu of %zu rows would be cut off and %zu left",
        classes, cut->test, cut->rows, cut->train);
}

/* One more row for as many of the `count` classes as `left` rows are left; who
 * gets it is drawn, even where all do. */
static int64_t share_ties(const struct share *share, size_t count, int64_t left,
                          struct workspace *work, struct numpy_random *random) {
    numpy_random_permutation(random, work->order, count);
    size_t given = (int64_t)count < left ? count : (size_t)left;
    for (size_t i = 0; i < given; i++)
        work->floored[share[work->order[i]].class] += 1;
    return left - (int64_t)given;
}

/* _approximate_mode: `draws` rows shared out among the classes in proportion to
 * `count`, the remainders going to the largest, ties drawn. */
static void share_out(const int64_t *count, size_t classes, size_t draws,
                      struct workspace *work, struct numpy_random *random,
                      int64_t *result) {
    double total = 0, floored = 0;
    for (size_t i = 0; i < classes; i++)
        total += (double)count[i];
    for (size_t i = 0; i < classes; i++) {
        double exact = (double)count[i] / total * (double)draws;
        work->floored[i] = floor(exact);
        floored += work->floored[i];
        work->share[i] = (struct share){exact - work->floored[i], i};
    }
    int64_t left = (int64_t)((double)draws - floored);
    if (left > 0)
        qsort(work->share, classes, sizeof *work->share, compare_shares);
    for (size_t first = 0, end; first < classes && left > 0; first = end) {
        double remainder = work->share[first].remainder;
        for (end = first + 1;
             end < classes && work->share[end].remainder == remainder; end++)
            ;
        left = share_ties(work->share + first, end - first, left, work, random);
    }
    for (size_t i = 0; i < classes; i++)
        result[i] = (int64_t)work->floored[i];
}

static void count_parts(const struct stratified_cut *cut, struct strata *strata,
                        struct workspace *work, struct numpy_random *random) {
    size_t classes = strata->classes;
    share_out(strata->count, classes, cut->train, work, random, strata->train);
    for (size_t i = 0; i < classes; i++)
        strata->test[i] = strata->count[i] - strata->train[i];
    share_out(strata->test, classes, cut->test, work, random, strata->test);
}

static size_t clamp(int64_t value, size_t most) {
    if (value < 0)
        return 0;
    return (uint64_t)value > most ? most : (size_t)value;
}

/* Draws which members of each class go where: training rows to the front of
 * `order`, test rows to `rest`. */
static void draw_members(const struct strata *strata, struct workspace *work,
                         struct numpy_random *random, int64_t *order,
                         int64_t *rest, size_t *train, size_t *test) {
    *train = *test = 0;
    for (size_t i = 0; i < strata->classes; i++) {
        size_t count = (size_t)strata->count[i];
        const struct member *member = strata->member + strata->first[i];
        size_t middle = clamp(strata->train[i], count);
        size_t end = clamp(strata->train[i] + strata->test[i], count);
        numpy_random_permutation(random, work->order, count);
        for (size_t j = 0; j < middle; j++)
            order[(*train)++] = member[work->order[j]].row;
        for (size_t j = middle; j < end; j++)
            rest[(*test)++] = member[work->order[j]].row;
    }
}

enum status_code split_stratified(const struct stratified_cut *cut,
                                  struct arena *scratch, int64_t *order,
                                  size_t *train, size_t *test,
                                  struct status *status) {
    struct strata strata;
    if (!find_strata(cut, scratch, &strata))
        return arena_status(scratch, "the split", status);
    STATUS_TRY(check_members(&strata, status));
    STATUS_TRY(check_sizes(cut, strata.classes, status));
    struct workspace work = {
        arena_zeroed(scratch, strata.classes, sizeof *work.share),
        arena_zeroed(scratch, strata.classes, sizeof *work.floored),
        arena_zeroed(scratch, cut->rows, sizeof *work.order),
    };
    int64_t *rest = arena_zeroed(scratch, cut->rows, sizeof *rest);
    STATUS_TRY(arena_status(scratch, "the split", status));
    struct numpy_random random;
    numpy_random_seed(&random, cut->seed);
    count_parts(cut, &strata, &work, &random);
    draw_members(&strata, &work, &random, order, rest, train, test);
    numpy_random_shuffle(&random, order, *train);
    numpy_random_shuffle(&random, rest, *test);
    for (size_t i = 0; i < *test; i++)
        order[*train + i] = rest[i];
    return STATUS_OK;
}
