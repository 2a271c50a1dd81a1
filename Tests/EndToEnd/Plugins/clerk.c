/* clerk.c: asks a model, computes a step, leaves an artifact. Defines change one thing each, as a new version would. */
#include <bureau/blocking.h>

#ifndef QUESTION
#define QUESTION "Say yes."
#endif
#ifndef TOTAL
#define TOTAL "{\"total\":3}"
#endif
#ifndef ANSWER
#define ANSWER "{\"answer\":1}"
#endif

static void job(bureau_ctx *ctx, bureau_buf input) {
  bureau_buf messages = bureau_json("[{\"role\":\"user\",\"content\":\"" QUESTION "\"}]");
  bureau_result answer = bureau_ctx_model(ctx, "ask", "", messages, bureau_json("{}"), 64);
  bureau_result step;
  if (answer.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &answer);
    return;
  }
  if (bureau_ctx_step(ctx, "sum", bureau_json("[1,2]"), &step)) {
    step = bureau_ctx_step_record(ctx, BUREAU_OK, bureau_json(TOTAL), "");
  }
  if (step.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &step);
    return;
  }
#ifndef SILENT
  bureau_ctx_artifact_put(ctx, "keep", "sum.json", "application/json", input);
#endif
#ifdef MORE
  bureau_ctx_now(ctx, "late");
#endif
#ifdef CRASH
  __builtin_trap();
#endif
  bureau_ctx_return(ctx, bureau_json(ANSWER));
}

static const bureau_blocking_task tasks[] = {{"job", job}};

BUREAU_BLOCKING_PLUGIN(
    "org.example.clerk", "1.0.0",
    "{\"manifest_version\":1,\"id\":\"org.example.clerk\",\"department\":\"clerk\",\"title\":\"Clerk\","
    "\"summary\":\"For tests.\",\"version\":\"1.0.0\",\"state_schema_version\":1,"
    "\"wants\":{\"models\":[\"*\"],\"tools\":[],\"hosts\":[],\"departments\":[]},\"tasks\":["
    "{\"name\":\"job\",\"summary\":\"For tests.\",\"timeout_seconds\":60,\"requires_approval\":false,"
    "\"input_schema\":{\"type\":\"object\"},\"output_schema\":{\"type\":\"object\"}}]}",
    tasks)
