/* fetcher.c: fetches the URL that it is given. WANTS is its hosts as JSON. */
#include <bureau/blocking.h>

#include <stdio.h>
#include <string.h>

#ifndef HOSTS
#define HOSTS "\"127.0.0.1:1\""
#endif

static void fetch(bureau_ctx *ctx, bureau_buf input) {
  char url[512] = "", text[256];
  const char *start = memchr(input.ptr, 'h', input.len);
  const char *end = start ? memchr(start, '"', (size_t)((const char *)input.ptr + input.len - start)) : NULL;
  bureau_http_request request = {.struct_size = sizeof request, .method = bureau_text("GET"), .body = bureau_json("")};
  bureau_result answer;

  if (!end || (size_t)(end - start) >= sizeof url) {
    bureau_ctx_fail(ctx, BUREAU_E_INVALID, "no url");
    return;
  }
  memcpy(url, start, (size_t)(end - start));
  request.url = bureau_text(url);
  answer = bureau_ctx_http(ctx, "fetch", &request);
  if (answer.status != BUREAU_OK) {
    bureau_ctx_fail_as(ctx, &answer);
    return;
  }
  snprintf(text, sizeof text, "{\"status\":%llu}", (unsigned long long)answer.value);
  bureau_ctx_return(ctx, bureau_json(text));
}

static const bureau_blocking_task tasks[] = {{"fetch", fetch}};

BUREAU_BLOCKING_PLUGIN("org.example.fetcher", "1.0.0",
                       "{\"manifest_version\":1,\"id\":\"org.example.fetcher\",\"department\":\"fetcher\","
                       "\"title\":\"Fetcher\",\"summary\":\"For tests.\",\"version\":\"1.0.0\","
                       "\"wants\":{\"hosts\":[" HOSTS "],\"state_bytes\":65536},\"tasks\":[{\"name\":\"fetch\","
                       "\"summary\":\"For tests.\",\"input_schema\":{\"type\":\"object\"},"
                       "\"output_schema\":{\"type\":\"object\"}}]}",
                       tasks)
