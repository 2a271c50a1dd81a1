/* parcel.c: a plugin to pack. VERSION, ID, ANSWER and WANTS are what versions differ in. */
#include <bureau/blocking.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef ID
#define ID "org.example.parcel"
#endif
#ifndef DEPARTMENT
#define DEPARTMENT "parcel"
#endif
#ifndef WANTS
#define WANTS "{}"
#endif

static void answer(bureau_ctx *ctx, bureau_buf input) {
  (void)input;
  bureau_ctx_return(ctx, bureau_json("{\"version\":\"" VERSION "\"}"));
}

static const bureau_blocking_task tasks[] = {{"answer", answer}};

BUREAU_BLOCKING_PLUGIN(ID, VERSION,
                       "{\"manifest_version\":1,\"id\":\"" ID "\",\"department\":\"" DEPARTMENT "\","
                       "\"title\":\"Parcel\",\"summary\":\"For tests.\",\"version\":\"" VERSION "\","
                       "\"state_schema_version\":1,\"wants\":" WANTS ",\"tasks\":[{\"name\":\"answer\","
                       "\"summary\":\"For tests.\",\"timeout_seconds\":60,\"requires_approval\":false,"
                       "\"input_schema\":{\"type\":\"object\"},\"output_schema\":{\"type\":\"object\"}}]}",
                       tasks)
