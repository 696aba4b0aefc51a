// SPDX-License-Identifier: GPL-2.0-or-later
// One picture that is composed: its clock, its canvas, its rate classes.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "composer.h"
#include "layout.h"
#include "phase.h"
#include "pool.h"
#include "rate_encoder.h"
#include "timer.h"
#include "types.h"

namespace mcu {

class View : public std::enable_shared_from_this<View> {
public:
    View(Pool &pool, Timer &timer, const BitmapStore &bitmaps, std::string name);

    void put(std::shared_ptr<const Layout> layout, const std::vector<RateClass> &classes);
    void drop();
    bool attach(const std::string &rate_class, std::shared_ptr<Sink> sink);
    void detach(const std::string &rate_class, const Sink *sink);
    std::optional<Codec> codec_of(const std::string &rate_class) const;
    void request_keyframe(const std::string &rate_class);
    std::shared_ptr<const Picture> look();   // the last canvas; keeps the view composed for a while
    ViewStats stats() const;

private:
    bool active(TimePoint now) const;   // mutex_ is held, as for the next four
    void refresh();                     // after anything that active() or the watched sources depend on
    void watch(const std::vector<std::shared_ptr<SourceSlot>> &wanted);
    void start_clock(TimePoint now);
    void schedule(uint64_t n);
    void tick(uint64_t clock, uint64_t n);
    void compose(TimePoint tick_time);

    Pool &pool_;
    Timer &timer_;
    const std::string name_;
    const std::shared_ptr<Strand> strand_;

    mutable std::mutex mutex_;   // guards all down to stats_
    std::shared_ptr<const Layout> layout_;
    std::map<std::string, std::shared_ptr<RateEncoder>> encoders_;
    std::vector<std::shared_ptr<SourceSlot>> watched_;
    TimePoint looked_until_{};
    bool dropped_ = false;
    uint64_t clock_ = 0;      // number of the running clock; ticks of a former one are void
    bool running_ = false;
    int clock_fps_ = 0;
    TimePoint base_;          // of tick 0
    TickPhase phase_{std::chrono::milliseconds(33)};
    bool composing_ = false;
    std::shared_ptr<const Picture> canvas_;
    ViewStats stats_;
    std::array<uint64_t, 128> waits_{};   // of new pictures from push to canvas, by milliseconds

    std::mutex composer_mutex_;   // the strand, or a look() at a view that doesn't run
    Composer composer_;
};

}  // namespace mcu
