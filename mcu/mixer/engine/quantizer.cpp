// SPDX-License-Identifier: GPL-2.0-or-later
#include "quantizer.h"

#include <algorithm>
#include <cmath>

namespace mcu {
namespace {
constexpr double kBufferSeconds = 0.5;
constexpr double kIntraShare = 0.5;     // of the buffer
constexpr double kUsualShare = 0.15;    // of the buffer, where P pictures keep the level
constexpr double kFullShare = 0.7;      // of the buffer: the next P picture waits
constexpr double kSlack = 1.25;         // an intra picture that is larger than planned by that is coded again
constexpr int kAgain = 2;
}  // namespace

// The receiver's buffer is as long as four picture periods at the line's rate and the largest picture (H.263 annex B; H.261's alike).
QuantizerControl::QuantizerControl(int kbps, int fps, int largest)
    : bits_per_second_(kbps * 1000.0), bits_per_picture_(bits_per_second_ / fps), largest_(largest),
      buffer_(std::min(bits_per_second_ * kBufferSeconds, bits_per_second_ * 4 * 1001 / 30000 + largest)),
      weight_{bits_per_picture_ * 10, buffer_ * kIntraShare * 12} {}

double QuantizerControl::target(bool intra) const {
    if (intra) return std::min(largest_ / kSlack, std::clamp(buffer_ - level_, buffer_ / 4, buffer_ * kIntraShare));
    return bits_per_picture_ * std::clamp(1 + kUsualShare - level_ / buffer_, 0.3, 1.0 + kUsualShare);
}

int QuantizerControl::for_target(bool intra) const {
    return static_cast<int>(std::lround(std::clamp<double>(weight_[intra] / target(intra), kFinest, kCoarsest)));
}

std::optional<int> QuantizerControl::plan(bool intra, int64_t ts90k) {
    if (ts_) level_ = std::max(0.0, level_ - bits_per_second_ * static_cast<double>(std::max<int64_t>(0, ts90k - *ts_)) / 90000);
    ts_ = ts90k;
    again_ = 0;
    if (!intra && level_ > buffer_ * kFullShare) return std::nullopt;
    return for_target(intra);
}

std::optional<int> QuantizerControl::judge(bool intra, int quantizer, int bits) {
    // A P picture that is too large is another scene, or as good as that: intra it can be coded again, as nothing refers to the first.
    const bool much = intra ? bits > target(true) * kSlack : bits > largest_ || level_ + bits > buffer_;
    const double weight = static_cast<double>(bits) * quantizer;
    weight_[intra] = intra || much ? weight : (weight_[0] + weight) / 2;
    const bool helps = intra ? quantizer < kCoarsest : weight_[1] / kCoarsest < bits;
    if (much && helps && again_ < kAgain) {
        ++again_;
        return std::max(for_target(true), intra ? quantizer + 1 : kFinest);
    }
    level_ += bits;
    return std::nullopt;
}

}  // namespace mcu
