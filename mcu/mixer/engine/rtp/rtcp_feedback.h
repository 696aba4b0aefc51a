// SPDX-License-Identifier: GPL-2.0-or-later
// Keyframe requests in RTCP: PLI (RFC 4585, 6.3.1: PT 206, FMT 1) and FIR (RFC 5104, 4.3.1: PT 206, FMT 4).
// Asterisk turns every kind of request into FIR; terminals and browsers mostly send PLI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcu::rtp {

struct KeyframeRequest {
    enum class Kind { pli, fir };
    Kind kind = Kind::pli;
    uint32_t sender_ssrc = 0;
    uint32_t media_ssrc = 0;   // whose picture is wanted (FIR: the SSRC of the FCI entry)
    uint8_t fir_seq = 0;       // FIR: a repeated request keeps its number
};

// All requests in a compound packet (reduced size, RFC 5506, too). Stops at the first part that isn't well formed.
std::vector<KeyframeRequest> parse_keyframe_requests(const uint8_t *data, size_t size);

// 12 and 20 octets. RFC 4585 wants them after an RR or SR in a compound packet, unless reduced size was agreed on.
std::vector<uint8_t> build_pli(uint32_t sender_ssrc, uint32_t media_ssrc);
std::vector<uint8_t> build_fir(uint32_t sender_ssrc, uint32_t media_ssrc, uint8_t seq);

}  // namespace mcu::rtp
