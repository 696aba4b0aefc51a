// SPDX-License-Identifier: GPL-2.0-or-later
// H.263 and H.261: what libavcodec is made to do, and how its pictures fall into packets.
#include "h26x_encoder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "bits.h"
#include "decoder.h"
#include "h261_walk.h"
#include "levels.h"
#include "rtp/payload.h"

using namespace mcu;

namespace {

const RateClass kClasses[] = {{"h263cif", 352, 288, 30, 384, 0, Codec::H263}, {"h263qcif", 176, 144, 15, 96, 0, Codec::H263},
                              {"h261cif", 352, 288, 30, 384, 0, Codec::H261}, {"h261qcif", 176, 144, 7, 48, 0, Codec::H261}};

// A pattern that slides by so many pixels a picture, under so much noise.
void draw(Picture &p, int number, int speed, int noise, std::mt19937 &random) {
    for (int i = 0; i < 3; ++i)
        for (int y = 0; y < (i ? p.chroma_height() : p.height); ++y)
            for (int x = 0; x < (i ? p.chroma_width() : p.width); ++x) {
                const double value = 120 + 60 * std::sin((x + number * speed) * 0.06) * std::cos(y * 0.09 * (1 + i));
                const int grain = noise ? static_cast<int>(random() % static_cast<unsigned>(2 * noise + 1)) - noise : 0;
                p.plane[i][y * p.stride[i] + x] = static_cast<uint8_t>(std::clamp(static_cast<int>(value) + grain, 16, 235));
            }
}

double psnr(const Picture &a, const Picture &b) {
    double error = 0;
    for (int y = 0; y < a.height; ++y)
        for (int x = 0; x < a.width; ++x) error += std::pow(a.plane[0][y * a.stride[0] + x] - b.plane[0][y * b.stride[0] + x], 2);
    return 10 * std::log10(255 * 255 / std::max(1e-9, error / a.width / a.height));
}

struct Course {
    std::vector<std::shared_ptr<AccessUnit>> units;   // with those that were left out
    std::vector<double> psnr;
    size_t octets = 0;
};

Course run(const RateClass &wish, int pictures, int speed, int noise, int intra_every) {
    const RateClass c = bound_by_level(wish);
    H26xEncoder encoder(c);
    Decoder decoder(c.codec);
    std::mt19937 random(3);
    const auto picture = make_picture(c.width, c.height);
    Course out;
    for (int n = 0; n < pictures; ++n) {
        draw(*picture, n, speed, noise, random);
        const bool idr = n == 0 || (intra_every && n % intra_every == 0);
        const auto unit = encoder.encode(*picture, int64_t{n} * 90000 / c.fps, idr);
        REQUIRE(unit);
        out.units.push_back(unit);
        CHECK(unit->codec == c.codec);
        if (unit->nals.empty()) {
            CHECK_FALSE(idr);
            continue;
        }
        if (idr) CHECK(unit->keyframe);
        auto data = unit->nals.at(0);
        out.octets += data.size();
        CHECK(data.size() * 8 <= (c.width > 176 ? 262'144 : 65'536));   // H.261 5.2, H.263 3.6
        data.resize(data.size() + kDecoderPadding);
        int shown = 0;
        CHECK(decoder.decode(data.data(), data.size() - kDecoderPadding, [&](const auto &got) {
            ++shown;
            REQUIRE(got->width == c.width);
            out.psnr.push_back(psnr(*picture, *got));
        }));
        CHECK(shown == 1);
    }
    return out;
}

int temporal_reference(const AccessUnit &unit) {
    const auto &data = unit.nals.at(0);
    return unit.codec == Codec::H263 ? static_cast<int>(bits_at(data.data(), data.size(), 22, 8))
                                     : static_cast<int>(bits_at(data.data(), data.size(), 20, 5));
}

}  // namespace

TEST_CASE("pictures are decoded as they were, intra when asked and at least each 132 times") {
    for (const auto &wish : kClasses) {
        const auto course = run(wish, 300, 1, 0, 0);
        CAPTURE(wish.name);
        CHECK(course.psnr.back() > 30);
        int since = 0, keyframes = 0;
        for (const auto &unit : course.units) {
            since = unit->keyframe ? 0 : since + 1;
            CHECK(since < 132);   // H.261 3.4, H.263 4.4
            keyframes += unit->keyframe;
        }
        CHECK(keyframes <= 4);
        run(wish, 40, 1, 0, 10);
    }
}

