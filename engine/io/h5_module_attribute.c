/* Attributes of groups and datasets. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/h5_module.h"

/* No attribute we read comes near this. */
enum { TEXT_SIZE_LIMIT = 1 << 24 };

bool h5_has_attribute(hid_t object, const char *name) {
    return object >= 0 && H5Aexists(object, name) > 0;
}

/* The attribute and its type if it holds a single element; else false, and
 * nothing is open. */
static bool open_single(hid_t object, const char *name, hid_t *attribute,
                        hid_t *type) {
    if (!h5_has_attribute(object, name))
        return false;
    *attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (*attribute < 0)
        return false;
    hid_t space = H5Aget_space(*attribute);
    bool single = H5Sget_simple_extent_npoints(space) == 1;
    H5Sclose(space);
    *type = single ? H5Aget_type(*attribute) : -1;
    if (*type < 0)
        H5Aclose(*attribute);
    return *type >= 0;
}

static bool read_fixed(hid_t attribute, hid_t type, struct text *text) {
    size_t size = H5Tget_size(type);
    if (size == 0 || size > TEXT_SIZE_LIMIT)
        return false;
    char *bytes = memory_zeroed(size, 1);
    bool read = H5Aread(attribute, type, bytes) >= 0;
    while (size > 0 && bytes[size - 1] == '\0')
        size--;
    if (read)
        text_append(text, bytes, size);
    free(bytes);
    return read;
}

static bool read_variable(hid_t attribute, hid_t type, struct text *text) {
    char *string = NULL;
    if (H5Aread(attribute, type, &string) < 0 || !string)
        return false;
    text_add(text, string);
    H5free_memory(string);
    return true;
}

bool h5_attribute_text(hid_t object, const char *name, struct text *text,
                       bool *is_utf8) {
    hid_t attribute, type;
    if (!open_single(object, name, &attribute, &type))
        return false;
    bool read = false;
    *is_utf8 = false;
    if (H5Tget_class(type) == H5T_STRING) {
        *is_utf8 = H5Tget_cset(type) == H5T_CSET_UTF8;
        read = H5Tis_variable_str(type) > 0
                   ? read_variable(attribute, type, text)
                   : read_fixed(attribute, type, text);
    }
    H5Tclose(type);
    H5Aclose(attribute);
    return read;
}

bool h5_attribute_begins(hid_t object, const char *name, const char *start) {
    struct text text = TEXT_INIT;
    bool is_utf8;
    bool begins = h5_attribute_text(object, name, &text, &is_utf8) &&
                  strncmp(text_string(&text), start, strlen(start)) == 0;
    text_release(&text);
    return begins;
}

bool h5_attribute_integer(hid_t object, const char *name, int64_t *value) {
    hid_t attribute, type;
    if (!open_single(object, name, &attribute, &type))
        return false;
    bool read = H5Tget_class(type) == H5T_INTEGER &&
                H5Aread(attribute, H5T_NATIVE_INT64, value) >= 0;
    H5Tclose(type);
    H5Aclose(attribute);
    return read;
}

enum status_code h5_attribute_pickle(hid_t object, const char *name,
                                     const char *where, struct pickle *pickle,
                                     struct status *status) {
    struct text text = TEXT_INIT;
    bool is_utf8;
    *pickle = (struct pickle){0};
    if (!h5_attribute_text(object, name, &text, &is_utf8)) {
        text_release(&text);
        return status_set(status, STATUS_INPUT,
                          "%s: the attribute '%s' is missing or no text", where,
                          name);
    }
    struct status inner = STATUS_INIT;
    enum status_code code =
        pickle_read(text.bytes, text.length, pickle, &inner);
    if (code != STATUS_OK)
        status_set(status, code, "%s: the attribute '%s' holds %s", where, name,
                   inner.message);
    text_release(&text);
    return code;
}
