#ifndef RUNNER_CONFIG_TEXT_CHECK_H
#define RUNNER_CONFIG_TEXT_CHECK_H

/* Bytes that are no text, found before YAML is looked for. */

#include "runner/config/tree.h"

/* False, and a problem at the first byte or character that YAML does not take
 * (not UTF-8, NUL, a control character), with its offset in the file. */
bool text_check(const struct source *source, struct problems *problems);

/* False, and a problem, if the text holds more than one %TAG directive: the
 * time libyaml takes for them grows with the square of their number. */
bool text_check_directives(const struct source *source,
                           struct problems *problems);

/* The position of a byte of the text. */
struct position text_position(const struct source *source, size_t offset);

#endif
