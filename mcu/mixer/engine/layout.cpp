// SPDX-License-Identifier: GPL-2.0-or-later
#include "layout.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace mcu {
namespace {

constexpr size_t kMaxTiles = 128, kMaxOverlays = 32;
constexpr int kLeastPane = 16;   // pixels; nothing can be seen in a smaller one, and scaling by 1:100 overflows libyuv's sums

// Edges, not sizes, are rounded: panes that touch in the scene touch on the canvas.
int edge(float fraction, int size) {
    if (!std::isfinite(fraction)) return 0;
    const double pixel = std::clamp(static_cast<double>(fraction), -4.0, 4.0) * size;
    return static_cast<int>(std::lround(pixel / 2)) * 2;
}

Rect to_pixels(const Tile &t, int width, int height) {
    const int x0 = std::clamp(edge(t.x, width), 0, width), x1 = std::clamp(edge(t.x + t.w, width), 0, width);
    const int y0 = std::clamp(edge(t.y, height), 0, height), y1 = std::clamp(edge(t.y + t.h, height), 0, height);
    return {x0, y0, x1 - x0, y1 - y0};
}

}  // namespace

std::shared_ptr<const Layout> lay_out(const Scene &scene, SourceDirectory &sources) {
    if (scene.width < 16 || scene.width > kMaxWidth || scene.height < 16 || scene.height > kMaxHeight)
        throw std::invalid_argument("canvas must be within 16x16 and 1920x1088");
    if (scene.fps < 1 || scene.fps > 60) throw std::invalid_argument("fps must be within 1..60");
    if (scene.tiles.size() > kMaxTiles || scene.overlays.size() > kMaxOverlays)
        throw std::invalid_argument("at most 128 tiles and 32 overlays");

    auto layout = std::make_shared<Layout>();
    layout->width = scene.width & ~1;
    layout->height = scene.height & ~1;
    layout->fps = scene.fps;
    layout->pixel_aspect = usual_pixel_aspect(layout->width, layout->height);
    layout->background = scene.background;
    layout->background_colour = yuv_of_rgb(scene.background_rgb);
    layout->speaking_colour = yuv_of_rgb(scene.speaking_rgb);

    for (const Tile &tile : scene.tiles) {
        Pane pane{-1, to_pixels(tile, layout->width, layout->height), tile.crop, tile.speaking, tile.muted, tile.label, tile.card};
        if (pane.area.w < kLeastPane || pane.area.h < kLeastPane) continue;
        if (!tile.source.empty()) {
            const auto known = std::ranges::find(layout->names, tile.source);
            pane.source = static_cast<int>(known - layout->names.begin());
            if (known == layout->names.end()) {
                layout->names.push_back(tile.source);
                layout->slots.push_back(sources.slot(tile.source));
            }
        }
        layout->panes.push_back(std::move(pane));
    }
    for (const Overlay &o : scene.overlays)
        layout->overlays.push_back({o.bitmap, edge(o.x, layout->width), edge(o.y, layout->height),
                                    std::clamp(edge(o.w, layout->width), 0, 2 * layout->width),
                                    std::clamp(edge(o.h, layout->height), 0, 2 * layout->height),
                                    std::isfinite(o.scroll) ? std::clamp<double>(o.scroll, 0, 4) * layout->width : 0});
    return layout;
}

}  // namespace mcu
