// SPDX-License-Identifier: GPL-2.0-or-later
// The engine for Python. The GIL is let go in every call that could wait for a thread of the engine.
#include <nanobind/nanobind.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "bind.h"
#include "engine.h"
#include "rtp/payload.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace mcu {
namespace {

// ~Engine waits for threads that may be waiting for the GIL.
struct BoundEngine : Engine {
    using Engine::Engine;
    ~BoundEngine() {
        nb::gil_scoped_release release;
        stop();
    }
};

// A Python callable that native threads may call, copy and drop.
std::function<void()> callable(nb::object call) {
    if (call.is_none()) return {};
    const std::shared_ptr<nb::object> shared(new nb::object(std::move(call)), [](nb::object *o) {
        if (!nb::is_alive()) return;   // the interpreter is gone, and the object with it
        nb::gil_scoped_acquire acquire;
        delete o;
    });
    return [shared] {
        if (!nb::is_alive()) return;
        nb::gil_scoped_acquire acquire;
        try {
            (*shared)();
        } catch (nb::python_error &e) {
            e.discard_as_unraisable(*shared);
        }
    };
}

// Pictures of a class for Python to take: for tests and benches. Without a limit of its own a forgotten one would grow.
class QueueSink : public Sink {
public:
    explicit QueueSink(size_t limit) : limit_(limit) {}

    void on_access_unit(std::shared_ptr<const AccessUnit> unit) override {
        {
            const std::lock_guard lock(mutex_);
            ++count_;
            if (limit_ == 0) return;
            if (units_.size() >= limit_) units_.pop_front();
            units_.push_back(std::move(unit));
        }
        wake_.notify_one();
    }

    std::shared_ptr<const AccessUnit> get(double timeout) {
        std::unique_lock lock(mutex_);
        if (!wake_.wait_for(lock, std::chrono::duration<double>(timeout), [this] { return !units_.empty(); })) return nullptr;
        auto unit = std::move(units_.front());
        units_.pop_front();
        return unit;
    }

