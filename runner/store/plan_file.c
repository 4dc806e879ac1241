#include "runner/store/plan_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/store/folder.h"

static const char PLAN_NAME[] = "plan.json";

/* -------------------------------------------------------------------- bytes
 */

static bool refill(struct plan_bytes *bytes) {
    ssize_t count;
    do
        count = pread(bytes->file, bytes->piece, sizeof bytes->piece,
                      (off_t)bytes->next);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        bytes->error = errno;
    bytes->at = 0;
    bytes->size = count > 0 ? (size_t)count : 0;
    bytes->next += bytes->size;
    return bytes->size > 0;
}

static void seek(struct plan_bytes *bytes, uint64_t place) {
    bytes->next = place;
    bytes->at = bytes->size = 0;
}

static uint64_t place_of(const struct plan_bytes *bytes) {
    return bytes->next - (bytes->size - bytes->at);
}

/* The next byte, which stays; -1 at the end. */
static int look(struct plan_bytes *bytes) {
    if (bytes->at == bytes->size && !refill(bytes))
        return -1;
    return bytes->piece[bytes->at];
}

static int look_behind_blanks(struct plan_bytes *bytes) {
    int c = look(bytes);
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        bytes->at++;
        c = look(bytes);
    }
    return c;
}

/* Takes the next byte if it is this one, behind blanks. */
static bool take(struct plan_bytes *bytes, int wanted) {
    bool is_it = look_behind_blanks(bytes) == wanted;
    bytes->at += is_it;
    return is_it;
}

/* ------------------------------------------------------------------- values */

/* Where in a value we are. */
struct nesting {
    size_t depth;
    bool in_string, is_escaped;
};

static void step(struct nesting *nesting, int c) {
    if (nesting->in_string) {
        nesting->in_string = nesting->is_escaped || c != '"';
        nesting->is_escaped = !nesting->is_escaped && c == '\\';
        return;
    }
    nesting->in_string = c == '"';
    nesting->depth += c == '{' || c == '[';
    nesting->depth -= nesting->depth > 0 && (c == '}' || c == ']');
}

static bool ends_value(int c) {
    return c < 0 || c == ',' || c == '}' || c == ']' || c == ':' || c == ' ' ||
           c == '\n' || c == '\r' || c == '\t';
}

/* One value, appended to `out` if that is not NULL. */
static bool read_value(struct plan_bytes *bytes, struct text *out) {
    struct nesting nesting = {0};
    int c = look_behind_blanks(bytes);
    bool is_word = c != '{' && c != '[' && c != '"';
    if (is_word && ends_value(c))
        return false;
    for (; c >= 0; c = look(bytes)) {
        if (is_word && ends_value(c))
            return true;
        step(&nesting, c);
        if (out)
            text_add_char(out, (char)c);
        bytes->at++;
        if (!is_word && nesting.depth == 0 && !nesting.in_string)
            return true;
    }
    return is_word;
}

/* ------------------------------------------------------------------ reading */

static bool skip_runs(struct plan_file *plan) {
    if (look_behind_blanks(&plan->bytes) != '[')
        return false;
    plan->runs_at = place_of(&plan->bytes) + 1;
    return read_value(&plan->bytes, NULL);
}

/* One member of the plan, its runs as []. */
static bool read_member(struct plan_file *plan, struct text *head) {
    size_t before = head->length;
    if (!read_value(&plan->bytes, head) || head->bytes[before] != '"' ||
        !take(&plan->bytes, ':'))
        return false;
    bool is_runs = strcmp(head->bytes + before, "\"runs\"") == 0;
    text_add_char(head, ':');
    if (!is_runs)
        return read_value(&plan->bytes, head);
    text_add(head, "[]");
    return skip_runs(plan);
}

