// SPDX-License-Identifier: GPL-2.0-or-later
#include "keyframes.h"

#include <algorithm>

namespace mcu {
namespace {
using namespace std::chrono_literals;
constexpr auto kInterval = 500ms;
constexpr auto kOnItsOwn = 10s;   // for receivers whose requests don't reach us
}  // namespace

void KeyframePolicy::request(TimePoint now) {
    const TimePoint when = std::max(now, last_ ? *last_ + kInterval : now);
    wanted_ = wanted_ ? std::min(*wanted_, when) : when;
}

bool KeyframePolicy::due(TimePoint now) const {
    return !last_ || (wanted_ && now >= *wanted_) || now - *last_ >= kOnItsOwn;
}

void KeyframePolicy::made(TimePoint now) {
    last_ = now;
    wanted_.reset();
}

}  // namespace mcu
