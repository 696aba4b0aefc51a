// SPDX-License-Identifier: GPL-2.0-or-later
#include "phase.h"

#include <algorithm>

namespace mcu {
namespace {
using namespace std::chrono_literals;
constexpr auto kMargin = 4ms;       // later pictures count as having missed the tick: jitter, and the pool being busy
constexpr auto kGain = 2ms;         // a smaller one isn't worth moving for
constexpr std::chrono::nanoseconds kStep = 500us;
constexpr int kChooseTicks = 30;
constexpr double kFade = 0.5;

int modulo(int a, int n) { return (a % n + n) % n; }
}  // namespace

void TickPhase::note(Time ready_before_tick) {
    const auto at = (moved_ - ready_before_tick) % period_;
    ready_[static_cast<size_t>(modulo(static_cast<int>(at.count() * kBins / period_.count()), kBins))] += 1;
}

TickPhase::Time TickPhase::step() {
    if (++ticks_ >= kChooseTicks) {
        ticks_ = 0;
        choose();
    }
    const Time step = std::clamp(to_move_, -kStep, kStep);
    to_move_ -= step;
    moved_ = (moved_ + step) % period_;
    return step;
}

double TickPhase::cost(int tick) const {
    const int margin = static_cast<int>(Time(kMargin).count() * kBins / period_.count()) + 1;
    double sum = 0, pictures = 0;
    for (int at = 0; at < kBins; ++at) {
        sum += ready_[static_cast<size_t>(at)] * (margin + modulo(tick - at - margin, kBins));
        pictures += ready_[static_cast<size_t>(at)];
    }
    return pictures > 0 ? sum / pictures : 0;
}

void TickPhase::choose() {
    const int now = modulo(static_cast<int>(moved_.count() * kBins / period_.count()), kBins);
    int best = now;
    for (int tick = 0; tick < kBins; ++tick)
        if (cost(tick) < cost(best)) best = tick;
    const double gain = (cost(now) - cost(best)) * static_cast<double>(period_.count()) / kBins;
    for (auto &count : ready_) count *= kFade;
    if (gain < static_cast<double>(Time(kGain).count())) return;
    int bins = modulo(best - now, kBins);
    if (bins > kBins / 2) bins -= kBins;   // the shorter way round
    to_move_ = period_ * bins / kBins;
}

}  // namespace mcu