    uint64_t count() const {
        const std::lock_guard lock(mutex_);
        return count_;
    }

private:
    const size_t limit_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<const AccessUnit>> units_;
    uint64_t count_ = 0;
};

nb::bytes to_bytes(const std::vector<uint8_t> &v) { return nb::bytes(v.data(), v.size()); }

void bind_scene(nb::module_ &m) {
    nb::class_<Tile>(m, "Tile")
        .def("__init__", [](Tile *t, std::string source, float x, float y, float w, float h, bool crop, bool speaking,
                            bool muted, std::string label, std::string card) {
            new (t) Tile{std::move(source), x, y, w, h, crop, speaking, muted, std::move(label), std::move(card)};
        }, "source"_a, "x"_a, "y"_a, "w"_a, "h"_a, "crop"_a = false, "speaking"_a = false, "muted"_a = false, "label"_a = "", "card"_a = "")
        .def_rw("source", &Tile::source).def_rw("x", &Tile::x).def_rw("y", &Tile::y).def_rw("w", &Tile::w).def_rw("h", &Tile::h)
        .def_rw("crop", &Tile::crop).def_rw("speaking", &Tile::speaking).def_rw("muted", &Tile::muted)
        .def_rw("label", &Tile::label).def_rw("card", &Tile::card);
    nb::class_<Overlay>(m, "Overlay")
        .def("__init__", [](Overlay *o, std::string bitmap, float x, float y, float w, float h, float scroll) {
            new (o) Overlay{std::move(bitmap), x, y, w, h, scroll};
        }, "bitmap"_a, "x"_a, "y"_a, "w"_a = 0.f, "h"_a = 0.f, "scroll"_a = 0.f)
        .def_rw("bitmap", &Overlay::bitmap).def_rw("x", &Overlay::x).def_rw("y", &Overlay::y).def_rw("w", &Overlay::w).def_rw("h", &Overlay::h)
        .def_rw("scroll", &Overlay::scroll);
    nb::class_<Scene>(m, "Scene")
        .def("__init__", [](Scene *s, int width, int height, int fps, std::vector<Tile> tiles, std::vector<Overlay> overlays,
                            std::string background, uint32_t background_rgb, uint32_t speaking_rgb) {
            new (s) Scene{width, height, fps, std::move(tiles), std::move(overlays), std::move(background), background_rgb, speaking_rgb};
        }, "width"_a = 1280, "height"_a = 720, "fps"_a = 30, "tiles"_a = std::vector<Tile>{}, "overlays"_a = std::vector<Overlay>{},
           "background"_a = "", "background_rgb"_a = Scene{}.background_rgb, "speaking_rgb"_a = Scene{}.speaking_rgb)
        .def_rw("width", &Scene::width).def_rw("height", &Scene::height).def_rw("fps", &Scene::fps)
        .def_rw("tiles", &Scene::tiles).def_rw("overlays", &Scene::overlays).def_rw("background", &Scene::background)
        .def_rw("background_rgb", &Scene::background_rgb).def_rw("speaking_rgb", &Scene::speaking_rgb);
    nb::class_<RateClass>(m, "RateClass")
        .def("__init__", [](RateClass *c, std::string name, int width, int height, int fps, int kbps, int level_idc,
                            const std::string &codec) {
            new (c) RateClass{std::move(name), width, height, fps, kbps, level_idc, rtp::codec_of(rtp::format_named(codec))};
        }, "name"_a, "width"_a = 1280, "height"_a = 720, "fps"_a = 30, "kbps"_a = 1500, "level_idc"_a = 31, "codec"_a = "h264")
        .def_ro("codec", &RateClass::codec)
        .def_rw("name", &RateClass::name).def_rw("width", &RateClass::width).def_rw("height", &RateClass::height)
        .def_rw("fps", &RateClass::fps).def_rw("kbps", &RateClass::kbps).def_rw("level_idc", &RateClass::level_idc);
}

void bind_stats(nb::module_ &m) {
    nb::enum_<SourceState>(m, "SourceState")
        .value("none", SourceState::none).value("waiting", SourceState::waiting).value("live", SourceState::live)
        .value("stalled", SourceState::stalled).value("hidden", SourceState::hidden);
    nb::class_<SourceStats>(m, "SourceStats")
        .def_ro("name", &SourceStats::name).def_ro("codec", &SourceStats::codec).def_ro("state", &SourceStats::state)
        .def_ro("frames_in", &SourceStats::frames_in).def_ro("frames_decoded", &SourceStats::frames_decoded)
        .def_ro("frames_dropped", &SourceStats::frames_dropped).def_ro("frames_hidden", &SourceStats::frames_hidden)
        .def_ro("bytes_in", &SourceStats::bytes_in).def_ro("losses", &SourceStats::losses).def_ro("errors", &SourceStats::errors)
        .def_ro("keyframes_asked", &SourceStats::keyframes_asked).def_ro("width", &SourceStats::width)
        .def_ro("height", &SourceStats::height).def_ro("fps", &SourceStats::fps).def_ro("decode_ns", &SourceStats::decode_ns);
    nb::class_<ClassStats>(m, "ClassStats")
        .def_ro("name", &ClassStats::name).def_ro("width", &ClassStats::width).def_ro("height", &ClassStats::height)
        .def_ro("fps", &ClassStats::fps).def_ro("kbps", &ClassStats::kbps).def_ro("sinks", &ClassStats::sinks)
        .def_ro("frames", &ClassStats::frames).def_ro("bytes", &ClassStats::bytes).def_ro("idrs", &ClassStats::idrs)
        .def_ro("keyframes_asked", &ClassStats::keyframes_asked).def_ro("skipped", &ClassStats::skipped)
        .def_ro("failed", &ClassStats::failed).def_ro("fault", &ClassStats::fault).def_ro("encode_ns", &ClassStats::encode_ns);
    nb::class_<ViewStats>(m, "ViewStats")
        .def_ro("name", &ViewStats::name).def_ro("width", &ViewStats::width).def_ro("height", &ViewStats::height)
        .def_ro("fps", &ViewStats::fps).def_ro("frames", &ViewStats::frames).def_ro("ticks_missed", &ViewStats::ticks_missed)
        .def_ro("compose_ns", &ViewStats::compose_ns).def_ro("pictures_shown", &ViewStats::pictures_shown)
        .def_ro("pictures_repeated", &ViewStats::pictures_repeated).def_ro("wait_ms", &ViewStats::wait_ms)
        .def_ro("classes", &ViewStats::classes);
    nb::class_<Stats>(m, "Stats").def_ro("sources", &Stats::sources).def_ro("views", &Stats::views).def_ro("faults", &Stats::faults);
    nb::class_<Still>(m, "Still").def_ro("width", &Still::width).def_ro("height", &Still::height)
        .def_prop_ro("jpeg", [](const Still &s) { return to_bytes(s.jpeg); });
}

void bind_units(nb::module_ &m) {
    nb::class_<AccessUnit>(m, "AccessUnit")
        .def("__init__", [](AccessUnit *u, std::vector<nb::bytes> nals, bool keyframe, int64_t ts90k, uint64_t seq, Codec codec) {
            new (u) AccessUnit{{}, keyframe, ts90k, seq, codec};
            for (const auto &n : nals)
                u->nals.emplace_back(static_cast<const uint8_t *>(n.data()), static_cast<const uint8_t *>(n.data()) + n.size());
        }, "nals"_a, "keyframe"_a = false, "ts90k"_a = 0, "seq"_a = 0, "codec"_a = Codec::H264)
        .def_prop_ro("nals", [](const AccessUnit &u) {
            nb::list out;
            for (const auto &nal : u.nals) out.append(to_bytes(nal));
            return out;
        })
        .def("annexb", [](const AccessUnit &u) {
            std::vector<uint8_t> out;
            for (const auto &nal : u.nals) {
                out.insert(out.end(), {0, 0, 0, 1});
                out.insert(out.end(), nal.begin(), nal.end());
            }
            return to_bytes(out);
        })
        .def_ro("keyframe", &AccessUnit::keyframe).def_ro("ts90k", &AccessUnit::ts90k).def_ro("seq", &AccessUnit::seq)
        .def_ro("codec", &AccessUnit::codec);
    nb::class_<Sink>(m, "Sink");
    nb::class_<QueueSink, Sink>(m, "QueueSink")
        .def(nb::init<size_t>(), "limit"_a = 256)
        .def("get", [](QueueSink &s, double timeout) { return std::const_pointer_cast<AccessUnit>(s.get(timeout)); },
             "timeout"_a = 5.0, nb::call_guard<nb::gil_scoped_release>())
        .def_prop_ro("count", &QueueSink::count);
}

}  // namespace

