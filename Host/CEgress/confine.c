/* The numbers are the kernel's promise; the headers of older systems lack what their kernels may know. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cegress/egress.h"

#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446
#define GIVE_VERSION 1u
#define RULE_PATH_BENEATH 1

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_REG (1ull << 8)
#define FS_CHANGES (((1ull << 13) - 1) & ~((1ull << 2) | (1ull << 3))) /* ABI 1 without reading files and folders */
#define FS_TRUNCATE (1ull << 14)                                       /* ABI 3 */

struct path_rule {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

static int allow(int rules, const char *path, uint64_t allowed) {
  int parent = open(path, O_PATH | O_CLOEXEC);
  if (parent < 0) return errno;
  struct path_rule rule = {allowed, parent};
  int error = syscall(ADD_RULE, rules, RULE_PATH_BENEATH, &rule, 0) == 0 ? 0 : errno;
  close(parent);
  return error;
}

static int write_only_in(const char *folder) {
  long abi = syscall(CREATE_RULESET, NULL, 0, GIVE_VERSION);
  if (abi < 0) return errno;
  uint64_t handled = FS_CHANGES | (abi >= 3 ? FS_TRUNCATE : 0);
  int rules = (int)syscall(CREATE_RULESET, &handled, sizeof handled, 0);
  if (rules < 0) return errno;
  uint64_t writing = FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG | (abi >= 3 ? FS_TRUNCATE : 0);
  int error = allow(rules, folder, writing);
  /* libcurl's resolver may open it for writing. */
  if (error == 0) error = allow(rules, "/dev/null", FS_WRITE_FILE);
  if (error == 0 && syscall(RESTRICT_SELF, rules, 0) != 0) error = errno;
  close(rules);
  return error;
}

int egress_confine(const char *folder) {
  const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  struct rlimit no_core = {0, 0};
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      setrlimit(RLIMIT_CORE, &no_core) != 0)
    return errno;
  return write_only_in(folder);
}
