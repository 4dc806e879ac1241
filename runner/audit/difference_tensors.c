/* Two weights.safetensors, tensor by tensor, bit by bit. */

#include <inttypes.h>
#include <string.h>

#include "runner/audit/difference.h"
#include "runner/audit/ulp.h"
#include "runner/store/safetensors.h"

static const struct safetensor *find(const struct safetensors *file,
                                     const char *name) {
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

static bool same_shape(const struct safetensor *a, const struct safetensor *b) {
    return a->is_counter == b->is_counter && a->rank == b->rank &&
           memcmp(a->size, b->size, a->rank * sizeof *a->size) == 0;
}

/* "[2,0]" of a matrix. */
static void add_index(const struct safetensor *tensor, size_t index,
                      struct text *out) {
    size_t rest = tensor->count;
    for (size_t axis = 0; axis < tensor->rank; axis++) {
        rest /= tensor->size[axis];
        text_print(out, "%s%zu", axis ? "," : "[", index / rest);
        index %= rest;
    }
    if (tensor->rank)
        text_add_char(out, ']');
}

/* How two tensors of one shape differ. */
struct elements {
    size_t first, count;
    uint64_t most; /* ulp between any two */
};

static struct elements compare(const struct safetensor *a,
                               const struct safetensor *b) {
    struct elements elements = {.count = 0};
    for (size_t i = 0; i < a->count; i++) {
        float x = safetensor_value(a, i), y = safetensor_value(b, i);
        if (memcmp(&x, &y, sizeof x) == 0)
            continue;
        if (elements.count++ == 0)
            elements.first = i;
        uint64_t ulp = ulp_float(x, y);
        elements.most = ulp > elements.most ? ulp : elements.most;
    }
    return elements;
}

static void tell_counter(const char *file, const struct safetensor *stored,
                         const struct safetensor *made,
                         struct findings *findings) {
    int64_t recorded = safetensor_counter(stored);
    int64_t again = safetensor_counter(made);
    if (recorded != again)
        findings_add(findings, FINDING_RESULT, file,
                     "%s: recorded %" PRId64 "%s%" PRId64, stored->name,
                     recorded, DIFFERENCE_AGAIN, again);
}

static void tell(const char *file, const struct safetensor *stored,
                 const struct safetensor *made, struct findings *findings) {
    struct text message = TEXT_INIT;
    struct elements elements = compare(stored, made);
    if (elements.count == 0)
        return;
    text_add(&message, stored->name);
    add_index(stored, elements.first, &message);
    text_add(&message, ": recorded ");
    ulp_write_floats(safetensor_value(stored, elements.first), DIFFERENCE_AGAIN,
                     safetensor_value(made, elements.first), &message);
    if (elements.count > 1)
        text_print(&message, "; %zu of its %zu elements differ", elements.count,
                   stored->count);
    if (elements.count > 1 && elements.most != UINT64_MAX)
        text_print(&message, ", by up to %" PRIu64 " ulp", elements.most);
    findings_add(findings, FINDING_RESULT, file, "%s", message.bytes);
    text_release(&message);
}

static void compare_all(const char *file, const struct safetensors *stored,
                        const struct safetensors *made,
                        struct findings *findings) {
    for (size_t i = 0; i < stored->count; i++) {
        const struct safetensor *tensor = &stored->tensors[i];
        const struct safetensor *other = find(made, tensor->name);
        if (!other)
            findings_add(findings, FINDING_RESULT, file,
                         "tensor '%s' is none of the network's", tensor->name);
        else if (!same_shape(tensor, other))
            findings_add(findings, FINDING_RESULT, file,
                         "tensor '%s' is of another shape", tensor->name);
        else if (tensor->is_counter)
            tell_counter(file, tensor, other, findings);
        else
            tell(file, tensor, other, findings);
    }
    for (size_t i = 0; i < made->count; i++)
        if (!find(stored, made->tensors[i].name))
            findings_add(findings, FINDING_RESULT, file,
                         "tensor '%s' is missing", made->tensors[i].name);
}

void difference_tensors(const char *file, const struct bytes *stored,
                        const struct text *made, struct findings *findings) {
    struct safetensors old, new;
    struct status status = STATUS_INIT;
    size_t before = findings->count;
    struct bytes again = {(unsigned char *)made->bytes, made->length};
    if (safetensors_read(stored, &old, &status) != STATUS_OK) {
        findings_add(findings, FINDING_RESULT, file, "%s", status.message);
        return;
    }
    if (safetensors_read(&again, &new, &status) == STATUS_OK) {
        compare_all(file, &old, &new, findings);
        safetensors_release(&new);
    }
    safetensors_release(&old);
    if (findings->count == before)
        findings_add(findings, FINDING_RESULT, file,
                     "the same tensors behind another header");
}
