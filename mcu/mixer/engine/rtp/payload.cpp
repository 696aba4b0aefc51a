// SPDX-License-Identifier: GPL-2.0-or-later
#include "payload.h"

#include <iterator>
#include <stdexcept>
#include <string>

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
        case PayloadFormat::H263_4629:
        case PayloadFormat::H263_2190:
        case PayloadFormat::H261: break;
    }
    throw std::invalid_argument("no packetizer for this payload format");
}

std::unique_ptr<Depacketizer> make_depacketizer(PayloadFormat format, size_t max_unit) {
    switch (format) {
        case PayloadFormat::H264: return std::make_unique<H264Depacketizer>(max_unit);
        case PayloadFormat::H263_4629:
        case PayloadFormat::H263_2190:
        case PayloadFormat::H261: break;
    }
    throw std::invalid_argument("no depacketizer for this payload format");
}

}  // namespace mcu::rtp
