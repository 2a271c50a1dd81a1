/* courier.c: a department whose agents write to one another. */
#include <bureau/blocking.h>

#include <unistd.h>

/* Sends its input three times to the listener: the same body, each a message of its own. */
static void tell(bureau_ctx *ctx, bureau_buf input) {
  static const char *const steps[] = {"first", "second", "third"};
  for (int index = 0; index < 3; index++) {
    bureau_result sent = bureau_ctx_message(ctx, steps[index], "courier:listener", "order.placed", input);
    if (sent.status != BUREAU_OK) {
      bureau_ctx_fail_as(ctx, &sent);
      return;
    }
  }
  bureau_ctx_return(ctx, bureau_json("{}"));
}

/* Sends itself on: one message starts the next run. */
static void echo_on(bureau_ctx *ctx, bureau_buf input) {
  bureau_result sent = bureau_ctx_message(ctx, "on", "courier:listener", "circle", input);
  if (sent.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &sent);
    return;
  }
  bureau_ctx_return(ctx, bureau_json("{}"));
}

static void hear(bureau_ctx *ctx, bureau_buf input) { bureau_ctx_return(ctx, input); }

/* Holds its place for a while. */
static void work(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  usleep(200000);
  bureau_ctx_return(ctx, bureau_json("{}"));
}

static const bureau_blocking_task tasks[] = {{"tell", tell}, {"hear", hear}, {"work", work}, {"circle", echo_on}};

#define TASK(name, tags)                                                                                               \
  "{\"name\":\"" name "\",\"summary\":\"For tests.\",\"timeout_seconds\":600,\"tags\":[" tags                          \
  "],\"input_schema\":{\"type\":\"object\"},\"output_schema\":{\"type\":\"object\"}}"

BUREAU_BLOCKING_PLUGIN(
    "org.example.courier", "1.0.0",
    "{\"manifest_version\":1,\"id\":\"org.example.courier\",\"department\":\"courier\",\"title\":\"Courier\","
    "\"summary\":\"For tests.\",\"version\":\"1.0.0\",\"state_schema_version\":1,"
    "\"messages\":{\"order.placed\":{\"type\":\"object\",\"required\":[\"number\"]}},"
    "\"wants\":{\"departments\":[\"courier\"],\"concurrency\":1},\"tasks\":[" TASK("tell", "\"talk\"") "," TASK(
        "hear", "\"listen\"") "," TASK("work", "") "," TASK("circle", "\"talk\"") "]}",
    tasks)
