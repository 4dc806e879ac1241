#ifndef RUNNER_STORE_BLOCK_H
#define RUNNER_STORE_BLOCK_H

/* Packed runs (output.runs: packed): the plan's runs in blocks of BLOCK_RUNS
 * (plan.h), in plan order, each block two files.
 *
 * runs/NNNNNN.jsonl        a line a run: what its folder's run.json would hold,
 *                          on one line, with "history" (a list a column of
 *                          history.csv) inside and no `files`
 * runs/NNNNNN.safetensors  the tensors of these runs
 *
 * NNNNNN counts blocks from 000000. Runs whose tensors have the same names and
 * shapes are a group; groups are numbered in the order of their first run. The
 * tensor "G/NAME" holds NAME of the runs of group G, one after another along a
 * leading axis; "G/runs" (I64) says which lines of the block they are, from 0.
 * "G/predictions" are the raw outputs of the test part, [run][row][unit], where
 * output.predictions asks for them. "__metadata__" says how many runs there
 * are, and length and SHA-256 of the .jsonl file; the records hold the digests
 * of the tensors. So the two files vouch for each other.
 *
 * A block appears by two renames, .safetensors first: it is there once its
 * .jsonl is. A .safetensors without one is nobody's result and is replaced.
 */

#include <stdint.h>

#include "engine/base/digest.h"
#include "engine/nn/layer.h"
#include "runner/config/config.h"
#include "runner/store/store.h"

enum { BLOCK_NAME_SIZE = 32 };

/* "000012.jsonl". */
void block_name(size_t number, const char *ending, char name[BLOCK_NAME_SIZE]);

/* How many runs a block of a plan of `planned` runs has. */
size_t block_runs(size_t planned, size_t number);

/* Whether the block is there. */
bool block_is_there(const struct store *store, size_t number);
/* Whether runs/ or .work/ holds any of a packed plan. */
bool block_is_any(const struct store *store);

/* One of a block's two files, open, wherever it lies: `size` bytes from `at`
 * on. */
struct block_file {
    int file;
    uint64_t at, size;
};
/* Opens runs/NNNNNN.ENDING; false if there is no regular file of that name. */
bool block_file_open(const struct store *store, size_t number,
                     const char *ending, struct block_file *file);

/* -------------------------------------------------------------- the records */

struct block_lines {
    int file;
    size_t count;
    uint64_t *starts; /* [count + 1], from the file's begin */
};

/* Finds the lines; false if the block is not there or can't be read. */
bool block_lines_open(struct block_lines *lines, const struct store *store,
                      size_t number);
/* The same of a file, which is taken over in any case. */
bool block_lines_init(struct block_lines *lines, const struct block_file *file);
void block_lines_close(struct block_lines *lines);
/* The text of a line, without its end; a NUL behind. Several threads may do
 * this at once. */
bool block_lines_read(const struct block_lines *lines, size_t line,
                      struct bytes *bytes);

/* -------------------------------------------------------------- the tensors */

/* One tensor of a group: what a run has of it, and where the first run's is. */
struct block_tensor {
    char *name;      /* without its group */
    bool is_counter; /* int64 */
    size_t rank, size[SHAPE_RANK_LIMIT], count;
    uint64_t at; /* in the file */
};

struct block_group {
    size_t first, count;             /* its tensors, predictions apart */
    struct block_tensor predictions; /* name NULL: none */
};

/* Where a line's tensors are. */
struct block_place {
    uint32_t group, row;
};

struct block_tensors {
    int file;
    size_t count; /* runs */
    struct block_group *groups;
    size_t group_count, group_capacity;
    struct block_tensor *tensors;
    size_t tensor_count, tensor_capacity;
    struct block_place *places; /* [count] */
    uint64_t records_bytes;     /* of the .jsonl file, as the metadata say */
    char records_digest[DIGEST_TEXT_SIZE];
};

/* Reads the header; false if the file is not there or is none of a block of
 * `count` runs. */
bool block_tensors_open(struct block_tensors *tensors,
                        const struct store *store, size_t number, size_t count);
/* The same of a file, which is taken over in any case. */
bool block_tensors_init(struct block_tensors *tensors,
                        const struct block_file *file, size_t count);
void block_tensors_close(struct block_tensors *tensors);
/* weights.safetensors as the run's folder would hold it; false if there are no
 * weights. */
bool block_tensors_weights(const struct block_tensors *tensors, size_t line,
                           struct bytes *bytes);
/* The raw outputs of the test part, row by row; false if there are none. */
bool block_tensors_outputs(const struct block_tensors *tensors, size_t line,
                           struct bytes *bytes);

/* ----------------------------------------------------------- what is finished
 */

/* Whether block `number` of `count` runs is there with everything that these
 * outputs ask for; with `verify` also whether every byte of both files is as
 * their digests say. */
bool block_is_finished(const struct store *store, size_t number, size_t count,
                       const struct output_options *output, bool verify);

/* Whether two files are a block of `count` runs, every byte as their digests
 * say. They are taken over in any case. */
bool block_agrees(const struct block_file *records,
                  const struct block_file *tensors, size_t count);

#endif
