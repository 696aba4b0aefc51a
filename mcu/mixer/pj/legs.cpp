// SPDX-License-Identifier: GPL-2.0-or-later
#include "legs.h"

#include <pthread.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <utility>

#include "sdp_codec.h"

namespace mcu::pj {
namespace {

constexpr auto kTick = std::chrono::milliseconds(20);   // half of what the reorder buffer waits for a lost packet
constexpr int64_t kHiddenStalls = 2'000'000;            // µs, the engine's own measure for pictures that are seen

std::mutex owner_mutex;
Legs *owner = nullptr;

}  // namespace

Legs::Legs(Engine &engine) : engine_(engine) {
    {
        std::lock_guard lock(owner_mutex);
        if (owner) throw std::logic_error("there are Legs already");
        owner = this;
    }
    try {
        register_codecs();
    } catch (...) {
        owner = nullptr;
        throw;
    }
    // pjsua calls these with its locks held; Legs calls nothing of pjsua's, so no order of locks can turn round.
    pjsua_own_media callbacks{};
    callbacks.on_started = [](pjsua_call_id call, unsigned index, pjmedia_type, pjmedia_transport *transport,
                              const pjmedia_vid_stream_info *video) -> pj_status_t {
        return video ? owner->started(call, index, transport, *video) : PJ_SUCCESS;   // sound: negotiated, never made
    };
    callbacks.on_stopping = [](pjsua_call_id call, unsigned index) { owner->stopping(call, index); };
    callbacks.on_keyframe_wanted = [](pjsua_call_id call) { owner->keyframe_wanted(call); };
    pjsua_set_own_media(&callbacks);
    ticker_ = std::thread([this] { run(); });
    pthread_setname_np(ticker_.native_handle(), "rtp-ticker");
}

Legs::~Legs() { close(); }

void Legs::close() {
    std::map<int, Leg> legs;
    {
        std::lock_guard lock(mutex_);
        if (closed_) return;
        closed_ = true;
        legs.swap(legs_);
    }
    wake_.notify_all();
    ticker_.join();
    pjsua_set_own_media(nullptr);
    for (auto &[call_id, leg] : legs) {
        if (const auto stream = take_stream(leg)) stream->stop();
        if (leg.current && *leg.owns_source) engine_.remove_source(leg.status.participant);
    }
    unregister_codecs();
    std::lock_guard lock(owner_mutex);
    owner = nullptr;
}

void Legs::expect_leg(int call_id, const std::string &participant) {
    std::lock_guard lock(mutex_);
    Leg leg;
    leg.status.call_id = call_id;
    leg.status.participant = participant;
    leg.owns_source = std::make_shared<std::atomic<bool>>(true);
    leg.continuity = {uint16_t(pj_rand()), uint32_t(pj_rand()), 0};
    if (const auto former = source_owner_.find(participant); former != source_owner_.end())
        if (const auto other = legs_.find(former->second); other != legs_.end()) *other->second.owns_source = false;
    source_owner_[participant] = call_id;
    legs_[call_id] = std::move(leg);
}

void Legs::expect_view(int call_id, const std::string &view, const std::string &rate_class) {
    std::lock_guard lock(mutex_);
    Leg leg;
    leg.status.call_id = call_id;
    leg.status.is_view = true;
    leg.status.view = view;
    leg.status.rate_class = rate_class;
    leg.continuity = {uint16_t(pj_rand()), uint32_t(pj_rand()), 0};
    legs_[call_id] = std::move(leg);
}

void Legs::end(int call_id) {
    std::unique_lock lock(mutex_);
    stop_stream(lock, call_id);
    std::erase_if(failures_, [&](const LegFailure &failure) { return failure.call_id == call_id; });   // its number is given out again
    const auto found = legs_.find(call_id);
    if (found == legs_.end()) return;
    const Leg &leg = found->second;
    if (!leg.status.is_view && *leg.owns_source) {
        engine_.remove_source(leg.status.participant);
        source_owner_.erase(leg.status.participant);
        seen_.erase(leg.status.participant);
    }
    legs_.erase(found);
}

VideoStream::Use Legs::use_of(Leg &leg) {
    VideoStream::Use use;
    if (leg.status.is_view) {
        use.may_send = true;
        use.on_keyframe_wanted = [&engine = engine_, view = leg.status.view, rate_class = leg.status.rate_class] {
            engine.request_keyframe(view, rate_class);
        };
    } else {
        // What a re-INVITE cut off in between is missing, and no sequence number tells.
        use.on_unit = [&engine = engine_, name = leg.status.participant, owns = leg.owns_source,
                       cut = leg.current != nullptr](rtp::Unit &&unit) mutable {
            if (*owns) engine.push(name, unit.data.data(), unit.data.size(), unit.ts, unit.loss_before || std::exchange(cut, false));
        };
    }
    return use;
}

pj_status_t Legs::started(int call_id, unsigned media_index, pjmedia_transport *transport,
                          const pjmedia_vid_stream_info &info) {
    std::unique_lock lock(mutex_);
    auto found = legs_.find(call_id);
    if (found == legs_.end() || closed_) return PJ_SUCCESS;   // a call that is being refused
    if (found->second.stream && found->second.media_index != media_index) return PJ_SUCCESS;   // a second m=video: the first one counts
    stop_stream(lock, call_id);
    found = legs_.find(call_id);
    if (found == legs_.end() || closed_) return PJ_SUCCESS;
    Leg &leg = found->second;
    try {
        VideoStream::Use use = use_of(leg);
        // The source first: packets come from the moment on in which the stream is started.
        if (!leg.status.is_view && *leg.owns_source) renew_source(leg, rtp::codec_of(format_in_sdp(info.codec_info.encoding_name)));
        leg.stream = VideoStream::start(transport, info, leg.continuity, std::move(use), timer_);
    } catch (const std::exception &fault) {   // none may pass through pjsua's C, and of its own pjsua keeps the call
        failures_.push_back({call_id, fault.what()});
        return PJMEDIA_CODEC_EUNSUP;
    }
    leg.media_index = media_index;
    leg.status.started = true;
    leg.status.codec = rtp::name_of(leg.stream->format());
    if (leg.status.is_view) {
        if (info.dir & PJMEDIA_DIR_ENCODING) try_attach(leg);
    } else if (leg.current && *leg.owns_source) {
        std::lock_guard current_lock(leg.current->mutex);
        leg.current->stream = leg.stream;
    }
    return PJ_SUCCESS;
}

// A re-INVITE may change the codec: the source begins anew, with another decoder.
void Legs::renew_source(Leg &leg, Codec codec) {
    if (leg.current && leg.source_codec == codec) return;
    leg.source_codec = codec;
    if (!leg.current) leg.current = std::make_shared<Current>();
    engine_.add_source(leg.status.participant, codec, [current = leg.current] {
        std::shared_ptr<VideoStream> stream;
        {
            std::lock_guard current_lock(current->mutex);
            stream = current->stream;
        }
        if (stream) stream->ask_keyframe();
    });
}

void Legs::try_attach(Leg &leg) {
    if (!leg.stream || leg.status.attached) return;
    const auto coded = engine_.codec_of(leg.status.view, leg.status.rate_class);
    if (coded && *coded != rtp::codec_of(leg.stream->format()))   // its receiver would take the pictures for something else
        failures_.push_back({leg.status.call_id, "the class is not coded as " + leg.status.codec});
    else
        leg.status.attached = engine_.attach(leg.status.view, leg.status.rate_class, leg.stream);
}

// The source stays with the engine: a call on hold has a card, not nothing.
std::shared_ptr<VideoStream> Legs::take_stream(Leg &leg) {
    if (!leg.stream) return nullptr;
    if (leg.status.attached) engine_.detach(leg.status.view, leg.status.rate_class, leg.stream.get());
    if (leg.current) {
        std::lock_guard current_lock(leg.current->mutex);
        leg.current->stream.reset();
    }
    leg.status.attached = leg.status.started = false;
    return std::exchange(leg.stream, nullptr);
}

// Stopping waits for a packet that is being taken: without the lock, or the ticker and all other calls wait, too. pjsua tells of one
// call's media in one thread, so no other stream of it begins meanwhile.
void Legs::stop_stream(std::unique_lock<std::mutex> &lock, int call_id) {
    const auto found = legs_.find(call_id);
    if (found == legs_.end()) return;
    const auto stream = take_stream(found->second);
    if (!stream) return;
    lock.unlock();
    stream->stop();
    lock.lock();
    if (const auto leg = legs_.find(call_id); leg != legs_.end()) leg->second.continuity = stream->continuity();
}

void Legs::stopping(int call_id, unsigned media_index) {
    std::unique_lock lock(mutex_);
    const auto found = legs_.find(call_id);
    if (found != legs_.end() && found->second.media_index == media_index) stop_stream(lock, call_id);
}

void Legs::keyframe_wanted(int call_id) {
    std::string view, rate_class;
    {
        std::lock_guard lock(mutex_);
        const auto found = legs_.find(call_id);
        if (found == legs_.end() || !found->second.status.is_view) return;
        view = found->second.status.view;
        rate_class = found->second.status.rate_class;
    }
    engine_.request_keyframe(view, rate_class);
}

void Legs::view_changed(const std::string &view, const std::vector<std::string> &classes) {
    const std::set<std::string> known(classes.begin(), classes.end());
    std::lock_guard lock(mutex_);
    for (auto &[call_id, leg] : legs_) {
        if (!leg.status.is_view || leg.status.view != view) continue;
        if (!known.count(leg.status.rate_class)) leg.status.attached = false;   // the engine has forgotten the sink
        else try_attach(leg);
    }
}

bool Legs::has_video(int call_id) {
    std::lock_guard lock(mutex_);
    const auto found = legs_.find(call_id);
    return found != legs_.end() && found->second.status.started;
}

std::vector<LegFailure> Legs::take_failures() {
    std::lock_guard lock(mutex_);
    return std::exchange(failures_, {});
}

std::vector<LegStatus> Legs::status() {
    std::lock_guard lock(mutex_);
    std::vector<LegStatus> all;
    all.reserve(legs_.size());
    for (auto &[call_id, leg] : legs_) {
        all.push_back(leg.status);
        if (leg.stream) all.back().stats = leg.stream->stats();
    }
    return all;
}

std::vector<PictureChange> Legs::picture_changes() {
    const Stats stats = engine_.stats();
    const int64_t now = now_us();
    std::vector<PictureChange> changes;
    std::lock_guard lock(mutex_);
    for (const SourceStats &source : stats.sources) {
        if (!source_owner_.count(source.name)) continue;
        Seen &seen = seen_[source.name];
        if (source.frames_in != seen.frames) {
            seen.frames = source.frames_in;
            seen.moved_us = now;
        }
        std::string state;
        switch (source.state) {
        case SourceState::none: state = "none"; break;
        case SourceState::waiting: state = "waiting"; break;
        case SourceState::live: state = "live"; break;
        case SourceState::stalled: state = "stalled"; break;
        case SourceState::hidden:   // not decoded: whether packets come tells
            state = seen.moved_us == 0 ? "none" : now - seen.moved_us < kHiddenStalls ? "live" : "stalled";
        }
        if (state == seen.state && source.width == seen.width && source.height == seen.height) continue;
        seen.state = state;
        seen.width = source.width;
        seen.height = source.height;
        changes.push_back({source.name, state, source.width, source.height});
    }
    return changes;
}

void Legs::run() {
    std::unique_lock lock(mutex_);
    while (!closed_) {
        wake_.wait_for(lock, kTick);
        std::vector<std::shared_ptr<VideoStream>> streams;
        for (const auto &[call_id, leg] : legs_)
            if (leg.stream) streams.push_back(leg.stream);
        lock.unlock();
        for (const auto &stream : streams) stream->tick(now_us());
        streams.clear();
        lock.lock();
    }
}

}  // namespace mcu::pj
