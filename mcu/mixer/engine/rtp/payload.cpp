// SPDX-License-Identifier: GPL-2.0-or-later
#include "payload.h"

#include <iterator>
#include <stdexcept>
#include <string>

#include "h261_depacketizer.h"
#include "h261_packetizer.h"
#include "h263_depacketizer.h"
#include "h263_packetizer.h"
#include "h264_depacketizer.h"
#include "h264_packetizer.h"

namespace mcu::rtp {
namespace {

constexpr struct {
    PayloadFormat format;
    Codec codec;
    const char *name;
} kFormats[] = {{PayloadFormat::H264, Codec::H264, "h264"},
                {PayloadFormat::H263_4629, Codec::H263, "h263p"},
                {PayloadFormat::H263_2190, Codec::H263, "h263"},
                {PayloadFormat::H261, Codec::H261, "h261"}};

const auto &entry_of(PayloadFormat format) {
    for (const auto &entry : kFormats)
        if (entry.format == format) return entry;
    throw std::invalid_argument("unknown payload format");
}

}  // namespace

Codec codec_of(PayloadFormat format) { return entry_of(format).codec; }
const char *name_of(PayloadFormat format) { return entry_of(format).name; }

PayloadFormat format_named(std::string_view name) {
    for (const auto &entry : kFormats)
        if (name == entry.name) return entry.format;
    throw std::invalid_argument("no codec " + std::string(name) + ": h264, h263p, h263 or h261");
}

std::unique_ptr<Packetizer> make_packetizer(PayloadFormat format, int packetization_mode, size_t max_payload) {
    switch (format) {
        case PayloadFormat::H264: return std::make_unique<H264Packetizer>(packetization_mode, max_payload);
        case PayloadFormat::H263_4629: return std::make_unique<H263Rfc4629Packetizer>(max_payload);
        case PayloadFormat::H263_2190: return std::make_unique<H263Rfc2190Packetizer>(max_payload);
        case PayloadFormat::H261: return std::make_unique<H261Packetizer>(max_payload);
    }
    throw std::invalid_argument("unknown payload format");
}

std::unique_ptr<Depacketizer> make_depacketizer(PayloadFormat format, size_t max_unit) {
    switch (format) {
        case PayloadFormat::H264: return std::make_unique<H264Depacketizer>(max_unit);
        case PayloadFormat::H263_4629: return std::make_unique<H263Rfc4629Depacketizer>(max_unit);
        case PayloadFormat::H263_2190: return std::make_unique<H263Rfc2190Depacketizer>(max_unit);
        case PayloadFormat::H261: return std::make_unique<H261Depacketizer>(max_unit);
    }
    throw std::invalid_argument("unknown payload format");
}

}  // namespace mcu::rtp
