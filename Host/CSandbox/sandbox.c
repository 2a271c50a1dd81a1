/* The order of it all. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* Linux 6.3; the headers may be older. */
#define SET_MDWE 65
#define MDWE_REFUSE_EXEC_GAIN 1UL

void sandbox_enter(const sandbox_options *options, sandbox_report *report) {
  report->length = 0;
  report->text[0] = 0;
  umask(077);
  report_layer(report, "descriptors", (int)syscall(SYS_close_range, options->last_descriptor + 1, ~0U, 0));
  limits_set(report);
  report_layer(report, "no_new_privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));

  /* What follows is in the order of what it still needs: names of the host's files, the right to mount, the right to
   * read by name, the right to ask for filters. */
  readable_paths paths;
  paths_collect(&paths, options);
  identity_drop(report);
  bool is_apart = namespaces_enter(report);
  if (is_apart) {
    root_enter(&paths, options, report);
  } else {
    report_add(report, "own_root", "skipped");
  }
  threads_limit(report, is_apart);
  capabilities_drop(report);
  /* A change of user or rights forgets these two, so they come after the last. */
  report_layer(report, "dies_with_host", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
  report_layer(report, "not_dumpable", prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  report_layer(report, "no_code_from_data", prctl(SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0));
  landlock_enter(&paths, report);
  report_layer(report, "system_calls", filter_load());
  attacks_try(report);
}

int sandbox_seal(void) { return filter_seal() < 0 ? -errno : 0; }
