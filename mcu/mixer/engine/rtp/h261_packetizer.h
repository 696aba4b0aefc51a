// SPDX-License-Identifier: GPL-2.0-or-later
// H.261 pictures to payloads (RFC 4587): from GOB to GOB, as many as fit, and between macroblocks where a GOB is too long.
#pragma once

#include "payload.h"

namespace mcu::rtp {

class H261Packetizer final : public Packetizer {
public:
    explicit H261Packetizer(size_t max_payload = kMaxPayload);
    std::vector<Payload> packetize(const AccessUnit &unit) const override;

private:
    size_t max_payload_;
};

}  // namespace mcu::rtp
