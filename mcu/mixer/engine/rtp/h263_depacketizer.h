// SPDX-License-Identifier: GPL-2.0-or-later
// H.263 payloads to pictures: the old format (RFC 2190) and the one for all versions of H.263 (RFC 4629).
#pragma once

#include "picture_depacketizer.h"

namespace mcu::rtp {

// Modes A, B and C. The headers repeat what is in the picture (source format, motion vectors) for decoders that begin in
// the middle; libavcodec begins at GOBs, so of a header only the kind, SBIT and EBIT count.
class H263Rfc2190Depacketizer final : public PictureDepacketizer {
public:
    explicit H263Rfc2190Depacketizer(size_t max_unit = kMaxUnit) : PictureDepacketizer(max_unit) {}

private:
    Part parse(const uint8_t *payload, size_t size) const override;
};

class H263Rfc4629Depacketizer final : public PictureDepacketizer {
public:
    explicit H263Rfc4629Depacketizer(size_t max_unit = kMaxUnit) : PictureDepacketizer(max_unit) {}

private:
    Part parse(const uint8_t *payload, size_t size) const override;
};

}  // namespace mcu::rtp
