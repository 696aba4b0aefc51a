// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture_depacketizer.h"

#include <utility>

namespace mcu::rtp {

void PictureDepacketizer::push(const uint8_t *payload, size_t size, uint32_t ts, bool marker, bool loss_before,
                               const Take &take) {
    if (open_ && ts != ts_) {
        // What was lost lies between the pictures or in the old one's end: both may be broken.
        if (loss_before) loss_ = true;
        finish(take);
    }
    if (!open_) {
        open_ = true;
        lost_place_ = false;
        ts_ = ts;
    }
    if (loss_before) loss_ = lost_place_ = true;
    if (size > 0) {   // otherwise padding only (a bandwidth probe): nothing to take, nothing lost
        const Part part = parse(payload, size);
        const bool fits = unit_.empty() ? part.begins_picture : !lost_place_ || part.at_start_code;
        if (part.whole && fits && !overflow_)
            append(part);
        else
            loss_ = lost_place_ = true;
    }
    if (marker) finish(take);
}

void PictureDepacketizer::reset() {
    unit_.clear();
    spare_ = 0;
    open_ = loss_ = overflow_ = lost_place_ = false;
}

void PictureDepacketizer::append(const Part &part) {
    if (unit_.size() + part.size + 2 > max_unit_) {
        overflow_ = true;
        unit_.clear();
        spare_ = 0;
        return;
    }
    const uint8_t first = static_cast<uint8_t>(part.data[0] & 0xff >> part.skip_first);
    const bool joins = !unit_.empty() && !lost_place_ && (spare_ + part.skip_first) % 8 == 0;
    // A gap is filled up with zeros. In front of a start code they mean nothing (H.261 4.2.2, H.263 5.2.1: stuffing).
    if (!joins && !unit_.empty() && (spare_ || part.skip_first) && !part.at_start_code) loss_ = true;
    if (part.zeros_first) unit_.insert(unit_.end(), 2, 0);
    if (joins && spare_ > 0)
        unit_.back() |= first;
    else
        unit_.push_back(first);
    unit_.insert(unit_.end(), part.data + 1, part.data + part.size);
    unit_.back() = static_cast<uint8_t>(unit_.back() & 0xff << part.skip_last);
    spare_ = part.skip_last;
    lost_place_ = false;
}

void PictureDepacketizer::finish(const Take &take) {
    Unit unit{std::move(unit_), ts_, loss_};
    // A loss that left nothing to hand over is told with the next unit.
    const bool nothing = unit.data.empty() || overflow_;
    loss_ = overflow_ || (nothing && loss_);
    unit_ = {};
    spare_ = 0;
    open_ = overflow_ = lost_place_ = false;
    if (!nothing) take(std::move(unit));
}

}  // namespace mcu::rtp
