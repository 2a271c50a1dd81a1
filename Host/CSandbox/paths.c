/* All that a loaded library may read: the folders of libraries, the loader's cache, three devices, and of processes
 * what the kernel shows of them. */
#define _GNU_SOURCE
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static void add(readable_paths *paths, const char *path, path_kind kind) {
  char resolved[4096];
  const char *found = realpath(path, resolved);
  if (!found || strlen(found) >= sizeof paths->entries->path || paths->count == MAX_PATHS) return;
  for (uint32_t i = 0; i < paths->count; i++)
    if (strcmp(paths->entries[i].path, found) == 0) return;
  readable_path *entry = &paths->entries[paths->count++];
  strcpy(entry->path, found);
  entry->kind = kind;
}

/* The folder of a library that this process has loaded: the C library's and the loader's are what is needed. */
static int add_folder(struct dl_phdr_info *library, size_t size, void *paths) {
  (void)size;
  char folder[4096];
  if (library->dlpi_name[0] != '/' || strlen(library->dlpi_name) >= sizeof folder) return 0;
  strcpy(folder, library->dlpi_name);
  char *last = strrchr(folder, '/');
  if (last == folder) return 0;
  *last = 0;
  add(paths, folder, PATH_LIBRARIES);
  return 0;
}

void paths_collect(readable_paths *paths, const sandbox_options *options) {
  paths->count = 0;
  dl_iterate_phdr(add_folder, paths);
  for (uint32_t i = 0; i < options->folder_count; i++) add(paths, options->folders[i], PATH_LIBRARIES);
  add(paths, "/etc/ld.so.cache", PATH_FILE);
  add(paths, "/dev/null", PATH_DEVICE);
  add(paths, "/dev/zero", PATH_DEVICE);
  add(paths, "/dev/urandom", PATH_DEVICE);
  add(paths, "/proc", PATH_PROCESS);
}
