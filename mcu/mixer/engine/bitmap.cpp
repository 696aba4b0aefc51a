// SPDX-License-Identifier: GPL-2.0-or-later
#include "bitmap.h"

#include <libyuv.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace mcu {
namespace {

constexpr int kMaxSide = 16384;              // a long text that scrolls
constexpr int64_t kMaxPixels = 4096 * 4096;

int round_up_even(int v) { return (v + 1) & ~1; }

std::shared_ptr<const Bitmap> scale_part(const Bitmap &bitmap, Rect from, int width, int height) {
    auto out = std::make_shared<Bitmap>();
    width = std::max(2, width & ~1);
    height = std::max(2, height & ~1);
    out->colour = make_picture(width, height);
    draw(*out->colour, *bitmap.colour, {from, {0, 0, width, height}});
    if (!bitmap.alpha.empty()) {
        out->alpha.resize(static_cast<size_t>(width) * static_cast<size_t>(height));
        libyuv::ScalePlane(bitmap.alpha.data() + static_cast<ptrdiff_t>(from.y) * bitmap.width() + from.x, bitmap.width(),
                           from.w, from.h, out->alpha.data(), width, width, height, libyuv::kFilterBox);
    }
    return out;
}

}  // namespace

std::shared_ptr<const Bitmap> make_bitmap(int width, int height, const uint8_t *rgba) {
    if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide || int64_t{width} * height > kMaxPixels)
        throw std::invalid_argument("a bitmap has at most 16384 pixels on a side and 16777216 in all");
    const int w = round_up_even(width), h = round_up_even(height);
    const size_t row = static_cast<size_t>(w) * 4;
    std::vector<uint8_t> padded(row * static_cast<size_t>(h), 0);
    for (int y = 0; y < height; ++y)
        std::memcpy(padded.data() + row * static_cast<size_t>(y),
                    rgba + static_cast<size_t>(y) * static_cast<size_t>(width) * 4, static_cast<size_t>(width) * 4);

    auto bitmap = std::make_shared<Bitmap>();
    bitmap->colour = make_picture(w, h);
    Picture &p = *bitmap->colour;
    // libyuv names formats by the word in memory order of a little-endian machine: bytes R, G, B, A are "ABGR".
    libyuv::ABGRToI420(padded.data(), static_cast<int>(row), p.plane[0], p.stride[0], p.plane[1], p.stride[1], p.plane[2],
                       p.stride[2], w, h);
    bitmap->alpha.resize(static_cast<size_t>(w) * static_cast<size_t>(h));
    for (size_t i = 0; i < bitmap->alpha.size(); ++i) bitmap->alpha[i] = padded[4 * i + 3];
    if (std::ranges::all_of(bitmap->alpha, [](uint8_t a) { return a == 255; })) bitmap->alpha.clear();
    return bitmap;
}

std::shared_ptr<const Bitmap> scale_bitmap(const Bitmap &bitmap, int width, int height) {
    return scale_part(bitmap, {0, 0, bitmap.width(), bitmap.height()}, width, height);
}

std::shared_ptr<const Bitmap> cover_bitmap(const Bitmap &bitmap, int width, int height) {
    const Placement p = place(bitmap.width(), bitmap.height(), 1, {0, 0, width, height}, 1, true);
    return scale_part(bitmap, p.from, width, height);
}