TEST_CASE("a still picture is not sent again and again") {
    for (const auto &wish : kClasses) {
        CAPTURE(wish.name);
        const auto course = run(wish, 400, 0, 0, 0);
        int keyframes = 0;
        for (const auto &unit : course.units) keyframes += unit->keyframe;
        CHECK(keyframes == 1);
        CHECK(course.units.back()->nals.at(0).size() < 60);
        CHECK(course.psnr.back() > 38);   // by then with the finest quantizer
    }
}

TEST_CASE("the temporal reference counts time, not pictures") {
    for (const auto &wish : kClasses) {
        const auto course = run(wish, 60, 3, 100, 0);
        const int range = wish.codec == Codec::H263 ? 256 : 32;
        int last = -1;
        size_t left_out = 0;
        for (const auto &unit : course.units) {
            if (unit->nals.empty()) {
                ++left_out;
                continue;
            }
            const int now = temporal_reference(*unit), meant = static_cast<int>(unit->ts90k / 3003);
            CHECK(((now - meant) % range + range) % range <= 1);   // one more where 30 a second are not quite 29.97
            CHECK(now != last);
            last = now;
        }
        CHECK(left_out > 0);
    }
}

TEST_CASE("the bit rate is kept, whatever comes") {
    for (const auto &wish : kClasses)
        for (const int noise : {0, 20, 100}) {
            CAPTURE(wish.name);
            CAPTURE(noise);
            const auto course = run(wish, 20 * wish.fps, 5, noise, 5 * wish.fps);
            const double seconds = 20;
            // Its buffer is half a second. An intra picture of noise with the coarsest quantizer may be longer by itself.
            const double over = noise == 100 ? 1.5 : 0.5;
            CHECK(static_cast<double>(course.octets) * 8 <= wish.kbps * 1000.0 * (seconds + over));
            if (noise > 0) CHECK(static_cast<double>(course.octets) * 8 >= wish.kbps * 1000.0 * seconds * 0.8);
        }
}

TEST_CASE("every payload of either format fits a packet") {
    struct Way {
        rtp::PayloadFormat format;
        Codec codec;
    };
    for (const auto &[format, codec] : {Way{rtp::PayloadFormat::H263_4629, Codec::H263}, Way{rtp::PayloadFormat::H263_2190, Codec::H263},
                                        Way{rtp::PayloadFormat::H261, Codec::H261}})
        for (const int noise : {0, 20, 100})
            for (const int width : {352, 176}) {
                const auto course = run({"x", width, width * 9 / 11, 30, 1500, 0, codec}, 20, 3, noise, 5);
                const auto packetizer = rtp::make_packetizer(format);
                int split = 0;
                for (const auto &unit : course.units) {
                    size_t octets = 0;
                    const auto payloads = packetizer->packetize(*unit);
                    for (const auto &payload : payloads) {
                        CHECK(payload.size() <= rtp::kMaxPayload);
                        octets += payload.body_size;
                        if (format == rtp::PayloadFormat::H263_2190) split += payload.head[0] >> 7;
                        if (format == rtp::PayloadFormat::H261) split += payload.head[1] >> 4 != 0;
                    }
                    if (unit->nals.empty()) continue;
                    CHECK(octets + 2 * payloads.size() >= unit->nals[0].size());
                    // Full packets: not many more than there must be.
                    CHECK(payloads.size() <= 2 + unit->nals[0].size() / (rtp::kMaxPayload / 2));
                }
                if (noise == 100 && width == 352 && format != rtp::PayloadFormat::H263_4629) CHECK(split > 0);
            }
}

TEST_CASE("H.261 macroblocks are found to the picture's last bit") {
    for (const int noise : {0, 10, 100}) {
        const auto course = run({"x", 352, 288, 30, 1900, 0, Codec::H261}, 30, 4, noise, 10);
        for (const auto &unit : course.units) {
            if (unit->nals.empty()) continue;
            const auto &data = unit->nals[0];
            H261Walk walk(data.data(), data.size());
            REQUIRE(walk.next() == H261Walk::Item::picture);
            CHECK(walk.freeze_release() == unit->keyframe);
            CHECK(walk.is_cif());
            int gobs = 0, macroblocks = 0, intra = 0;
            size_t last = 0;
            for (H261Walk::Item item; (item = walk.next()) != H261Walk::Item::end;) {
                REQUIRE(item != H261Walk::Item::broken);
                if (last) CHECK(walk.from() == last);   // one follows the other
                last = walk.to();
                if (item == H261Walk::Item::gob) {
                    CHECK(walk.gob() == ++gobs);
                } else {
                    ++macroblocks;
                    intra += walk.intra();
                }
            }
            CHECK(gobs == 12);
            CHECK(data.size() * 8 - last < 8);
            if (unit->keyframe) CHECK(intra == 396);
            CHECK(macroblocks <= 396);
        }
    }
}
