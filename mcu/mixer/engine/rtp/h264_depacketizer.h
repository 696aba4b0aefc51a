// SPDX-License-Identifier: GPL-2.0-or-later
// H.264 payloads (RFC 6184) to access units: single NAL units, STAP-A and FU-A, i.e. packetization-mode 0 and 1.
#pragma once

#include "payload.h"

namespace mcu::rtp {

class H264Depacketizer final : public Depacketizer {
public:
    explicit H264Depacketizer(size_t max_unit = kMaxUnit) : max_unit_(max_unit) {}

    // A unit ends at the marker bit or where the timestamp changes (RFC 6184, 5.1: the marker may be missing).
    void push(const uint8_t *payload, size_t size, uint32_t ts, bool marker, bool loss_before, const Take &take) override;
    void reset() override;

private:
    void finish(const Take &take);
    void add_nal(const uint8_t *nal, size_t size);
    void add_stap(const uint8_t *payload, size_t size);
    void add_fragment(const uint8_t *payload, size_t size, bool loss_before);
    void abandon_fragment();

    size_t max_unit_;
    std::vector<uint8_t> unit_;
    uint32_t ts_ = 0;
    bool open_ = false;        // a unit is being collected
    bool loss_ = false;
    bool overflow_ = false;
    bool in_fragment_ = false;
    size_t fragment_start_ = 0;
};

}  // namespace mcu::rtp
