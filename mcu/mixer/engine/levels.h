// SPDX-License-Identifier: GPL-2.0-or-later
// What a level allows (H.264 table A-1). A terminal of level 1.3 must never get 720p. H.263 and H.261 have no levels here but sizes.
#pragma once

#include "types.h"

namespace mcu {

// The class with a size, frame rate and bit rate that its level allows: the largest usual size of at most the wanted width
// and height, then the frame rate lowered. An unknown level counts as the next lower one. Width and height are made even.
// Of H.263 and H.261: CIF, or QCIF if that is too large, at up to 30 pictures a second.
RateClass bound_by_level(RateClass wanted);

}  // namespace mcu
