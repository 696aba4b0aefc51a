// SPDX-License-Identifier: GPL-2.0-or-later
#include "h261_depacketizer.h"

#include "../bits.h"

namespace mcu::rtp {
namespace {
constexpr size_t kHeader = 4;   // RFC 4587, 4.1
}

H261Depacketizer::Part H261Depacketizer::parse(const uint8_t *payload, size_t size) const {
    Part part;
    part.skip_first = payload[0] >> 5;
    part.skip_last = payload[0] >> 2 & 7;
    if (size <= kHeader || (size - kHeader) * 8 <= static_cast<size_t>(part.skip_first + part.skip_last)) return {.whole = false};
    part.data = payload + kHeader;
    part.size = size - kHeader;
    const auto from = static_cast<size_t>(part.skip_first);
    // H.261 4.2.1.1: the picture's start code is 15 zeros, a one and four zeros; with another number instead of those it is a GOB's.
    // GOBN 0 in the header says that one begins here.
    part.begins_picture = bits_at(part.data, part.size, from, 20) == 0x10;
    part.at_start_code = payload[1] >> 4 == 0 || bits_at(part.data, part.size, from, 16) == 1;
    return part;
}

}  // namespace mcu::rtp
