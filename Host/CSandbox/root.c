/* A root of its own: an empty file system in memory, with read-only mounts of what a library may read. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* Folders that every system has one of; the new root is put together there, unseen from outside. */
static const char *const bases[] = {"/tmp", "/mnt", "/run", "/var", "/home"};

/* mkdir -p of what leads to `path`, a path in the new root. */
static int make_parents(const char *path) {
  char part[512];
  if (strlen(path) >= sizeof part) return errno = ENAMETOOLONG, -1;
  strcpy(part, path);
  for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(part, 0755) < 0 && errno != EEXIST) return -1;
    *slash = '/';
  }
  return 0;
}

/* `path` without its first slash is where it goes; the working folder is the new root. */
static int show(const readable_path *entry) {
  const char *target = entry->path + 1;
  bool is_folder = entry->kind == PATH_LIBRARIES || entry->kind == PATH_PROCESS;
  if (make_parents(target) < 0) return -1;
  if (is_folder && mkdir(target, 0755) < 0 && errno != EEXIST) return -1;
  /* Its own process namespace only, and of that the processes only. Runtimes look at their threads there. */
  if (entry->kind == PATH_PROCESS)
    return mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "subset=pid");
  if (!is_folder) {
    int file = open(target, O_CREAT | O_RDONLY | O_CLOEXEC, 0444);
    if (file < 0) return -1;
    close(file);
  }
  /* With what is mounted below: a part of it could not be taken alone. */
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, entry->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (tree < 0) return -1;
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};
  if (entry->kind != PATH_DEVICE) attributes.attr_set |= MOUNT_ATTR_NODEV;
  if (entry->kind != PATH_LIBRARIES) attributes.attr_set |= MOUNT_ATTR_NOEXEC;
  int result = (int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                            sizeof attributes);
  if (result == 0) result = (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
  int error = errno;
  close(tree);
  errno = error;
  return result;
}

/* Names under which folders are known, beside the one without links: `/lib` is often a link to `usr/lib`. */
static int show_links(const sandbox_options *options) {
  static const char *const tops[] = {"/lib", "/lib64"};
  char target[512];
  for (size_t i = 0; i < sizeof tops / sizeof *tops; i++) {
    ssize_t length = readlink(tops[i], target, sizeof target - 1);
    if (length <= 0) continue;
    target[length] = 0;
    if (symlink(target, tops[i] + 1) < 0 && errno != EEXIST) return -1;
  }
  for (uint32_t i = 0; i < options->folder_count; i++) {
    const char *name = options->folders[i] + 1;
    char *resolved = realpath(options->folders[i], NULL);
    if (!resolved) continue; /* not there: nothing can be loaded from it */
    int result = 0;
    if (access(name, F_OK) < 0) {
      result = make_parents(name);
      if (result == 0 && symlink(resolved, name) < 0 && errno != EEXIST) result = -1;
    }
    free(resolved);
    if (result < 0) return -1;
  }
  return 0;
}

static int mount_base(void) {
  for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
    if (mount("bureau", bases[i], "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k,nr_inodes=128,mode=755") == 0)
      return chdir(bases[i]);
    if (errno != ENOENT && errno != ENOTDIR) return -1;
  }
  return -1;
}

static int enter(const readable_paths *paths, const sandbox_options *options) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount_base() < 0) return -1;
  for (uint32_t i = 0; i < paths->count; i++)
    if (show(&paths->entries[i]) < 0) return -1;
  if (show_links(options) < 0) return -1;
  struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
  if (syscall(SYS_mount_setattr, AT_FDCWD, ".", 0, &read_only, sizeof read_only) < 0) return -1;
  /* The old root comes to lie on the new one, and is taken from there: no folder is needed for it. */
  if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0) return -1;
  return chdir("/");
}

void root_enter(const readable_paths *paths, const sandbox_options *options, sandbox_report *report) {
  report_layer(report, "own_root", enter(paths, options));
}
