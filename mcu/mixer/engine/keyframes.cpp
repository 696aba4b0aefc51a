// SPDX-License-Identifier: GPL-2.0-or-later
#include "keyframes.h"

#include <algorithm>

namespace mcu {
namespace {
using namespace std::chrono_literals;
constexpr std::chrono::milliseconds kInterval = 500ms, kLongestPause = 8s;
constexpr auto kQuiet = 16s;      // must be over kLongestPause, or a pause would reset itself
constexpr auto kOnItsOwn = 10s;   // for receivers whose requests don't reach us
constexpr size_t kManyRequesters = 1024;
}  // namespace

void KeyframePolicy::request(const std::string &requester, TimePoint now) {
    if (requesters_.size() >= kManyRequesters)   // legs come and go, their names must not pile up
        std::erase_if(requesters_, [&](const auto &r) { return now - r.second.honoured > kQuiet; });
    TimePoint when = last_ ? *last_ + kInterval : now;
    if (!requester.empty()) {
        const auto [place, fresh] = requesters_.try_emplace(requester, Requester{now, 0ms, true});
        Requester &r = place->second;
        if (!fresh) {
            if (r.waiting) return;
            if (now - r.honoured > kQuiet) r.pause = 0ms;
            when = std::max(when, r.honoured + r.pause);
            r.waiting = true;
        }
    }
    when = std::max(when, now);
    wanted_ = wanted_ ? std::min(*wanted_, when) : when;
}

bool KeyframePolicy::due(TimePoint now) const {
    return !last_ || (wanted_ && now >= *wanted_) || now - *last_ >= kOnItsOwn;
}

void KeyframePolicy::made(TimePoint now) {
    last_ = now;
    wanted_.reset();
    for (auto &[name, r] : requesters_) {
        if (!r.waiting) continue;
        r.waiting = false;
        r.pause = r.pause == 0ms ? kInterval : std::min(2 * r.pause, kLongestPause);
        r.honoured = now;
    }
}

}  // namespace mcu
