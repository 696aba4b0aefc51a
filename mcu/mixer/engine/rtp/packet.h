// SPDX-License-Identifier: GPL-2.0-or-later
// What the RTP classes hand each other. They do no I/O, hold no threads and are not thread-safe: one of each a stream.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "../types.h"

namespace mcu::rtp {

struct Packet {
    uint16_t seq = 0;
    uint32_t ts = 0;
    bool marker = false;
    std::vector<uint8_t> payload;   // after header, CSRCs and extension; without padding
};

// One access unit as Engine::push() wants it.
struct Unit {
    std::vector<uint8_t> data;   // H.264: Annex B; H.263, H.261: a picture from its start code on
    uint32_t ts = 0;
    bool loss_before = false;    // something in it or in front of it is missing
};

// Payloads of one stream, in order of their sequence numbers, to access units.
class Depacketizer {
public:
    using Take = std::function<void(Unit &&)>;
    virtual ~Depacketizer() = default;
    // loss_before: the packets between this one and the former one are lost. Takes anything; what makes no sense is
    // left out and counts as a loss. take is called inside, 0 to 2 times.
    virtual void push(const uint8_t *payload, size_t size, uint32_t ts, bool marker, bool loss_before, const Take &take) = 0;
    virtual void reset() = 0;   // forget what is half collected (a new SSRC)
};

}  // namespace mcu::rtp
