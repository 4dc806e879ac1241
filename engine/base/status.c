#include "engine/base/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void write_message(struct status *status, const char *format,
                          va_list arguments) {
    int length =
        vsnprintf(status->message, sizeof status->message, format, arguments);
    if (length >= (int)sizeof status->message)
        memcpy(status->message + sizeof status->message - 4, "...", 4);
}

enum status_code status_set(struct status *status, enum status_code code,
                            const char *format, ...) {
    assert(code != STATUS_OK);
    status->code = code;
    status->key[0] = '\0';
    va_list arguments;
    va_start(arguments, format);
    write_message(status, format, arguments);
    va_end(arguments);
    return code;
}

enum status_code status_set_key(struct status *status, enum status_code code,
                                const char *key, const char *format, ...) {
    assert(code != STATUS_OK);
    status->code = code;
    snprintf(status->key, sizeof status->key, "%s", key);
    va_list arguments;
    va_start(arguments, format);
    write_message(status, format, arguments);
    va_end(arguments);
    return code;
}

enum status_code status_prefix_key(struct status *status, const char *prefix) {
    char key[STATUS_KEY_SIZE];
    memcpy(key, status->key, sizeof key);
    size_t length = strlen(prefix);
    if (length > sizeof key - 2)
        length = sizeof key - 2;
    memcpy(status->key, prefix, length);
    snprintf(status->key + length, sizeof status->key - length, "%s%.*s",
             key[0] ? "." : "", (int)(sizeof key - length - 2), key);
    return status->code;
}

struct code_row {
    int exit_status, rank;
};

static const struct code_row CODE_ROWS[] = {
#define STATUS_ROW(name, exit_status, rank) [name] = {exit_status, rank},
    STATUS_CODES(STATUS_ROW)
#undef STATUS_ROW
};

int status_exit(enum status_code code) {
    return CODE_ROWS[code].exit_status;
}

enum status_code status_worse(enum status_code a, enum status_code b) {
    return CODE_ROWS[a].rank <= CODE_ROWS[b].rank ? a : b;
}
