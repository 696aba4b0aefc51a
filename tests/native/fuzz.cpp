// SPDX-License-Identifier: GPL-2.0-or-later
// Damaged input for a number of seconds: engine_fuzz [seconds] [seed]. Built with a sanitizer it must end quietly.
// A good source is in the same view: it has to stay live.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "engine.h"
#include "h26x_encoder.h"
#include "levels.h"
#include "rtp/payload.h"
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
    static const std::unique_ptr<rtp::Depacketizer> depacketizers[] = {
        rtp::make_depacketizer(rtp::PayloadFormat::H264, 5000), rtp::make_depacketizer(rtp::PayloadFormat::H263_4629, 5000),
        rtp::make_depacketizer(rtp::PayloadFormat::H263_2190, 5000), rtp::make_depacketizer(rtp::PayloadFormat::H261, 5000)};
    static int64_t now = 0;
    static uint16_t seq = 0;
    now += static_cast<int64_t>(any(5));
    seq = any(100) ? static_cast<uint16_t>(seq + any(4) - 1) : static_cast<uint16_t>(random_());
    if (!octets.empty() && any(2)) octets[0] = static_cast<uint8_t>((octets[0] & 0xe0) | (any(2) ? 28 : 24));
    reorder.push({seq, static_cast<uint32_t>(now / 20), any(4) == 0, octets}, now);
    while (auto packet = reorder.pop(now))
        for (const auto &depacketizer : depacketizers) {
            // Otherwise none would ever find the beginning of a picture.
            test::Unit payload = packet->packet.payload;
            if (any(4) == 0 && depacketizer == depacketizers[1]) payload.insert(payload.begin(), {4, 0, 0x80});
            if (any(4) == 0 && depacketizer == depacketizers[2]) payload.insert(payload.begin(), {0, 0, 0, 0, 0, 0, 0x80});
            if (any(4) == 0 && depacketizer == depacketizers[3]) payload.insert(payload.begin(), {0, 0, 0, 0, 0, 1, 0});
            depacketizer->push(payload.data(), payload.size(), packet->packet.ts, packet->packet.marker, packet->loss_before,
                               [](rtp::Unit &&unit) {
                                   if (unit.data.empty() || unit.data.size() > 5000) std::abort();
                               });
        }
}

// Our own pictures are never damaged on their way to a packetizer; what reads them may not rely on it.
void hostile_unit(Codec codec, const test::Unit &octets) {
    const AccessUnit unit{.nals = {octets}, .codec = codec};
    for (const auto format : {rtp::PayloadFormat::H263_4629, rtp::PayloadFormat::H263_2190, rtp::PayloadFormat::H261}) {
        size_t size = 0;
        for (const auto &payload : rtp::make_packetizer(format, 0, 64 + any(1300))->packetize(unit)) size += payload.body_size;
        if (size > 3 * octets.size() + 64) std::abort();
    }
}

std::vector<test::Unit> stream_of(Codec codec) {
    H26xEncoder encoder(bound_by_level({"x", 176, 144, 30, 2000, 0, codec}));
    const auto picture = make_picture(176, 144);
    std::vector<test::Unit> out;
    for (int n = 0; out.size() < 30; ++n) {
        for (int y = 0; y < 144; ++y)
            for (int x = 0; x < 176; ++x) picture->plane[0][y * picture->stride[0] + x] = static_cast<uint8_t>(16 + (x * y + 9 * n + x / 16 * n) % 200);
        const auto unit = encoder.encode(*picture, n * 3000, n % 10 == 0);
        if (!unit->nals.empty()) out.push_back(unit->nals[0]);   // or the rate allows none
    }
    return out;
}

}  // namespace

int main(int argc, char **argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 10;
    random_.seed(argc > 2 ? static_cast<uint32_t>(std::atoi(argv[2])) : 1);
    const std::vector<std::vector<test::Unit>> streams = {
        test::h264_stream(160, 96, 30, 15), test::h264_stream(352, 288, 30, 10), test::h264_stream(130, 66, 30, 30),
        test::h264_stream(640, 360, 30, 6)};
    const auto h263 = stream_of(Codec::H263), h261 = stream_of(Codec::H261);
    Engine engine;
    Scene scene{.width = 640, .height = 360, .fps = 30};
    for (int n = 0; n < 8; ++n) {
        engine.add_source("bad" + std::to_string(n), n < 6 ? Codec::H264 : n == 6 ? Codec::H263 : Codec::H261, [] {});
        scene.tiles.push_back({.source = "bad" + std::to_string(n), .x = float(n % 3) / 3, .y = float(n / 3) / 3, .w = 1 / 3.f, .h = 1 / 3.f, .crop = n % 2 == 0});
    }
    engine.add_source("good", Codec::H264, [] {});
    scene.tiles.push_back({.source = "good", .x = 2 / 3.f, .y = 2 / 3.f, .w = 1 / 3.f, .h = 1 / 3.f});
    engine.put_view("v", scene, {{"sd", 640, 360, 30, 600, 30}, {"h263", 352, 288, 15, 256, 0, Codec::H263}, {"h261", 352, 288, 15, 256, 0, Codec::H261}});
    const auto old_sink = std::make_shared<test::CountingSink>();
    engine.attach("v", "h263", old_sink);
    engine.attach("v", "h261", old_sink);
    const auto sink = std::make_shared<test::CountingSink>();
    engine.attach("v", "sd", sink);

    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    size_t tick = 0;
    for (; std::chrono::steady_clock::now() < end; ++tick) {
        for (size_t n = 0; n < 8; ++n) {
            // Streams change in the middle, so that sizes do; a keyframe often comes whole, so that there is something to break.
            auto unit = n < 6 ? streams[(n + tick / 40) % streams.size()][tick % 30] : (n == 6 ? h263 : h261)[tick % 30];
            if (any(3) == 0) damage(unit);
            if (n >= 6) hostile_unit(n == 6 ? Codec::H263 : Codec::H261, unit);
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
