/* faultpoints.h: named points at which a process kills itself.
 *
 * The library is loaded before a shipped, unchanged `bureau` (LD_PRELOAD). It stands between the program and SQLite and
 * between SQLite and the system, so nothing of it is in the product. `BUREAU_FAULT=point:n` kills the process with
 * SIGKILL at the n-th time that it passes the point; in any other program than `bureau`, and in its children, it does
 * nothing.
 *
 *   submit|claim|step|result|hold|settle|finish|approval .before_commit|.after_commit
 *       around the commit of a group that admits a run, claims one, writes an intent (or a step that is done at once),
 *       records a result, holds money, ends a hold, ends a run, asks a person
 *   event.after_append      between an event's row and its commit
 *   log.torn                after a write to the write-ahead log, before those that follow it
 *   log.before_sync         all of a group is written, nothing is synced
 *   log.after_sync          the group is durable and nobody was told
 *   checkpoint.during       between two pages of a checkpoint
 *   checkpoint.before_sync  all pages of a checkpoint are written, none is synced
 *   reload.after_map        a plugin's file was copied and not yet looked at
 */
#ifndef BUREAU_FAULTPOINTS_H
#define BUREAU_FAULTPOINTS_H

/* How often the armed point was passed; for the tests of the library itself. */
long fault_points_passed(void);

#endif
