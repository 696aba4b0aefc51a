// SPDX-License-Identifier: GPL-2.0-or-later
// A Scene in pixels: checked, cut to the canvas, its sources found.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "directory.h"
#include "picture.h"
#include "types.h"

namespace mcu {

struct Pane {
    int source = -1;   // index into Layout::slots; -1: blank
    Rect area;         // even corners, within the canvas, at least 16 x 16
    bool crop = false, speaking = false, muted = false;
    std::string label, card;
};

struct Layout {
    int width = 0, height = 0, fps = 0;
    double pixel_aspect = 1;
    std::vector<std::shared_ptr<SourceSlot>> slots;   // each once, though it may be in several panes
    std::vector<std::string> names;                   // of the slots
    std::vector<Pane> panes;
    struct Laid {
        std::string bitmap;
        int x, y, w, h;   // w or h 0: the bitmap's own size
        double scroll;    // pixels a second; 0: it stays
    };
    std::vector<Laid> overlays;
    std::string background;
    Yuv background_colour{}, speaking_colour{};
};

// std::invalid_argument: see Engine::put_view.
std::shared_ptr<const Layout> lay_out(const Scene &scene, SourceDirectory &sources);

}  // namespace mcu
