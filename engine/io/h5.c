/* HDF5, as far as the program itself goes: the module is opened when the first
 * such file is read, because loading the library costs milliseconds. */

#include "engine/io/h5.h"

#include <dlfcn.h>
#include <string.h>

#include "engine/io/isolated.h"

/* The signature stands at 0, or behind a user block of 512 bytes, 1 KiB, 2 KiB
 * and so on. */
static bool h5_recognise(const struct bytes *bytes) {
    static const char SIGNATURE[] = "\x89HDF\r\n\x1a\n";
    for (size_t at = 0; at + 8 <= bytes->size; at = at ? 2 * at : 512)
        if (memcmp(bytes->data + at, SIGNATURE, 8) == 0)
            return true;
    return false;
}

/* The handle is kept: the module stays for the life of the process. */
static enum status_code load_module(h5_read_function **read, const char *path,
                                    struct status *status) {
    void *module = dlopen(H5_MODULE_FILE, RTLD_NOW | RTLD_LOCAL);
    STATUS_RETURN_IF(!module, status, STATUS_INPUT,
                     "%s: is HDF5, and the module that reads HDF5 can't be "
                     "loaded: %s",
                     path, dlerror());
    void *symbol = dlsym(module, H5_MODULE_SYMBOL);
    STATUS_RETURN_IF(!symbol, status, STATUS_INPUT,
                     "%s: is HDF5, and %s is not this program's module", path,
                     H5_MODULE_FILE);
    memcpy(read, &symbol, sizeof symbol);
    return STATUS_OK;
}

static enum status_code h5_read(const struct bytes *bytes, const char *path,
                                const char *key, struct table *table,
                                struct status *status) {
    h5_read_function *read = NULL;
    STATUS_TRY(load_module(&read, path, status));
    return isolated_read(read, bytes, path, key, table, status);
}

const struct table_format TABLE_H5 = {"HDF5", h5_recognise, h5_read};
