/* Known functions in every shape that a signature can name. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ECHO(name, type) \
  type echo_##name(type value) { return value; }
ECHO(i8, int8_t)
ECHO(u8, uint8_t)
ECHO(i16, int16_t)
ECHO(u16, uint16_t)
ECHO(i32, int32_t)
ECHO(u32, uint32_t)
ECHO(i64, int64_t)
ECHO(u64, uint64_t)
ECHO(f32, float)
ECHO(f64, double)
ECHO(bool, bool)

int64_t sum_mixed(int8_t a, uint16_t b, int64_t c) { return a + b + c; }

double npv(double rate, const double *flows, uint64_t count) {
  double value = 0, factor = 1;
  for (uint64_t i = 0; i < count; i++, factor *= 1 + rate) value += flows[i] / factor;
  return value;
}

double dot(int32_t count, const double *x, const double *y) {
  double sum = 0;
  for (int32_t i = 0; i < count; i++) sum += x[i] * y[i];
  return sum;
}

void scale(double factor, double *values, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) values[i] *= factor;
}

void squares(uint32_t count, int64_t *values) {
  for (uint32_t i = 0; i < count; i++) values[i] = (int64_t)i * i;
}

int32_t take_even(int32_t *values, uint64_t *count) {
  uint64_t kept = 0;
  for (uint64_t i = 0; i < *count; i++)
    if (values[i] % 2 == 0) values[kept++] = values[i];
  *count = kept;
  return 0;
}

typedef struct one { float x; } one;
typedef struct point { double x, y; } point;
typedef struct mixed { int8_t a; double b; int16_t c; float d; } mixed;
typedef struct pair { int32_t a; float b; } pair;
typedef struct nested { point p; pair q; uint8_t r; } nested;

one double_one(one v) { return (one){v.x * 2}; }
point swap_point(point p) { return (point){p.y, p.x}; }
pair swap_pair(pair p) { return (pair){(int32_t)p.b, (float)p.a}; }
mixed next_mixed(mixed m) { return (mixed){(int8_t)(m.a + 1), m.b + 1, (int16_t)(m.c + 1), m.d + 1}; }
nested next_nested(nested n, int32_t by) {
  return (nested){{n.p.x + by, n.p.y + by}, {n.q.a + by, n.q.b + by}, (uint8_t)(n.r + by)};
}
double lengths(const point *points, uint64_t count) {
  double sum = 0;
  for (uint64_t i = 0; i < count; i++) sum += points[i].x * points[i].x + points[i].y * points[i].y;
  return sum;
}
void center(const point *points, uint64_t count, point *middle) {
  *middle = (point){0, 0};
  for (uint64_t i = 0; i < count; i++) middle->x += points[i].x / count, middle->y += points[i].y / count;
}

const char *greeting(void) { return "gr\xC3\xBC\xC3\x9F dich"; }
const char *nothing(void) { return NULL; }
const char *not_utf8(void) { return "\xFF\xFE"; }
char *repeat(const char *text, uint32_t times) {
  char *all = calloc(times + 1, strlen(text) + 1);
  while (times--) strcat(all, text);
  return all;
}
void shout(char *text) {
  for (; *text; text++)
    if (*text >= 'a' && *text <= 'z') *text -= 32;
}
int32_t describe(int32_t number, char *text, uint64_t size) { return snprintf(text, size, "number %d", number); }
uint32_t byte_sum(const uint8_t *bytes, uint32_t count) {
  uint32_t sum = 0;
  while (count--) sum += *bytes++;
  return sum;
}
double fail_with(int32_t number) {
  errno = number;
  return -1;
}

/* Misbehaviour. */
void overrun(uint8_t *bytes, uint64_t count) { memset(bytes, 7, count + 8); }
void underrun(uint8_t *bytes) { bytes[-1] = 7; }
void crash(void) { *(volatile int *)8 = 1; }
void quit(int32_t code) { exit(code); }
void stop(void) { abort(); }
void spin(void) {
  for (volatile int x = 0;; x++) continue;
}
void snooze(void) { sleep(600); }
int32_t not_a_function = 1;
