/* Which records an audit is of. */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "runner/audit.h"
#include "runner/target.h"

static const char JOURNAL[] = "journal.jsonl";
static const char JOURNAL_ABOVE[] = "../../journal.jsonl";

/* ------------------------------------------------------------- experiments */

static size_t find_experiment(const struct audit *audit,
                              const struct stat *about) {
    size_t i = 0;
    while (i < audit->experiment_count &&
           (audit->experiments[i].device != about->st_dev ||
            audit->experiments[i].inode != about->st_ino))
        i++;
    return i;
}

static struct data_places places_of(const struct audit *audit,
                                    const char *const *folders, size_t count) {
    return (struct data_places){
        .folders = folders,
        .folder_count = count,
        .data_folder = audit->invocation->data,
        .file_digests = (struct file_digests *)&audit->file_digests};
}

/* The experiment whose folder is `path`, and whose journal is FOLDER/NAME. */
static size_t add_experiment(struct audit *audit, const char *path,
                             const char *folder, const char *name) {
    struct stat about = {0};
    stat(path, &about);
    size_t found = find_experiment(audit, &about);
    if (found < audit->experiment_count)
        return found;
    memory_grow(&audit->experiments, audit->experiment_count,
                &audit->experiment_capacity, sizeof *audit->experiments);
    struct audit_experiment *experiment =
        &audit->experiments[audit->experiment_count++];
    *experiment = (struct audit_experiment){.path = memory_string(path),
                                            .device = about.st_dev,
                                            .inode = about.st_ino};
    origin_add_journal(&experiment->origin, folder, name);
    makers_init(&experiment->makers, folder, name);
    experiment->places =
        places_of(audit, (const char *const *)experiment->origin.folders,
                  experiment->origin.folder_count);
    return found;
}

/* ------------------------------------------------------------------- items */

/* The id that the last part of a path is, or "". */
static void take_folder_id(const char *path, run_id id) {
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    memset(id, 0, sizeof(run_id));
    if (store_is_id(last))
        memcpy(id, last, sizeof(run_id));
}

struct audit_item *audit_add(struct audit *audit, size_t experiment,
                             char *path) {
    memory_grow(&audit->items, audit->count, &audit->capacity,
                sizeof *audit->items);
    struct audit_item *item = &audit->items[audit->count++];
    *item = (struct audit_item){.place.path = path,
                                .experiment = (uint32_t)experiment,
                                .is_run = true,
                                .is_here = true};
    take_folder_id(path, item->place.folder_id);
    return item;
}

static void add_folder(struct audit *audit, const char *path) {
    struct text above = TEXT_INIT;
    text_print(&above, "%s/../..", path);
    size_t experiment = add_experiment(audit, above.bytes, path, JOURNAL_ABOVE);
    text_release(&above);
    struct audit_item *item = audit_add(audit, experiment, memory_string(path));
    /* "." and the like have a name all the same. */
    char *real = realpath(path, NULL);
    if (real)
        take_folder_id(real, item->place.folder_id);
    free(real);
}

static void add_runs(struct audit *audit, const struct store *store,
                     size_t experiment, run_id *ids, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct text path = TEXT_INIT;
        text_print(&path, "%s/runs/%s", store->path, ids[i]);
        audit_add(audit, experiment, text_take(&path));
    }
}

/* The runs that a target asks for. */
static enum status_code list_runs(const struct store *store,
                                  const struct target *target, bool all,
                                  run_id **ids, size_t *count,
                                  struct status *status) {
    struct stored_reader reader;
    enum status_code code = STATUS_OK;
    *ids = NULL;
    *count = 0;
    STATUS_TRY(stored_reader_init(&reader, store, status));
    if (target->prefix)
        code = target_find_run(&reader, target->prefix, ids, count, status);
    else if (all && !reader.is_packed)
        *count = store_ids(store, ids);
    else if (!target_plan_ids(store, ids, count))
        code = status_set(status, STATUS_CONFIG,
                          "%s: no plan.json that can be read; --all audits "
                          "every run folder",
                          store->path);
    stored_reader_release(&reader);
    STATUS_RETURN_IF(code == STATUS_OK && *count == 0, status, STATUS_CONFIG,
                     "%s: no run", store->path);
    return code;
}

/* The experiment is an item too, for what is wrong with its blocks and
 * summaries. */
static void add_whole(struct audit *audit, const struct target *target,
                      size_t index) {
    struct audit_experiment *experiment = &audit->experiments[index];
    if (!experiment->packed)
        experiment->packed = audit_packed_open(target->out, target->name);
    if (experiment->has_item)
        return;
    experiment->has_item = true;
    struct audit_item *whole =
        audit_add(audit, index, memory_string(experiment->path));
    whole->is_run = false;
    whole->place.packed = experiment->packed;
}

