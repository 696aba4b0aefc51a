// SPDX-License-Identifier: GPL-2.0-or-later
#include "view.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mcu {
namespace {
using namespace std::chrono_literals;
constexpr auto kLook = 5s;
}  // namespace

View::View(Pool &pool, Timer &timer, const BitmapStore &bitmaps, std::string name)
    : pool_(pool), timer_(timer), name_(std::move(name)), strand_(std::make_shared<Strand>(pool)),
      composer_(bitmaps) {}

void View::put(std::shared_ptr<const Layout> layout, const std::vector<RateClass> &classes) {
    const std::lock_guard lock(mutex_);
    layout_ = std::move(layout);
    std::map<std::string, std::shared_ptr<RateEncoder>> encoders;
    for (const RateClass &c : classes) {
        auto &encoder = encoders[c.name];
        const auto known = encoders_.find(c.name);
        if (known != encoders_.end()) {
            encoder = known->second;
            encoder->configure(c, layout_->fps);
        } else {
            encoder = std::make_shared<RateEncoder>(pool_, c, layout_->fps);
        }
    }
    encoders_.swap(encoders);
    for (const auto &[name, encoder] : encoders)
        if (!encoders_.contains(name)) encoder->end();
    refresh();
}

void View::drop() {
    const std::lock_guard lock(mutex_);
    dropped_ = true;
    for (const auto &[name, encoder] : encoders_) encoder->end();
    encoders_.clear();
    refresh();
}

bool View::attach(const std::string &rate_class, std::shared_ptr<Sink> sink) {
    const std::lock_guard lock(mutex_);
    const auto found = encoders_.find(rate_class);
    if (found == encoders_.end() || !sink) return false;
    found->second->attach(std::move(sink));
    refresh();
    return true;
}

void View::detach(const std::string &rate_class, const Sink *sink) {
    const std::lock_guard lock(mutex_);
    const auto found = encoders_.find(rate_class);
    if (found == encoders_.end()) return;
    found->second->detach(sink);
    refresh();
}

std::optional<Codec> View::codec_of(const std::string &rate_class) const {
    const std::lock_guard lock(mutex_);
    const auto found = encoders_.find(rate_class);
    return found != encoders_.end() ? std::optional(found->second->codec()) : std::nullopt;
}

void View::request_keyframe(const std::string &rate_class) {
    const std::lock_guard lock(mutex_);
    const auto found = encoders_.find(rate_class);
    if (found != encoders_.end()) found->second->request_keyframe();
}

std::shared_ptr<const Picture> View::look() {
    std::shared_ptr<const Layout> layout;
    {
        const std::lock_guard lock(mutex_);
        looked_until_ = SteadyClock::now() + kLook;
        const bool ran = running_;
        if (!layout_) return nullptr;
        refresh();
        if (canvas_ && ran) return canvas_;
        layout = layout_;
    }
    // The view was asleep: what it showed then is old, so draw what is known now.
    const std::lock_guard lock(composer_mutex_);
    return composer_.compose(layout, SteadyClock::now(), SteadyClock::now()).canvas;
}

bool View::active(TimePoint now) const {
    return !dropped_ && layout_ && (now < looked_until_ || std::ranges::any_of(encoders_, [](const auto &e) { return e.second->has_sinks(); }));
}

void View::refresh() {
    const auto now = SteadyClock::now();
    if (!active(now)) {
        running_ = false;
        canvas_.reset();
        watch({});
        return;
    }
    watch(layout_->slots);
    if (!running_ || clock_fps_ != layout_->fps) start_clock(now);
}

void View::watch(const std::vector<std::shared_ptr<SourceSlot>> &wanted) {
    auto before = std::exchange(watched_, wanted);
    for (const auto &slot : watched_) slot->watch();   // first, so that what stays in view isn't interrupted
    for (const auto &slot : before) slot->unwatch();
}

void View::start_clock(TimePoint now) {
    running_ = true;
    clock_fps_ = layout_->fps;
    base_ = now;
    phase_ = TickPhase(std::chrono::nanoseconds(1s) / clock_fps_);
    ++clock_;
    schedule(0);
}

