// SPDX-License-Identifier: GPL-2.0-or-later
#include "h263_packetizer.h"

#include <algorithm>
#include <span>

namespace mcu::rtp {
namespace {

constexpr size_t kLeastPayload = 64;
constexpr size_t kModeA = 4, kModeB = 8;   // RFC 2190, 5.1 and 5.2

using Octets = std::span<const uint8_t>;

bool is_picture(const AccessUnit &unit) {   // PSC, TR and PTYPE at least
    return unit.codec == Codec::H263 && unit.nals.size() == 1 && unit.nals[0].size() >= 6 && unit.nals[0][0] == 0 &&
           unit.nals[0][1] == 0 && (unit.nals[0][2] & 0xfc) == 0x80;
}

// Where the GOBs with a header begin, the picture first, and the picture's end (H.263 5.2.2: 16 zeros and a one).
std::vector<size_t> starts_of(Octets picture) {
    std::vector<size_t> starts;
    for (size_t i = 0; i + 2 < picture.size(); ++i)
        if (picture[i] == 0 && picture[i + 1] == 0 && picture[i + 2] & 0x80) {
            starts.push_back(i);
            i += 2;
        }
    starts.push_back(picture.size());
    return starts;
}

// The last of those behind from that is at most to; or else nothing fits, and it is from.
size_t last_start(const std::vector<size_t> &starts, size_t from, size_t to) {
    const auto after = std::upper_bound(starts.begin(), starts.end(), to);
    return after == starts.begin() ? from : std::max(from, *std::prev(after));
}

struct Piece {   // in bits of the picture
    size_t from, to;
    const Cut *cut;   // where it begins; null for a GOB
};

Payload rfc2190_payload(Octets picture, const Piece &piece) {
    Payload out;
    out.body = picture.data() + piece.from / 8;
    out.body_size = (piece.to + 7) / 8 - piece.from / 8;
    const auto begin = static_cast<uint8_t>(piece.from % 8), end = static_cast<uint8_t>((8 - piece.to % 8) % 8);
    const auto format = static_cast<uint8_t>(picture[4] >> 2 & 7);   // PTYPE bits 6 to 8
    const auto inter = static_cast<uint8_t>(picture[4] >> 1 & 1);    // and bit 9; U, S and A are 0 in baseline
    auto &h = out.head;
    if (!piece.cut) {
        out.head_size = kModeA;
        h[0] = static_cast<uint8_t>(begin << 3 | end);
        h[1] = static_cast<uint8_t>(format << 5 | inter << 4);
        return out;
    }
    const Cut &cut = *piece.cut;
    const uint32_t vectors = uint32_t{inter} << 31 | (uint32_t(cut.x) & 0x7f) << 21 | (uint32_t(cut.y) & 0x7f) << 14;
    out.head_size = kModeB;
    h[0] = static_cast<uint8_t>(0x80 | begin << 3 | end);
    h[1] = static_cast<uint8_t>(format << 5 | cut.quant);
    h[2] = static_cast<uint8_t>(cut.gob << 3 | cut.macroblock >> 6);
    h[3] = static_cast<uint8_t>(cut.macroblock << 2);
    for (size_t i = 0; i < 4; ++i) h[4 + i] = static_cast<uint8_t>(vectors >> (24 - 8 * i));
    return out;
}

}  // namespace

H263Rfc2190Packetizer::H263Rfc2190Packetizer(size_t max_payload) : max_payload_(std::max(max_payload, kLeastPayload)) {}

std::vector<Payload> H263Rfc2190Packetizer::packetize(const AccessUnit &unit) const {
    std::vector<Payload> out;
    if (!is_picture(unit)) return out;
    const Octets picture(unit.nals[0]);
    const auto starts = starts_of(picture);
    const size_t end = picture.size() * 8;
    auto cut = unit.cuts.begin();
    for (Piece piece{0, 0, nullptr}; piece.from < end;) {
        const size_t limit = piece.from / 8 + max_payload_ - (piece.cut ? kModeB : kModeA);   // octets, all of them its own
        piece.to = last_start(starts, piece.from / 8, limit) * 8;
        const Cut *next = nullptr;
        if (piece.to <= piece.from) {   // no GOB begins soon enough
            for (; cut != unit.cuts.end() && cut->bit <= limit * 8; ++cut)
                if (cut->bit > piece.from) next = &*cut;
            const size_t gob = *std::upper_bound(starts.begin(), starts.end(), piece.from / 8) * 8;
            piece.to = next && next->bit < gob ? next->bit : gob;
            if (piece.to == gob) next = nullptr;
        }
        out.push_back(rfc2190_payload(picture, piece));
        piece = {piece.to, piece.to, next};
    }
    out.back().marker = true;
    return out;
}

H263Rfc4629Packetizer::H263Rfc4629Packetizer(size_t max_payload) : max_payload_(std::max(max_payload, kLeastPayload)) {}

std::vector<Payload> H263Rfc4629Packetizer::packetize(const AccessUnit &unit) const {
    std::vector<Payload> out;
    if (!is_picture(unit)) return out;
    const Octets picture(unit.nals[0]);
    const auto starts = starts_of(picture);
    for (size_t from = 0; from < picture.size();) {
        // RFC 4629, 5.1: of a start code the two octets of zeros aren't sent; P stands for them.
        const bool start = std::binary_search(starts.begin(), starts.end(), from);
        Payload payload;
        payload.head_size = 2;
        payload.head[0] = start ? 4 : 0;
        const size_t room = max_payload_ - payload.head_size + (start ? 2 : 0);
        size_t to = last_start(starts, from, from + room);
        if (to <= from) to = std::min(picture.size(), from + room);
        payload.body = picture.data() + from + (start ? 2 : 0);
        payload.body_size = to - from - (start ? 2 : 0);
        out.push_back(payload);
        from = to;
    }
    out.back().marker = true;
    return out;
}

}  // namespace mcu::rtp
