/* services.c: every service of the host, one task each. Read the one that you need; each runs by itself:
 *
 *     make
 *     bureau run --plugins build/services.so services/model
 *     bureau run --plugins build/services.so services/state
 *
 * An effect's first text after the context is the step's name: the journal knows it by that name, and a repeated run
 * gets the recorded answer instead of a new one. */
#include <bureau/blocking.h>

/* Returns the answer of an effect as the task's output, or fails as the effect failed. */
static void finish(bureau_ctx *ctx, bureau_result answer) {
  if (answer.status == BUREAU_OK) bureau_ctx_return(ctx, answer.data);
  else bureau_ctx_fail_as(ctx, &answer);
}

static void finish_number(bureau_ctx *ctx, const char *name, bureau_result answer) {
  char json[64];
  snprintf(json, sizeof json, "{\"%s\":%llu}", name, (unsigned long long)answer.value);
  if (answer.status == BUREAU_OK) bureau_ctx_return(ctx, bureau_json(json));
  else bureau_ctx_fail_as(ctx, &answer);
}

/* A language model. The default model, at most 40 tokens of answer; without room in a budget: BUREAU_E_BUDGET. */
static void model(bureau_ctx *ctx, bureau_buf input) {
  const char *messages = "[{\"role\":\"user\",\"content\":\"Rain is water. Rain falls. What is rain?\"}]";
  (void)input;
  finish(ctx, bureau_ctx_model(ctx, "ask", "", bureau_json(messages), bureau_json(""), 40));
}

/* A tool of the host, with arguments that fit the tool's schema. */
static void tool(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  finish(ctx, bureau_ctx_tool(ctx, "search", "debian.search", bureau_json("{\"terms\":[\"json\"],\"limit\":1}")));
}

/* The web, through the host: only hosts that the manifest asks for and the operator grants. */
static void http(bureau_ctx *ctx, bureau_buf input) {
  bureau_http_request request;
  (void)input;
  memset(&request, 0, sizeof request);
  request.struct_size = (uint32_t)sizeof request;
  request.method = bureau_text("GET");
  request.url = bureau_text("https://example.org/");
  finish_number(ctx, "status", bureau_ctx_http(ctx, "fetch", &request));
}

/* Durable state of this agent, with compare-and-swap: a conflict means that another run was faster. */
static void state(bureau_ctx *ctx, bureau_buf input) {
  bureau_result read = bureau_ctx_state_get(ctx, "read", "count");
  char number[32];
  (void)input;
  if (read.status != BUREAU_OK && read.status != BUREAU_E_NOT_FOUND) {
    bureau_ctx_fail_as(ctx, &read);
    return;
  }
  snprintf(number, sizeof number, "%ld", (read.status ? 0 : strtol((const char *)read.data.ptr, NULL, 10)) + 1);
  read = bureau_ctx_state_put(ctx, "write", "count", bureau_json(number), read.status ? 0 : read.value);
  if (read.status == BUREAU_OK) finish(ctx, bureau_ctx_state_list(ctx, "list", "co"));
  else bureau_ctx_fail_as(ctx, &read);
}

static void forget(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  finish_number(ctx, "revision", bureau_ctx_state_remove(ctx, "remove", "count", BUREAU_STATE_ANY_REVISION));
}

/* What the run leaves behind, by content. */
static void artifact(bureau_ctx *ctx, bureau_buf input) {
  bureau_result kept = bureau_ctx_artifact_put(ctx, "keep", "note.json", "application/json", input);
  char digest[65] = "";
  if (kept.status != BUREAU_OK || kept.data.len != 64) {
    bureau_ctx_fail_as(ctx, &kept);
    return;
  }
  memcpy(digest, kept.data.ptr, 64);
  finish(ctx, bureau_ctx_artifact_get(ctx, "read", digest));
}

/* Another department, waited for; here this one. */
static void child(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  finish(ctx, bureau_ctx_child(ctx, "delegate", "services", "clock", bureau_json("{}")));
}

/* Several tasks with dependencies; "$from" is a part of an earlier output. */
static void plan(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  finish(ctx, bureau_ctx_plan(ctx, "plan", bureau_json("{\"nodes\":["
    "{\"id\":\"first\",\"department\":\"services\",\"task\":\"clock\",\"input\":{}},"
    "{\"id\":\"then\",\"department\":\"services\",\"task\":\"artifact\",\"after\":[\"first\"],"
    "\"input\":{\"at\":{\"$from\":\"first\",\"pointer\":\"/unix_ms\"}}}]}")));
}

/* A message to another department, not waited for. */
static void message(bureau_ctx *ctx, bureau_buf input) {
  bureau_result sent = bureau_ctx_message(ctx, "tell", "services", "note.made", input);
  (void)input;
  if (sent.status == BUREAU_OK) bureau_ctx_return(ctx, bureau_json("{}"));
  else bureau_ctx_fail_as(ctx, &sent);
}