static bool read_head(struct plan_file *plan, struct text *head) {
    bool good = take(&plan->bytes, '{');
    text_add_char(head, '{');
    if (good && !take(&plan->bytes, '}')) {
        while ((good = read_member(plan, head)) && take(&plan->bytes, ','))
            text_add_char(head, ',');
        good = good && take(&plan->bytes, '}');
    }
    text_add_char(head, '}');
    return good && look_behind_blanks(&plan->bytes) < 0 &&
           plan->bytes.error == 0 && plan->runs_at > 0;
}

enum status_code plan_file_check(const struct plan_file *plan,
                                 const struct store *store,
                                 struct status *status) {
    STATUS_RETURN_IF(plan->bytes.error, status, STATUS_OUTPUT,
                     "%s/plan.json: %s", store->path,
                     strerror(plan->bytes.error));
    return STATUS_OK;
}

static enum status_code parse_head(struct plan_file *plan,
                                   const struct store *store,
                                   struct status *status) {
    struct text head = TEXT_INIT;
    struct status cause = STATUS_INIT;
    bool good = read_head(plan, &head);
    if (good)
        plan->head = json_parse(head.bytes, head.length, &cause);
    text_release(&head);
    STATUS_TRY(plan_file_check(plan, store, status));
    STATUS_RETURN_IF(!good, status, STATUS_INPUT,
                     "%s/plan.json: not JSON with a list of runs", store->path);
    STATUS_RETURN_IF(!plan->head, status, STATUS_INPUT, "%s/plan.json: %s",
                     store->path, cause.message);
    plan_file_rewind(plan);
    return STATUS_OK;
}

enum status_code plan_file_open(struct plan_file *plan,
                                const struct store *store,
                                struct status *status) {
    struct stat about;
    memset(plan, 0, sizeof *plan);
    plan->bytes.file = folder_open_file(store->folder, PLAN_NAME,
                                        O_RDONLY | O_NONBLOCK | O_NOCTTY);
    STATUS_RETURN_IF(plan->bytes.file < 0 ||
                         fstat(plan->bytes.file, &about) != 0 ||
                         !S_ISREG(about.st_mode),
                     status, STATUS_CONFIG, "%s: no plan.json", store->path);
    return parse_head(plan, store, status);
}

void plan_file_close(struct plan_file *plan) {
    if (plan->bytes.file >= 0)
        close(plan->bytes.file);
    plan->bytes.file = -1;
    json_free(plan->head);
    plan->head = NULL;
    text_release(&plan->run);
}

void plan_file_rewind(struct plan_file *plan) {
    seek(&plan->bytes, plan->runs_at);
    plan->is_first = true;
    plan->is_whole = false;
}

bool plan_file_next(struct plan_file *plan, struct json_slice *run) {
    text_clear(&plan->run);
    if (take(&plan->bytes, ']')) {
        plan->is_whole = true;
        return false;
    }
    if (!plan->is_first && !take(&plan->bytes, ','))
        return false;
    plan->is_first = false;
    if (!read_value(&plan->bytes, &plan->run))
        return false;
    *run = (struct json_slice){plan->run.bytes, plan->run.length};
    return true;
}

struct json_value *plan_file_next_tree(struct plan_file *plan,
                                       struct status *status) {
    struct json_slice run;
    if (!plan_file_next(plan, &run))
        return NULL;
    return json_parse(run.bytes, run.length, status);
}

size_t plan_file_count(struct plan_file *plan) {
    struct json_slice run;
    size_t count = 0;
    plan_file_rewind(plan);
    while (plan_file_next(plan, &run))
        count++;
    plan_file_rewind(plan);
    return count;
}

bool plan_file_id(struct json_slice run, char id[RUN_ID_SIZE]) {
    struct json_slice value;
    if (!json_slice_member(run, "id", &value) ||
        value.length != RUN_ID_SIZE + 1 || *value.bytes != '"')
        return false;
    memcpy(id, value.bytes + 1, RUN_ID_SIZE - 1);
    id[RUN_ID_SIZE - 1] = '\0';
    return store_is_id(id);
}
