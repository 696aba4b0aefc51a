// SPDX-License-Identifier: GPL-2.0-or-later
// What an access unit holds, as far as it matters for where decoding can begin. Values in, values out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "types.h"

namespace mcu {

enum class Entry {
    none,       // its pictures need earlier ones
    intra,      // H.264: all slices are I or SI, but no IDR: old terminals answer a keyframe request with one
    recovery,   // H.264: a recovery point SEI (D.1.8), from senders of intra refresh
    refresh,    // IDR; H.263: an intra picture; H.261: one that answers a request, or has nothing but intra macroblocks
};

struct Contents {
    Entry entry = Entry::none;
    bool parameters = false;   // SPS or PPS
    bool picture = false;      // slices; parameter sets may come in a unit of their own
};

Contents contents_of(Codec codec, const uint8_t *data, size_t size);

// An H.264 unit's parameter sets alone, Annex B.
std::vector<uint8_t> parameter_sets_of(const uint8_t *data, size_t size);

}  // namespace mcu
