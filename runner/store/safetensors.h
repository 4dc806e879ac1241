#ifndef RUNNER_STORE_SAFETENSORS_H
#define RUNNER_STORE_SAFETENSORS_H

/* The safetensors format: a little-endian u64, that many bytes of JSON header,
 * then the tensors' bytes in the order written. */

#include "engine/io/json.h"
#include "engine/io/whole_file.h"
#include "engine/nn/network.h"

/* A tensor read back, of float32 or a single int64; `values` points into the
 * bytes that were read and may be unaligned. */
struct safetensor {
    const char *name;
    bool is_counter; /* int64, of rank 0 */
    size_t rank, size[SHAPE_RANK_LIMIT], count;
    const unsigned char *values;
};
float safetensor_value(const struct safetensor *tensor, size_t index);
int64_t safetensor_counter(const struct safetensor *tensor);

/* The network's tensors in state_dict order, float32; counters are int64 and
 * say `batches`. */
void safetensors_write(const struct network *network, const float *parameters,
                       const float *buffers, int64_t batches, struct text *out);

/* The same of a network that may be NULL, for no tensors, and one more behind
 * them if `more` is not NULL. */
void safetensors_write_more(const struct network *network,
                            const float *parameters, const float *buffers,
                            int64_t batches, const struct safetensor *more,
                            struct text *out);

/* Length and header of such tensors, in this order; their `values` are not
 * looked at. */
void safetensors_write_header(const struct safetensor *tensors, size_t count,
                              struct text *out);
/* The same of a header's JSON that is there already, which is padded. */
void safetensors_end_header(struct text *header, struct text *out);

/* All tensors of a file, in its header's order. The header document owns the
 * names, and `bytes` must live as long. Refused with STATUS_INPUT, nothing to
 * release: other types than F32 and, of rank 0, I64; axes of no length; and
 * offsets that do not cut the contents into the tensors without a gap or an
 * overlap. */
struct safetensors {
    struct safetensor *tensors;
    size_t count;
    struct json_value *header;
};
enum status_code safetensors_read(const struct bytes *bytes,
                                  struct safetensors *file,
                                  struct status *status);
void safetensors_release(struct safetensors *file);

#endif
