/* Who the process is: an unprivileged user, and no capability in any namespace. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* The user of nobody's files. */
#define NOBODY 65534

void identity_drop(sandbox_report *report) {
  if (geteuid() != 0) {
    report_add(report, "identity", "kept"); /* an unprivileged host's worker cannot become someone else */
    return;
  }
  int result = setgroups(0, NULL);
  if (result == 0) result = setresgid(NOBODY, NOBODY, NOBODY);
  if (result == 0) result = setresuid(NOBODY, NOBODY, NOBODY);
  report_layer(report, "identity", result);
}

void capabilities_drop(sandbox_report *report) {
  int result = 0;
  for (unsigned long capability = 0; result == 0; capability++) {
    int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) break; /* past the last one that the kernel knows */
    /* Without CAP_SETPCAP the bound cannot be lowered; no_new_privileges keeps it out of reach. */
    if (held == 1 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EPERM) result = -1;
  }
  if (result == 0) result = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  if (result == 0) result = (int)syscall(SYS_capset, &header, none);
  report_layer(report, "no_capabilities", result);
}
