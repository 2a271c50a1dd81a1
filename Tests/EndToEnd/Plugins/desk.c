/* desk.c: a department whose tasks do one thing each that the tests need: answer, fail, crash, wait, work, ask. */
#include <bureau/blocking.h>

#include <stdlib.h>

static void echo(bureau_ctx *ctx, bureau_buf input) {
  bureau_ctx_progress(ctx, 500, "half \033[31m way");
  bureau_ctx_artifact_put(ctx, "keep", "echo.json", "application/json", input);
  bureau_ctx_return(ctx, input);
}

static void fail(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  bureau_ctx_fail(ctx, BUREAU_E_IO, "the printer is on fire");
}

static void crash(bureau_ctx *ctx, bureau_buf input) {
  (void)ctx;
  (void)input;
  abort();
}

/* Waits in the host: nothing computes meanwhile. */
static void nap(bureau_ctx *ctx, bureau_buf input) {
  bureau_result slept = bureau_ctx_sleep(ctx, "nap", 600000);
  (void)input;
  if (slept.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &slept);
    return;
  }
  bureau_ctx_return(ctx, bureau_json("{}"));
}

/* Computes until it is told to stop. */
static void work(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  while (!bureau_ctx_is_cancelled(ctx)) {
  }
  bureau_ctx_fail(ctx, BUREAU_E_CANCELLED, "stopped");
}

static void model(bureau_ctx *ctx, bureau_buf input) {
#ifdef DESK_ASKS_NOTHING
  (void)input;
  bureau_ctx_fail(ctx, BUREAU_E_IO, "changed its mind");
  return;
#endif
  bureau_buf messages = bureau_json("[{\"role\":\"user\",\"content\":\"Say yes.\"}]");
  bureau_result answer = bureau_ctx_model(ctx, "ask", "", messages, bureau_json("{}"), 64);
  (void)input;
  if (answer.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &answer);
    return;
  }
  bureau_ctx_return(ctx, bureau_json("{}"));
}

static const bureau_blocking_task tasks[] = {{"echo", echo},     {"review", echo}, {"fail", fail}, {"crash", crash},
                                             {"nap", nap},       {"work", work},   {"model", model}};

#define TASK(name, review, schema)                                                                                     \
  "{\"name\":\"" name "\",\"summary\":\"For tests.\",\"timeout_seconds\":600,\"requires_approval\":" review            \
  ",\"input_schema\":" schema ",\"output_schema\":{\"type\":\"object\"}}"
#define ANYTHING "{\"type\":\"object\"}"
#define STRICT                                                                                                         \
  "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"text\",\"count\"],\"properties\":{"             \
  "\"text\":{\"type\":\"string\",\"minLength\":2},\"count\":{\"type\":\"integer\",\"minimum\":1}}}"

BUREAU_BLOCKING_PLUGIN(
    "org.example.desk", "1.0.0",
    "{\"manifest_version\":1,\"id\":\"org.example.desk\",\"department\":\"desk\",\"title\":\"Desk\","
    "\"summary\":\"For tests.\",\"version\":\"1.0.0\",\"state_schema_version\":1,"
    "\"wants\":{\"models\":[\"*\"],\"tools\":[],\"hosts\":[],\"departments\":[]},\"tasks\":[" TASK(
        "echo", "false", STRICT) "," TASK("review", "true", ANYTHING) "," TASK("fail", "false", ANYTHING) "," TASK(
        "crash", "false", ANYTHING) "," TASK("nap", "false", ANYTHING) "," TASK("work", "false",
                                                                                ANYTHING) "," TASK("model", "false",
                                                                                                   ANYTHING) "]}",
    tasks)
