// SPDX-License-Identifier: GPL-2.0-or-later
// Who owns whom, and until when: what the binding and the tie to PJSIP rely on.
#include <doctest/doctest.h>

#include <atomic>

#include "engine.h"
#include "streams.h"

using namespace mcu;

namespace {
Scene one_pane(const std::string &source) {
    Scene scene{.width = 320, .height = 180, .fps = 60};
    scene.tiles = {{.source = source, .x = 0, .y = 0, .w = 1, .h = 1}};
    return scene;
}
const std::vector<RateClass> kClasses = {{"sd", 320, 180, 60, 300, 30}};
}  // namespace

TEST_CASE("nothing of the outside is held after stop() and the engine's end") {
    const auto sink = std::make_shared<test::CountingSink>();
    const auto captured = std::make_shared<int>(0);
    {
        Engine engine(2);
        engine.add_source("a", Codec::H264, [captured] { ++*captured; });
        engine.put_view("v", one_pane("a"), kClasses);
        REQUIRE(engine.attach("v", "sd", sink));
        REQUIRE(sink->wait_for([](const auto &units) { return units.size() >= 3; }));
        engine.stop();
        const size_t after = sink->units().size();
        engine.push("a", nullptr, 0, 0, false);
        engine.put_view("w", one_pane("a"), kClasses);
        engine.attach("w", "sd", sink);
        CHECK(engine.still("w", 0).jpeg.size() > 100);
        CHECK(sink->units().size() == after);
    }
    CHECK(sink.use_count() == 1);
    CHECK(captured.use_count() == 1);
}

TEST_CASE("a detached sink and a dropped view get nothing more; unknown names do nothing") {
    Engine engine(2);
    const auto sink = std::make_shared<test::CountingSink>();
    CHECK_FALSE(engine.attach("v", "sd", sink));
    engine.put_view("v", one_pane("a"), kClasses);
    CHECK_FALSE(engine.attach("v", "xx", sink));
    REQUIRE(engine.attach("v", "sd", sink));
    REQUIRE(sink->wait_for([](const auto &units) { return !units.empty(); }));
    engine.detach("v", "sd", sink.get());
    CHECK(test::eventually([&] { return sink.use_count() == 1; }));
    REQUIRE(engine.attach("v", "sd", sink));
    engine.drop_view("v");
    CHECK(test::eventually([&] { return sink.use_count() == 1; }));
    engine.drop_view("v");
    engine.detach("v", "sd", sink.get());
    engine.request_keyframe("v", "sd");
    engine.remove_source("nobody");
    engine.push("nobody", nullptr, 0, 0, true);
    engine.drop_bitmap("nothing");
    CHECK(engine.still("v", 100).jpeg.empty());
}

TEST_CASE("sequence numbers have no gap and timestamps grow steadily, over detach and attach") {
    Engine engine(2);
    engine.put_view("v", one_pane("a"), kClasses);
    const auto sink = std::make_shared<test::CountingSink>();
    for (size_t round = 1; round <= 3; ++round) {
        REQUIRE(engine.attach("v", "sd", sink));
        REQUIRE(sink->wait_for([&](const auto &units) { return units.size() >= 10 * round; }));
        engine.detach("v", "sd", sink.get());
        REQUIRE(test::eventually([&] { return sink.use_count() == 1; }));
    }
    const auto units = sink->units();
    for (size_t n = 1; n < units.size(); ++n) {
        CHECK(units[n]->seq == units[n - 1]->seq + 1);
        const auto step = units[n]->ts90k - units[n - 1]->ts90k;
        if (n % 10 == 0)
            CHECK(step > 0);   // the view slept
        else
            CHECK((step + 750) / 1500 * 1500 == doctest::Approx(step).epsilon(0.001));   // 60 a second
    }
    CHECK(units.front()->keyframe);
}
