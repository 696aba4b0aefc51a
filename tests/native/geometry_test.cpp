// SPDX-License-Identifier: GPL-2.0-or-later
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "bitmap.h"
#include "layout.h"
#include "picture.h"

using namespace mcu;

namespace {

int luma(const Picture &p, int x, int y) { return p.plane[0][y * p.stride[0] + x]; }

std::shared_ptr<Picture> plain(int w, int h, uint8_t y) {
    auto p = make_picture(w, h);
    fill(*p, {0, 0, w, h}, {y, 128, 128});
    return p;
}

std::shared_ptr<const Layout> with_tile(Tile tile) {
    static SourceDirectory sources;
    Scene scene;
    scene.tiles = {std::move(tile)};
    return lay_out(scene, sources);
}

}  // namespace

TEST_CASE("4:3 in a 16:9 pane has bars at the sides, or loses its top and bottom") {
    const Rect pane{0, 0, 320, 180};
    const Placement fitted = place(640, 480, 1, pane, 1, false);
    CHECK(fitted.to == Rect{40, 0, 240, 180});
    const Placement cropped = place(640, 480, 1, pane, 1, true);
    CHECK(cropped.to == pane);
    CHECK(cropped.from == Rect{0, 60, 640, 360});
}

TEST_CASE("CIF counts as 4:3") {
    CHECK(usual_pixel_aspect(352, 288) == doctest::Approx(12.0 / 11));
    CHECK(usual_pixel_aspect(640, 360) == 1);
    CHECK(place(352, 288, 12.0 / 11, {0, 0, 640, 480}, 1, false).to == Rect{0, 0, 640, 480});
    // 16:9 in a CIF picture: 352 pixels are as wide as 384 square ones.
    CHECK(place(1280, 720, 1, {0, 0, 352, 288}, 12.0 / 11, false).to == Rect{0, 36, 352, 216});
}

TEST_CASE("any shape in any pane stays inside both") {
    for (const int w : {2, 3, 17, 640, 1919})
        for (const int h : {2, 5, 360, 1088})
            for (const int pw : {16, 18, 100, 1280})
                for (const int ph : {16, 22, 180, 720})
                    for (const bool crop : {false, true}) {
                        const Rect pane{2, 4, pw, ph};
                        const Placement p = place(w, h, 1, pane, 1, crop);
                        CHECK(p.from.x >= 0);
                        CHECK(p.from.y >= 0);
                        CHECK(p.from.x + p.from.w <= w);
                        CHECK(p.from.y + p.from.h <= h);
                        CHECK(p.from.w > 0);
                        CHECK(p.from.h > 0);
                        CHECK(p.to.x >= pane.x);
                        CHECK(p.to.y >= pane.y);
                        CHECK(p.to.x + p.to.w <= pane.x + pane.w);
                        CHECK(p.to.y + p.to.h <= pane.y + pane.h);
                        const auto canvas = plain(pw + 4, ph + 6, 16);
                        draw(*canvas, *plain(w, h, 200), p);
                        if (p.to.w >= 16 && p.to.h >= 16)   // a sliver of a bar may be rounded to something darker
                            CHECK(luma(*canvas, p.to.x, p.to.y) == doctest::Approx(200).epsilon(0.05));
                        CHECK(luma(*canvas, 0, 0) == 16);
                    }
}

TEST_CASE("panes out of range are cut or left out") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    CHECK(with_tile({.source = "a", .x = 2, .y = 0, .w = 1, .h = 1})->panes.empty());
    CHECK(with_tile({.source = "a", .x = 0, .y = 0, .w = -1, .h = 1})->panes.empty());
    CHECK(with_tile({.source = "a", .x = nan, .y = nan, .w = nan, .h = nan})->panes.empty());
    CHECK(with_tile({.source = "a", .x = 0, .y = 0, .w = 1e-6f, .h = 1})->panes.empty());
    CHECK(with_tile({.source = "a", .x = -0.5f, .y = -0.5f, .w = 1, .h = 1})->panes.at(0).area == Rect{0, 0, 640, 360});
    const auto endless = with_tile({.source = "a", .x = -inf, .y = 0, .w = inf, .h = 1});
    for (const Pane &pane : endless->panes) CHECK(pane.area.x + pane.area.w <= 1280);
    CHECK(with_tile({.source = "a", .x = -1e30f, .y = 0, .w = 3e38f, .h = 3e38f})->panes.size() <= 1);
}

TEST_CASE("a canvas that is no canvas is refused") {
    SourceDirectory sources;
    Scene scene;
    for (const auto &[w, h, fps] : {std::array{0, 720, 30}, {1280, -1, 30}, {1922, 720, 30}, {1280, 1090, 30}, {1280, 720, 0}, {1280, 720, 61}}) {
        scene.width = w;
        scene.height = h;
        scene.fps = fps;
        CHECK_THROWS_AS(lay_out(scene, sources), std::invalid_argument);
    }
    scene = {};
    scene.tiles.resize(129);
    CHECK_THROWS_AS(lay_out(scene, sources), std::invalid_argument);
}

TEST_CASE("bitmaps are blended by their alpha and cut at every edge") {
    std::vector<uint8_t> rgba(21 * 13 * 4, 255);
    for (size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 128;
    const auto half = make_bitmap(21, 13, rgba.data());
    CHECK(half->width() == 22);
    CHECK(half->height() == 14);
    for (const int x : {-300, -21, -7, 0, 50, 93, 99, 100, 3000})
        for (const int y : {-300, -13, -5, 0, 30, 57, 60, 3000}) {
            const auto canvas = plain(100, 60, 16);
            blend(*canvas, *half, x, y);
            for (const auto &[px, py] : {std::pair{0, 0}, {99, 59}, {50, 30}}) {
                const int ex = x & ~1, ey = y & ~1;
                const bool inside = px >= ex && px < ex + 21 && py >= ey && py < ey + 13;
                CHECK(luma(*canvas, px, py) == doctest::Approx(inside ? (16 + 235) / 2 : 16).epsilon(0.05));
            }
        }
    CHECK_THROWS_AS(make_bitmap(0, 5, rgba.data()), std::invalid_argument);
    CHECK_THROWS_AS(make_bitmap(5, 16385, rgba.data()), std::invalid_argument);
    CHECK_THROWS_AS(make_bitmap(5000, 5000, rgba.data()), std::invalid_argument);
}

TEST_CASE("a canvas comes back to its pool when the last one lets go of it") {
    PicturePool pool;
    auto first = pool.take(64, 64);
    const auto *address = first->plane[0];
    const auto second = pool.take(64, 64);
    CHECK(second->plane[0] != address);
    first.reset();
    CHECK(pool.take(64, 64)->plane[0] == address);
    CHECK(pool.take(32, 32)->width == 32);
}
