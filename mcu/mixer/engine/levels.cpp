// SPDX-License-Identifier: GPL-2.0-or-later
#include "levels.h"

#include <algorithm>
#include <iterator>

#include "picture.h"

namespace mcu {
namespace {

struct Level {
    int idc, max_mbps, max_fs, max_kbps;   // macroblocks a second and a frame; kbit/s of Baseline's VCL
};
constexpr Level kLevels[] = {   // H.264 table A-1; level 1b as idc 9
    {9, 1485, 99, 128},          {10, 1485, 99, 64},          {11, 3000, 396, 192},        {12, 6000, 396, 384},
    {13, 11880, 396, 768},       {20, 11880, 396, 2000},      {21, 19800, 792, 4000},      {22, 20250, 1620, 4000},
    {30, 40500, 1620, 10000},    {31, 108000, 3600, 14000},   {32, 216000, 5120, 20000},   {40, 245760, 8192, 20000},
    {41, 245760, 8192, 50000},   {42, 522240, 8704, 50000},
};

struct Size {
    int w, h;
};
constexpr Size kUsual[] = {{1920, 1080}, {1600, 900}, {1280, 720}, {1024, 576}, {768, 432},
                           {640, 360},   {512, 288},  {352, 288},  {176, 144}, {128, 96}};

constexpr int macroblocks(int w, int h) { return ((w + 15) / 16) * ((h + 15) / 16); }

// A.3.1: neither side may be longer than Sqrt(8 * MaxFS) macroblocks.
bool fits(int w, int h, const Level &level) {
    const auto side_fits = [&](int pixels) { return ((pixels + 15) / 16) * ((pixels + 15) / 16) <= 8 * level.max_fs; };
    return macroblocks(w, h) <= level.max_fs && side_fits(w) && side_fits(h);
}

// H.261 3.1 knows no others; of H.263's five they are the ones that each of its terminals can take (RFC 4629, 8.1.1; H.245 knows no
// receiver of less). Both codecs count time in units of 1001 / 30000 s.
RateClass bound_by_format(RateClass c) {
    const bool cif = c.width >= 352 && c.height >= 288;
    c.width = cif ? 352 : 176;
    c.height = cif ? 288 : 144;
    c.fps = std::clamp(c.fps, 1, 30);
    c.kbps = std::clamp(c.kbps, 32, 2000);   // H.261 is for p x 64 up to 1920
    c.level_idc = 0;
    return c;
}

}  // namespace

RateClass bound_by_level(RateClass c) {
    if (c.codec != Codec::H264) return bound_by_format(c);
    const Level *level = &kLevels[0];
    for (const Level &l : kLevels)
        if (l.idc <= c.level_idc) level = &l;
    c.level_idc = level->idc;
    c.width = std::clamp(c.width, 16, kMaxWidth) & ~1;
    c.height = std::clamp(c.height, 16, kMaxHeight) & ~1;
    if (!fits(c.width, c.height, *level)) {
        const auto size = std::ranges::find_if(
            kUsual, [&](Size s) { return s.w <= c.width && s.h <= c.height && fits(s.w, s.h, *level); });
        const Size s = size != std::end(kUsual) ? *size : Size{std::min(c.width, 128), std::min(c.height, 96)};
        c.width = s.w;
        c.height = s.h;
    }
    c.fps = std::clamp(c.fps, 1, std::min(60, std::max(1, level->max_mbps / macroblocks(c.width, c.height))));
    c.kbps = std::clamp(c.kbps, 32, level->max_kbps);
    return c;
}

}  // namespace mcu
