// SPDX-License-Identifier: GPL-2.0-or-later
// H.261 payloads (RFC 4587, and RFC 2032, which is the same on the wire) to pictures.
#pragma once

#include "picture_depacketizer.h"

namespace mcu::rtp {

// A picture need not begin at an octet: the bits in front of its start code are made 0.
class H261Depacketizer final : public PictureDepacketizer {
public:
    explicit H261Depacketizer(size_t max_unit = kMaxUnit) : PictureDepacketizer(max_unit) {}

private:
    Part parse(const uint8_t *payload, size_t size) const override;
};

}  // namespace mcu::rtp
