/*
 * Records what a program asks of its disk, so that a power cut can be simulated at any moment of a real run.
 *
 * gcc -shared -fPIC -O2 -o disk-recorder.so disk-recorder.c -ldl -lpthread
 * LD_PRELOAD=disk-recorder.so DISK_RECORD=log DISK_RECORD_DIR=/the/data/directory program
 *
 * Every change to a file below DISK_RECORD_DIR becomes a record of the log, in the order in which they happened: writes with their
 * bytes after they returned, flushes once when they begin and once when they have ended, names made, moved and removed. A reply to a client
 * that holds "queued as" or "ended as" becomes a record before it is sent. What is recorded errs on the strict side: a write counts as flushed
 * only by a flush that began after it.
 *
 * A record is: kind (1 byte), file (uint32), offset (uint64), length (uint32), bytes. Little endian, as test/power/recording.ts reads it.
 * Shared memory files of SQLite (-shm) are left out: they are rebuilt on recovery. DISK_RECORD_SLOW_US adds that time to every flush.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 65536
#define NEXT(name) ({ static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name); real; })

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static uint32_t number_of[FILES_MAX]; /* per descriptor: 0 is not ours */
static ino_t inode_of[FILES_MAX];
static uint32_t last_number;
static int log_fd = -2;
static char root[PATH_MAX];
static size_t root_length;
static long slow_us;

static void begin(void) {
  if (log_fd != -2) return;
  const char *log = getenv("DISK_RECORD"), *dir = getenv("DISK_RECORD_DIR"), *slow = getenv("DISK_RECORD_SLOW_US");
  log_fd = -1;
  if (!log || !dir) return;
  snprintf(root, sizeof root, "%s", dir);
  root_length = strlen(root);
  slow_us = slow ? atol(slow) : 0;
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
  log_fd = real(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void put(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t done = NEXT(write)(log_fd, at, length);
    if (done < 0) { if (errno == EINTR) continue; abort(); }
    at += done;
    length -= (size_t)done;
  }
}

static void record(char kind, uint32_t file, uint64_t offset, const void *bytes, uint32_t length) {
  char head[17];
  int kept = errno;
  head[0] = kind;
  memcpy(head + 1, &file, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &length, 4);
  struct iovec both[2] = {{head, sizeof head}, {(void *)bytes, length}};
  ssize_t done = NEXT(writev)(log_fd, both, length ? 2 : 1);
  if (done < (ssize_t)sizeof head) abort();
  if ((size_t)done < sizeof head + length) put((const char *)bytes + (done - sizeof head), sizeof head + length - (size_t)done);
  errno = kept;
}

/* The path below the data directory, or NULL where it is not ours. */
static const char *ours(const char *path, char *buffer) {
  char joined[PATH_MAX * 2];
  if (path[0] != '/') {
    if (!getcwd(joined, PATH_MAX)) return NULL;
    snprintf(joined + strlen(joined), PATH_MAX, "/%s", path);
    path = joined;
  }
  if (strncmp(path, root, root_length) != 0 || (path[root_length] != '/' && path[root_length] != 0)) return NULL;
  snprintf(buffer, PATH_MAX, "%s", path[root_length] ? path + root_length + 1 : "");
  size_t length = strlen(buffer);
  if (length >= 4 && strcmp(buffer + length - 4, "-shm") == 0) return NULL;
  return buffer;
}

static void opened(int fd, const char *path, int flags, int existed) {
  char buffer[PATH_MAX];
  if (fd < 0 || fd >= FILES_MAX || log_fd < 0) return;
  const char *name = ours(path, buffer);
  pthread_mutex_lock(&turn);
  number_of[fd] = 0;
  if (name) {
    struct stat seen;
    inode_of[fd] = fstat(fd, &seen) == 0 ? seen.st_ino : 0;
    number_of[fd] = ++last_number;
    record('O', last_number, existed ? 0 : 1, name, (uint32_t)strlen(name));
    if (flags & O_TRUNC) record('T', last_number, 0, NULL, 0);
  }
  pthread_mutex_unlock(&turn);
}

static int open_through(const char *path, int flags, mode_t mode) {
  begin();
  struct stat seen;
  int existed = stat(path, &seen) == 0;
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
  int fd = real(path, flags, mode);
  opened(fd, path, flags, existed);
  return fd;
}

int open(const char *path, int flags, ...) { va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); return open_through(path, flags, mode); }
int open64(const char *path, int flags, ...) { va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); return open_through(path, flags, mode); }

int close(int fd) {
  if (fd >= 0 && fd < FILES_MAX && fd != log_fd) { pthread_mutex_lock(&turn); number_of[fd] = 0; pthread_mutex_unlock(&turn); }
  return NEXT(close)(fd);
}

/* libuv closes and makes some files by ways of its own, Node's cache of compiled code for one: another file may have the number of one
 * that we never saw closed. */
