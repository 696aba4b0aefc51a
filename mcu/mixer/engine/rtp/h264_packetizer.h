// SPDX-License-Identifier: GPL-2.0-or-later
// Access units to H.264 payloads (RFC 6184): single NAL units, and FU-A where one is too long and mode 1 allows it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "../types.h"

namespace mcu::rtp {

// A payload in two parts, so that nothing is copied: head[0..head_size) then body[0..body_size). The body points into
// the access unit, which the caller keeps alive. Made for iovec and sendmmsg.
struct Payload {
    std::array<uint8_t, 2> head{};
    size_t head_size = 0;   // 0, or 2 for a fragment (FU indicator and header)
    const uint8_t *body = nullptr;
    size_t body_size = 0;
    bool marker = false;    // the unit's last payload
    size_t size() const { return head_size + body_size; }
};

constexpr size_t kMaxPayload = 1300;   // the encoder's slices, and what one is longer by than x264 reckoned

// packetization_mode: 0 or 1. In mode 0 a NAL longer than max_payload is sent whole (the IP layer fragments it): the
// encoder's slices are short enough that this doesn't occur.
std::vector<Payload> packetize_h264(const AccessUnit &unit, int packetization_mode, size_t max_payload = kMaxPayload);

}  // namespace mcu::rtp