/* "OUT/NAME/runs/000000.jsonl, ID". */
static void name_packed(const struct store *store, struct audit_place *place) {
    char block[BLOCK_NAME_SIZE];
    struct text path = TEXT_INIT;
    block_name(place->position / BLOCK_RUNS, ".jsonl", block);
    text_print(&path, "%s/runs/%s, %s", store->path, block, place->folder_id);
    free(place->path);
    place->path = text_take(&path);
}

/* Runs of packed experiments are known by their place in the plan. */
static void set_positions(struct audit *audit, const struct store *store,
                          size_t index, size_t first) {
    struct audit_packed *packed = audit->experiments[index].packed;
    run_id *ids;
    size_t planned, at = 0;
    if (!packed)
        return;
    target_plan_ids(store, &ids, &planned);
    for (size_t i = first; i < audit->count; i++) {
        struct audit_place *place = &audit->items[i].place;
        place->packed = packed;
        place->position = planned;
        /* In plan order, if they are all; one is looked for from the start. */
        for (size_t tried = 0; tried < planned; tried++, at++)
            if (strcmp(ids[at % planned], place->folder_id) == 0) {
                place->position = at++ % planned;
                break;
            }
        name_packed(store, place);
    }
    free(ids);
}

static enum status_code add_store(struct audit *audit,
                                  const struct store *store,
                                  const struct target *target,
                                  struct status *status) {
    run_id *ids = NULL;
    size_t count = 0;
    enum status_code code =
        list_runs(store, target, audit->invocation->all, &ids, &count, status);
    if (code == STATUS_OK) {
        size_t index = add_experiment(audit, store->path, store->path, JOURNAL);
        audit->experiments[index].is_whole |= !target->prefix;
        add_whole(audit, target, index);
        size_t first = audit->count;
        add_runs(audit, store, index, ids, count);
        set_positions(audit, store, index, first);
        if (audit->experiments[index].packed && audit->invocation->bundle &&
            target->prefix)
            code = status_set(status, STATUS_CONFIG,
                              "--bundle: %s holds packed runs, which are "
                              "bundled all together: name the experiment",
                              store->path);
    }
    free(ids);
    return code;
}

static enum status_code add_named(struct audit *audit,
                                  const struct target *target,
                                  struct status *status) {
    struct store store;
    STATUS_TRY(store_open(&store, target->out, target->name, false, status));
    enum status_code code = add_store(audit, &store, target, status);
    store_close(&store);
    return code;
}

