/* What came of an audit: a table and what is wrong, or one JSON document. */

#include <string.h>

#include "engine/base/number.h"
#include "engine/base/numerics.h"
#include "runner/audit.h"

struct totals {
    size_t runs, elsewhere;
    size_t verdicts[AUDIT_VERDICTS];
    size_t files;
    uint64_t bytes;
};

static struct totals add_up(const struct audit *audit) {
    struct totals totals = {.runs = 0};
    for (size_t i = 0; i < audit->count; i++) {
        const struct audit_item *item = &audit->items[i];
        if (!item->is_run)
            continue;
        totals.runs++;
        totals.verdicts[item->verdict]++;
        totals.elsewhere += !item->is_here;
        totals.files += item->files;
        totals.bytes += item->bytes;
    }
    return totals;
}

/* ------------------------------------------------------------------- table */

static void add_column(struct text *header, struct text *row, const char *name,
                       const char *value) {
    size_t wide = strlen(name) > strlen(value) ? strlen(name) : strlen(value);
    const char *gap = header->length ? "  " : "";
    text_print(header, "%s%*s", gap, (int)wide, name);
    text_print(row, "%s%*s", gap, (int)wide, value);
}

static void add_count(struct text *header, struct text *row, const char *name,
                      uint64_t count) {
    char digits[NUMBER_TEXT_SIZE];
    number_write_integer((int64_t)count, digits);
    add_column(header, row, name, digits);
}

static void print_table(const struct audit *audit, const struct totals *totals,
                        struct text *out) {
    struct text header = TEXT_INIT, row = TEXT_INIT, seconds = TEXT_INIT;
    add_count(&header, &row, "runs", totals->runs);
    for (int i = AUDIT_CHECKED; i < AUDIT_VERDICTS; i++)
        if (totals->verdicts[i])
            add_count(&header, &row, AUDIT_VERDICT_WORDS[i],
                      totals->verdicts[i]);
    if (totals->verdicts[AUDIT_NOT_RUN])
        add_count(&header, &row, AUDIT_VERDICT_WORDS[AUDIT_NOT_RUN],
                  totals->verdicts[AUDIT_NOT_RUN]);
    add_count(&header, &row, "files", totals->files);
    add_count(&header, &row, "bytes", totals->bytes);
    text_print(&seconds, "%.3g", audit->seconds);
    add_column(&header, &row, "seconds", text_string(&seconds));
    text_print(out, "%s\n%s\n", header.bytes, row.bytes);
    text_release(&header);
    text_release(&row);
    text_release(&seconds);
}

/* ------------------------------------------------------------------- notes */

/* The first run of another maker stands for all that have the same. */
static bool is_same_maker(const struct maker *a, const struct maker *b) {
    return strcmp(a->isa, b->isa) == 0 && strcmp(a->cpu, b->cpu) == 0 &&
           strcmp(a->version, b->version) == 0 &&
           strcmp(a->source, b->source) == 0 && strcmp(a->build, b->build) == 0;
}

static const struct maker *maker_of(const struct audit *audit, size_t item) {
    return makers_find(
        &audit->experiments[audit->items[item].experiment].makers,
        audit->items[item].id);
}

/* How many runs that maker made, if none before this one is its. */
static size_t count_made(const struct audit *audit, size_t first,
                         const struct maker *maker) {
    size_t made = 0;
    for (size_t i = 0; i < audit->count; i++) {
        if (audit->items[i].is_here ||
            !is_same_maker(maker, maker_of(audit, i)))
            continue;
        if (i < first)
            return 0;
        made++;
    }
    return made;
}

/* Each other maker is told once; beyond a few only how many runs are left. */
static void print_makers(const struct audit *audit, const struct totals *totals,
                         struct text *out) {
    enum { TOLD = 3 };
    const struct machine *here = &audit->here;
    size_t left = totals->elsewhere, told = 0;
    if (left == 0)
        return;
    for (size_t i = 0; i < audit->count && left && told < TOLD; i++) {
        if (audit->items[i].is_here)
            continue;
        const struct maker *maker = maker_of(audit, i);
        size_t made = count_made(audit, i, maker);
        if (made == 0)
            continue;
        text_print(out, "%zu made by ", made);
        maker_describe(maker, out);
        text_add_char(out, '\n');
        left -= made;
        told++;
    }
    if (left)
        text_print(out, "%zu made by others\n", left);
    text_add(out, "audited by ");
    maker_describe(&(struct maker){.cpu = here->cpu,
                                   .isa = here->isa,
                                   .version = here->version,
                                   .source = here->source,
                                   .build = here->build},
                   out);
    text_add_char(out, '\n');
}

static void print_bundles(const struct audit *audit, struct text *out) {
    for (size_t i = 0; i < audit->experiment_count; i++) {
        const struct bundle *bundle = audit->experiments[i].bundle;
        if (bundle && *bundle->root)
            text_print(out, "%s: root %s\n", bundle->path, bundle->root);
    }
}

/* ------------------------------------------------------------------- print */

