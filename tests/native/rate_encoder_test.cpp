// SPDX-License-Identifier: GPL-2.0-or-later
// One class's encoder, when encoding fails.
#include "rate_encoder.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>

#include "streams.h"

using namespace mcu;

namespace {

// Fails when it is told to, and otherwise gives pictures of one octet.
struct Fragile final : PictureEncoder {
    explicit Fragile(std::atomic<bool> &broken) : broken_(broken) {}
    std::shared_ptr<AccessUnit> encode(const Picture &, int64_t ts90k, bool idr) override {
        if (broken_) return nullptr;
        auto unit = std::make_shared<AccessUnit>();
        unit->nals = {{uint8_t(idr ? 0x65 : 0x41)}};
        unit->keyframe = idr;
        unit->ts90k = ts90k;
        return unit;
    }
    std::atomic<bool> &broken_;
};

struct Fixture {
    std::atomic<bool> broken = false, refuses = false;
    std::atomic<int> made = 0;
    Pool pool{1};
    std::shared_ptr<RateEncoder> encoder = std::make_shared<RateEncoder>(
        pool, RateClass{"sd", 640, 360, 30, 600, 30}, 30, [this](const RateClass &) -> std::unique_ptr<PictureEncoder> {
            ++made;
            if (refuses) throw std::runtime_error("too small");
            return std::make_unique<Fragile>(broken);
        });
    std::shared_ptr<test::CountingSink> sink = std::make_shared<test::CountingSink>();
    int64_t ts = 0;

    Fixture() { encoder->attach(sink); }

    void offer() {
        const auto before = encoder->stats();
        encoder->offer(make_picture(640, 360), ts += 3000, 30);
        REQUIRE(test::eventually([&] {
            const auto now = encoder->stats();
            return now.frames + now.failed > before.frames + before.failed;
        }));
    }
};

}  // namespace

TEST_CASE("a picture that can't be encoded is counted, and the next one is an IDR of a new encoder") {
    Fixture f;
    f.offer();
    f.offer();
    f.broken = true;
    f.encoder->request_keyframe();
    f.offer();
    f.broken = false;
    f.offer();
    CHECK(f.made == 2);
    CHECK(f.encoder->stats().failed == 1);
    CHECK(f.encoder->stats().fault.empty());
    const auto units = f.sink->units();
    REQUIRE(units.size() == 3);
    CHECK(units[0]->keyframe);
    CHECK_FALSE(units[1]->keyframe);
    CHECK(units[2]->keyframe);
    CHECK(units[2]->seq == 2);
}

TEST_CASE("an encoder that never makes a picture is given up and says why, until it is configured anew") {
    Fixture f;
    SUBCASE("it can't be made") { f.refuses = true; }
    SUBCASE("it fails at once") { f.broken = true; }
    for (int n = 0; n < 5; ++n) f.offer();
    CHECK(f.made == 1);
    CHECK(f.encoder->stats().failed == 5);
    CHECK_FALSE(f.encoder->stats().fault.empty());
    f.refuses = f.broken = false;
    f.encoder->configure({"sd", 640, 360, 30, 500, 30}, 30);
    CHECK(f.encoder->stats().fault.empty());
    f.offer();
    CHECK(f.sink->units().size() == 1);
    CHECK(f.sink->units()[0]->keyframe);
}

TEST_CASE("a task that throws ends nothing but itself") {
    Pool pool(1);
    const auto strand = std::make_shared<Strand>(pool);
    std::atomic<int> ran = 0;
    strand->post([] { throw std::bad_alloc(); });
    strand->post([&] { ++ran; });
    CHECK(test::eventually([&] { return ran == 1; }));
    CHECK(pool.faults() == 1);
}