/* A person decides, and may edit the content. The run waits without a thread of the host's. */
static void approval(bureau_ctx *ctx, bureau_buf input) {
  finish(ctx, bureau_ctx_approval(ctx, "release", "Release the note?", "It is what was sent in.", input, 0));
}

/* Time: recorded once, equal on every repeat. */
static void clock_task(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  finish_number(ctx, "unix_ms", bureau_ctx_now(ctx, "now"));
}

static void timer(bureau_ctx *ctx, bureau_buf input) {
  bureau_result slept = bureau_ctx_sleep(ctx, "rest", 10);
  (void)input;
  if (slept.status == BUREAU_OK) bureau_ctx_return(ctx, bureau_json("{}"));
  else bureau_ctx_fail_as(ctx, &slept);
}

/* Chance: recorded once, equal on every repeat. Not for keys or secrets. */
static void random_task(bureau_ctx *ctx, bureau_buf input) {
  bureau_result drawn = bureau_ctx_random(ctx, "draw", 1);
  drawn.value = drawn.status == BUREAU_OK ? drawn.data.ptr[0] % 6 + 1 : 0;
  (void)input;
  finish_number(ctx, "die", drawn);
}

/* Money: what is left, and a hold for a long piece of work. */
static void budget(bureau_ctx *ctx, bureau_buf input) {
  bureau_result held = bureau_ctx_budget_reserve(ctx, "hold", 1000);
  (void)input;
  if (held.status == BUREAU_OK) held = bureau_ctx_budget_release(ctx, "let-go", held.value);
  if (held.status == BUREAU_OK) finish(ctx, bureau_ctx_budget_remaining(ctx, "left"));
  else bureau_ctx_fail_as(ctx, &held);
}

/* A fact of the department's own for the audit log. */
static void audit(bureau_ctx *ctx, bureau_buf input) {
  finish_number(ctx, "leaf", bureau_ctx_audit(ctx, "note", "note.made", input));
}

/* Work of one's own whose result must survive a crash. */
static void step(bureau_ctx *ctx, bureau_buf input) {
  bureau_result result;
  if (bureau_ctx_step(ctx, "work", input, &result))
    result = bureau_ctx_step_record(ctx, BUREAU_OK, bureau_json("{\"worked\":true}"), "");
  finish(ctx, result);
}

/* Not effects: shown live, never journaled. A long computation asks whether it is still wanted. */
static void live(bureau_ctx *ctx, bureau_buf input) {
  uint32_t part;
  (void)input;
  bureau_ctx_log(ctx, BUREAU_LOG_INFO, "counting");
  for (part = 1; part <= 4 && !bureau_ctx_is_cancelled(ctx); part++) bureau_ctx_progress(ctx, part * 250, "counting");
  bureau_ctx_return(ctx, bureau_json("{}"));
}

static const bureau_blocking_task tasks[] = {
    {"model", model}, {"tool", tool}, {"http", http}, {"state", state}, {"forget", forget}, {"artifact", artifact},
    {"child", child}, {"plan", plan}, {"message", message}, {"approval", approval}, {"clock", clock_task},
    {"timer", timer}, {"random", random_task}, {"budget", budget}, {"audit", audit}, {"step", step}, {"live", live},
};

#define TASK(name, summary) \
  "{\"name\":\"" name "\",\"summary\":\"" summary "\",\"timeout_seconds\":60,\"requires_approval\":false," \
  "\"input_schema\":{\"type\":\"object\"},\"output_schema\":{}}"

BUREAU_BLOCKING_PLUGIN(
    "org.example.services", "1.0.0",
    "{\"manifest_version\":1,\"id\":\"org.example.services\",\"department\":\"services\",\"title\":\"Services\","
    "\"summary\":\"Every service of the host, one task each.\",\"version\":\"1.0.0\",\"state_schema_version\":1,"
    "\"wants\":{\"models\":[\"*\"],\"tools\":[\"debian.search\"],\"hosts\":[\"example.org\"],"
    "\"departments\":[\"services\"]},\"tasks\":["
    TASK("model", "Asks a language model.") "," TASK("tool", "Calls a tool.") "," TASK("http", "Fetches a page.") ","
    TASK("state", "Counts in durable state.") "," TASK("forget", "Forgets the count.") ","
    TASK("artifact", "Keeps its input.") "," TASK("child", "Delegates.") "," TASK("plan", "Runs a plan.") ","
    TASK("message", "Sends a message.") "," TASK("approval", "Asks a person.") "," TASK("clock", "Reads the time.") ","
    TASK("timer", "Sleeps.") "," TASK("random", "Rolls a die.") "," TASK("budget", "Holds money.") ","
    TASK("audit", "Adds to the audit log.") "," TASK("step", "Records work.") "," TASK("live", "Shows progress.")
    "]}",
    tasks)
