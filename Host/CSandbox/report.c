/* The report: one line of words. */
#include <errno.h>
#include <stdio.h>

#include "internal.h"

void report_add(sandbox_report *report, const char *name, const char *value) {
  size_t room = sizeof report->text - report->length;
  int count = snprintf(report->text + report->length, room, "%s%s=%s", report->length ? " " : "", name, value);
  /* A word that does not fit would be a lie by halves: without it the host sees that it is missing. */
  if (count > 0 && (size_t)count < room) report->length += (uint32_t)count;
  report->text[report->length] = 0;
}

void report_layer(sandbox_report *report, const char *name, int result) {
  if (result >= 0) {
    report_add(report, name, "ok");
    return;
  }
  char text[24];
  snprintf(text, sizeof text, "errno%d", errno);
  report_add(report, name, text);
}

void report_number(sandbox_report *report, const char *name, int value) {
  char text[16];
  snprintf(text, sizeof text, "%d", value);
  report_add(report, name, text);
}