static uint32_t file_of(int fd) {
  if (fd < 0 || fd >= FILES_MAX || log_fd < 0 || !number_of[fd]) return 0;
  struct stat seen;
  if (fstat(fd, &seen) == 0 && seen.st_ino == inode_of[fd]) return number_of[fd];
  number_of[fd] = 0;
  return 0;
}

static ssize_t wrote(int fd, uint32_t file, const void *bytes, ssize_t done, off64_t offset) {
  (void)fd;
  if (done > 0) { pthread_mutex_lock(&turn); record('W', file, (uint64_t)offset, bytes, (uint32_t)done); pthread_mutex_unlock(&turn); }
  return done;
}

static void replied(const void *bytes, size_t length) {
  if (log_fd < 0 || length < 20) return;
  if (!memmem(bytes, length, "queued as", 9) && !memmem(bytes, length, "ended as", 8)) return;
  pthread_mutex_lock(&turn);
  record('R', 0, 0, bytes, (uint32_t)length);
  pthread_mutex_unlock(&turn);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  uint32_t file = file_of(fd);
  if (!file) { if (fd != log_fd) replied(bytes, length); return NEXT(write)(fd, bytes, length); }
  off64_t at = lseek64(fd, 0, SEEK_CUR);
  /* libuv closes files by a system call of its own: a socket may have the number of a file that we never saw closed. */
  if (at < 0) { number_of[fd] = 0; replied(bytes, length); return NEXT(write)(fd, bytes, length); }
  int flags = fcntl(fd, F_GETFL);
  ssize_t done = NEXT(write)(fd, bytes, length);
  if (done > 0 && (flags & O_APPEND)) at = lseek64(fd, 0, SEEK_CUR) - done;
  return wrote(fd, file, bytes, done, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  uint32_t file = file_of(fd);
  if (!file) { if (fd != log_fd) for (int i = 0; i < count; i++) replied(parts[i].iov_base, parts[i].iov_len); return NEXT(writev)(fd, parts, count); }
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (done < 0) return total ? total : done;
    total += done;
    if ((size_t)done < parts[i].iov_len) break;
  }
  return total;
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) { replied(bytes, length); return NEXT(send)(fd, bytes, length, flags); }

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  for (size_t i = 0; i < message->msg_iovlen; i++) replied(message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
  return NEXT(sendmsg)(fd, message, flags);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  uint32_t file = file_of(fd);
  ssize_t done = NEXT(pwrite64)(fd, bytes, length, offset);
  return file ? wrote(fd, file, bytes, done, offset) : done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    ssize_t done = pwrite64(fd, parts[i].iov_base, parts[i].iov_len, offset + total);
    if (done < 0) return total ? total : done;
    total += done;
    if ((size_t)done < parts[i].iov_len) break;
  }
  return total;
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return pwritev64(fd, parts, count, offset); }

int ftruncate64(int fd, off64_t length) {
  uint32_t file = file_of(fd);
  int answer = NEXT(ftruncate64)(fd, length);
  if (file && answer == 0) { pthread_mutex_lock(&turn); record('T', file, (uint64_t)length, NULL, 0); pthread_mutex_unlock(&turn); }
  return answer;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int flush(int fd, int (*real)(int)) {
  uint32_t file = file_of(fd);
  /* Flushes of one file overlap: begin and end belong together by their thread. */
  uint64_t thread = (uint64_t)syscall(SYS_gettid);
  if (file) { pthread_mutex_lock(&turn); record('B', file, thread, NULL, 0); pthread_mutex_unlock(&turn); }
  if (slow_us) usleep((useconds_t)slow_us);
  int answer = real(fd);
  if (file && answer == 0) { pthread_mutex_lock(&turn); record('E', file, thread, NULL, 0); pthread_mutex_unlock(&turn); }
  return answer;
}
int fsync(int fd) { return flush(fd, NEXT(fsync)); }
int fdatasync(int fd) { return flush(fd, NEXT(fdatasync)); }

static void renamed(char kind, const char *from, const char *to) {
  char one[PATH_MAX], two[PATH_MAX], both[PATH_MAX * 2];
  const char *a = ours(from, one), *b = to ? ours(to, two) : "";
  if (log_fd < 0 || !a || !b) return;
  int length = snprintf(both, sizeof both, "%s\n%s", a, b);
  pthread_mutex_lock(&turn);
  record(kind, 0, 0, both, (uint32_t)length);
  pthread_mutex_unlock(&turn);
}

int rename(const char *from, const char *to) { begin(); int answer = NEXT(rename)(from, to); if (answer == 0) renamed('N', from, to); return answer; }
int link(const char *from, const char *to) { begin(); int answer = NEXT(link)(from, to); if (answer == 0) renamed('L', from, to); return answer; }
int unlink(const char *path) { begin(); int answer = NEXT(unlink)(path); if (answer == 0) renamed('U', path, NULL); return answer; }
int mkdir(const char *path, mode_t mode) { begin(); int answer = NEXT(mkdir)(path, mode); if (answer == 0) renamed('M', path, NULL); return answer; }
