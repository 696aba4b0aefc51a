// SPDX-License-Identifier: GPL-2.0-or-later
#include "keyframes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

// An encoder at 30 pictures/s that asks the policy for each; gives the moments of its IDRs in ms.
struct Encoder {
    KeyframePolicy policy;
    TimePoint start = SteadyClock::now();
    std::vector<int> idrs;

    void run(int from_ms, int to_ms, auto &&requests) {
        for (int ms = from_ms; ms < to_ms; ++ms) {
            requests(policy, ms);
            if (ms % 33 == 0 && policy.due(at(ms))) {
                policy.made(at(ms));
                idrs.push_back(ms);
            }
        }
    }
    TimePoint at(int ms) const { return start + std::chrono::milliseconds(ms); }
};

}  // namespace

TEST_CASE("the first picture is an IDR, then one each 10 s for those whose requests get lost") {
    Encoder e;
    e.run(0, 25'000, [](auto &, int) {});
    REQUIRE(e.idrs.size() == 3);
    CHECK(e.idrs[0] == 0);
    CHECK(e.idrs[1] == doctest::Approx(10'000).epsilon(0.01));
}

TEST_CASE("after a quiet time the very next picture is an IDR") {
    Encoder e;
    e.run(0, 4'000, [&](auto &p, int ms) {
        if (ms == 3'001) p.request(e.at(ms));
    });
    REQUIRE(e.idrs.size() == 2);
    CHECK(e.idrs[1] == 3'003);   // 91 * 33
}

TEST_CASE("many requesters at once share one IDR, and the next comes half a second later") {
    Encoder e;
    e.run(0, 4'000, [&](auto &p, int ms) {
        if (ms >= 2'000 && ms < 2'300) p.request(e.at(ms));   // 300 legs in 0.3 s
    });
    CHECK(e.idrs.size() == 3);   // at 0, the first request, and once for all who asked after it
    CHECK(e.idrs[2] - e.idrs[1] >= 500);
}

TEST_CASE("each request is answered within half a second") {
    Encoder e;
    std::vector<int> joins;
    e.run(0, 20'000, [&](auto &p, int ms) {
        if (ms % 700 != 50) return;
        joins.push_back(ms);
        p.request(e.at(ms));
    });
    for (const int join : joins)
        if (join < 19'000)
            CHECK(std::ranges::any_of(e.idrs, [&](int idr) { return idr >= join && idr <= join + 534; }));
}
