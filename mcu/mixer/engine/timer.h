// SPDX-License-Identifier: GPL-2.0-or-later
// One thread that calls short functions at given times: the views' ticks and the engine's housekeeping.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace mcu {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;

class Timer {
public:
    Timer() : thread_([this] { run(); }) {}
    ~Timer() { stop(); }
    void at(TimePoint when, std::function<void()> call);   // call must be quick; dropped after stop()
    void stop();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::multimap<TimePoint, std::function<void()>> calls_;
    bool stopped_ = false;
    std::thread thread_;   // last: it uses all of the above
};

}  // namespace mcu
