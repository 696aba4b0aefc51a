// SPDX-License-Identifier: GPL-2.0-or-later
// Coded pictures to feed to the engine, and what may wait for its pictures.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "types.h"

namespace mcu::test {

using Unit = std::vector<uint8_t>;   // Annex B

// frames moving pictures, the first an IDR; each further one at multiples of keyint. Made by the engine's own encoder.
std::vector<Unit> h264_stream(int width, int height, int frames, int keyint, uint32_t rgb = 0x808080);

// What an old terminal sends: one IDR at the start, and then at multiples of keyint its parameter sets again with a picture of
// I slices that is no IDR. full_range: it says that its luma goes from 0 to 255 (H.264 E.2.1).
std::vector<Unit> intra_stream(int width, int height, int frames, int keyint, uint32_t rgb = 0x808080, bool full_range = false);

Unit annexb(const AccessUnit &unit);

class CountingSink : public Sink {
public:
    void on_access_unit(std::shared_ptr<const AccessUnit> unit) override;
    bool wait_for(const std::function<bool(const std::vector<std::shared_ptr<const AccessUnit>> &)> &done, int seconds = 20);
    std::vector<std::shared_ptr<const AccessUnit>> units() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::shared_ptr<const AccessUnit>> units_;
};

// Until true or the time is over; for conditions that nothing signals.
bool eventually(const std::function<bool()> &condition, int seconds = 20);

}  // namespace mcu::test
