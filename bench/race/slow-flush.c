/*
 * A disk whose flushes take longer: every fsync and fdatasync of a program sleeps first, each thread for itself, and is counted.
 *
 * gcc -shared -fPIC -O2 -o slow-flush.so slow-flush.c -ldl
 * LD_PRELOAD=slow-flush.so SLOW_FLUSH_US=2000 SLOW_FLUSH_COUNT=FILE program
 *
 * FILE holds eight bytes, a counter that all processes share, so that whoever measures can see that flushes came this way at all.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef int flush_fn(int);

static flush_fn *real_fsync, *real_fdatasync;
static struct timespec extra;
static _Atomic uint64_t *counter;

__attribute__((constructor)) static void prepare(void) {
  real_fsync = (flush_fn *)dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = (flush_fn *)dlsym(RTLD_NEXT, "fdatasync");
  const char *us = getenv("SLOW_FLUSH_US"), *file = getenv("SLOW_FLUSH_COUNT");
  long long wanted = us ? atoll(us) : 0;
  extra.tv_sec = wanted / 1000000;
  extra.tv_nsec = wanted % 1000000 * 1000;
  int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *page = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page != MAP_FAILED) counter = page;
  close(fd);
}

static void linger(void) {
  struct timespec left = extra;
  if (counter) atomic_fetch_add(counter, 1);
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) continue;
}

int fsync(int fd) {
  linger();
  return real_fsync(fd);
}

int fdatasync(int fd) {
  linger();
  return real_fdatasync(fd);
}
