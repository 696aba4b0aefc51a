// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine.h"

#include <map>
#include <shared_mutex>
#include <utility>

#include "bitmap.h"
#include "directory.h"
#include "layout.h"
#include "pool.h"
#include "still.h"
#include "timer.h"
#include "view.h"

namespace mcu {
namespace {
using namespace std::chrono_literals;
constexpr auto kHousekeeping = 100ms;
}  // namespace

struct Engine::Impl {
    explicit Impl(int threads) : pool(threads) { keep_house(); }

    void stop() {
        timer.stop();
        pool.stop();
        // Nobody but the caller is in sources and views now. What they hold may hold whoever owns the engine.
        std::map<std::string, std::shared_ptr<View>> forgotten;
        {
            const std::unique_lock lock(views_mutex);
            forgotten.swap(views);
        }
        for (const auto &[name, view] : forgotten) view->drop();
        sources.clear();
    }

    ~Impl() { stop(); }

    void keep_house() {
        timer.at(SteadyClock::now() + kHousekeeping, [this] {
            const auto now = SteadyClock::now();
            for (const auto &source : sources.all()) source->housekeeping(now);
            keep_house();
        });
    }

    std::shared_ptr<View> find(const std::string &name) const {
        const std::shared_lock lock(views_mutex);
        const auto found = views.find(name);
        return found == views.end() ? nullptr : found->second;
    }

    BitmapStore bitmaps;
    SourceDirectory sources;
    mutable std::shared_mutex views_mutex;   // held for look-ups only; each view has a lock of its own
    std::map<std::string, std::shared_ptr<View>> views;
    Pool pool;
    Timer timer;
};

Engine::Engine(int threads) : impl_(std::make_unique<Impl>(threads)) {}
Engine::~Engine() = default;
void Engine::stop() { impl_->stop(); }

void Engine::add_source(const std::string &name, Codec codec, std::function<void()> ask_keyframe) {
    auto source = std::make_shared<Source>(impl_->pool, name, codec, std::move(ask_keyframe));
    impl_->sources.slot(name)->set(std::move(source));
}

void Engine::remove_source(const std::string &name) { impl_->sources.slot(name)->set(nullptr); }

void Engine::push(const std::string &name, const uint8_t *unit, size_t size, uint32_t, bool loss_before) {
    if (const auto source = impl_->sources.find(name)) source->push(unit, size, loss_before);
}

void Engine::put_bitmap(const std::string &key, int w, int h, const uint8_t *rgba) {
    impl_->bitmaps.put(key, make_bitmap(w, h, rgba));
}

void Engine::drop_bitmap(const std::string &key) { impl_->bitmaps.drop(key); }

void Engine::put_view(const std::string &name, const Scene &scene, const std::vector<RateClass> &classes) {
    auto layout = lay_out(scene, impl_->sources);
    std::shared_ptr<View> view;
    {
        const std::unique_lock lock(impl_->views_mutex);
        auto &place = impl_->views[name];
        if (!place) place = std::make_shared<View>(impl_->pool, impl_->timer, impl_->bitmaps, name);
        view = place;
    }
    view->put(std::move(layout), classes);
}

void Engine::drop_view(const std::string &name) {
    std::shared_ptr<View> view;
    {
        const std::unique_lock lock(impl_->views_mutex);
        const auto found = impl_->views.find(name);
        if (found == impl_->views.end()) return;
        view = std::move(found->second);
        impl_->views.erase(found);
    }
    view->drop();
}

bool Engine::attach(const std::string &view, const std::string &rate_class, std::shared_ptr<Sink> sink) {
    const auto found = impl_->find(view);
    return found && found->attach(rate_class, std::move(sink));
}

void Engine::detach(const std::string &view, const std::string &rate_class, const Sink *sink) {
    if (const auto found = impl_->find(view)) found->detach(rate_class, sink);
}

std::optional<Codec> Engine::codec_of(const std::string &view, const std::string &rate_class) const {
    const auto found = impl_->find(view);
    return found ? found->codec_of(rate_class) : std::nullopt;
}

void Engine::request_keyframe(const std::string &view, const std::string &rate_class) {
    if (const auto found = impl_->find(view)) found->request_keyframe(rate_class);
}

Still Engine::still(const std::string &view, int max_width) {
    const auto found = impl_->find(view);
    if (!found) return {};
    const auto canvas = found->look();
    return canvas ? encode_jpeg(*canvas, max_width) : Still{};
}

Stats Engine::stats() const {
    Stats out;
    out.faults = impl_->pool.faults();
    for (const auto &source : impl_->sources.all()) out.sources.push_back(source->stats());
    std::vector<std::shared_ptr<View>> views;
    {
        const std::shared_lock lock(impl_->views_mutex);
        for (const auto &[name, view] : impl_->views) views.push_back(view);
    }
    for (const auto &view : views) out.views.push_back(view->stats());
    return out;
}

}  // namespace mcu
