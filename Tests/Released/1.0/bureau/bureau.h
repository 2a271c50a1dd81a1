/* bureau.h: the whole boundary. Include this one; blocking.h is a helper on top of it. */
#ifndef BUREAU_H
#define BUREAU_H

#include "base.h"

#include "host.h"
#include "operation.h"
#include "plugin.h"

#include "approval.h"
#include "artifact.h"
#include "audit.h"
#include "budget.h"
#include "child.h"
#include "clock.h"
#include "http.h"
#include "lane_check.h"
#include "log.h"
#include "message.h"
#include "model.h"
#include "random.h"
#include "state.h"
#include "step.h"
#include "timer.h"
#include "tool.h"

#include "plugin_reload.h"
#include "plugin_state.h"
#include "stream.h"

#include "entry.h"

#endif
