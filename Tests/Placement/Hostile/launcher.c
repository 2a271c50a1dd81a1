/* A worker on a lesser kernel: refuses system calls as such a kernel would, and becomes the real worker. Or one of a
 * host without privileges, which has its user from the start. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **arguments) {
  (void)count;
  static const struct { int first, last, error; } refused[] = {REFUSED};
  enum { COUNT = sizeof refused / sizeof *refused };
  struct sock_filter code[1 + 3 * COUNT + 1];
  unsigned short used = 0;
  code[used++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < COUNT; i++) {
    code[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (unsigned)refused[i].first, 0, 2);
    code[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (unsigned)refused[i].last, 1, 0);
    code[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)refused[i].error);
  }
  code[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {used, code};
  char *environment[] = {NULL};
#ifdef USER
  if (setresgid(USER, USER, USER) < 0 || setresuid(USER, USER, USER) < 0) return 93;
#endif
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return 90;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) return 91;
  execve(WORKER, arguments, environment);
  return 92;
}
