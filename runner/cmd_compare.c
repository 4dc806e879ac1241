/* `compare EXPERIMENT …`. */

#include "runner/cmd_compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "runner/report/compare.h"

static const char DEFAULT_OUT[] = "experiments";

/* ------------------------------------------------------------- experiments */

/* The opened experiments of the command line, each once. */
struct experiments {
    struct store *stores;
    struct labelled_store *labelled;
    size_t count;
};

static void experiments_release(struct experiments *experiments) {
    for (size_t i = 0; i < experiments->count; i++)
        store_close(&experiments->stores[i]);
    free(experiments->stores);
    free(experiments->labelled);
}

static bool has_plan(const char *folder) {
    struct text path = TEXT_INIT;
    struct stat about;
    text_print(&path, "%s/plan.json", folder);
    bool there = stat(path.bytes, &about) == 0 && S_ISREG(about.st_mode);
    text_release(&path);
    return there;
}

/* OUT and NAME of an argument: a folder with a plan in it, or a name. */
static void locate(const char *argument, const char *out, char **parent,
                   char **name) {
    char *path = has_plan(argument) ? realpath(argument, NULL) : NULL;
    char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash) {
        *parent = memory_string(out ? out : DEFAULT_OUT);
        *name = memory_string(argument);
    } else {
        *name = memory_string(slash + 1);
        *parent = slash == path
                      ? memory_string("/")
                      : memory_string_of(path, (size_t)(slash - path));
    }
    free(path);
}

