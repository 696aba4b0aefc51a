// SPDX-License-Identifier: GPL-2.0-or-later
#include "encoder.h"

#include <doctest/doctest.h>

#include <random>

#include "decoder.h"
#include "levels.h"
#include "streams.h"

using namespace mcu;

namespace {

// The hardest that a camera can send: noise that is new in every picture.
void noise(Picture &p, std::mt19937 &random) {
    for (int i = 0; i < 3; ++i)
        for (int y = 0; y < (i ? p.chroma_height() : p.height); ++y)
            for (int x = 0; x < (i ? p.chroma_width() : p.width); ++x)
                p.plane[i][y * p.stride[i] + x] = static_cast<uint8_t>(16 + random() % 220);
}

int type_of(const std::vector<uint8_t> &nal) { return nal.at(0) & 0x1f; }

}  // namespace

TEST_CASE("even noise gives NAL units that fit a packet, SPS and PPS in front of every IDR, and keeps the bit rate") {
    for (const RateClass &wish : {RateClass{"hd", 1280, 720, 30, 1500, 31}, RateClass{"cif", 352, 288, 30, 384, 13}}) {
        const RateClass c = bound_by_level(wish);
        H264Encoder encoder(c);
        const auto picture = make_picture(c.width, c.height);
        std::mt19937 random(1);
        size_t octets = 0, largest = 0;
        for (int n = 0; n < 60; ++n) {
            noise(*picture, random);
            const auto unit = encoder.encode(*picture, n * 3000, n % 30 == 0);
            REQUIRE(unit);
            CHECK(unit->keyframe == (n % 30 == 0));
            if (unit->keyframe) {
                REQUIRE(unit->nals.size() > 2);
                CHECK(type_of(unit->nals[0]) == 7);
                CHECK(type_of(unit->nals[1]) == 8);
                CHECK(type_of(unit->nals[2]) == 5);
                const auto &sps = unit->nals[0];
                CHECK(sps[1] == 66);             // profile_idc: Baseline
                CHECK((sps[2] & 0x40) == 0x40);  // constraint_set1_flag: Constrained Baseline
                CHECK(sps[3] == c.level_idc);
            }
            for (const auto &nal : unit->nals) {
                largest = std::max(largest, nal.size());
                octets += nal.size();
            }
        }
        CHECK(largest <= 1300);
        MESSAGE(c.name << ": " << octets * 8 / 2000 << " kbit/s of noise, largest NAL " << largest);
    }
}

TEST_CASE("what is encoded is decoded to the same size and nearly the same picture, each at once") {
    const auto stream = test::h264_stream(352, 288, 10, 5, 0xc02020);
    Decoder decoder(Codec::H264);
    int got = 0;
    for (auto unit : stream) {
        const size_t size = unit.size();
        unit.resize(size + kDecoderPadding);
        CHECK(decoder.decode(unit.data(), size, [&](auto picture) {
            ++got;
            CHECK(picture->width == 352);
            CHECK(picture->height == 288);
            CHECK(picture->pixel_aspect == doctest::Approx(12.0 / 11));
            CHECK(int{picture->plane[0][100 * picture->stride[0] + 340]} == doctest::Approx(int{yuv_of_rgb(0xc02020).y}).epsilon(0.1));
        }));
    }
    CHECK(got == 10);
}

TEST_CASE("a picture of full range is shown in the range of all others") {
    for (const uint32_t rgb : {0x000000u, 0xffffffu, 0x2020c0u}) {
        const Yuv drawn = yuv_of_rgb(rgb);
        for (const bool full_range : {false, true}) {
            auto unit = test::intra_stream(160, 96, 1, 30, rgb, full_range)[0];
            const size_t size = unit.size();
            unit.resize(size + kDecoderPadding);
            Decoder decoder(Codec::H264);
            int got = 0;
            decoder.decode(unit.data(), size, [&](auto picture) {
                ++got;
                const auto luma = [](double y) { return 16 + y * 219 / 255; };
                const auto chroma = [](double c) { return 128 + (c - 128) * 224 / 255; };
                const auto corner = [&](int plane, int x, int y) { return int{picture->plane[plane][y * picture->stride[plane] + x]}; };
                CHECK(std::abs(corner(0, 155, 90) - (full_range ? luma(drawn.y) : drawn.y)) < 4);
                CHECK(std::abs(corner(1, 77, 45) - (full_range ? chroma(drawn.u) : drawn.u)) < 4);
                CHECK(std::abs(corner(2, 77, 45) - (full_range ? chroma(drawn.v) : drawn.v)) < 4);
            });
            CHECK(got == 1);
        }
    }
}
