/* probe.h: what passes between `bureau plugin check` and a probe. Frames have the form of clane/wire.h; those that
 * are not named here go to the lane and come from it unchanged. */
#ifndef CPROBE_PROBE_H
#define CPROBE_PROBE_H

#include <stdint.h>

/* Kinds, checker to probe. Each is answered by exactly one frame of the second list, except where it says so. */
enum {
  PROBE_HELLO = 201, /* FLAGS, and the plugin's file: loads it. LOADED, or LANE_REFUSED                       */
  PROBE_ASK,         /* MAJOR, MINOR, SIZE of the host's description: calls the entry function. ENTRY          */
  PROBE_OPEN,        /* makes the lane. LANE_READY, or LANE_REFUSED                                            */
  PROBE_MEASURE,     /* MEASURED                                                                               */
  PROBE_EXTENSION,   /* op instance; TEXT the id: calls get_extension twice. ANSWER: VALUE 0 null, 1, 2 differ */
  PROBE_SAVE,        /* op instance; SIZE bytes a write takes; LIMIT where writing fails. ANSWER: DATA          */
  PROBE_LOAD,        /* op instance; VERSION, DATA, SIZE bytes a read gives; LIMIT where it fails. ANSWER       */
  PROBE_QUIESCE,     /* op instance; LIMIT milliseconds. ANSWER                                                */
  PROBE_RESUME,      /* op instance. ANSWER                                                                    */
  PROBE_HEALTH       /* op instance. ANSWER                                                                    */
};

/* Kinds, probe to checker. */
enum {
  PROBE_LOADED = 221, /* NANOSECONDS                                                                          */
  PROBE_ENTRY,        /* VALUE 0 null, 1 as before, 2 another pointer; the descriptor's fields, NANOSECONDS    */
  PROBE_MEASURED,     /* HEAP, FILES, CPU, and callbacks: SLOWEST + n, FASTEST + n                             */
  PROBE_ANSWER,       /* STATUS; VALUE, DATA as the question says                                              */
  PROBE_FAULT,        /* VALUE of what kind of memory, STATUS how it was touched: a memory rule is broken      */
  PROBE_REMARK        /* TEXT, STATUS: a host function refused its arguments                                   */
};

/* Flags of HELLO. */
#define PROBE_STRICT_INPUT 1u  /* what is borrowed cannot be written, ends at a guard page, and is taken back */
#define PROBE_STRICT_ARENA 2u  /* arena blocks end at guard pages, and are taken back                         */
#define PROBE_NO_ARENA 4u      /* arena_alloc answers null                                                    */
#define PROBE_NO_EXTENSIONS 8u /* get_extension answers null                                                  */
#define PROBE_NEWER_HOST 16u   /* a later minor: every struct of the host has fields that nobody knows yet    */
#define PROBE_IN_PROCESS 32u   /* no signal handlers, no limit on allocator arenas: a debugger is watching    */

/* Tags of numbers. */
enum {
  PROBE_TAG_FLAGS = 0x81,
  PROBE_TAG_VALUE,
  PROBE_TAG_STATUS,
  PROBE_TAG_SIZE,
  PROBE_TAG_LIMIT,
  PROBE_TAG_VERSION,
  PROBE_TAG_MAJOR,
  PROBE_TAG_MINOR,
  PROBE_TAG_MIN_MINOR,
  PROBE_TAG_RESERVED, /* the descriptor's reserved fields, or'ed   */
  PROBE_TAG_CREATE,   /* 1 when the descriptor has `create`        */
  PROBE_TAG_NANOSECONDS,
  PROBE_TAG_HEAP,
  PROBE_TAG_FILES,
  PROBE_TAG_CPU,
  PROBE_TAG_SLOWEST = 0xA0, /* + PROBE_CALLBACK_…: nanoseconds */
  PROBE_TAG_FASTEST = 0xB0
};

/* Tags of bytes. */
enum { PROBE_TAG_DATA = 1, PROBE_TAG_TEXT, PROBE_TAG_ID, PROBE_TAG_RELEASE, PROBE_TAG_TOOLCHAIN, PROBE_TAG_MANIFEST };

enum {
  PROBE_CALLBACK_CREATE = 0,
  PROBE_CALLBACK_SETUP,
  PROBE_CALLBACK_BEGIN,
  PROBE_CALLBACK_CANCEL,
  PROBE_CALLBACK_EVENT,
  PROBE_CALLBACK_WAKE,
  PROBE_CALLBACK_DESTROY,
  PROBE_CALLBACKS
};

/* Whose memory a fault met. */
enum { PROBE_MEMORY_OTHER = 0, PROBE_MEMORY_CONFIGURATION, PROBE_MEMORY_TASK, PROBE_MEMORY_EVENT, PROBE_MEMORY_ARENA };

/* How. */
enum { PROBE_TOUCH_WROTE = 1, PROBE_TOUCH_LATE, PROBE_TOUCH_BEYOND };

/* Serves one plugin until the other end closes `socket`: 0. Not 0 when a frame is malformed. The calling thread is
 * the plugin's lane. `seal_process`, which may be null, is called once the plugin is loaded: it takes away what only
 * the loader needed. */
int probe_serve(int socket, int (*seal_process)(void));

#endif
