/*
 * A disk that does not come back: while FILE names this process, each of its writes to a file of the log, and each flush, waits. Threads
 * that touch no file go on, and so does every other process.
 *
 * gcc -shared -fPIC -O2 -o hung-disk.so hung-disk.c -ldl
 * LD_PRELOAD=hung-disk.so HUNG_DISK=FILE program
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int names_us(void) {
  const char *path = getenv("HUNG_DISK");
  FILE *file = path ? fopen(path, "re") : NULL;
  if (!file) return 0;
  long pid = 0;
  int found = fscanf(file, "%ld", &pid) == 1 && pid == (long)getpid();
  fclose(file);
  return found;
}

static void hang(void) {
  struct timespec pause = {0, 50 * 1000 * 1000};
  while (names_us()) nanosleep(&pause, NULL);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  hang();
  return real(fd);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at) {
  static ssize_t (*real)(int, const struct iovec *, int, off_t);
  if (!real) real = (ssize_t (*)(int, const struct iovec *, int, off_t))dlsym(RTLD_NEXT, "pwritev");
  hang();
  return real(fd, pieces, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t at) {
  static ssize_t (*real)(int, const struct iovec *, int, off64_t);
  if (!real) real = (ssize_t (*)(int, const struct iovec *, int, off64_t))dlsym(RTLD_NEXT, "pwritev64");
  hang();
  return real(fd, pieces, count, at);
}
