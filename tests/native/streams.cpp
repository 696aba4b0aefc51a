// SPDX-License-Identifier: GPL-2.0-or-later
#include "streams.h"

#include <chrono>
#include <thread>

#include "encoder.h"
#include "picture.h"

namespace mcu::test {

std::vector<Unit> h264_stream(int width, int height, int frames, int keyint, uint32_t rgb) {
    H264Encoder encoder({"test", width, height, 30, 800, 40});
    const auto picture = make_picture(width, height);
    std::vector<Unit> out;
    for (int n = 0; n < frames; ++n) {
        fill(*picture, {0, 0, width, height}, yuv_of_rgb(rgb));
        for (int i = 0; i < 12; ++i)   // something to predict, so that flipped bits find motion vectors, too
            fill(*picture, {(i * 53 + n * 4) % width & ~1, (i * 37 + n * 2) % height & ~1, 24, 16},
                 yuv_of_rgb(0x203040u * static_cast<uint32_t>(i + 1)));
        out.push_back(annexb(*encoder.encode(*picture, n * 3000, n % keyint == 0)));
    }
    return out;
}

Unit annexb(const AccessUnit &unit) {
    Unit out;
    for (const auto &nal : unit.nals) {
        out.insert(out.end(), {0, 0, 0, 1});
        out.insert(out.end(), nal.begin(), nal.end());
    }
    return out;
}

void CountingSink::on_access_unit(std::shared_ptr<const AccessUnit> unit) {
    const std::lock_guard lock(mutex_);
    units_.push_back(std::move(unit));
    wake_.notify_all();
}

bool CountingSink::wait_for(const std::function<bool(const std::vector<std::shared_ptr<const AccessUnit>> &)> &done, int seconds) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(seconds), [&] { return done(units_); });
}

std::vector<std::shared_ptr<const AccessUnit>> CountingSink::units() const {
    const std::lock_guard lock(mutex_);
    return units_;
}

bool eventually(const std::function<bool()> &condition, int seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace mcu::test
