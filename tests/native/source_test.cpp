// SPDX-License-Identifier: GPL-2.0-or-later
// A source's queue of pictures, asked as a view does; the pool decodes in between.
#include "source.h"

#include <doctest/doctest.h>

#include <atomic>
#include <random>

#include "streams.h"

using namespace mcu;
using namespace std::chrono_literals;

namespace {

struct Fixture {
    Pool pool{2};
    std::atomic<int> asked = 0;
    std::shared_ptr<Source> source = std::make_shared<Source>(pool, "s", Codec::H264, [this] { ++asked; });
    std::vector<test::Unit> stream = test::h264_stream(160, 96, 60, 30);

    uint64_t pictureless = 0;   // units with parameter sets alone: counted as nothing
    TimePoint camera = SteadyClock::now();   // at 30 pictures/s, however fast the test goes

    void push(size_t n, bool loss = false) {
        source->push(stream[n].data(), stream[n].size(), loss, camera += 33ms);
        const auto done = [&] { const auto s = source->stats(); return s.frames_decoded + s.frames_dropped + s.frames_hidden + s.errors + pictureless >= s.frames_in; };
        REQUIRE(test::eventually(done));
    }
};

}  // namespace

TEST_CASE("hidden: nothing is decoded; seen: a keyframe is asked for at once, and what comes before it is dropped") {
    Fixture f;
    f.push(0);
    CHECK(f.source->stats().frames_hidden == 1);
    CHECK(f.source->stats().state == SourceState::hidden);
    CHECK(f.asked == 0);
    f.source->set_seen(true);
    CHECK(test::eventually([&] { return f.asked == 1; }));
    f.push(1);
    CHECK(f.source->stats().frames_dropped == 1);
    CHECK(f.source->stats().state == SourceState::waiting);
    f.push(30);
    CHECK(f.source->stats().frames_decoded == 1);
    CHECK(f.source->stats().state == SourceState::live);
}

