// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "picture.h"
#include "types.h"

namespace mcu {

// At most max_width wide (0: the picture's own width), with square pixels. std::runtime_error if libavcodec fails.
Still encode_jpeg(const Picture &picture, int max_width);

}  // namespace mcu
