// SPDX-License-Identifier: GPL-2.0-or-later
// When a view ticks: as soon after its sources' pictures are ready as suits them all. A view that shows one speaker then
// waits 4 ms for its tick instead of 17 on average, and pictures don't fall on alternate sides of it by their jitter.
// Values in, values out.
#pragma once

#include <array>
#include <chrono>

namespace mcu {

class TickPhase {
public:
    using Time = std::chrono::nanoseconds;

    explicit TickPhase(Time period) : period_(period) {}

    void note(Time ready_before_tick);   // of each new picture: how long before the tick it was ready
    Time step();                         // at each tick: how far the following ticks move, at most 0.5 ms

private:
    static constexpr int kBins = 64;
    double cost(int tick) const;   // mean wait in bins if the ticks stood here
    void choose();

    Time period_;
    Time moved_{0};                // by all steps so far, within one period
    std::array<double, kBins> ready_{};   // how many pictures were ready when, within the period; old ones fade
    int ticks_ = 0;
    Time to_move_{0};
};

}  // namespace mcu
