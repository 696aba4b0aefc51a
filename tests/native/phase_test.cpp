// SPDX-License-Identifier: GPL-2.0-or-later
#include "phase.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::nanoseconds kPeriod = 33'333'333ns;

// Ticks for some seconds over sources that are ready at these moments of each period, with a jitter of +- 1 ms; gives the
// mean wait in ms over the last second. A picture is shown at the first tick after it is ready.
double settle(std::vector<double> ready_ms, double tick_ms, int seconds = 10) {
    TickPhase phase(kPeriod);
    std::mt19937 random(1);
    std::uniform_real_distribution<double> jitter(-1, 1);
    double sum = 0, tick = tick_ms;
    const double period = 33.333333;
    int pictures = 0;
    for (int n = 0; n < seconds * 30; ++n) {
        for (const double ready : ready_ms) {
            double at = ready + jitter(random) - tick;
            while (at > 0) at -= period;
            while (at <= -period) at += period;
            phase.note(std::chrono::nanoseconds(static_cast<int64_t>(-at * 1e6)));
            if (n >= (seconds - 1) * 30) {
                sum += -at;
                ++pictures;
            }
        }
        const double step = static_cast<double>(phase.step().count()) / 1e6;
        CHECK(step <= 0.5);
        CHECK(step >= -0.5);
        tick += step;
    }
    return sum / pictures;
}

}  // namespace

TEST_CASE("one source: the tick comes a few milliseconds after its picture, wherever both began") {
    for (const double ready : {0.0, 5.0, 17.0, 33.0})
        for (const double tick : {0.0, 4.0, 16.0, 32.9}) CHECK(settle({ready}, tick) < 8);
}

TEST_CASE("several sources: never worse than chance, and a cluster is waited for") {
    CHECK(settle({3, 5, 8, 10}, 30) < 14);
    CHECK(settle({0, 8, 16, 25}, 7) < 19);
}

TEST_CASE("without pictures nothing moves") {
    TickPhase phase(kPeriod);
    for (int n = 0; n < 200; ++n) CHECK(phase.step() == 0ns);
}
