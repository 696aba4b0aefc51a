// SPDX-License-Identifier: GPL-2.0-or-later
// Access units to H.264 payloads (RFC 6184): single NAL units, and FU-A where one is too long and mode 1 allows it.
#pragma once

#include "payload.h"

namespace mcu::rtp {

// packetization_mode: 0 or 1. In mode 0 a NAL longer than max_payload is sent whole (the IP layer fragments it): the
// encoder's slices are short enough that this doesn't occur.
class H264Packetizer final : public Packetizer {
public:
    explicit H264Packetizer(int packetization_mode, size_t max_payload = kMaxPayload);
    std::vector<Payload> packetize(const AccessUnit &unit) const override;

private:
    int packetization_mode_;
    size_t max_payload_;
};

}  // namespace mcu::rtp
