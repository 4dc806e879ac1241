#include "runner/beat.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

static struct claims *_Atomic beating;

static void on_alarm(int number) {
    struct claims *claims = atomic_load(&beating);
    (void)number;
    if (claims)
        claims_beat(claims);
}

static void set_timer(time_t seconds) {
    const struct itimerval timer = {.it_interval = {.tv_sec = seconds},
                                    .it_value = {.tv_sec = seconds}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

void beat_begin(struct claims *claims) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    atomic_store(&beating, claims);
    if (sigaction(SIGALRM, &action, NULL) == 0)
        set_timer(CLAIM_BEAT);
}

void beat_end(void) {
    set_timer(0);
    atomic_store(&beating, NULL);
}
