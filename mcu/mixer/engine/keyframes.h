// SPDX-License-Identifier: GPL-2.0-or-later
// When an encoder makes an IDR: requests coalesce. Values in, decisions out; no clock and no lock of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "timer.h"

namespace mcu {

class KeyframePolicy {
public:
    // A request is answered by the next picture, but no sooner than 0.5 s after the last IDR, and for one requester no
    // sooner than its own pause after its last one: 0.5 s, doubled each time up to 8 s while it keeps asking, 0.5 s
    // again when it has been quiet for 16 s. Any IDR answers all who wait. The empty name stands for somebody new each
    // time (a sink that is attached) and has no pause.
    void request(const std::string &requester, TimePoint now);
    // Whether the picture made now has to be an IDR. Also true 10 s after the last one.
    bool due(TimePoint now) const;
    void made(TimePoint now);

private:
    struct Requester {
        TimePoint honoured;
        std::chrono::milliseconds pause;
        bool waiting;
    };
    std::optional<TimePoint> last_;      // IDR
    std::optional<TimePoint> wanted_;    // earliest moment for the next one that was asked for
    std::unordered_map<std::string, Requester> requesters_;
};

}  // namespace mcu
