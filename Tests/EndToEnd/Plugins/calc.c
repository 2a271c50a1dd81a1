/* calc.c: a department that offers functions of its own library as tools, and uses one. */
#include <bureau/blocking.h>

BUREAU_EXPORT double present_value(double rate, const double *flows, uint64_t count) {
  double value = 0, factor = 1;
  for (uint64_t i = 0; i < count; i++, factor *= 1 + rate) value += flows[i] / factor;
  return value;
}

BUREAU_EXPORT void fault(void) { *(volatile int *)8 = 1; }

/* The input is the tool's arguments. */
static void value(bureau_ctx *ctx, bureau_buf input) {
  bureau_result answer = bureau_ctx_tool(ctx, "value", "calc.value", input);
  if (answer.status != BUREAU_OK) bureau_ctx_fail_as(ctx, &answer);
  else bureau_ctx_return(ctx, answer.data);
}

static void broken(bureau_ctx *ctx, bureau_buf input) {
  bureau_result answer = bureau_ctx_tool(ctx, "fault", "calc.fault", input);
  bureau_ctx_fail_as(ctx, &answer);
}

static const bureau_blocking_task tasks[] = {{"value", value}, {"broken", broken}};

#define TASK(name)                                                                                             \
  "{\"name\":\"" name "\",\"summary\":\"For tests.\",\"input_schema\":{\"type\":\"object\"},"                  \
  "\"output_schema\":{\"type\":\"object\"}}"

#ifndef SYMBOL
#define SYMBOL "present_value"
#endif

BUREAU_BLOCKING_PLUGIN(
    "org.example.calc", "1.0.0",
    "{\"manifest_version\":1,\"id\":\"org.example.calc\",\"department\":\"calc\",\"title\":\"Calc\","
    "\"summary\":\"For tests.\",\"version\":\"1.0.0\",\"wants\":{\"tools\":[\"calc.*\"]},"
    "\"native\":[{\"name\":\"calc.value\",\"summary\":\"Present value.\","
    "\"signature\":\"f64 " SYMBOL "(f64 rate, [f64] flows)\"},"
    "{\"name\":\"calc.fault\",\"summary\":\"Crashes.\",\"signature\":\"void fault()\"}],"
    "\"tasks\":[" TASK("value") "," TASK("broken") "]}",
    tasks)
