// SPDX-License-Identifier: GPL-2.0-or-later
// The ways in which RTP carries the codecs, by name, and the makers of what packs and unpacks them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "../types.h"
#include "packet.h"

namespace mcu::rtp {

enum class PayloadFormat {
    H264,        // RFC 6184; "h264", H264 in SDP
    H263_4629,   // RFC 4629; "h263p", H263-1998
    H263_2190,   // RFC 2190; "h263", H263, payload type 34
    H261,        // RFC 4587; "h261", H261, payload type 31
};

Codec codec_of(PayloadFormat format);
const char *name_of(PayloadFormat format);
PayloadFormat format_named(std::string_view name);   // std::invalid_argument

// A payload in two parts, so that nothing is copied: head[0..head_size) then body[0..body_size). The body points into
// the access unit, which the caller keeps alive. Made for iovec and sendmmsg.
struct Payload {
    std::array<uint8_t, 8> head{};   // the longest is RFC 2190's of mode B
    size_t head_size = 0;
    const uint8_t *body = nullptr;
    size_t body_size = 0;
    bool marker = false;    // the unit's last payload
    size_t size() const { return head_size + body_size; }
};

constexpr size_t kMaxPayload = 1300;   // the encoder's slices, and what one is longer by than x264 reckoned

// Access units to payloads.
class Packetizer {
public:
    virtual ~Packetizer() = default;
    // Empty if it is a unit of another codec or nothing is in it. The payloads point into the unit.
    virtual std::vector<Payload> packetize(const AccessUnit &unit) const = 0;
};

// packetization_mode is of H.264 (RFC 6184, 5.4).
std::unique_ptr<Packetizer> make_packetizer(PayloadFormat format, int packetization_mode = 0, size_t max_payload = kMaxPayload);

// max_unit: an access unit that grows over this is given up (a sender without end).
constexpr size_t kMaxUnit = 2u << 20;
std::unique_ptr<Depacketizer> make_depacketizer(PayloadFormat format, size_t max_unit = kMaxUnit);

}  // namespace mcu::rtp