static void print_item(const struct audit_item *item, struct text *out) {
    bool is_wrong = item->findings.code != STATUS_OK;
    if (item->findings.count == 0)
        return;
    text_print(out, "%s: %s\n", item->place.path,
               is_wrong && !item->is_run ? AUDIT_VERDICT_WORDS[AUDIT_DIFFERS]
                                         : AUDIT_VERDICT_WORDS[item->verdict]);
    findings_print(&item->findings, out);
}

void audit_print(const struct audit *audit, struct text *out) {
    struct totals totals = add_up(audit);
    for (size_t i = 0; i < audit->count; i++)
        print_item(&audit->items[i], out);
    print_table(audit, &totals, out);
    print_bundles(audit, out);
    print_makers(audit, &totals, out);
}

/* -------------------------------------------------------------------- JSON */

static void write_text(struct json_writer *writer, const char *key,
                       const char *value) {
    json_key(writer, key);
    json_string(writer, value);
}

static void write_count(struct json_writer *writer, const char *key,
                        uint64_t value) {
    json_key(writer, key);
    json_integer(writer, (int64_t)value);
}

static void write_machine(const struct audit *audit,
                          struct json_writer *writer) {
    const struct machine *here = &audit->here;
    json_key(writer, "machine");
    json_begin_object(writer);
    write_text(writer, "isa", here->isa);
    write_text(writer, "cpu", here->cpu);
    write_text(writer, "version", here->version);
    write_text(writer, "source", here->source);
    write_text(writer, "build", here->build);
    write_count(writer, "numerics", NUMERICS_VERSION);
    json_end_object(writer);
}

static void write_maker(const struct maker *maker, struct json_writer *writer) {
    json_key(writer, "made_by");
    if (!maker) {
        json_null(writer);
        return;
    }
    json_begin_object(writer);
    write_text(writer, "isa", maker->isa);
    write_text(writer, "cpu", maker->cpu);
    write_text(writer, "version", maker->version);
    write_text(writer, "source", maker->source);
    write_text(writer, "build", maker->build);
    json_end_object(writer);
}

/* Where it was made is only told where it was elsewhere. */
static void write_item(const struct audit *audit, size_t index,
                       struct json_writer *writer) {
    const struct audit_item *item = &audit->items[index];
    json_begin_object(writer);
    write_text(writer, "run", item->place.path);
    json_key(writer, "id");
    if (*item->id)
        json_string(writer, item->id);
    else
        json_null(writer);
    write_text(writer, "verdict", AUDIT_VERDICT_WORDS[item->verdict]);
    write_count(writer, "files", item->files);
    write_count(writer, "bytes", item->bytes);
    json_key(writer, "findings");
    findings_write(&item->findings, writer);
    write_count(writer, "findings_left_out", item->findings.left_out);
    write_maker(item->is_here ? NULL : maker_of(audit, index), writer);
    json_end_object(writer);
}

/* What is no run: bundles, and experiments as a whole. */
static void write_wholes(const struct audit *audit, const char *key,
                         bool is_bundle, struct json_writer *writer) {
    json_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < audit->count; i++) {
        const struct audit_item *item = &audit->items[i];
        const struct bundle *bundle =
            audit->experiments[item->experiment].bundle;
        if (item->is_run || (bundle != NULL) != is_bundle)
            continue;
        json_begin_object(writer);
        write_text(writer, "path", item->place.path);
        json_key(writer, "root");
        if (bundle && *bundle->root)
            json_string(writer, bundle->root);
        else
            json_null(writer);
        json_key(writer, "findings");
        findings_write(&item->findings, writer);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void write_totals(const struct audit *audit,
                         struct json_writer *writer) {
    const struct totals totals = add_up(audit);
    static const char *const KEYS[AUDIT_VERDICTS] = {
        [AUDIT_NOT_RUN] = "not_run",
        [AUDIT_CHECKED] = "checked",
        [AUDIT_IDENTICAL] = "identical",
        [AUDIT_DIFFERS] = "differs",
        [AUDIT_MISSING] = "missing",
        [AUDIT_NOT_COMPARABLE] = "not_comparable"};
    write_count(writer, "runs", totals.runs);
    for (int i = 0; i < AUDIT_VERDICTS; i++)
        write_count(writer, KEYS[i], totals.verdicts[i]);
    write_count(writer, "made_elsewhere", totals.elsewhere);
    write_count(writer, "files", totals.files);
    write_count(writer, "bytes", totals.bytes);
    json_key(writer, "seconds");
    json_double(writer, audit->seconds);
}

void audit_write(const struct audit *audit, struct text *out) {
    struct json_writer writer = json_writer_new(out, 1);
    json_begin_object(&writer);
    write_totals(audit, &writer);
    write_machine(audit, &writer);
    write_wholes(audit, "bundles", true, &writer);
    write_wholes(audit, "experiments", false, &writer);
    json_key(&writer, "records");
    json_begin_array(&writer);
    for (size_t i = 0; i < audit->count; i++)
        if (audit->items[i].is_run)
            write_item(audit, i, &writer);
    json_end_array(&writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}
