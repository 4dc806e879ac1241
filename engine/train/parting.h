#ifndef ENGINE_TRAIN_PARTING_H
#define ENGINE_TRAIN_PARTING_H

/* The update at which two runs part: both are trained in step, alone, and after
 * every update their tensors are held against each other, bit by bit. */

#include "engine/train/trainer.h"

struct parting {
    bool found;
    int64_t step;   /* the update after which they differ; 0: as drawn */
    size_t tensor;  /* the first in state_dict order that does */
    size_t tensors; /* how many do */
    size_t element, elements; /* the same of that tensor's elements */
    float values[2];          /* of that element */
    /* Otherwise: the last update that both made, and whether each of them was
     * over then. */
    int64_t shared;
    bool ended[2];
};

/* Whether both networks have the same tensors: names, kinds and shapes. Only
 * then is there anything to be held against each other. */
bool parting_is_possible(const struct network *a, const struct network *b);

/* Needs parting_is_possible(). A run that is over (its updates, early stopping,
 * divergence) ends the search; tensors that early stopping puts back count for
 * nothing. `stop` as for trainer_run(). Takes the memory of two runs alone. */
enum status_code parting_find(const struct kernels *kernels,
                              const struct run *const runs[2],
                              const atomic_int *stop, struct parting *parting,
                              struct status *status);

#endif
