// SPDX-License-Identifier: GPL-2.0-or-later
#include "h264_packetizer.h"

#include <algorithm>

namespace mcu::rtp {
namespace {
constexpr uint8_t kFuA = 28;   // RFC 6184, 5.8
}

std::vector<Payload> packetize_h264(const AccessUnit &unit, int packetization_mode, size_t max_payload) {
    max_payload = std::max<size_t>(max_payload, 16);
    std::vector<Payload> out;
    out.reserve(unit.nals.size());
    for (const auto &nal : unit.nals) {
        if (nal.empty()) continue;
        if (nal.size() <= max_payload || packetization_mode == 0) {
            out.push_back({.body = nal.data(), .body_size = nal.size()});
            continue;
        }
        const uint8_t indicator = static_cast<uint8_t>((nal[0] & 0xe0) | kFuA);
        const uint8_t type = nal[0] & 0x1f;
        const size_t room = max_payload - 2;
        for (size_t at = 1; at < nal.size(); at += room) {
            const size_t length = std::min(room, nal.size() - at);
            const uint8_t start = at == 1 ? 0x80 : 0, end = at + length == nal.size() ? 0x40 : 0;
            out.push_back({.head = {indicator, static_cast<uint8_t>(start | end | type)},
                           .head_size = 2,
                           .body = nal.data() + at,
                           .body_size = length});
        }
    }
    if (!out.empty()) out.back().marker = true;
    return out;
}

}  // namespace mcu::rtp
