#ifndef ENGINE_BASE_STATUS_H
#define ENGINE_BASE_STATUS_H

/* What went wrong, in words, and whose fault it is.
 *
 * A function that the world can make fail returns an enum status_code and
 * takes a struct status as its last argument. The lowest layer that knows the
 * cause writes the message with status_set(); callers hand it on, or add where
 * it happened with status_prefix_key(), and never overwrite it. The program's
 * own mistakes are assert()ed instead.
 *
 * A message is one line without a full stop: what is wrong, what is expected,
 * what was found. It names neither file nor position: those are fields.
 */

#include <stdbool.h>
#include <stddef.h>

/* One row a code: name, exit status, the rank with which it wins when several
 * hold at once (the smallest rank wins). */
#define STATUS_CODES(ROW)                                                      \
    ROW(STATUS_OK, 0, 9)                                                       \
    ROW(STATUS_CONFIG, 2, 1)  /* usage, config, or config against data */      \
    ROW(STATUS_INPUT, 3, 2)   /* input data missing or not right */            \
    ROW(STATUS_RUN, 4, 6)     /* a run diverged or failed */                   \
    ROW(STATUS_OUTPUT, 5, 3)  /* results could not be written */               \
    ROW(STATUS_DIFFERS, 6, 5) /* something differs from its record */          \
    ROW(STATUS_INTERRUPTED, 75, 4)

enum status_code {
#define STATUS_ENUM(name, exit_status, rank) name,
    STATUS_CODES(STATUS_ENUM)
#undef STATUS_ENUM
};

enum { STATUS_MESSAGE_SIZE = 1024, STATUS_KEY_SIZE = 512 };

struct status {
    enum status_code code;
    char message[STATUS_MESSAGE_SIZE];
    /* The config key at fault as a dotted path ("data.split.test_size"),
     * relative to what the failing function was given; empty if none. */
    char key[STATUS_KEY_SIZE];
};

/* A status that holds no error. */
#define STATUS_INIT ((struct status){.code = STATUS_OK})

/* Records the error and returns its code. A longer message is cut with "...".
 */
enum status_code status_set(struct status *status, enum status_code code,
                            const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As status_set(), naming the config key at fault. */
enum status_code status_set_key(struct status *status, enum status_code code,
                                const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts `prefix` and a dot before the key at fault, or makes `prefix` the key
 * where there was none; returns the status' code. */
enum status_code status_prefix_key(struct status *status, const char *prefix);

/* The process' exit status for a code. */
int status_exit(enum status_code code);

/* The code that wins when both hold (2, then 3, 5, 75, 6, 4). */
enum status_code status_worse(enum status_code a, enum status_code b);

/* Returns the code with a message where `condition` holds. */
#define STATUS_RETURN_IF(condition, status, code, ...)                         \
    do {                                                                       \
        if (condition)                                                         \
            return status_set((status), (code), __VA_ARGS__);                  \
    } while (0)

/* Hands an error of `expression` on to the caller. */
#define STATUS_TRY(expression)                                                 \
    do {                                                                       \
        enum status_code status_try_code = (expression);                       \
        if (status_try_code != STATUS_OK)                                      \
            return status_try_code;                                            \
    } while (0)

#endif
