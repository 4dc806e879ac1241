#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "engine/kernel/kernel.h"
#include "runner/command.h"
#include "runner/store/machine.h"

static enum status_code print_version(bool verbose) {
    struct status status = STATUS_INIT;
    struct machine machine;
    const struct kernels *chosen;
    if (kernels_select(&chosen, &status) != STATUS_OK)
        return print_failure(NULL, &status);
    struct text out = TEXT_INIT;
    text_print(&out, "runner %s\nnumerics %d\ninstruction set %s (available:",
               RUNNER_VERSION, NUMERICS_VERSION, chosen->isa);
    for (const struct kernels *const *copy = kernels_available(); *copy; copy++)
        text_print(&out, " %s", (*copy)->isa);
    text_add(&out, ")\n");
    machine_read(&machine);
    if (verbose)
        text_print(&out, "cpu %s\nsource %s\nbuild %s\n", machine.cpu,
                   machine.source, machine.build);
    enum status_code code = print_out(&out);
    text_release(&out);
    return code;
}

static enum status_code print_help(const struct invocation *invocation) {
    struct text out = TEXT_INIT;
    bool one = invocation && invocation->command != &COMMANDS[0];
    if (one)
        help_print_command(invocation->command, &out);
    else
        help_print(&out);
    enum status_code code = print_out(&out);
    text_release(&out);
    return code;
}

static bool asks_version(int count, char **words, bool *verbose) {
    *verbose = count == 2 && strcmp(words[1], "-v") == 0;
    return (count == 1 || *verbose) && strcmp(words[0], "--version") == 0;
}

static enum status_code dispatch(int count, char **words, char **arguments) {
    struct status status = STATUS_INIT;
    struct invocation invocation;
    bool verbose;
    if (count == 0)
        return status_worse(print_help(NULL), STATUS_CONFIG);
    if (asks_version(count, words, &verbose))
        return print_version(verbose);
    if (invocation_read(count, words, arguments, &invocation, &status) !=
        STATUS_OK)
        return print_failure(&invocation, &status);
    if (invocation.help)
        return print_help(&invocation);
    return invocation.command->run(&invocation);
}

/* A standard stream that was closed would be the next file's number, and
 * messages would land in results: the place is taken by what can't be written
 * to (stdout, so that a lost table is an error) or swallows everything. */
static void hold_standard_streams(void) {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 &&
            open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR) < 0)
            _exit(status_exit(STATUS_OUTPUT));
}

int main(int count, char **words) {
    hold_standard_streams();
    memory_keep();
    signal(SIGPIPE, SIG_IGN);
    int given = count > 0 ? count - 1 : 0;
    char **arguments = memory_zeroed((size_t)given + 1, sizeof *arguments);
    enum status_code code = dispatch(given, words + 1, arguments);
    free(arguments);
    return status_exit(code);
}
