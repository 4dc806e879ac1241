#include "engine/base/field.h"

#include <assert.h>
#include <string.h>

const struct kind *kind_find(const struct kind_family *family,
                             const char *name) {
    for (const struct kind *const *kind = family->kinds; *kind; kind++)
        if (strcmp((*kind)->name, name) == 0)
            return *kind;
    return NULL;
}

const struct field *field_find(const struct field *fields, const char *key) {
    for (const struct field *field = fields; field && field->key; field++)
        if (strcmp(field->key, key) == 0)
            return field;
    return NULL;
}

bool field_is_present(const struct field *field, const void *options) {
    if (!(field->flags & (FIELD_NULLABLE | FIELD_DERIVED)))
        return true;
    if (field->type == FIELD_TEXT) {
        const char *text;
        memcpy(&text, (const char *)options + field->offset, sizeof text);
        return text != NULL;
    }
    bool present;
    memcpy(&present, (const char *)options + field->present_offset,
           sizeof present);
    return present;
}

/* Every list's struct begins with its values. */
static_assert(offsetof(struct field_numbers, values) == 0 &&
                  offsetof(struct field_integers, values) == 0 &&
                  offsetof(struct field_texts, values) == 0 &&
                  offsetof(struct field_points, values) == 0,
              "values stand first");

const struct field *field_given(const struct field *field,
                                const void *options) {
    if (!field->list)
        return field;
    const void *at = (const char *)options + field->list->offset;
    return *(const void *const *)at ? field->list : field;
}