TEST_CASE("it asks again each half second until a keyframe came") {
    Fixture f;
    f.source->set_seen(true);
    const auto start = SteadyClock::now();
    for (int ms = 0; ms <= 2'050; ms += 100) f.source->housekeeping(start + std::chrono::milliseconds(ms + 5));
    // post_ask notes the real time, so simulated time can only make it ask more often: once per call after 0.5 s.
    CHECK(test::eventually([&] { return f.asked >= 4; }));
    f.push(0);
    const int before = f.asked;
    for (int ms = 0; ms <= 1'500; ms += 100) f.source->housekeeping(SteadyClock::now());
    CHECK(f.asked == before);
}

TEST_CASE("two pictures between two ticks are both shown, a burst is cut down to the newest two") {
    Fixture f;
    f.source->set_seen(true);
    Cursor cursor;
    const auto next = [&] { return f.source->next(cursor, SteadyClock::now()); };
    CHECK_FALSE(next().picture);
    f.push(0);
    CHECK(next().fresh);
    CHECK_FALSE(next().fresh);
    f.push(1);
    f.push(2);
    CHECK(next().fresh);
    CHECK(next().fresh);
    CHECK_FALSE(next().fresh);
    for (size_t n = 3; n < 9; ++n) f.push(n);
    CHECK(next().fresh);
    CHECK(next().fresh);
    CHECK_FALSE(next().fresh);
}

TEST_CASE("delay that isn't needed is given up after two seconds of ticks") {
    Fixture f;
    f.source->set_seen(true);
    Cursor cursor;
    f.push(0);
    f.source->next(cursor, SteadyClock::now());
    f.push(1);
    f.push(2);   // from now on one picture always waits
    int repeated = 0;
    uint64_t last = 0;
    for (size_t n = 0; n < 120; ++n) {   // two windows: in the first one there was nothing to wait for yet
        const auto shown = f.source->next(cursor, SteadyClock::now());
        repeated += !shown.fresh;
        last = cursor.shown;
        f.push(30 + n % 30);
    }
    CHECK(repeated == 0);
    CHECK(f.source->stats().frames_decoded - last == 1);   // only the one pushed after the last tick
}

TEST_CASE("30 pictures a second with jitter are shown as at least 29, with little delay") {
    for (const double jitter_ms : {0.0, 3.0, 8.0, 14.0})
        for (const double phase_ms : {0.0, 1.0, 12.0, 25.0}) {
            Fixture f;
            f.source->set_seen(true);
            Cursor cursor;
            std::mt19937 random(5);
            std::uniform_real_distribution<double> jitter(-jitter_ms, jitter_ms);
            const double period = 1000.0 / 30, seconds = 10;
            size_t pushed = 0, fresh = 0, waiting = 0;
            double arrives = 0;
            for (int tick = 1; tick <= seconds * 30; ++tick) {
                while (arrives <= tick * period) {
                    f.push(pushed++ % f.stream.size());
                    arrives = std::max(arrives, phase_ms + static_cast<double>(pushed) * period + jitter(random));
                }
                fresh += f.source->next(cursor, SteadyClock::now()).fresh;
                waiting += f.source->stats().frames_decoded - cursor.shown;
            }
            CAPTURE(jitter_ms);
            CAPTURE(phase_ms);
            CHECK(static_cast<double>(fresh) / seconds >= 29);
            // What waits beyond the tick: nothing most of the time, one picture when jitter makes it necessary.
            CHECK(static_cast<double>(waiting) / (seconds * 30) < 1);
        }
}

TEST_CASE("a loss is followed by asking, a flood costs only itself") {
    Fixture f;
    f.source->set_seen(true);
    f.push(0);
    const int before = f.asked;
    f.push(1, true);
    f.source->housekeeping(SteadyClock::now() + 1s);
    CHECK(test::eventually([&] { return f.asked > before; }));

    for (int n = 0; n < 500; ++n) f.source->push(f.stream[1].data(), f.stream[1].size(), false, f.camera);
    CHECK(f.source->stats().frames_dropped > 400);
}

TEST_CASE("no keyframe for three seconds: whatever comes is tried") {
    Fixture f;
    f.source->set_seen(true);
    f.push(0);
    f.source->set_seen(false);
    f.source->set_seen(true);
    f.push(1);
    CHECK(f.source->stats().frames_dropped == 1);
    f.source->housekeeping(SteadyClock::now() + 4s);
    const auto before = f.source->stats();
    f.push(2);
    const auto after = f.source->stats();
    CHECK(after.frames_dropped == before.frames_dropped);   // decoded or an error, but looked at
}

namespace {

test::Unit joined(std::initializer_list<test::Unit> parts) {
    test::Unit out;
    for (const auto &part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

// What housekeeping asks for from now on.
bool still_asks(Fixture &f) {
    const int before = f.asked;
    f.source->housekeeping(SteadyClock::now() + 1s);
    return test::eventually([&] { return f.asked > before; }, 1);
}

}  // namespace

TEST_CASE("parameter sets repeated with a P picture don't count as the keyframe that was asked for") {
    Fixture f;
    const auto sets = parameter_sets_of(f.stream[0].data(), f.stream[0].size());
    f.source->set_seen(true);
    f.push(0);
    CHECK_FALSE(still_asks(f));
    f.push(1, true);   // a loss: from here on there may be a smear
    f.stream[2] = joined({sets, f.stream[2]});
    f.push(2);
    CHECK(f.source->stats().frames_decoded == 3);
    CHECK(still_asks(f));
    f.push(30);
    CHECK_FALSE(still_asks(f));
}

TEST_CASE("parameter sets that came while waiting for a keyframe are kept, the pictures with them are not shown") {
    Fixture f;
    const auto sets = parameter_sets_of(f.stream[0].data(), f.stream[0].size());
    f.source->set_seen(true);
    f.stream[1] = joined({sets, f.stream[1]});
    f.push(1);
    CHECK(f.source->stats().frames_decoded == 0);
    f.push(2);
    CHECK(f.source->stats().frames_decoded == 0);
    f.stream[30].erase(f.stream[30].begin(), f.stream[30].begin() + static_cast<ptrdiff_t>(sets.size()));   // a bare IDR
    f.push(30);
    CHECK(f.source->stats().frames_decoded == 1);
    CHECK(f.source->stats().errors == 0);
    CHECK_FALSE(still_asks(f));
}

TEST_CASE("parameter sets in a unit of their own are no error and no keyframe") {
    Fixture f;
    const auto sets = parameter_sets_of(f.stream[0].data(), f.stream[0].size());
    f.source->set_seen(true);
    f.push(0);
    ++f.pictureless;
    f.source->push(sets.data(), sets.size(), false, f.camera += 1ms);
    f.push(1);
    CHECK(f.source->stats().frames_decoded == 2);
    CHECK(f.source->stats().errors == 0);
    CHECK_FALSE(still_asks(f));
}

TEST_CASE("a terminal that answers with I slices and no IDR is shown at once, and isn't asked again") {
    Fixture f;
    f.stream = test::intra_stream(160, 96, 60, 30);
    REQUIRE(contents_of(Codec::H264, f.stream[30].data(), f.stream[30].size()).entry == Entry::intra);
    f.source->set_seen(true);
    f.push(29);
    CHECK(f.source->stats().frames_decoded == 0);
    for (size_t n = 30; n < 40; ++n) f.push(n);
    CHECK(f.source->stats().frames_decoded == 10);
    CHECK(f.source->stats().state == SourceState::live);
    CHECK_FALSE(still_asks(f));
}
