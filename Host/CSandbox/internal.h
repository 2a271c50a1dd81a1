/* internal.h: what the files of this folder share. */
#ifndef CSANDBOX_INTERNAL_H
#define CSANDBOX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "csandbox/sandbox.h"

/* report.c */
void report_add(sandbox_report *report, const char *name, const char *value);
/* `result` as system calls give it: negative, with the reason in errno. */
void report_layer(sandbox_report *report, const char *name, int result);
void report_number(sandbox_report *report, const char *name, int value);

/* paths.c: all that a loaded library may read. */
#define MAX_PATHS (SANDBOX_MAX_FOLDERS + 16u)
typedef enum path_kind { PATH_LIBRARIES, PATH_FILE, PATH_DEVICE, PATH_PROCESS } path_kind;
typedef struct readable_path {
  char path[256]; /* without symbolic links */
  path_kind kind;
} readable_path;
typedef struct readable_paths {
  readable_path entries[MAX_PATHS];
  uint32_t count;
} readable_paths;
void paths_collect(readable_paths *paths, const sandbox_options *options);

/* identity.c */
void identity_drop(sandbox_report *report);
void capabilities_drop(sandbox_report *report);

/* limits.c */
void limits_set(sandbox_report *report);
void threads_limit(sandbox_report *report, bool in_user_namespace);

/* namespaces.c: true in a process that is in new namespaces and may mount there. */
bool namespaces_enter(sandbox_report *report);

/* root.c */
void root_enter(const readable_paths *paths, const sandbox_options *options, sandbox_report *report);

/* landlock.c */
void landlock_enter(const readable_paths *paths, sandbox_report *report);

/* filter.c */
int filter_load(void);
int filter_seal(void);

/* attacks.c */
void attacks_try(sandbox_report *report);

#endif