void View::schedule(uint64_t n) {
    const auto when = base_ + std::chrono::nanoseconds(n * 1'000'000'000u / static_cast<uint64_t>(clock_fps_));
    timer_.at(when, [weak = weak_from_this(), clock = clock_, n] {
        if (const auto self = weak.lock()) self->tick(clock, n);
    });
}

void View::tick(uint64_t clock, uint64_t n) {
    const std::lock_guard lock(mutex_);
    if (clock != clock_ || !running_) return;
    const auto now = SteadyClock::now();
    refresh();
    if (!running_ || clock != clock_) return;
    const auto fps = static_cast<uint64_t>(clock_fps_);
    const auto tick_time = base_ + std::chrono::nanoseconds(n * 1'000'000'000u / fps);
    if (composing_) {
        ++stats_.ticks_missed;
    } else {
        composing_ = true;
        strand_->post([self = shared_from_this(), tick_time] { self->compose(tick_time); });
    }
    // After a suspended or overloaded moment the ticks that have passed are left out, the timestamps show the gap.
    const auto elapsed = static_cast<uint64_t>(std::max<int64_t>(0, std::chrono::nanoseconds(now - base_).count()));
    const uint64_t current = elapsed * fps / 1'000'000'000u;
    if (current > n) stats_.ticks_missed += current - n;
    base_ += phase_.step();
    schedule(std::max(n, current) + 1);
}

void View::compose(TimePoint tick_time) {
    struct Done {   // also when memory runs out on the way: the next tick tries again
        View &view;
        ~Done() {
            const std::lock_guard lock(view.mutex_);
            view.composing_ = false;
        }
    } done{*this};
    std::shared_ptr<const Layout> layout;
    std::vector<std::shared_ptr<RateEncoder>> encoders;
    {
        const std::lock_guard lock(mutex_);
        layout = layout_;
        for (const auto &[name, encoder] : encoders_) encoders.push_back(encoder);
    }
    const uint64_t start = thread_cpu_ns();
    ComposeResult result;
    {
        const std::lock_guard lock(composer_mutex_);
        result = composer_.compose(layout, SteadyClock::now(), tick_time);
    }
    // One clock for all views: a view dropped and put again under a leg that stays goes on in its time.
    const int64_t ts90k = std::chrono::nanoseconds(tick_time.time_since_epoch()).count() * 9 / 100'000;
    for (const auto &encoder : encoders) encoder->offer(result.canvas, ts90k, layout->fps);
    const auto now = SteadyClock::now();
    const std::lock_guard lock(mutex_);
    stats_.compose_ns += thread_cpu_ns() - start;
    ++stats_.frames;
    stats_.pictures_shown += result.shown;
    stats_.pictures_repeated += result.repeated;
    for (const auto &fresh : result.fresh) {
        phase_.note(tick_time - fresh.decoded);
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - fresh.pushed).count();
        ++waits_[static_cast<size_t>(std::clamp<int64_t>(ms, 0, static_cast<int64_t>(waits_.size()) - 1))];
    }
    if (running_) canvas_ = std::move(result.canvas);
}

ViewStats View::stats() const {
    const std::lock_guard lock(mutex_);
    ViewStats out = stats_;
    out.name = name_;
    out.width = layout_ ? layout_->width : 0;
    out.height = layout_ ? layout_->height : 0;
    out.fps = layout_ ? layout_->fps : 0;
    const uint64_t total = std::accumulate(waits_.begin(), waits_.end(), uint64_t{0});
    uint64_t below = 0;
    for (size_t ms = 0; ms < waits_.size() && total > 0; ++ms) {
        if (2 * (below + waits_[ms]) >= total) {
            out.wait_ms = static_cast<double>(ms) + (static_cast<double>(total) / 2 - static_cast<double>(below)) / static_cast<double>(waits_[ms]);
            break;
        }
        below += waits_[ms];
    }
    for (const auto &[name, encoder] : encoders_) out.classes.push_back(encoder->stats());
    return out;
}

}  // namespace mcu
