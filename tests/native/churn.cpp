// SPDX-License-Identifier: GPL-2.0-or-later
// Threads that come and go at once: engine_churn [seconds]. For the address and the thread sanitizer.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "engine.h"
#include "streams.h"

using namespace mcu;

namespace {

struct NullSink : Sink {
    std::atomic<uint64_t> units = 0;
    void on_access_unit(std::shared_ptr<const AccessUnit> unit) override { units += !unit->nals.empty(); }
};

std::string name(const char *kind, size_t n) { return kind + std::to_string(n); }

}  // namespace

int main(int argc, char **argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 5;
    const auto stream = test::h264_stream(320, 180, 30, 10);
    Engine engine(3);
    std::atomic<bool> stop = false;
    std::atomic<uint64_t> asked = 0, delivered = 0, stills = 0;
    std::vector<std::thread> threads;

    for (uint32_t t = 0; t < 2; ++t)   // terminals
        threads.emplace_back([&, t] {
            std::mt19937 random(t);
            for (size_t n = 0; !stop; ++n) {
                const std::string source = name("s", t * 4 + random() % 4);
                if (random() % 60 == 0) engine.remove_source(source);
                if (random() % 60 == 0) engine.add_source(source, random() % 6 ? Codec::H264 : Codec::H261, [&asked] { ++asked; });
                const auto &unit = stream[n % stream.size()];
                engine.push(source, unit.data(), unit.size(), static_cast<uint32_t>(n), random() % 50 == 0);
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        });
    for (uint32_t t = 0; t < 2; ++t)   // control
        threads.emplace_back([&, t] {
            std::mt19937 random(10 + t);
            std::vector<uint8_t> rgba(64 * 20 * 4, 200);
            while (!stop) {
                const std::string view = name("v", random() % 3);
                Scene scene{.width = 320, .height = 180, .fps = static_cast<int>(20 + random() % 3 * 10)};
                for (size_t n = random() % 6; n > 0; --n)
                    scene.tiles.push_back({.source = name("s", random() % 10), .x = static_cast<float>(random() % 100) / 100, .y = 0, .w = 0.4f, .h = 0.7f,
                                           .crop = random() % 2 == 0, .speaking = random() % 2 == 0, .muted = random() % 2 == 0, .label = "label", .card = "card"});
                std::vector<RateClass> classes = {{"a", 320, 180, 30, 300, 30}};
                if (random() % 2) classes.push_back({"b", 176, 144, 15, static_cast<int>(64 + random() % 2 * 64), 11, static_cast<Codec>(random() % 3)});
                engine.put_view(view, scene, classes);
                if (random() % 20 == 0) engine.drop_view(view);
                engine.put_bitmap(random() % 2 ? "label" : "card", 64, 20, rgba.data());
                if (random() % 10 == 0) engine.drop_bitmap("card");
                std::this_thread::sleep_for(std::chrono::milliseconds(3));
            }
        });
    for (uint32_t t = 0; t < 2; ++t)   // view legs
        threads.emplace_back([&, t] {
            std::mt19937 random(20 + t);
            while (!stop) {
                const std::string view = name("v", random() % 3), cls = random() % 2 ? "a" : "b";
                const auto sink = std::make_shared<NullSink>();
                engine.attach(view, cls, sink);
                for (size_t n = random() % 10; n > 0; --n) {
                    engine.request_keyframe(view, cls);
                    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));
                }
                if (random() % 4) engine.detach(view, cls, sink.get());
                delivered += sink->units;
            }
        });
    threads.emplace_back([&] {   // panel
        while (!stop) {
            stills += !engine.still("v0", 160).jpeg.empty();
            engine.stats();
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    });
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    stop = true;
    for (auto &thread : threads) thread.join();
    std::printf("asked %lu, delivered %lu, stills %lu\n", asked.load(), delivered.load(), stills.load());
    return asked > 0 && delivered > 0 && stills > 0 ? 0 : 1;
}
