/* greeter.c: a department in C. Tasks are plain blocking functions; blocking.h does the rest. */
#include <bureau/blocking.h>

/* The text between the quotes of `"name":"…"`, escapes and all, so that it fits into the output's JSON as it is. The
 * host has checked the input against the schema below: there is this one member, and it is a string. */
static const char *name_of(bureau_buf input, int *length) {
  const char *start = strstr((const char *)input.ptr, "\"name\"");
  const char *end;
  if (!start || !(start = strchr(start + 6, '"'))) return NULL;
  for (end = ++start; *end && *end != '"'; end++) {
    if (*end == '\\' && end[1]) end++;
  }
  *length = (int)(end - start);
  return *end ? start : NULL;
}

/* How often this agent has greeted: durable, and counted once for each run however often it is repeated. */
static void greet(bureau_ctx *ctx, bureau_buf input) {
  bureau_result text, count;
  char number[32], output[1024];
  int length = 0;
  const char *name = name_of(input, &length);
  if (!name || length > 400) {
    bureau_ctx_fail(ctx, BUREAU_E_INVALID, "name must be a string of at most 400 bytes");
    return;
  }
  if (bureau_ctx_step(ctx, "compose", input, &text)) {
    snprintf(output, sizeof output, "\"Hello, %.*s\"", length, name);
    text = bureau_ctx_step_record(ctx, BUREAU_OK, bureau_json(output), "");
  }
  if (text.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &text);
    return;
  }
  bureau_ctx_progress(ctx, 500, "composed");
  count = bureau_ctx_state_get(ctx, "read", "greetings");
  if (count.status != BUREAU_OK && count.status != BUREAU_E_NOT_FOUND) {
    bureau_ctx_fail_as(ctx, &count);
    return;
  }
  snprintf(number, sizeof number, "%ld", (count.status ? 0 : strtol((const char *)count.data.ptr, NULL, 10)) + 1);
  count = bureau_ctx_state_put(ctx, "write", "greetings", bureau_json(number), count.status ? 0 : count.value);
  if (count.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &count);
    return;
  }
  bureau_ctx_log(ctx, BUREAU_LOG_INFO, "greeted");
  snprintf(output, sizeof output, "{\"text\":%s,\"count\":%s}", (const char *)text.data.ptr, number);
  bureau_ctx_return(ctx, bureau_json(output));
}

static void count(bureau_ctx *ctx, bureau_buf input) {
  bureau_result stored = bureau_ctx_state_get(ctx, "read", "greetings");
  char output[64];
  (void)input;
  snprintf(output, sizeof output, "{\"count\":%s}", stored.status ? "0" : (const char *)stored.data.ptr);
  bureau_ctx_return(ctx, bureau_json(output));
}

static const bureau_blocking_task tasks[] = {{"greet", greet}, {"count", count}};

BUREAU_BLOCKING_PLUGIN(
    "org.example.greeter-c", "1.0.0",
    "{\"manifest_version\":1,\"id\":\"org.example.greeter-c\",\"department\":\"greeter-c\",\"title\":\"Greeter\","
    "\"summary\":\"Greets people, and counts.\",\"version\":\"1.0.0\",\"state_schema_version\":1,"
    "\"wants\":{\"models\":[],\"tools\":[],\"hosts\":[],\"departments\":[]},\"tasks\":["
    "{\"name\":\"greet\",\"summary\":\"Greets one person.\",\"timeout_seconds\":30,\"requires_approval\":false,"
    "\"input_schema\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"name\"],"
    "\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":100}}},"
    "\"output_schema\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"count\",\"text\"],"
    "\"properties\":{\"count\":{\"type\":\"integer\"},\"text\":{\"type\":\"string\"}}}},"
    "{\"name\":\"count\",\"summary\":\"How often it has greeted.\",\"requires_approval\":false,"
    "\"input_schema\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{}},"
    "\"output_schema\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"count\"],"
    "\"properties\":{\"count\":{\"type\":\"integer\"}}}}]}",
    tasks)
