/*
 * A clock for the drivers, preloaded into their processes: the kernel's coarse clocks, which are what scout-auth
 * reads, show what the file CLOCK_FILE says, "UNIX ELAPSED": the wall-clock time and the monotonic time, in
 * seconds. The other clocks stay as they are: the runtimes live by them.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long shown(clockid_t clock) {
    const char *path = getenv("CLOCK_FILE");
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    long unix_time = 0;
    long elapsed = 0;
    if (file == NULL || fscanf(file, "%ld %ld", &unix_time, &elapsed) != 2) {
        fputs("CLOCK_FILE names no clock\n", stderr);
        abort();
    }
    fclose(file);
    return clock == CLOCK_REALTIME_COARSE ? unix_time : elapsed;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (clock != CLOCK_REALTIME_COARSE && clock != CLOCK_MONOTONIC_COARSE) {
        return (int)syscall(SYS_clock_gettime, clock, time);
    }
    *time = (struct timespec){.tv_sec = shown(clock)};
    return 0;
}
