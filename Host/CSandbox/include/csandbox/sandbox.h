/* sandbox.h: what a process gives up before it runs a plugin's code. Called by bureau-worker while it has one
 * thread and no foreign code. Everything is reported and nothing is judged here: the host decides what is enough. */
#ifndef CSANDBOX_SANDBOX_H
#define CSANDBOX_SANDBOX_H

#include <stdint.h>

/* The longest report, with its end. */
#define SANDBOX_REPORT_BYTES 4096u
/* Folders with libraries that a plugin may need, beside those of this process's own. */
#define SANDBOX_MAX_FOLDERS 16u

typedef struct sandbox_options {
  const char *folders[SANDBOX_MAX_FOLDERS]; /* absolute */
  uint32_t folder_count;
  int last_descriptor; /* those above it are closed */
} sandbox_options;

/* Words `name=value`, parted by one space: for each layer `ok` or `errnoN`, for each attack that the process made on
 * its own cage `refused` or `succeeded`. Read by `SandboxReport` in Host/Placement. */
typedef struct sandbox_report {
  char text[SANDBOX_REPORT_BYTES];
  uint32_t length;
} sandbox_report;

/* Confines the calling process as far as the kernel lets it. It may return in a child: the caller then waits for
 * that child, and ends as the child ended, by the same signal or exit code. */
void sandbox_enter(const sandbox_options *options, sandbox_report *report);

/* Bounds memory and, unless 0, processor time for good. Before the plugin is loaded. 0 or -errno. */
int sandbox_limit(uint64_t memory_bytes, uint64_t cpu_seconds);

/* After the plugin is loaded: takes away what only the dynamic loader needed, from all threads. 0 or -errno. */
int sandbox_seal(void);

#endif