static bool is_same_folder(const struct store *a, const struct store *b) {
    struct stat first, second;
    return fstat(a->folder, &first) == 0 && fstat(b->folder, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static bool is_open(const struct experiments *experiments,
                    const struct store *store) {
    for (size_t i = 0; i < experiments->count; i++)
        if (is_same_folder(&experiments->stores[i], store))
            return true;
    return false;
}

static enum status_code add_experiment(struct experiments *experiments,
                                       const char *argument, const char *out,
                                       struct status *status) {
    struct store store;
    char *parent, *name;
    locate(argument, out, &parent, &name);
    enum status_code code = store_open(&store, parent, name, false, status);
    free(parent);
    free(name);
    if (code != STATUS_OK)
        return code;
    if (is_open(experiments, &store))
        store_close(&store);
    else
        experiments->stores[experiments->count++] = store;
    return STATUS_OK;
}

static const char *name_of(const struct store *store) {
    const char *slash = strrchr(store->path, '/');
    return slash ? slash + 1 : store->path;
}

/* Labels are names; the path where two have one name. */
static void label(struct experiments *experiments) {
    for (size_t i = 0; i < experiments->count; i++) {
        const struct store *store = &experiments->stores[i];
        const char *name = name_of(store);
        for (size_t j = 0; j < experiments->count; j++)
            if (j != i &&
                strcmp(name_of(&experiments->stores[j]), name_of(store)) == 0)
                name = store->path;
        experiments->labelled[i] = (struct labelled_store){store, name};
    }
}

static enum status_code experiments_open(struct experiments *experiments,
                                         const struct invocation *invocation,
                                         struct status *status) {
    size_t count = invocation->argument_count;
    *experiments = (struct experiments){
        .stores = memory_zeroed(count, sizeof(struct store)),
        .labelled = memory_zeroed(count, sizeof(struct labelled_store))};
    for (size_t i = 0; i < count; i++)
        STATUS_TRY(add_experiment(experiments, invocation->arguments[i],
                                  invocation->out, status));
    label(experiments);
    return STATUS_OK;
}

/* ----------------------------------------------------------------- options */

/* The paths between commas; they borrow from `copy`, which the caller frees.
 */
static enum status_code split_paths(char *copy, const char **paths,
                                    size_t *count, struct status *status) {
    *count = 0;
    for (char *path = copy; path;) {
        char *comma = strchr(path, ',');
        if (comma)
            *comma++ = '\0';
        STATUS_RETURN_IF(!*path, status, STATUS_CONFIG,
                         "--by: expected paths with single commas between "
                         "them, found an empty one");
        paths[(*count)++] = path;
        path = comma;
    }
    return STATUS_OK;
}

static enum status_code read_top(const char *word, size_t *top,
                                 struct status *status) {
    const double MOST = 1e9;
    double number;
    *top = 0;
    if (!word)
        return STATUS_OK;
    STATUS_RETURN_IF(
        !number_read(word, strlen(word), &number) ||
            !(number >= 1 && number <= MOST) || number != (double)(long)number,
        status, STATUS_CONFIG,
        "--top: expected a whole number from 1 to %.0f, found '%s'", MOST,
        word);
    *top = (size_t)number;
    return STATUS_OK;
}

static enum status_code check_formats(const struct invocation *invocation,
                                      const struct compare_options *options,
                                      struct status *status) {
    STATUS_RETURN_IF(invocation->json + options->csv + options->markdown > 1,
                     status, STATUS_CONFIG,
                     "compare: expected one of --csv, --json and --md");
    return STATUS_OK;
}

/* ------------------------------------------------------------------- print */

/* Passes on what is written once it is worth it; what can't be is said once,
 * at the end. */
static enum status_code flush_out(void *context, struct status *status) {
    enum { WORTH = 1 << 16 };
    struct text *out = context;
    (void)status;
    if (out->length >= WORTH) {
        fwrite(out->bytes, 1, out->length, stdout);
        text_clear(out);
    }
    return STATUS_OK;
}

static enum status_code write_format(const struct invocation *invocation,
                                     const struct compare_options *options,
                                     const struct grouping *grouping,
                                     size_t top, struct text *out,
                                     struct status *status) {
    const struct report_sink sink = {out, flush_out, out};
    if (options->csv)
        return compare_write_csv(grouping, top, &sink, status);
    if (options->markdown)
        return compare_write_markdown(grouping, top, &sink, status);
    if (invocation->json)
        return compare_write_json(grouping, top, &sink, status);
    return compare_write_table(grouping, top, &sink, status);
}

static enum status_code write_comparison(const struct invocation *invocation,
                                         const struct compare_options *options,
                                         const struct compare_request *request,
                                         size_t top, struct text *out,
                                         struct status *status) {
    struct experiments experiments;
    struct run_table table = {0};
    struct grouping grouping;
    enum status_code code = experiments_open(&experiments, invocation, status);
    if (code == STATUS_OK)
        code = run_table_read(&table, request, experiments.labelled,
                              experiments.count, status);
    if (code == STATUS_OK) {
        grouping_init(&grouping, &table);
        code = write_format(invocation, options, &grouping, top, out, status);
        grouping_release(&grouping);
    }
    run_table_release(&table);
    experiments_release(&experiments);
    return code;
}

static enum status_code write_all(const struct invocation *invocation,
                                  const struct compare_options *options,
                                  struct text *out, struct status *status) {
    size_t top;
    struct compare_request request = {.metric = options->metric,
                                      .filter = options->filter,
                                      .filter_context = options->filter_context,
                                      .all = invocation->all};
    char *copy = options->by ? memory_string(options->by) : NULL;
    const char **paths =
        memory_zeroed(copy ? strlen(copy) + 1 : 1, sizeof *paths);
    enum status_code code = check_formats(invocation, options, status);
    if (code == STATUS_OK)
        code = read_top(options->top, &top, status);
    if (code == STATUS_OK && copy)
        code = split_paths(copy, paths, &request.by_count, status);
    request.by = paths;
    if (code == STATUS_OK)
        code =
            write_comparison(invocation, options, &request, top, out, status);
    free(paths);
    free(copy);
    return code;
}

enum status_code compare_experiments(const struct invocation *invocation,
                                     const struct compare_options *options) {
    struct status status = STATUS_INIT;
    struct text out = TEXT_INIT;
    enum status_code code = write_all(invocation, options, &out, &status);
    code = code == STATUS_OK ? print_out(&out)
                             : print_failure(invocation, &status);
    text_release(&out);
    return code;
}
