// SPDX-License-Identifier: GPL-2.0-or-later
#include "pacer.h"

#include <algorithm>

namespace mcu::rtp {

size_t Pacer::take(size_t waiting, TimePoint now) {
    const auto steps = static_cast<size_t>(std::max<int64_t>(0, (now - since_) / kEvery));
    if (allowed_ + steps * kStep >= kAtOnce) {
        allowed_ = kAtOnce;
        since_ = now;
    } else {
        allowed_ += steps * kStep;
        since_ += static_cast<int64_t>(steps) * kEvery;
    }
    const size_t taken = std::min(waiting, allowed_);
    allowed_ -= taken;
    return taken;
}

}  // namespace mcu::rtp
