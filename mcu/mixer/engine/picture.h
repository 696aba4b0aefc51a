// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures in memory: I420 (8 bit, 4:2:0, BT.601 limited range), and the drawing that the views need.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace mcu {

constexpr int kMaxWidth = 1920, kMaxHeight = 1088;   // 1088: 1080 rounded up to macroblocks

// A rectangle in pixels.
struct Rect {
    int x = 0, y = 0, w = 0, h = 0;
    bool empty() const { return w <= 0 || h <= 0; }
    bool operator==(const Rect &) const = default;
};

// Planes that somebody owns: an allocation of our own or a decoder's buffer.
struct Picture {
    int width = 0, height = 0;
    double pixel_aspect = 1;   // width of a pixel / its height; CIF has 12:11
    std::array<uint8_t *, 3> plane{};
    std::array<int, 3> stride{};
    std::shared_ptr<void> owner;

    int chroma_width() const { return (width + 1) / 2; }
    int chroma_height() const { return (height + 1) / 2; }
};

std::shared_ptr<Picture> make_picture(int width, int height);

// CIF and its kin are shown 4:3 although 352 x 288 isn't (H.261, H.263: pixel aspect ratio 12:11).
double usual_pixel_aspect(int width, int height);

struct Yuv {
    uint8_t y, u, v;
};
Yuv yuv_of_rgb(uint32_t rgb);

// Where a picture of this shape goes in the pane: all of it (fit), or the part of it that fills the pane (crop).
struct Placement {
    Rect from;   // of the picture, even corners
    Rect to;     // of the canvas, even corners
};
Placement place(int width, int height, double pixel_aspect, Rect pane, double canvas_pixel_aspect, bool crop);

// All of these cut off what lies outside of the canvas, and work on even corners (half-size chroma).
void fill(Picture &canvas, Rect area, Yuv colour);
void draw(Picture &canvas, const Picture &picture, const Placement &placement);   // copies when sizes are equal
void dim(Picture &canvas, Rect area);
void frame(Picture &canvas, Rect area, int thickness, Yuv colour);   // inside the area

// Buffers for canvases: they come back when nobody holds them any more, from whichever thread that is.
class PicturePool {
public:
    std::shared_ptr<Picture> take(int width, int height);

private:
    struct Free {
        std::mutex mutex;
        std::vector<std::shared_ptr<Picture>> pictures;
    };
    std::shared_ptr<Free> free_ = std::make_shared<Free>();
};

}  // namespace mcu
