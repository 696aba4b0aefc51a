// SPDX-License-Identifier: GPL-2.0-or-later
#include "timer.h"

#include <utility>

namespace mcu {

void Timer::at(TimePoint when, std::function<void()> call) {
    bool first;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        const auto place = calls_.emplace(when, std::move(call));
        first = place == calls_.begin();
    }
    if (first) wake_.notify_one();
}

void Timer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    std::multimap<TimePoint, std::function<void()>> forgotten;
    const std::lock_guard lock(mutex_);
    forgotten.swap(calls_);
}

void Timer::run() {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
        if (calls_.empty()) {
            wake_.wait(lock);
            continue;
        }
        const TimePoint when = calls_.begin()->first;
        if (SteadyClock::now() < when) {
            wake_.wait_until(lock, when);
            continue;
        }
        auto call = std::move(calls_.begin()->second);
        calls_.erase(calls_.begin());
        lock.unlock();
        call();
        call = nullptr;
        lock.lock();
    }
}

}  // namespace mcu
