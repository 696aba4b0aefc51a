// SPDX-License-Identifier: GPL-2.0-or-later
// The rate control of H.263 and H.261 against pictures whose size is any law of the quantizer.
#include "quantizer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace mcu;

namespace {

struct Course {
    double bits = 0, fullest = 0;   // all of them; the most that waited for a line of this rate, in seconds
    int largest = 0, pictures = 0, coarsest = 0, finest = 99;
};

// size: of picture n, coded so and with this quantizer.
Course run(int kbps, int fps, int pictures, const std::function<int(int, bool, int)> &size, int intra_every = 132,
           int largest = 1 << 30) {
    QuantizerControl control(kbps, fps, largest);
    Course out;
    double waiting = 0;
    for (int n = 0; n < pictures; ++n) {
        bool intra = n % intra_every == 0;
        waiting = std::max(0.0, waiting - 1.0 / fps);
        auto quantizer = control.plan(intra, int64_t{n} * 90000 / fps);
        if (intra) REQUIRE(quantizer.has_value());
        if (!quantizer) continue;
        int bits = 0, last = 0, rounds = 0;
        while (quantizer) {
            REQUIRE(++rounds <= 3);
            last = *quantizer;
            REQUIRE(last >= QuantizerControl::kFinest);
            REQUIRE(last <= QuantizerControl::kCoarsest);
            bits = size(n, intra, last);
            quantizer = control.judge(intra, last, bits);
            intra = true;
        }
        out.bits += bits;
        ++out.pictures;
        out.largest = std::max(out.largest, bits);
        out.coarsest = std::max(out.coarsest, last);
        out.finest = std::min(out.finest, last);
        waiting += bits / (kbps * 1000.0);
        out.fullest = std::max(out.fullest, waiting);
    }
    return out;
}

}  // namespace

TEST_CASE("the rate is held, whatever the pictures are like") {
    for (const int kbps : {48, 96, 256, 384, 1000})
        for (const int fps : {7, 15, 30})
            for (const double hard : {0.2, 1.0, 3.0, 10.0}) {
                const double usual = kbps * 1000.0 / fps * 12 * hard;   // of a P picture: 12 is the quantizer if it is 1
                const auto course = run(kbps, fps, fps * 20, [&](int n, bool intra, int quantizer) {
                    const double wave = 1 + 0.3 * ((n * 7) % 5 - 2) / 2;
                    return static_cast<int>(usual * (intra ? 5 : 1) * wave / quantizer);
                });
                CAPTURE(kbps);
                CAPTURE(fps);
                CAPTURE(hard);
                // Over the buffer are only intra pictures of the coarsest quantizer behind P pictures of that quantizer.
                const double largest = usual * 5 * 1.3 / QuantizerControl::kCoarsest / (kbps * 1000.0);
                CHECK(course.fullest <= std::max(0.5, 0.35 + 1.2 * largest));
                CHECK(course.bits <= kbps * 1000.0 * (20 + course.fullest));
                if (hard < 0.3) CHECK(course.finest == QuantizerControl::kFinest);
            }
}

TEST_CASE("another scene after a still one is coded again, and intra") {
    const auto course = run(384, 30, 600, [](int n, bool intra, int quantizer) {
        if (intra) return 1'000'000 / quantizer;
        return n % 90 == 89 ? 1'200'000 / quantizer : 2000;
    }, 1000);
    CHECK(course.fullest <= 0.5);
    CHECK(course.pictures > 540);
}

TEST_CASE("a keyframe each half second leaves room for others") {
    const auto course = run(256, 30, 600, [](int, bool intra, int quantizer) { return (intra ? 900'000 : 90'000) / quantizer; }, 15);
    CHECK(course.bits / 20 <= 256'000 * 1.05);
    CHECK(course.pictures > 300);
}

TEST_CASE("no picture is larger than its format allows, though the line would") {
    const auto course = run(2000, 30, 600, [](int n, bool intra, int quantizer) { return (intra ? 4'000'000 : n % 50 == 49 ? 3'500'000 : 100'000) / quantizer; },
                            132, 256 * 1024);
    CHECK(course.largest <= 256 * 1024);
    CHECK(course.largest > 100 * 1024);
}
