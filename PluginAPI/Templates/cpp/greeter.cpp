// greeter.cpp: a department in C++17. Tasks are plain blocking functions; blocking.h does the rest.
#include <bureau/blocking.h>

#include <exception>
#include <string>

// Why a task ends without an output.
struct Failure {
  bureau_status status;
  std::string message;
};

static std::string text_of(bureau_buf bytes) { return {reinterpret_cast<const char *>(bytes.ptr), bytes.len}; }

// The answer's bytes, or the failure of the effect as the failure of the task.
static std::string answer_of(const bureau_result &result) {
  if (result.status != BUREAU_OK) throw Failure{result.status, {result.message.ptr, result.message.len}};
  return text_of(result.data);
}

// An exception must not cross into C: each task is a function that returns its output, wrapped by this one.
template <std::string (*task)(bureau_ctx *, const std::string &)>
static void run(bureau_ctx *ctx, bureau_buf input) {
  try {
    bureau_ctx_return(ctx, bureau_json(task(ctx, text_of(input)).c_str()));
  } catch (const Failure &failure) {
    bureau_ctx_fail(ctx, failure.status, failure.message.c_str());
  } catch (const std::exception &error) {
    bureau_ctx_fail(ctx, BUREAU_E_INTERNAL, error.what());
  }
}

// The text between the quotes of "name":"…", escapes and all, so that it fits into the output's JSON as it is. The
// host has checked the input against the schema below: there is this one member, and it is a string.
static std::string name_of(const std::string &input) {
  size_t start = input.find('"', input.find("\"name\"") + 6) + 1, end = start;
  while (input[end] != '"') end += input[end] == '\\' ? 2 : 1;
  return input.substr(start, end - start);
}

// How often this agent has greeted: durable, and counted once for each run however often it is repeated.
static std::string greet(bureau_ctx *ctx, const std::string &input) {
  bureau_result text;
  if (bureau_ctx_step(ctx, "compose", bureau_json(input.c_str()), &text))
    text = bureau_ctx_step_record(ctx, BUREAU_OK, bureau_json(("\"Hello, " + name_of(input) + "\"").c_str()), "");
  const std::string greeting = answer_of(text);
  bureau_ctx_progress(ctx, 500, "composed");
  const bureau_result stored = bureau_ctx_state_get(ctx, "read", "greetings");
  const bool is_first = stored.status == BUREAU_E_NOT_FOUND;
  const long count = (is_first ? 0 : std::stol(answer_of(stored))) + 1;
  answer_of(bureau_ctx_state_put(ctx, "write", "greetings", bureau_json(std::to_string(count).c_str()),
                                 is_first ? 0 : stored.value));
  bureau_ctx_log(ctx, BUREAU_LOG_INFO, "greeted");
  return "{\"text\":" + greeting + ",\"count\":" + std::to_string(count) + "}";
}

static std::string count(bureau_ctx *ctx, const std::string &) {
  const bureau_result stored = bureau_ctx_state_get(ctx, "read", "greetings");
  return "{\"count\":" + (stored.status == BUREAU_E_NOT_FOUND ? "0" : answer_of(stored)) + "}";
}

static const bureau_blocking_task tasks[] = {{"greet", run<greet>}, {"count", run<count>}};

#define MANIFEST \
  R"({"manifest_version":1,"id":"org.example.greeter","department":"greeter","title":"Greeter",)" \
  R"("summary":"Greets people, and counts.","version":"1.0.0","state_schema_version":1,)" \
  R"("wants":{"models":[],"tools":[],"hosts":[],"departments":[]},"tasks":[)" \
  R"({"name":"greet","summary":"Greets one person.","timeout_seconds":30,"requires_approval":false,)" \
  R"("input_schema":{"type":"object","additionalProperties":false,"required":["name"],)" \
  R"("properties":{"name":{"type":"string","minLength":1,"maxLength":100}}},)" \
  R"("output_schema":{"type":"object","additionalProperties":false,"required":["count","text"],)" \
  R"("properties":{"count":{"type":"integer"},"text":{"type":"string"}}}},)" \
  R"({"name":"count","summary":"How often it has greeted.","requires_approval":false,)" \
  R"("input_schema":{"type":"object","additionalProperties":false,"properties":{}},)" \
  R"("output_schema":{"type":"object","additionalProperties":false,"required":["count"],)" \
  R"("properties":{"count":{"type":"integer"}}}}]})"

BUREAU_BLOCKING_PLUGIN("org.example.greeter", "1.0.0", MANIFEST, tasks)
