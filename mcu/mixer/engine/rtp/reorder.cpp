// SPDX-License-Identifier: GPL-2.0-or-later
#include "reorder.h"

#include <algorithm>
#include <utility>

namespace mcu::rtp {
namespace {
constexpr int kMaxDropout = 3000;    // RFC 3550, A.1
constexpr int kMaxMisorder = 100;    // RFC 3550, A.1
constexpr size_t kMaxHeld = 1024;    // only reached by a caller who doesn't pop
}  // namespace

ReorderBuffer::ReorderBuffer(int max_wait_packets, int64_t max_wait_ms)
    : max_wait_packets_(std::clamp(max_wait_packets, 1, 512)), max_wait_ms_(std::max<int64_t>(max_wait_ms, 0)) {}

bool ReorderBuffer::push(Packet &&packet, int64_t now_ms) {
    if (!started_) {
        started_ = true;
        next_ = packet.seq;
    }
    const int delta = static_cast<int16_t>(static_cast<uint16_t>(packet.seq - static_cast<uint16_t>(next_)));
    if (delta < 0 && delta >= -kMaxMisorder) {
        ++late_;
        return false;
    }
    if (delta < 0 || delta >= kMaxDropout) {
        if (jump_ != packet.seq) {
            jump_ = static_cast<uint16_t>(packet.seq + 1);
            return false;
        }
        held_.clear();
        next_ = packet.seq;
        loss_ = true;
        jump_.reset();
        held_.push_back({next_, now_ms, std::move(packet)});
        return true;
    }
    jump_.reset();
    const int64_t seq = next_ + delta;
    auto place = held_.end();
    while (place != held_.begin() && std::prev(place)->seq >= seq) --place;
    if (place != held_.end()) {
        if (place->seq == seq) {
            ++late_;
            return false;
        }
        ++reordered_;
    }
    held_.insert(place, {seq, now_ms, std::move(packet)});
    if (held_.size() > kMaxHeld) {
        held_.pop_front();
        loss_ = true;
    }
    return true;
}

std::optional<ReorderBuffer::Ordered> ReorderBuffer::pop(int64_t now_ms) {
    if (held_.empty()) return std::nullopt;
    if (held_.front().seq != next_) {
        if (!wait_is_over(now_ms)) return std::nullopt;
        lost_ += static_cast<uint64_t>(held_.front().seq - next_);
        loss_ = true;
    }
    Ordered out{std::move(held_.front().packet), std::exchange(loss_, false)};
    next_ = held_.front().seq + 1;
    held_.pop_front();
    return out;
}

std::optional<int64_t> ReorderBuffer::deadline_ms() const {
    if (held_.empty() || held_.front().seq == next_) return std::nullopt;
    return oldest_arrival() + max_wait_ms_;
}

void ReorderBuffer::reset() {
    held_.clear();
    loss_ = loss_ || started_;   // what comes next doesn't follow what came before
    started_ = false;
    jump_.reset();
}

bool ReorderBuffer::wait_is_over(int64_t now_ms) const {
    return held_.size() > static_cast<size_t>(max_wait_packets_) || held_.back().seq - next_ > max_wait_packets_ ||
           now_ms - oldest_arrival() >= max_wait_ms_;
}

int64_t ReorderBuffer::oldest_arrival() const {
    return std::min_element(held_.begin(), held_.end(),
                            [](const Held &a, const Held &b) { return a.arrived_ms < b.arrived_ms; })
        ->arrived_ms;
}

}  // namespace mcu::rtp