static bool is_regular(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static enum status_code add_argument(struct audit *audit, const char *argument,
                                     struct status *status) {
    struct target target;
    if (is_regular(argument)) {
        STATUS_RETURN_IF(!bundle_is_one(argument), status, STATUS_CONFIG,
                         "%s: no bundle of records, and no run or experiment "
                         "either",
                         argument);
        STATUS_RETURN_IF(audit->invocation->bundle, status, STATUS_CONFIG,
                         "--bundle: %s is one already", argument);
        audit_add_bundle(audit, argument);
        return STATUS_OK;
    }
    target_init(&target, argument, audit->invocation->out);
    enum status_code code = STATUS_OK;
    if (target.is_run_folder)
        add_folder(audit, argument);
    else
        code = add_named(audit, &target, status);
    target_release(&target);
    return code;
}

/* --------------------------------------------------------- each of them once
 */

struct known {
    dev_t device;
    ino_t inode; /* of the folder, or of the experiment of a packed run */
    size_t position;
    size_t item;
};

static bool know(const struct audit *audit, size_t item, struct known *known) {
    const struct audit_place *place = &audit->items[item].place;
    const struct audit_experiment *experiment =
        &audit->experiments[audit->items[item].experiment];
    struct stat about;
    if (place->bundle)
        return false;
    if (place->packed)
        *known = (struct known){experiment->device, experiment->inode,
                                place->position + 1, item};
    else if (stat(place->path, &about) == 0)
        *known = (struct known){about.st_dev, about.st_ino, 0, item};
    else
        return false;
    return audit->items[item].is_run;
}

static bool is_same(const struct known *a, const struct known *b) {
    return a->device == b->device && a->inode == b->inode &&
           a->position == b->position;
}

static int compare_known(const void *a, const void *b) {
    const struct known *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static void release_item(struct audit_item *item) {
    free(item->place.path);
    free(item->name);
    findings_release(&item->findings);
}

/* A run that two arguments name is one; the first stays. */
static void drop_twins(struct audit *audit) {
    struct known *known = memory_zeroed(audit->count, sizeof *known);
    bool *is_twin = memory_zeroed(audit->count, sizeof *is_twin);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < audit->count; i++)
        count += know(audit, i, &known[count]);
    if (count)
        qsort(known, count, sizeof *known, compare_known);
    for (size_t i = 1; i < count; i++)
        is_twin[known[i].item] = is_same(&known[i], &known[i - 1]);
    for (size_t i = 0; i < audit->count; i++)
        if (is_twin[i])
            release_item(&audit->items[i]);
        else
            audit->items[kept++] = audit->items[i];
    audit->count = kept;
    free(known);
    free(is_twin);
}

/* ------------------------------------------------------------------ sample */

static enum status_code read_sample(const char *word, double *share,
                                    struct status *status) {
    size_t length = word ? strlen(word) : 0;
    *share = 100;
    if (!word)
        return STATUS_OK;
    bool good = length > 1 && word[length - 1] == '%' &&
                number_read(word, length - 1, share) && *share > 0 &&
                *share <= 100;
    STATUS_RETURN_IF(!good, status, STATUS_CONFIG,
                     "--sample: expected a share of the runs above 0%% and up "
                     "to 100%%, as 5%%, found '%s'",
                     word);
    return STATUS_OK;
}

static const char *sort_key(const struct audit_item *item) {
    return *item->place.folder_id ? item->place.folder_id : item->place.path;
}

static int by_id(const void *a, const void *b) {
    const struct audit_item *const *x = a, *const *y = b;
    int order = strcmp(sort_key(*x), sort_key(*y));
    return order ? order : strcmp((*x)->place.path, (*y)->place.path);
}

/* Of N runs sorted by id, K = share of N rounded up, at least one: those at
 * positions floor(i N / K). Ids are digests: any order of theirs is as good as
 * a draw, and the same on every machine. */
static void choose(struct audit *audit, double share) {
    struct audit_item **runs = memory_zeroed(audit->count, sizeof *runs);
    size_t count = 0;
    for (size_t i = 0; i < audit->count; i++)
        if (audit->items[i].is_run)
            runs[count++] = &audit->items[i];
    if (count)
        qsort(runs, count, sizeof(struct audit_item *), by_id);
    size_t chosen = (size_t)ceil(share / 100 * (double)count);
    for (size_t i = 0; i < chosen; i++)
        runs[i * count / chosen]->looks = true;
    free(runs);
}

/* What is in a bundle is only run again if asked; what becomes one is checked
 * whether it is in the sample or not. */
static void decide(struct audit *audit) {
    const struct invocation *invocation = audit->invocation;
    for (size_t i = 0; i < audit->count; i++) {
        struct audit_item *item = &audit->items[i];
        item->reruns =
            item->looks && (!item->place.bundle || invocation->rerun);
        item->looks = item->looks || (invocation->bundle && item->is_run);
    }
}

static void note_missing(struct audit *audit) {
    for (size_t i = 0; i < audit->count; i++) {
        struct audit_item *item = &audit->items[i];
        if (!item->is_run || audit_place_exists(&item->place))
            continue;
        item->looks = item->reruns = false;
        item->verdict = AUDIT_MISSING;
        findings_add(&item->findings, FINDING_MISSING, "",
                     "no such run: the plan has it");
    }
}

/* The one run that an argument names. */
static enum status_code add_one(struct audit *audit, const char *argument,
                                size_t *item, struct status *status) {
    size_t runs = 0;
    size_t before = audit->count;
    STATUS_TRY(add_argument(audit, argument, status));
    for (size_t i = before; i < audit->count; i++) {
        if (!audit->items[i].is_run)
            continue;
        audit->items[i].looks = audit->items[i].reruns = true;
        *item = i;
        runs++;
    }
    STATUS_RETURN_IF(runs != 1, status, STATUS_CONFIG,
                     "%s: expected one run, found %zu", argument, runs);
    return STATUS_OK;
}

enum status_code audit_find_pair(struct audit *audit, size_t pair[2],
                                 struct status *status) {
    for (size_t i = 0; i < 2; i++)
        STATUS_TRY(
            add_one(audit, audit->invocation->arguments[i], &pair[i], status));
    note_missing(audit);
    return STATUS_OK;
}

enum status_code audit_find(struct audit *audit, struct status *status) {
    const struct invocation *invocation = audit->invocation;
    double share;
    STATUS_TRY(read_sample(invocation->sample, &share, status));
    for (size_t i = 0; i < invocation->argument_count; i++)
        STATUS_TRY(add_argument(audit, invocation->arguments[i], status));
    if (invocation->argument_count > 1)
        drop_twins(audit);
    choose(audit, share);
    decide(audit);
    note_missing(audit);
    return STATUS_OK;
}
