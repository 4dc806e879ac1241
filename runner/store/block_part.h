#ifndef RUNNER_STORE_BLOCK_PART_H
#define RUNNER_STORE_BLOCK_PART_H

/* A block while its runs are computed: .work/NNNNNN.part, to which each run is
 * appended as soon as it is done, so that no interruption costs more than the
 * runs in flight.
 *
 * Its first line says whose block it is: program and numerics version, what
 * `output` asks for, and a digest of the block's ids. Then come entries, in the
 * order in which runs were done: a line of text (the run's line in the block,
 * the bytes of its record and of its tensors, the first half of the SHA-256 of
 * all of these), the record, and a safetensors file of the run. A file that
 * begins otherwise is nobody's; what follows the last good entry is cut off.
 *
 * Only who holds the block's claim may open its part (claim.h). */

#include "runner/plan/plan.h"
#include "runner/store/folder.h"
#include "runner/store/put.h"

struct part_entry {
    uint64_t at;              /* of the record; its tensors follow */
    uint64_t record, tensors; /* bytes; record 0: not done */
    uint32_t group;           /* of runs with the same tensors */
};

/* Tensors that runs have in common: the header of their safetensors files. */
struct part_group {
    char *header;
    uint64_t length;
};

struct block_part {
    const struct store *store;
    size_t number, runs, done;
    char name[WORK_NAME_SIZE]; /* in .work/ */
    int file;
    uint64_t end;               /* of the last entry */
    struct part_entry *entries; /* [runs] */
    struct part_group *groups;
    size_t group_count, group_capacity;
};

/* Opens the part of a block of the plan and reads what is there of it, unless
 * `fresh`. `is_shared`: under the name that the next process looks for; else
 * under one of this process' own. block_part_close() in any case. */
enum status_code block_part_open(struct block_part *part,
                                 const struct store *store,
                                 const struct plan *plan, size_t number,
                                 bool is_shared, bool fresh,
                                 struct status *status);
void block_part_close(struct block_part *part);
/* Closes it and removes it. */
void block_part_remove(struct block_part *part);

/* Removes what is left of the part of a block that is finished. */
void block_part_forget(const struct store *store, size_t number);

bool block_part_has(const struct block_part *part, size_t line);
/* Appends a run: its record, one line without an end, and its safetensors file.
 * After an error the part holds what it held before. */
enum status_code block_part_add(struct block_part *part, size_t line,
                                const struct text *record,
                                const struct text *tensors,
                                struct status *status);

/* Writes the block of a part that has all its runs, and puts it in place of
 * whatever stands there. */
enum status_code block_part_commit(const struct block_part *part,
                                   struct status *status);

#endif
