// SPDX-License-Identifier: GPL-2.0-or-later
// Draws a view's canvas. Not thread-safe: its view's strand uses it.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bitmap.h"
#include "layout.h"
#include "picture.h"
#include "source.h"

namespace mcu {

struct ComposeResult {
    std::shared_ptr<const Picture> canvas;
    uint64_t shown = 0, repeated = 0;      // pictures of live sources
    struct Fresh {
        TimePoint pushed, decoded;
    };
    std::vector<Fresh> fresh;              // when what is new on this canvas came in and was ready
};

class Composer {
public:
    explicit Composer(const BitmapStore &bitmaps) : bitmaps_(bitmaps) {}
    // ``tick`` is the view's own clock: what moves on the canvas moves by it, evenly.
    ComposeResult compose(const std::shared_ptr<const Layout> &layout, TimePoint now, TimePoint tick);

private:
    using BitmapPtr = std::shared_ptr<const Bitmap>;
    struct Dressing {   // a pane's bitmaps at the sizes in which they are drawn
        BitmapPtr label, card, sign;
    };

    void resolve(const Layout &layout);
    int scrolled(const Layout &layout, size_t overlay, TimePoint tick);   // where it is now
    BitmapPtr sized(const std::string &key, int w, int h, bool cover);
    void draw_pane(Picture &canvas, const Layout &layout, const Pane &pane, const Dressing &dressing,
                   const Source::Shown &shown) const;

    const BitmapStore &bitmaps_;
    PicturePool pool_;
    std::map<std::string, Cursor> cursors_;   // by source: a new layout doesn't jump back
    std::map<std::string, TimePoint> began_;  // by bitmap that scrolls: nor does a text begin anew

    // Of the layout and the generation of bitmaps below.
    std::shared_ptr<const Layout> layout_;
    uint64_t generation_ = 0;
    std::vector<Dressing> dressings_;
    std::vector<BitmapPtr> overlays_;
    BitmapPtr background_;
    bool covered_ = false;   // panes leave nothing of the background to be seen

    struct SizedKey {
        BitmapPtr original;
        int w, h;
        bool cover;
        auto operator<=>(const SizedKey &) const = default;
    };
    std::map<SizedKey, BitmapPtr> sized_, sized_before_;
    std::map<int, BitmapPtr> signs_;
};

}  // namespace mcu
