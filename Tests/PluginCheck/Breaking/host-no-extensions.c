/* host-no-extensions: takes a service for granted. */
#define AT_CALL self->kept_length = ((volatile const bureau_host_log *)service(self, BUREAU_HOST_LOG))->struct_size
#include "../sound.h"
