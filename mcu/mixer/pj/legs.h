// SPDX-License-Identifier: GPL-2.0-or-later
// The calls of the mixer, as the engine sees them: a leg brings a participant's picture in, a view leg takes a class of
// a view out. pjsua tells here when a call's video starts and stops (the patch's pjsua_own_media); Python says, before
// it answers a call, what the call is for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "../engine/engine.h"
#include "video_stream.h"

namespace mcu::pj {

struct LegStatus {
    int call_id = 0;
    bool is_view = false;
    std::string participant;          // of a leg
    std::string view, rate_class;     // of a view leg
    bool started = false;             // its RTP is up
    bool attached = false;            // of a view leg: the engine has its class
    std::string codec{};              // once started: h264, h263p, h263 or h261 (rtp/payload.h)
    StreamStats stats;
};

// A call whose video could not be started: it is of no use, and only who holds the call can end it.
struct LegFailure {
    int call_id = 0;
    std::string reason;
};

struct PictureChange {
    std::string participant;
    std::string state;                // none, waiting, live, stalled
    int width = 0, height = 0;
};

class Legs {
public:
    // pjsua must be initialised. One at a time (std::logic_error): pjsua's callbacks know no owner.
    explicit Legs(Engine &engine);
    ~Legs();
    Legs(const Legs &) = delete;
    Legs &operator=(const Legs &) = delete;

    // What a call is for; to be said before it is answered. The newest leg of a participant has its source.
    void expect_leg(int call_id, const std::string &participant);
    void expect_view(int call_id, const std::string &view, const std::string &rate_class);
    void end(int call_id);

    // The engine's view has these classes from now on: legs that waited for one get it.
    void view_changed(const std::string &view, const std::vector<std::string> &classes);

    // Whether the call's video is up: negotiated, its transport there, its stream started.
    bool has_video(int call_id);
    std::vector<LegFailure> take_failures();   // since the last time

    std::vector<LegStatus> status();
    std::vector<PictureChange> picture_changes();   // since the last time, of participants that have a leg

    // Before pjsua is destroyed: no callback afterwards.
    void close();

private:
    struct Current {   // the stream that a source's keyframe requests go to; owned by the engine's callback too
        std::mutex mutex;
        std::shared_ptr<VideoStream> stream;
    };
    struct Leg {
        LegStatus status;
        std::shared_ptr<VideoStream> stream;
        unsigned media_index = 0;
        RtpContinuity continuity;
        std::shared_ptr<Current> current;                     // of a leg whose source the engine has
        Codec source_codec = Codec::H264;
        std::shared_ptr<std::atomic<bool>> owns_source;       // false once a newer leg has taken the participant
    };
    struct Seen {
        std::string state;
        int width = 0, height = 0;
        uint64_t frames = 0;
        int64_t moved_us = 0;
    };

    pj_status_t started(int call_id, unsigned media_index, pjmedia_transport *transport, const pjmedia_vid_stream_info &info);
    void stopping(int call_id, unsigned media_index);
    void keyframe_wanted(int call_id);
    std::shared_ptr<VideoStream> take_stream(Leg &leg);   // mutex_ is held; to be stopped when it isn't any more
    void stop_stream(std::unique_lock<std::mutex> &lock, int call_id);
    void try_attach(Leg &leg);
    void renew_source(Leg &leg, Codec codec);
    VideoStream::Use use_of(Leg &leg);
    void run();

    Engine &engine_;
    std::mutex mutex_;
    std::map<int, Leg> legs_;                   // by pjsua's call id
    std::map<std::string, int> source_owner_;   // participant → call id
    std::map<std::string, Seen> seen_;
    std::vector<LegFailure> failures_;
    bool closed_ = false;
    std::condition_variable wake_;
    Timer timer_;           // of large pictures' later packets
    std::thread ticker_;
};

}  // namespace mcu::pj
