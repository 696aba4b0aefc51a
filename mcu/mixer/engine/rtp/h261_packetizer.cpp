// SPDX-License-Identifier: GPL-2.0-or-later
#include "h261_packetizer.h"

#include <algorithm>

#include "../bits.h"
#include "../h261_walk.h"

namespace mcu::rtp {
namespace {

using Item = H261Walk::Item;
constexpr size_t kHeader = 4;
constexpr size_t kLeastPayload = 64;

struct Place {   // where a packet may begin, and what its header says of what is in front; all 0 for a GOB's
    size_t bit = 0;
    int gob = 0, address = 0, quantizer = 0, x = 0, y = 0;
};

size_t octets(size_t from, size_t to) { return (to + 7) / 8 - from / 8; }

// Between its macroblocks; not between the header and the first one (4.1, MBAP). An address of 0 in the header stands for 1.
std::vector<Place> macroblocks_of(const std::vector<uint8_t> &picture, size_t from, size_t to) {
    std::vector<Place> places;
    H261Walk walk(picture.data(), picture.size(), from);
    Place before;
    for (Item item; (item = walk.next()) != Item::end && item != Item::broken && walk.from() < to;) {
        if (item != Item::macroblock) continue;
        if (before.gob) {
            before.bit = walk.from();
            places.push_back(before);
        }
        before = {0, walk.gob(), walk.address(), walk.quantizer(), walk.x(), walk.y()};
    }
    return places;
}

// The picture's beginning, which its first GOB belongs to, all further GOBs, and the end; with the macroblocks of GOBs that are too long.
std::vector<Place> places_of(const std::vector<uint8_t> &picture, size_t room) {
    std::vector<Place> places{{}};
    const auto add = [&](size_t bit) {
        if (const size_t from = places.back().bit; octets(from, bit) > room)
            for (const Place &place : macroblocks_of(picture, from, bit)) places.push_back(place);
        places.push_back({.bit = bit});
    };
    H261Walk walk(picture.data(), picture.size());
    bool first = true;
    for (Item item; (item = walk.next()) != Item::end; walk.skip_gob()) {
        if (item != Item::gob) continue;
        if (!first) add(walk.from());
        first = false;
    }
    add(picture.size() * 8);
    return places;
}

Payload payload_of(const std::vector<uint8_t> &picture, const Place &from, size_t to) {
    Payload out;
    out.head_size = kHeader;
    out.body = picture.data() + from.bit / 8;
    out.body_size = octets(from.bit, to);
    const auto begin = static_cast<uint32_t>(from.bit % 8), end = static_cast<uint32_t>((8 - to % 8) % 8);
    uint32_t header = begin << 29 | end << 26 | 1u << 24;   // I: there are inter pictures, too; V: and motion vectors
    if (from.gob)
        header |= static_cast<uint32_t>(from.gob) << 20 | static_cast<uint32_t>(from.address - 1) << 15 |
                  static_cast<uint32_t>(from.quantizer) << 10 | (static_cast<uint32_t>(from.x) & 0x1f) << 5 |
                  (static_cast<uint32_t>(from.y) & 0x1f);
    for (size_t i = 0; i < kHeader; ++i) out.head[i] = static_cast<uint8_t>(header >> (24 - 8 * i));
    return out;
}

}  // namespace

H261Packetizer::H261Packetizer(size_t max_payload) : max_payload_(std::max(max_payload, kLeastPayload)) {}

std::vector<Payload> H261Packetizer::packetize(const AccessUnit &unit) const {
    std::vector<Payload> out;
    if (unit.codec != Codec::H261 || unit.nals.size() != 1) return out;
    const std::vector<uint8_t> &picture = unit.nals[0];
    if (picture.size() < 4 || bits_at(picture.data(), picture.size(), 0, 20) != 0x10) return out;   // PSC, TR, PTYPE
    const auto places = places_of(picture, max_payload_ - kHeader);
    for (size_t at = 0, to; at + 1 < places.size(); at = to) {
        to = at + 1;   // the next one in any case, though that be too far
        bool at_gob = places[to].gob == 0;
        for (size_t i = to + 1; i < places.size() && octets(places[at].bit, places[i].bit) <= max_payload_ - kHeader; ++i) {
            if (at_gob && places[i].gob) continue;
            at_gob = !places[i].gob;
            to = i;
        }
        out.push_back(payload_of(picture, places[at], places[to].bit));
    }
    out.back().marker = true;
    return out;
}

}  // namespace mcu::rtp
