// SPDX-License-Identifier: GPL-2.0-or-later
// The video engine: coded pictures of the sources in, coded pictures of the views out.
//
// Every method may be called from any thread and never waits for coding work. Names that don't exist are no error
// (a leg may go while its last packet is on the way): the call does nothing, or gives something empty.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "types.h"

namespace mcu {

class Engine {
public:
    // threads: size of the pool; 0 takes the number of cores.
    explicit Engine(int threads = 0);
    ~Engine();   // stop()
    // Waits for running work and drops all sources, views and sinks. The object stays and its methods may be called, but
    // nothing is decoded, composed or encoded any more.
    void stop();
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    // ask_keyframe is called from an engine thread: when the source comes into view, when its stream is broken, and
    // again every 0.5 s until a keyframe has come. It must not block. A name that exists is replaced.
    // After remove_source() has returned no new call of it starts, but one may be under way in another thread:
    // what it captures must be owned (shared_ptr, weak_ptr).
    void add_source(const std::string &name, Codec codec, std::function<void()> ask_keyframe);
    void remove_source(const std::string &name);

    // One whole access unit (H.264: Annex B, start codes of 3 or 4 octets; H.263, H.261: a picture); it is copied. rtp_ts is the RTP timestamp.
    // loss_before: packets were lost in this unit or between the former one and this one.
    void push(const std::string &name, const uint8_t *unit, size_t size, uint32_t rtp_ts, bool loss_before);

    // RGBA, straight alpha, w * h * 4 octets; replaces what had the key. At most 16384 on a side, 4096 x 4096 in all (std::invalid_argument).
    void put_bitmap(const std::string &key, int w, int h, const uint8_t *rgba);
    void drop_bitmap(const std::string &key);

    // Idempotent; the new layout shows from one tick on, as a whole. Classes that are no longer listed end (their
    // sinks are forgotten), those that are unchanged go on without an IDR.
    // std::invalid_argument: canvas not within 16..1920 x 16..1088, fps not within 1..60, more than 128 tiles.
    void put_view(const std::string &name, const Scene &scene, const std::vector<RateClass> &classes);
    void drop_view(const std::string &name);

    // The encoder of a class exists while it has a sink. Each attach counts as a keyframe request; the first makes the
    // encoder start with an IDR. False if there is no such view or class.
    // After detach() returns no new call of the sink starts, but one may be under way in an engine thread.
    bool attach(const std::string &view, const std::string &rate_class, std::shared_ptr<Sink> sink);
    void detach(const std::string &view, const std::string &rate_class, const Sink *sink);
    // What a class is coded in; nothing if there is no such view or class.
    std::optional<Codec> codec_of(const std::string &view, const std::string &rate_class) const;

    // Coalesced: the next picture is an IDR, but an encoder makes at most one each 0.5 s. Who keeps asking is slowed where
    // receivers are told apart, in Asterisk's video router.
    void request_keyframe(const std::string &view, const std::string &rate_class);

    // The last canvas as JPEG, at most max_width wide (0: as it is). Looking keeps the view composed for 5 s even
    // without sinks, so a second look a moment later shows moving pictures.
    Still still(const std::string &view, int max_width);

    Stats stats() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mcu
