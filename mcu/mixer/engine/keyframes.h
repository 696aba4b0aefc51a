// SPDX-License-Identifier: GPL-2.0-or-later
// When an encoder makes an IDR: requests coalesce. Values in, decisions out; no clock and no lock of its own.
#pragma once

#include <optional>

#include "timer.h"

namespace mcu {

class KeyframePolicy {
public:
    // A request is answered by the next picture, but no sooner than 0.5 s after the last IDR. Any IDR answers all who wait.
    void request(TimePoint now);
    // Whether the picture made now has to be an IDR. Also true 10 s after the last one.
    bool due(TimePoint now) const;
    void made(TimePoint now);

private:
    std::optional<TimePoint> last_;      // IDR
    std::optional<TimePoint> wanted_;    // earliest moment for the next one that was asked for
};

}  // namespace mcu
