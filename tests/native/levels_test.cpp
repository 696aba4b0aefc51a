// SPDX-License-Identifier: GPL-2.0-or-later
#include "levels.h"

#include <doctest/doctest.h>

using mcu::bound_by_level;
using mcu::RateClass;

TEST_CASE("a class within its level stays as it is") {
    const RateClass hd = bound_by_level({"hd", 1280, 720, 30, 1500, 31});
    CHECK(hd.width == 1280);
    CHECK(hd.height == 720);
    CHECK(hd.fps == 30);
    CHECK(hd.kbps == 1500);
}

TEST_CASE("level 1.3 gets CIF, level 1 and 1b QCIF, whatever was wanted") {
    const RateClass l13 = bound_by_level({"x", 1280, 720, 30, 1500, 13});
    CHECK(l13.width == 352);
    CHECK(l13.height == 288);
    CHECK(l13.fps == 30);
    CHECK(l13.kbps == 768);
    for (const int idc : {9, 10, 0, -5}) {
        const RateClass l1 = bound_by_level({"x", 1920, 1080, 60, 9000, idc});
        CHECK(l1.width == 176);
        CHECK(l1.fps == 15);   // 1485 / 99
        CHECK(l1.kbps <= 128);
    }
}

TEST_CASE("every level's bounds of table A-1 are kept, for any wish") {
    struct {
        int idc, mbps, fs, kbps;
    } const table[] = {{10, 1485, 99, 64},       {11, 3000, 396, 192},     {12, 6000, 396, 384},     {13, 11880, 396, 768},
                       {20, 11880, 396, 2000},   {21, 19800, 792, 4000},   {22, 20250, 1620, 4000},  {30, 40500, 1620, 10000},
                       {31, 108000, 3600, 14000}, {32, 216000, 5120, 20000}, {40, 245760, 8192, 20000}};
    for (const auto &level : table)
        for (const int w : {16, 176, 353, 640, 1280, 1919, 4000, -3})
            for (const int h : {16, 144, 289, 360, 721, 1088, 9000})
                for (const int fps : {-1, 7, 30, 60, 500}) {
                    const RateClass c = bound_by_level({"x", w, h, fps, 100'000, level.idc});
                    const int mbs = (c.width + 15) / 16 * ((c.height + 15) / 16);
                    CHECK(mbs <= level.fs);
                    CHECK(mbs * c.fps <= level.mbps);
                    CHECK(c.kbps <= level.kbps);
                    CHECK(c.width % 2 == 0);
                    CHECK(c.height % 2 == 0);
                    CHECK(c.fps >= 1);
                    CHECK(c.width >= 16);
                    CHECK(c.height >= 16);
                }
}

TEST_CASE("H.263 and H.261 are CIF or QCIF, whatever was wanted") {
    for (const auto codec : {mcu::Codec::H263, mcu::Codec::H261})
        for (const int w : {-1, 16, 176, 351, 352, 1920})
            for (const int h : {0, 144, 288, 1088}) {
                const RateClass c = bound_by_level({"x", w, h, 60, 9000, 31, codec});
                CHECK(c.width == (w >= 352 && h >= 288 ? 352 : 176));
                CHECK(c.height == (w >= 352 && h >= 288 ? 288 : 144));
                CHECK(c.fps == 30);
                CHECK(c.kbps == 2000);
                CHECK(c.codec == codec);
            }
    CHECK(bound_by_level({"x", 176, 144, 0, 1, 31, mcu::Codec::H261}).fps == 1);
}
