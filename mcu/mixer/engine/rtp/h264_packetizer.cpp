// SPDX-License-Identifier: GPL-2.0-or-later
#include "h264_packetizer.h"

#include <algorithm>

namespace mcu::rtp {
namespace {
constexpr uint8_t kFuA = 28;   // RFC 6184, 5.8
}

H264Packetizer::H264Packetizer(int packetization_mode, size_t max_payload)
    : packetization_mode_(packetization_mode), max_payload_(std::max<size_t>(max_payload, 16)) {}

std::vector<Payload> H264Packetizer::packetize(const AccessUnit &unit) const {
    std::vector<Payload> out;
    if (unit.codec != Codec::H264) return out;
    out.reserve(unit.nals.size());
    for (const auto &nal : unit.nals) {
        if (nal.empty()) continue;
        if (nal.size() <= max_payload_ || packetization_mode_ == 0) {
            out.push_back({.body = nal.data(), .body_size = nal.size()});
            continue;
        }
        const uint8_t indicator = static_cast<uint8_t>((nal[0] & 0xe0) | kFuA);
        const uint8_t type = nal[0] & 0x1f;
        const size_t room = max_payload_ - 2;
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