std::shared_ptr<const Bitmap> muted_sign(int size) {
    size = std::clamp(size & ~1, 8, 256);
    std::vector<uint8_t> rgba(static_cast<size_t>(size) * static_cast<size_t>(size) * 4);
    // Distances in units of the disc's radius; an edge is smoothed over one pixel.
    const double pixel = 2.0 / size;
    const auto inside = [&](double distance) { return std::clamp(0.5 - distance / pixel, 0.0, 1.0); };
    const auto segment = [](double x, double y, double ax, double ay, double bx, double by) {
        const double dx = bx - ax, dy = by - ay;
        const double t = std::clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0.0, 1.0);
        return std::hypot(x - ax - t * dx, y - ay - t * dy);
    };
    for (int py = 0; py < size; ++py)
        for (int px = 0; px < size; ++px) {
            const double x = (px + 0.5) * pixel - 1, y = (py + 0.5) * pixel - 1;
            const double disc = inside(std::hypot(x, y) - 0.97);
            const double capsule = segment(x, y, 0, -0.36, 0, -0.02) - 0.19;
            const double holder = y > -0.02 ? std::abs(std::hypot(x, y + 0.02) - 0.36) - 0.055 : 1.0;
            const double stand = std::min(segment(x, y, 0, 0.36, 0, 0.54), segment(x, y, -0.2, 0.56, 0.2, 0.56)) - 0.055;
            const double stroke = segment(x, y, -0.5, -0.5, 0.5, 0.5);
            double white = inside(std::min({capsule, holder, stand}));
            white *= 1 - inside(stroke - 0.15);               // a red gap beside the stroke
            white = std::max(white, inside(stroke - 0.07));
            uint8_t *out = rgba.data() + 4 * (static_cast<size_t>(py) * static_cast<size_t>(size) + static_cast<size_t>(px));
            const int red[] = {211, 47, 47};
            for (int i = 0; i < 3; ++i) out[i] = static_cast<uint8_t>(std::lround(red[i] + (255 - red[i]) * white));
            out[3] = static_cast<uint8_t>(std::lround(255 * disc));
        }
    return make_bitmap(size, size, rgba.data());
}

void blend(Picture &canvas, const Bitmap &bitmap, int x, int y) {
    x &= ~1;
    y &= ~1;
    const int x0 = std::max(x, 0), y0 = std::max(y, 0);
    const int x1 = std::min(x + bitmap.width(), canvas.width), y1 = std::min(y + bitmap.height(), canvas.height);
    if (x0 >= x1 || y0 >= y1) return;
    const int fx = x0 - x, fy = y0 - y;
    const Picture &from = *bitmap.colour;
    if (bitmap.alpha.empty()) {
        draw(canvas, from, {{fx, fy, x1 - x0, y1 - y0}, {x0, y0, x1 - x0, y1 - y0}});
        return;
    }
    std::array<const uint8_t *, 3> over{};
    std::array<uint8_t *, 3> under{};
    for (int i = 0; i < 3; ++i) {
        const int shift = i ? 1 : 0;
        over[i] = from.plane[i] + static_cast<ptrdiff_t>(fy >> shift) * from.stride[i] + (fx >> shift);
        under[i] = canvas.plane[i] + static_cast<ptrdiff_t>(y0 >> shift) * canvas.stride[i] + (x0 >> shift);
    }
    libyuv::I420Blend(over[0], from.stride[0], over[1], from.stride[1], over[2], from.stride[2], under[0],
                      canvas.stride[0], under[1], canvas.stride[1], under[2], canvas.stride[2],
                      bitmap.alpha.data() + static_cast<ptrdiff_t>(fy) * bitmap.width() + fx, bitmap.width(), under[0],
                      canvas.stride[0], under[1], canvas.stride[1], under[2], canvas.stride[2], x1 - x0, y1 - y0);
}

void BitmapStore::put(const std::string &key, std::shared_ptr<const Bitmap> bitmap) {
    const std::lock_guard lock(mutex_);
    bitmaps_[key] = std::move(bitmap);
    ++generation_;
}

void BitmapStore::drop(const std::string &key) {
    const std::lock_guard lock(mutex_);
    if (bitmaps_.erase(key)) ++generation_;
}

std::shared_ptr<const Bitmap> BitmapStore::get(const std::string &key) const {
    const std::lock_guard lock(mutex_);
    const auto found = bitmaps_.find(key);
    return found == bitmaps_.end() ? nullptr : found->second;
}

uint64_t BitmapStore::generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
}

}  // namespace mcu
