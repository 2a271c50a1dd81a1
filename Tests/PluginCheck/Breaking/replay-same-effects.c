/* replay-same-effects: counts its prompts. */
static int count;
#define OWN_MESSAGES \
  char prompt[80];                                                                                        \
  snprintf(prompt, sizeof prompt, "[{\"role\":\"user\",\"content\":\"%d\"}]", count++);                   \
  request.messages_json = (bureau_buf){(const uint8_t *)prompt, strlen(prompt)}
#include "../sound.h"
