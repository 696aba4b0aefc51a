// SPDX-License-Identifier: GPL-2.0-or-later
// How many packets of a picture may go at once. A keyframe of a class of 4 Mbit/s is a hundred packets: in one burst they overrun the
// receiver's socket (212,992 octets by Linux's default, some 90 packets as the kernel counts them), who fans each out to all
// viewers before it takes the next. Values in, decisions out; no clock of its own.
#pragma once

#include <cstddef>

#include "../timer.h"

namespace mcu::rtp {

class Pacer {
public:
    static constexpr size_t kAtOnce = 32;    // packets: all pictures but keyframes, without any delay
    static constexpr size_t kStep = 16;      // and then as many in each
    static constexpr std::chrono::milliseconds kEvery{2};   // so 100 packets take 10 ms

    // How many of those that wait may be sent now.
    size_t take(size_t waiting, TimePoint now);
    // When there may be more of them.
    TimePoint next(TimePoint now) const { return now + kEvery; }

private:
    size_t allowed_ = kAtOnce;
    TimePoint since_{};   // until when allowed_ was reckoned
};

}  // namespace mcu::rtp
