// SPDX-License-Identifier: GPL-2.0-or-later
#include "rtp/pacer.h"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace mcu;
using namespace std::chrono_literals;

TEST_CASE("pictures of an ordinary size go at once, each") {
    rtp::Pacer pacer;
    TimePoint now = SteadyClock::now();
    for (int n = 0; n < 300; ++n, now += 33ms) CHECK(pacer.take(rtp::Pacer::kAtOnce, now) == rtp::Pacer::kAtOnce);
}

TEST_CASE("a keyframe of a hundred packets is spread over some ms, none of it is kept") {
    rtp::Pacer pacer;
    const TimePoint start = SteadyClock::now();
    TimePoint now = start;
    size_t waiting = 100;
    std::vector<size_t> bursts;
    while (waiting > 0) {
        bursts.push_back(pacer.take(waiting, now));
        waiting -= bursts.back();
        REQUIRE(bursts.size() < 20);
        if (waiting > 0) now = pacer.next(now);
    }
    CHECK(bursts == std::vector<size_t>{32, 16, 16, 16, 16, 4});
    CHECK(now - start == 10ms);
    CHECK(pacer.take(20, now + 33ms) == 20);
}

TEST_CASE("however often it is asked, in 20 ms no more go than a burst and ten steps") {
    rtp::Pacer pacer;
    const TimePoint start = SteadyClock::now();
    size_t sent = 0;
    for (auto at = 0us; at < 20'000us; at += 100us) sent += pacer.take(5, start + at);
    CHECK(sent <= rtp::Pacer::kAtOnce + 10 * rtp::Pacer::kStep);
    CHECK(sent >= 150);
}
