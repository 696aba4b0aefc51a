// SPDX-License-Identifier: GPL-2.0-or-later
#include "rate_encoder.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "h26x_encoder.h"
#include "levels.h"

namespace mcu {
namespace {

RateClass effective(const RateClass &wanted, int view_fps) {
    RateClass c = bound_by_level(wanted);
    c.fps = std::min(c.fps, view_fps);   // the rate control counts pictures, it must know how many come
    return c;
}

bool same(const RateClass &a, const RateClass &b) {
    return a.width == b.width && a.height == b.height && a.fps == b.fps && a.kbps == b.kbps && a.level_idc == b.level_idc &&
           a.codec == b.codec;
}

}  // namespace

RateEncoder::RateEncoder(Pool &pool, const RateClass &wanted, int view_fps, MakeEncoder make)
    : strand_(std::make_shared<Strand>(pool)), make_(std::move(make)), config_(effective(wanted, view_fps)) {}

std::unique_ptr<PictureEncoder> RateEncoder::make_encoder(const RateClass &bounded) {
    if (bounded.codec == Codec::H264) return std::make_unique<H264Encoder>(bounded);
    return std::make_unique<H26xEncoder>(bounded);
}

void RateEncoder::configure(const RateClass &wanted, int view_fps) {
    const RateClass config = effective(wanted, view_fps);
    const std::lock_guard lock(mutex_);
    if (same(config, config_)) return;
    config_ = config;
    ++config_number_;
    fault_.clear();
    due_ts_.reset();
}

void RateEncoder::attach(std::shared_ptr<Sink> sink) {
    const std::lock_guard lock(mutex_);
    auto sinks = std::make_shared<Sinks>(*sinks_);
    if (std::ranges::find(*sinks, sink) == sinks->end()) sinks->push_back(std::move(sink));
    if (sinks->size() == 1) keyframes_ = {};   // a new encoder begins: nothing to wait for
    keyframes_.request(SteadyClock::now());
    sinks_ = std::move(sinks);
}

void RateEncoder::detach(const Sink *sink) {
    const std::lock_guard lock(mutex_);
    auto sinks = std::make_shared<Sinks>(*sinks_);
    std::erase_if(*sinks, [&](const auto &s) { return s.get() == sink; });
    sinks_ = std::move(sinks);
    if (!sinks_->empty()) return;
    pending_.reset();
    strand_->post([self = shared_from_this()] {   // unless somebody came back meanwhile
        if (self->has_sinks()) return;
        self->encoder_.reset();
        self->scaled_.reset();
    });
}

void RateEncoder::end() {
    const std::lock_guard lock(mutex_);
    sinks_ = std::make_shared<Sinks>();
    pending_.reset();
}

bool RateEncoder::has_sinks() const {
    const std::lock_guard lock(mutex_);
    return !sinks_->empty();
}

Codec RateEncoder::codec() const {
    const std::lock_guard lock(mutex_);
    return config_.codec;
}

void RateEncoder::request_keyframe() {
    const std::lock_guard lock(mutex_);
    ++stats_.keyframes_asked;
    if (!sinks_->empty()) keyframes_.request(SteadyClock::now());
}

void RateEncoder::offer(std::shared_ptr<const Picture> canvas, int64_t ts90k, int view_fps) {
    const std::lock_guard lock(mutex_);
    if (sinks_->empty()) return;
    // 25 of 30: the canvas nearest to each moment of the class's own clock.
    const int64_t period = 90000 / config_.fps, tick = 90000 / view_fps;
    if (due_ts_ && ts90k + tick / 2 < *due_ts_) return;
    due_ts_ = (due_ts_ && ts90k - *due_ts_ < period ? *due_ts_ : ts90k) + period;
    const bool busy = pending_.has_value();
    stats_.skipped += busy;
    pending_ = Job{std::move(canvas), ts90k};
    if (!busy) strand_->post([self = shared_from_this()] { self->encode_pending(); });
}

void RateEncoder::encode_pending() {
    const uint64_t start = thread_cpu_ns();
    std::optional<Job> job;
    RateClass config;
    uint64_t number;
    std::shared_ptr<const Sinks> sinks;
    bool idr;
    const auto now = SteadyClock::now();
    {
        const std::lock_guard lock(mutex_);
        job = std::exchange(pending_, std::nullopt);
        config = config_;
        number = config_number_;
        sinks = sinks_;
        if (!job || sinks->empty()) return;
        // Settled now: a request that comes while this picture is being encoded may be of a sink that won't get it.
        idr = keyframes_.due(now) || !encoder_ || number != encoder_number_;
        if (idr) keyframes_.made(now);
    }
    if (number != encoder_number_) {
        encoder_.reset();
        encoder_number_ = number;
        refused_ = false;
    }
    std::string fault;
    std::shared_ptr<AccessUnit> unit;
    try {
        unit = encode(*job, config, idr);
    } catch (const std::exception &what) {
        fault = what.what();
        refused_ = true;
    }
    job.reset();
    const bool left_out = unit && unit->nals.empty();
    if (unit && !left_out) unit->seq = seq_++;
    {
        const std::lock_guard lock(mutex_);
        stats_.encode_ns += thread_cpu_ns() - start;
        if (!fault.empty() && number == config_number_) fault_ = fault;
        if (!unit) {
            ++stats_.failed;
            return;
        }
        if (left_out) {
            ++stats_.skipped;
            return;
        }
        ++stats_.frames;
        for (const auto &nal : unit->nals) stats_.bytes += nal.size();
        stats_.idrs += unit->keyframe;
        if (unit->keyframe && !idr && sinks == sinks_) keyframes_.made(now);   // the encoder's own; a new sink has not got it
    }
    for (const auto &sink : *sinks) sink->on_access_unit(unit);
}

// Null when there is no picture. An encoder that fails is replaced: its references can't be trusted, and a new one begins with the
// IDR that may have been asked for. One that fails at once would be replaced for ever, so its configuration is given up.
std::shared_ptr<AccessUnit> RateEncoder::encode(const Job &job, const RateClass &config, bool idr) {
    if (refused_) return nullptr;
    if (!encoder_) {
        encoder_ = make_(config);
        proven_ = false;
    }
    auto unit = encoder_->encode(*fit(*job.canvas, config), job.ts90k, idr);
    if (!unit) encoder_.reset();
    if (!unit && !proven_) throw std::runtime_error("the encoder makes no picture");
    proven_ = true;
    return unit;
}

const Picture *RateEncoder::fit(const Picture &canvas, const RateClass &config) {
    if (canvas.width == config.width && canvas.height == config.height) return &canvas;
    const Placement placement = place(canvas.width, canvas.height, canvas.pixel_aspect, {0, 0, config.width, config.height},
                                      usual_pixel_aspect(config.width, config.height), false);
    if (!scaled_ || scaled_->width != config.width || scaled_->height != config.height ||
        scaled_placement_.to != placement.to) {
        scaled_ = make_picture(config.width, config.height);
        fill(*scaled_, {0, 0, config.width, config.height}, {16, 128, 128});   // the bars stay
        scaled_placement_ = placement;
    }
    draw(*scaled_, canvas, placement);
    return scaled_.get();
}

ClassStats RateEncoder::stats() const {
    const std::lock_guard lock(mutex_);
    ClassStats out = stats_;
    out.name = config_.name;
    out.width = config_.width;
    out.height = config_.height;
    out.fps = config_.fps;
    out.kbps = config_.kbps;
    out.sinks = sinks_->size();
    out.fault = fault_;
    return out;
}

}  // namespace mcu
