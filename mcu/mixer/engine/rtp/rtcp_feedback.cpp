// SPDX-License-Identifier: GPL-2.0-or-later
#include "rtcp_feedback.h"

namespace mcu::rtp {
namespace {
constexpr uint8_t kPsfb = 206, kPli = 1, kFir = 4;

uint32_t read32(const uint8_t *p) {
    return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3];
}

void write32(std::vector<uint8_t> &out, uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(v >> shift));
}

std::vector<uint8_t> feedback_head(uint8_t fmt, uint16_t words_minus_one, uint32_t sender, uint32_t media) {
    std::vector<uint8_t> out{static_cast<uint8_t>(0x80 | fmt), kPsfb, static_cast<uint8_t>(words_minus_one >> 8),
                             static_cast<uint8_t>(words_minus_one)};
    write32(out, sender);
    write32(out, media);
    return out;
}
}  // namespace

std::vector<KeyframeRequest> parse_keyframe_requests(const uint8_t *data, size_t size) {
    std::vector<KeyframeRequest> out;
    size_t at = 0;
    while (size - at >= 4) {
        const uint8_t *p = data + at;
        const size_t length = 4 * (size_t{1} + (size_t{p[2]} << 8 | p[3]));
        if (p[0] >> 6 != 2 || length > size - at) break;
        const uint8_t fmt = p[0] & 0x1f;
        if (p[1] == kPsfb && length >= 12) {
            if (fmt == kPli)
                out.push_back({KeyframeRequest::Kind::pli, read32(p + 4), read32(p + 8), 0});
            else if (fmt == kFir)
                for (size_t fci = 12; fci + 8 <= length; fci += 8)
                    out.push_back({KeyframeRequest::Kind::fir, read32(p + 4), read32(p + fci), p[fci + 4]});
        }
        at += length;
    }
    return out;
}

std::vector<uint8_t> build_pli(uint32_t sender_ssrc, uint32_t media_ssrc) {
    return feedback_head(kPli, 2, sender_ssrc, media_ssrc);
}

std::vector<uint8_t> build_fir(uint32_t sender_ssrc, uint32_t media_ssrc, uint8_t seq) {
    auto out = feedback_head(kFir, 4, sender_ssrc, 0);   // media source SHALL be 0 (RFC 5104, 4.3.1.2)
    write32(out, media_ssrc);
    write32(out, uint32_t{seq} << 24);
    return out;
}

}  // namespace mcu::rtp
