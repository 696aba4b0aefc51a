// SPDX-License-Identifier: GPL-2.0-or-later
// Labels, cards, logos: RGBA bitmaps, converted once to planes with alpha, and blended over the canvas.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "picture.h"

namespace mcu {

struct Bitmap {
    std::shared_ptr<Picture> colour;
    std::vector<uint8_t> alpha;   // width * height; empty: opaque
    int width() const { return colour->width; }
    int height() const { return colour->height; }
};

// RGBA, straight alpha. An odd width or height is rounded up by a transparent row.
std::shared_ptr<const Bitmap> make_bitmap(int width, int height, const uint8_t *rgba);
std::shared_ptr<const Bitmap> scale_bitmap(const Bitmap &bitmap, int width, int height);
// Scaled to cover width x height, what is too much is cut off on both sides.
std::shared_ptr<const Bitmap> cover_bitmap(const Bitmap &bitmap, int width, int height);
// A microphone with a stroke on a red disc.
std::shared_ptr<const Bitmap> muted_sign(int size);

// At (x, y), rounded to even; what lies outside the canvas is left out.
void blend(Picture &canvas, const Bitmap &bitmap, int x, int y);

class BitmapStore {
public:
    void put(const std::string &key, std::shared_ptr<const Bitmap> bitmap);
    void drop(const std::string &key);
    std::shared_ptr<const Bitmap> get(const std::string &key) const;   // null if there is none
    uint64_t generation() const;                                      // changes with every put and drop

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const Bitmap>, std::less<>> bitmaps_;
    uint64_t generation_ = 1;
};

}  // namespace mcu