void bind_engine(nb::module_ &m) {
    nb::enum_<Codec>(m, "Codec").value("H264", Codec::H264).value("H263", Codec::H263).value("H261", Codec::H261);
    bind_scene(m);
    bind_stats(m);
    bind_units(m);
    using release = nb::call_guard<nb::gil_scoped_release>;
    nb::class_<Engine>(m, "EngineBase");
    nb::class_<BoundEngine, Engine>(m, "Engine")
        .def(nb::init<int>(), "threads"_a = 0)
        .def("stop", &Engine::stop, release())
        .def("add_source", [](BoundEngine &e, const std::string &name, Codec codec, nb::object ask_keyframe) {
            auto ask = callable(std::move(ask_keyframe));
            nb::gil_scoped_release r;
            e.add_source(name, codec, std::move(ask));
        }, "name"_a, "codec"_a = Codec::H264, "ask_keyframe"_a.none() = nb::none())
        .def("remove_source", &Engine::remove_source, "name"_a, release())
        .def("push", [](BoundEngine &e, const std::string &name, nb::bytes unit, uint32_t rtp_ts, bool loss_before) {
            const auto *data = static_cast<const uint8_t *>(unit.data());
            const size_t size = unit.size();
            nb::gil_scoped_release r;   // the caller's reference keeps the bytes
            e.push(name, data, size, rtp_ts, loss_before);
        }, "name"_a, "unit"_a, "rtp_ts"_a = 0, "loss_before"_a = false)
        .def("put_bitmap", [](BoundEngine &e, const std::string &key, int w, int h, nb::bytes rgba) {
            if (w < 1 || h < 1 || rgba.size() != static_cast<size_t>(w) * static_cast<size_t>(h) * 4)
                throw std::invalid_argument("rgba must have width * height * 4 octets");
            const auto *data = static_cast<const uint8_t *>(rgba.data());
            nb::gil_scoped_release r;
            e.put_bitmap(key, w, h, data);
        }, "key"_a, "width"_a, "height"_a, "rgba"_a)
        .def("drop_bitmap", &Engine::drop_bitmap, "key"_a, release())
        .def("put_view", &Engine::put_view, "name"_a, "scene"_a, "classes"_a, release())
        .def("drop_view", &Engine::drop_view, "name"_a, release())
        .def("attach", &Engine::attach, "view"_a, "rate_class"_a, "sink"_a, release())
        .def("detach", &Engine::detach, "view"_a, "rate_class"_a, "sink"_a, release())
        .def("request_keyframe", &Engine::request_keyframe, "view"_a, "rate_class"_a, release())
        .def("still", &Engine::still, "view"_a, "max_width"_a = 0, release())
        .def("stats", &Engine::stats, release());
}

}  // namespace mcu
