#ifndef RUNNER_STORE_STORED_H
#define RUNNER_STORE_STORED_H

/* A run that is stored, whether as a folder of its own or packed in a block:
 * the one way in which reports and commands read runs. Everything is read from
 * the store alone. */

#include "runner/store/block.h"
#include "runner/store/store.h"

/* Opens one of the files of a block, where it lies in no store; false if it is
 * not there. */
typedef bool stored_open(const void *place, size_t number, const char *ending,
                         struct block_file *file);

/* Reads an experiment's runs, one at a time; not from two threads at once. */
struct stored_reader {
    const struct store *store; /* or NULL: `open` */
    stored_open *open;
    const void *place; /* for it */
    bool is_packed;
    size_t planned; /* packed: runs of plan.json */
    /* Packed: where runs are in the plan, sorted by id; NULL: not yet needed.
     */
    struct stored_position {
        uint64_t id;
        uint32_t position;
    } * index;
    /* Packed: the block that was read last. */
    size_t number;
    bool has_lines, has_tensors;
    struct block_lines lines;
    struct block_tensors tensors;
};

/* plan.json says whether runs are packed; without one they are folders. The
 * store must outlive the reader. STATUS_OUTPUT if the plan is there and can't
 * be read; the reader is to be released also then. */
enum status_code stored_reader_init(struct stored_reader *reader,
                                    const struct store *store,
                                    struct status *status);
/* Reads packed runs whose blocks `open` opens. Their positions in the plan, of
 * `planned` runs, are always given, and messages are the caller's. */
void stored_reader_init_packed(struct stored_reader *reader, stored_open *open,
                               const void *place, size_t planned);
void stored_reader_release(struct stored_reader *reader);

struct stored_run {
    struct stored_reader *reader;
    run_id id;
    size_t position;     /* in the plan; only of packed runs */
    struct bytes record; /* run.json, or its line; a NUL behind */
};

/* Nothing is known of a run's position in the plan. */
#define STORED_ANYWHERE ((size_t)-1)

enum stored_state {
    STORED_THERE,
    STORED_MISSING,    /* there is nothing of this run */
    STORED_UNREADABLE, /* something is in its place */
};

/* The run of this id. `position` is its number in plan.json, or
 * STORED_ANYWHERE, which takes an index of the whole plan where runs are
 * packed, 16 bytes a run. Only a run that is there is to be released. That its
 * record is JSON is not judged. */
enum stored_state stored_run_init(struct stored_run *run,
                                  struct stored_reader *reader, const char *id,
                                  size_t position);
void stored_run_release(struct stored_run *run);

/* Where the run stands, for messages: "OUT/NAME/runs/ID" or
 * "OUT/NAME/runs/NNNNNN.jsonl, ID". */
void stored_run_place(const struct stored_run *run, struct text *out);

/* A file of the run's folder: "run.json", "config.yaml", "metrics.csv",
 * "history.csv", "weights.safetensors"; of a packed run what its folder would
 * hold, byte for byte (run.json: its line). False if there is none: weights
 * that `output` did not ask for, predictions.csv of a packed run (see
 * stored_run_outputs()), or what can't be read. */
bool stored_run_file(const struct stored_run *run, const char *name,
                     struct bytes *bytes);

/* The raw outputs of the test part as float32, row by row, of a packed run for
 * which output.predictions asked; false if they are not stored so. */
bool stored_run_outputs(const struct stored_run *run, struct bytes *bytes);

/* The ids of all runs in runs/, sorted, for the caller to free: of the folders,
 * or of the plan's runs whose blocks are there. */
size_t stored_ids(struct stored_reader *reader, run_id **ids);

/* The ids of the plan's runs that are stored, in its order; `planned` is how
 * many it has. */
size_t stored_planned_ids(struct stored_reader *reader, run_id **ids,
                          size_t *planned);

#endif
