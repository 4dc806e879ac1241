#include "runner/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "engine/base/status.h"

atomic_int interrupt_flag;

static void on_signal(int number) {
    (void)number;
    if (interrupt_flag)
        _exit(status_exit(STATUS_INTERRUPTED));
    interrupt_flag = 1;
}

void interrupt_watch(void) {
    static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++) {
        struct sigaction old;
        /* nohup and the like ask that a signal be ignored: keep that. */
        if (sigaction(SIGNALS[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(SIGNALS[i], &action, NULL);
    }
}
