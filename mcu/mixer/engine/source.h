// SPDX-License-Identifier: GPL-2.0-or-later
// One sender's pictures: its queue, its decoder, the last few pictures, and the asking for keyframes.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "decoder.h"
#include "entry_point.h"
#include "picture.h"
#include "pool.h"
#include "timer.h"
#include "types.h"

namespace mcu {

// Where a view is in a source's pictures. Kept by the view.
struct Cursor {
    uint64_t shown = 0;      // number of the picture last shown; 0: none yet
    int ticks = 0, dry = 0;  // of the last ticks: how many, and after how many of them no further picture waited
};

class Source : public std::enable_shared_from_this<Source> {
public:
    struct Shown {
        std::shared_ptr<const Picture> picture;   // null: never had one
        bool fresh = false;                       // another one than the last time
        bool dimmed = false;                      // stalled or waiting for a keyframe
        TimePoint pushed, decoded;                // when its access unit came in, when it was ready
    };

    Source(Pool &pool, std::string name, Codec codec, std::function<void()> ask_keyframe);

    void push(const uint8_t *data, size_t size, bool loss_before, TimePoint now = SteadyClock::now());
    // Somebody looks or nobody does. Looking starts with asking for a keyframe.
    void set_seen(bool seen);
    // The next picture for this view: the oldest it hasn't shown, unless too many wait.
    Shown next(Cursor &cursor, TimePoint now);
    void housekeeping(TimePoint now);   // every 0.1 s or so: ask again, let go of what isn't needed
    void retire();                      // removed: decode nothing and ask for nothing any more
    SourceStats stats() const;

private:
    struct Unit {
        std::vector<uint8_t> data;   // with padding
        size_t size;
        Contents contents;
        bool loss;
        bool flush = false;   // the decoder has to forget first
        TimePoint pushed;
    };
    struct Decoded {
        std::shared_ptr<const Picture> picture;
        uint64_t number;
        TimePoint pushed, decoded;
    };

    void decode_one();
    void decode(Unit &unit);
    void rest();
    void want_keyframe(TimePoint now);          // mutex_ is held
    void post_ask();                            // mutex_ is held
    bool admit(Unit &unit, TimePoint now);      // mutex_ is held; whether there is something in it to decode
    bool within_rate(TimePoint now);   // mutex_ is held
    SourceState state(TimePoint now) const;     // mutex_ is held

    const std::string name_;
    const std::function<void()> ask_keyframe_;
    const std::shared_ptr<Strand> strand_;

    mutable std::mutex mutex_;   // guards all below but decoder_
    std::deque<Unit> queue_;
    size_t queued_bytes_ = 0;
    std::deque<Decoded> pictures_;
    uint64_t number_ = 0;
    bool seen_ = false, retired_ = false;
    bool gated_ = true;       // units are dropped until one that starts decoding
    bool wanting_ = false;    // a keyframe is being asked for
    bool desperate_ = false;  // no keyframe for a long time: decode whatever comes
    int asks_ = 0;            // since wanting began
    int clean_ = 0;           // units decoded since the last that was damaged, or since a keyframe is wanted
    TimePoint wanting_since_, asked_, seen_since_;
    double tokens_ = 0;       // units that may come at once
    TimePoint tokens_at_;
    std::deque<TimePoint> decoded_times_;   // of the last second
    SourceStats stats_;

    // Only on the strand.
    std::unique_ptr<Decoder> decoder_;
    bool entered_intra_ = false;   // decoding began with I slices that are no IDR, which libavcodec doesn't trust
};

}  // namespace mcu
