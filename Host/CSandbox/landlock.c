/* Landlock: files by rule, no TCP, no abstract sockets, no signals to others. The second wall behind the own root,
 * and the first one where there is none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* The headers of older systems lack what their kernels may know: numbers and shapes are the kernel's promise. */
#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446
#define GIVE_VERSION 1u
#define RULE_PATH_BENEATH 1
#define KNOWN_ABI 7

#define FS_READ_FILE (1ull << 2)
#define FS_FIRST ((1ull << 13) - 1) /* ABI 1: all that it has */
#define FS_REFER (1ull << 13)       /* ABI 2 */
#define FS_TRUNCATE (1ull << 14)    /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15)   /* ABI 5 */
#define NET_BIND_CONNECT_TCP 3ull   /* ABI 4 */
#define SCOPE_ABSTRACT_UNIX_SIGNAL 3ull /* ABI 6 */

struct ruleset {
  uint64_t files, network, scoped;
};
struct path_rule {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

static int allow(int rules, const readable_path *entry) {
  int parent = open(entry->path, O_PATH | O_CLOEXEC);
  if (parent < 0) return -1;
  struct path_rule rule = {FS_READ_FILE, parent};
  int result = (int)syscall(ADD_RULE, rules, RULE_PATH_BENEATH, &rule, 0);
  int error = errno;
  close(parent);
  errno = error;
  return result;
}

static int enter(const readable_paths *paths, int abi) {
  struct ruleset handled = {FS_FIRST, 0, 0};
  size_t size = sizeof handled.files;
  if (abi >= 2) handled.files |= FS_REFER;
  if (abi >= 3) handled.files |= FS_TRUNCATE;
  if (abi >= 4) {
    handled.network = NET_BIND_CONNECT_TCP;
    size = offsetof(struct ruleset, scoped);
  }
  if (abi >= 5) handled.files |= FS_IOCTL_DEV;
  if (abi >= 6) {
    handled.scoped = SCOPE_ABSTRACT_UNIX_SIGNAL;
    size = sizeof handled;
  }
  int rules = (int)syscall(CREATE_RULESET, &handled, size, 0);
  if (rules < 0) return -1;
  int result = 0;
  for (uint32_t i = 0; result == 0 && i < paths->count; i++) result = allow(rules, &paths->entries[i]);
  if (result == 0) result = (int)syscall(RESTRICT_SELF, rules, 0);
  int error = errno;
  close(rules);
  errno = error;
  return result;
}

void landlock_enter(const readable_paths *paths, sandbox_report *report) {
  int abi = (int)syscall(CREATE_RULESET, NULL, 0, GIVE_VERSION);
  report_layer(report, "landlock", abi < 1 ? -1 : enter(paths, abi < KNOWN_ABI ? abi : KNOWN_ABI));
  report_number(report, "landlock_abi", abi < 0 ? 0 : abi);
}
