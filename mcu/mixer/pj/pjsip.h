// SPDX-License-Identifier: GPL-2.0-or-later
// PJSIP's headers, with the application's-own-media patch (mcu/mixer/recipe/patches).
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <pjsua-lib/pjsua.h>
#pragma GCC diagnostic pop
