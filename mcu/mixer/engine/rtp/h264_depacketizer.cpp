// SPDX-License-Identifier: GPL-2.0-or-later
#include "h264_depacketizer.h"

#include <utility>

namespace mcu::rtp {
namespace {
constexpr uint8_t kStapA = 24, kFuA = 28;          // RFC 6184, table 1
constexpr uint8_t kStartCode[] = {0, 0, 0, 1};
}  // namespace

void H264Depacketizer::push(const uint8_t *payload, size_t size, uint32_t ts, bool marker, bool loss_before,
                            const Take &take) {
    if (open_ && ts != ts_) {
        // What was lost lies between the units or in the old one's end: both may be broken.
        if (loss_before) loss_ = true;
        finish(take);
    }
    if (!open_) {
        open_ = true;
        ts_ = ts;
    }
    if (loss_before) loss_ = true;
    if (size == 0) {
        // Padding only (a bandwidth probe): nothing to take, nothing lost.
    } else if (const uint8_t type = payload[0] & 0x1f; type == kFuA) {
        add_fragment(payload, size, loss_before);
    } else {
        abandon_fragment();
        if (type == kStapA)
            add_stap(payload, size);
        else if (type >= 1 && type <= 23)
            add_nal(payload, size);
        else
            loss_ = true;   // STAP-B, MTAP, FU-B: interleaved mode, which nobody agreed to
    }
    if (marker) finish(take);
}

void H264Depacketizer::reset() {
    unit_.clear();
    open_ = loss_ = overflow_ = in_fragment_ = false;
}

void H264Depacketizer::finish(const Take &take) {
    abandon_fragment();
    Unit unit{std::move(unit_), ts_, loss_};
    // A loss that left nothing to hand over is told with the next unit.
    const bool nothing = unit.data.empty() || overflow_;
    loss_ = overflow_ || (nothing && loss_);
    unit_ = {};
    open_ = overflow_ = false;
    if (!nothing) take(std::move(unit));
}

void H264Depacketizer::add_nal(const uint8_t *nal, size_t size) {
    if (nal[0] & 0x80) loss_ = true;   // forbidden_zero_bit: a gateway marks a damaged NAL so (RFC 6184, 5.3)
    if (overflow_ || unit_.size() + size + sizeof kStartCode > max_unit_) {
        overflow_ = true;
        unit_.clear();
        return;
    }
    unit_.insert(unit_.end(), kStartCode, kStartCode + sizeof kStartCode);
    unit_.insert(unit_.end(), nal, nal + size);
}

void H264Depacketizer::add_stap(const uint8_t *payload, size_t size) {
    size_t at = 1;
    while (at + 2 <= size) {
        const size_t length = size_t{payload[at]} << 8 | payload[at + 1];
        at += 2;
        if (length == 0) continue;
        if (length > size - at) {
            loss_ = true;
            return;
        }
        add_nal(payload + at, length);
        at += length;
    }
    if (at != size) loss_ = true;
}

void H264Depacketizer::add_fragment(const uint8_t *payload, size_t size, bool loss_before) {
    if (size < 3) {
        abandon_fragment();
        loss_ = true;
        return;
    }
    const bool start = payload[1] & 0x80, end = payload[1] & 0x40;
    if (start || (in_fragment_ && loss_before)) abandon_fragment();
    if (start) {
        fragment_start_ = unit_.size();
        const uint8_t header = static_cast<uint8_t>((payload[0] & 0xe0) | (payload[1] & 0x1f));
        add_nal(&header, 1);
        in_fragment_ = !overflow_;
    } else if (!in_fragment_) {
        loss_ = true;   // its beginning is missing
        return;
    }
    if (!in_fragment_) return;
    if (unit_.size() + size > max_unit_) {
        overflow_ = true;
        in_fragment_ = false;
        unit_.clear();
        return;
    }
    unit_.insert(unit_.end(), payload + 2, payload + size);
    if (end) in_fragment_ = false;
}

void H264Depacketizer::abandon_fragment() {
    if (!in_fragment_) return;
    in_fragment_ = false;
    loss_ = true;
    unit_.resize(fragment_start_);
}

}  // namespace mcu::rtp
