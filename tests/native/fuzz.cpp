// SPDX-License-Identifier: GPL-2.0-or-later
// Damaged input for a number of seconds: engine_fuzz [seconds] [seed]. Built with a sanitizer it must end quietly.
// A good source is in the same view: it has to stay live.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "engine.h"
#include "rtp/h264_depacketizer.h"
#include "rtp/reorder.h"
#include "rtp/rtcp_feedback.h"
#include "streams.h"

using namespace mcu;

namespace {

std::mt19937 random_;
size_t any(size_t below) { return random_() % below; }

void damage(test::Unit &unit) {
    switch (any(6)) {
        case 0: unit.resize(any(unit.size() + 1)); break;
        case 1: unit.insert(unit.begin() + static_cast<ptrdiff_t>(any(unit.size() + 1)), any(40), static_cast<uint8_t>(any(256))); break;
        case 2: for (auto &octet : unit) octet = static_cast<uint8_t>(random_()); break;
        default:
            for (size_t n = 1 + any(8); n > 0 && !unit.empty(); --n)
                unit[any(unit.size())] ^= static_cast<uint8_t>(1u << any(8));
    }
}

void hostile_rtp() {
    test::Unit octets(any(60));
    for (auto &octet : octets) octet = static_cast<uint8_t>(random_());
    rtp::parse_keyframe_requests(octets.data(), octets.size());
    if (octets.size() > 4) {   // likelier: well formed at the start
        octets[0] = 0x80 | (any(2) ? 1 : 4);
        octets[1] = 206;
        octets[2] = 0;
        octets[3] = static_cast<uint8_t>(any(octets.size() / 2));
        rtp::parse_keyframe_requests(octets.data(), octets.size());
    }
    static rtp::ReorderBuffer reorder;
    static rtp::H264Depacketizer depacketizer(5000);
    static int64_t now = 0;
    static uint16_t seq = 0;
    now += static_cast<int64_t>(any(5));
    seq = any(100) ? static_cast<uint16_t>(seq + any(4) - 1) : static_cast<uint16_t>(random_());
    if (!octets.empty() && any(2)) octets[0] = static_cast<uint8_t>((octets[0] & 0xe0) | (any(2) ? 28 : 24));
    reorder.push({seq, static_cast<uint32_t>(now / 20), any(4) == 0, octets}, now);
    while (auto packet = reorder.pop(now))
        depacketizer.push(packet->packet.payload.data(), packet->packet.payload.size(), packet->packet.ts,
                          packet->packet.marker, packet->loss_before, [](rtp::Unit &&unit) {
                              if (unit.data.empty() || unit.data.size() > 5000) std::abort();
                          });
}

}  // namespace

int main(int argc, char **argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
    random_.seed(argc > 2 ? static_cast<uint32_t>(std::atoi(argv[2])) : 1);
    const std::vector<std::vector<test::Unit>> streams = {
        test::h264_stream(160, 96, 30, 15), test::h264_stream(352, 288, 30, 10), test::h264_stream(130, 66, 30, 30),
        test::h264_stream(640, 360, 30, 6)};
    Engine engine;
    Scene scene{.width = 640, .height = 360, .fps = 30};
    for (int n = 0; n < 8; ++n) {
        engine.add_source("bad" + std::to_string(n), n < 6 ? Codec::H264 : n == 6 ? Codec::H263 : Codec::H261, [] {});
        scene.tiles.push_back({.source = "bad" + std::to_string(n), .x = float(n % 3) / 3, .y = float(n / 3) / 3, .w = 1 / 3.f, .h = 1 / 3.f, .crop = n % 2 == 0});
    }
    engine.add_source("good", Codec::H264, [] {});
    scene.tiles.push_back({.source = "good", .x = 2 / 3.f, .y = 2 / 3.f, .w = 1 / 3.f, .h = 1 / 3.f});
    engine.put_view("v", scene, {{"sd", 640, 360, 30, 600, 30}});
    const auto sink = std::make_shared<test::CountingSink>();
    engine.attach("v", "sd", sink);

    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    size_t tick = 0;
    for (; std::chrono::steady_clock::now() < end; ++tick) {
        for (size_t n = 0; n < 8; ++n) {
            // Streams change in the middle, so that sizes do; a keyframe often comes whole, so that there is something to break.
            auto unit = streams[(n + tick / 40) % streams.size()][tick % 30];
            if (n >= 6) {
                const uint8_t start[] = {0, 0, static_cast<uint8_t>(n == 6 ? 0x80 : 1), static_cast<uint8_t>(any(256)), static_cast<uint8_t>(any(256))};
                std::copy(std::begin(start), std::end(start), unit.begin());
            }
            if (any(3) == 0) damage(unit);
            engine.push("bad" + std::to_string(n), unit.data(), unit.size(), static_cast<uint32_t>(tick * 3000), any(20) == 0);
        }
        const auto &good = streams[0][tick % 30];
        engine.push("good", good.data(), good.size(), static_cast<uint32_t>(tick * 3000), false);
        for (int n = 0; n < 200; ++n) hostile_rtp();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    int result = 0;
    for (const auto &source : engine.stats().sources) {
        std::printf("%s: in %lu, decoded %lu, dropped %lu, errors %lu\n", source.name.c_str(), source.frames_in,
                    source.frames_decoded, source.frames_dropped, source.errors);
        if (source.name == "good" && (source.errors > 0 || source.state != SourceState::live)) result = 1;
    }
    std::printf("%zu pictures of the view\n", sink->units().size());
    return sink->units().empty() ? 1 : result;
}
