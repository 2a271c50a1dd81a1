/* chief.c: a department that makes plans for others: one step of its own, whatever is wanted. */
#include <bureau/blocking.h>

#include <string.h>

static int contains(bureau_buf text, const char *part) {
  size_t length = strlen(part);
  for (uint64_t at = 0; at + length <= text.len; at++) {
    if (memcmp((const char *)text.ptr + at, part, length) == 0) return 1;
  }
  return 0;
}

/* "fail" and "nonsense" in the intent: what a planner may do wrong. */
static void plan(bureau_ctx *ctx, bureau_buf input) {
  if (contains(input, "fail")) {
    bureau_ctx_fail(ctx, BUREAU_E_INTERNAL, "has no idea");
    return;
  }
  if (contains(input, "nonsense")) {
    bureau_ctx_return(ctx, bureau_json("{\"nodes\":[{\"id\":\"a\",\"department\":\"nowhere\",\"task\":\"x\"}]}"));
    return;
  }
  bureau_ctx_return(ctx, bureau_json("{\"nodes\":[{\"id\":\"only\",\"department\":\"chief\",\"task\":\"greet\","
                                     "\"input\":{\"text\":\"planned\"}}]}"));
}

static void greet(bureau_ctx *ctx, bureau_buf input) { bureau_ctx_return(ctx, input); }

static const bureau_blocking_task tasks[] = {{"plan", plan}, {"greet", greet}};

BUREAU_BLOCKING_PLUGIN(
    "org.example.chief", "1.0.0",
    "{\"manifest_version\":1,\"id\":\"org.example.chief\",\"department\":\"chief\",\"title\":\"Chief\","
    "\"summary\":\"For tests.\",\"version\":\"1.0.0\",\"state_schema_version\":1,\"wants\":{},\"tasks\":["
    "{\"name\":\"plan\",\"summary\":\"Makes plans.\",\"timeout_seconds\":60,\"planner\":true,"
    "\"input_schema\":{\"type\":\"object\",\"required\":[\"intent\",\"catalogue\"]},"
    "\"output_schema\":{\"type\":\"object\"}},"
    "{\"name\":\"greet\",\"summary\":\"Welcomes visitors.\",\"timeout_seconds\":60,\"keywords\":[\"say hello\"],"
    "\"complexity\":\"low\",\"duration_seconds\":5,\"priority\":3,\"resources\":[\"voice\"],"
    "\"input_schema\":{\"type\":\"object\",\"required\":[\"text\"],\"properties\":{\"text\":{\"type\":\"string\"}}},"
    "\"output_schema\":{\"type\":\"object\"}}]}",
    tasks)
