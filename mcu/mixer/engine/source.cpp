// SPDX-License-Identifier: GPL-2.0-or-later
#include "source.h"

#include <algorithm>
#include <utility>

namespace mcu {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskEvery = 500ms;
constexpr int kAsksBeforeSlow = 20;    // a sender that doesn't listen after 10 s is asked every 2 s
constexpr auto kAskSlow = 2s;
constexpr auto kStalledAfter = 2s;
constexpr auto kDesperateAfter = 3s;   // some senders refresh row by row and never send a keyframe
// A burst after a pause in the network (5 to 10 units at once) must not break the chain of references; more is a flood.
constexpr size_t kMaxQueued = 12;
constexpr size_t kMaxQueuedBytes = 2u << 20;
constexpr double kUnitsPerSecond = 66, kUnitsAtOnce = 40;
// H.261 3.4, H.263 4.4: in so many codings each macroblock is intra once. A sender that knows no keyframe requests, as many an H.261
// one, is asked no more when its pictures must have mended themselves.
constexpr int kIntraWithin = 132;
constexpr size_t kMaxPictures = 2;   // next() takes no older one, and each held is one more for the caches to miss
// If over 2 s of ticks another picture waited nearly each time, the delay isn't needed: one is skipped. That and one repeated
// picture in 2 s still leave 29 a second; a single hiccup of the network must not cost 33 ms of delay for ever.
constexpr int kDrainTicks = 60, kDryTicks = 1;

}  // namespace

Source::Source(Pool &pool, std::string name, Codec codec, std::function<void()> ask_keyframe)
    : name_(std::move(name)), ask_keyframe_(std::move(ask_keyframe)),
      strand_(std::make_shared<Strand>(pool)), tokens_(kUnitsAtOnce), tokens_at_(SteadyClock::now()) {
    stats_.name = name_;
    stats_.codec = codec;
}

void Source::push(const uint8_t *data, size_t size, bool loss_before, TimePoint now) {
    {
        const std::lock_guard lock(mutex_);
        if (retired_) return;
        ++stats_.frames_in;
        stats_.bytes_in += size;
        stats_.losses += loss_before;
        if (!seen_) {
            ++stats_.frames_hidden;
            gated_ = true;
            return;
        }
    }
    // What takes longer is done without the lock; only one thread pushes a source, so the order stays.
    Unit unit{.data = {},
              .size = size,
              .contents = contents_of(stats_.codec, data, size),
              .loss = loss_before,
              .pushed = now};
    unit.data.reserve(size + kDecoderPadding);
    unit.data.assign(data, data + size);
    unit.data.resize(size + kDecoderPadding, 0);

    const std::lock_guard lock(mutex_);
    if (retired_ || !seen_) return;
    const bool full = queue_.size() >= kMaxQueued || queued_bytes_ + size > kMaxQueuedBytes;
    if (full || !within_rate(now)) {
        // Too much. The units behind a dropped one would be decoded to rubbish: drop until a keyframe.
        ++stats_.frames_dropped;
        gated_ = true;
        want_keyframe(now);
        return;
    }
    if (!admit(unit, now)) return;
    if (loss_before) want_keyframe(now);
    queued_bytes_ += unit.size;
    queue_.push_back(std::move(unit));
    strand_->post([self = shared_from_this()] { self->decode_one(); });
}

// What would be shown wrongly is left out, but not the parameter sets with it: they may come once, in front of everything.
bool Source::admit(Unit &unit, TimePoint now) {
    if (!gated_) return true;
    if (unit.contents.entry != Entry::none || desperate_) {
        gated_ = false;
        unit.flush = true;
        return true;
    }
    ++stats_.frames_dropped;
    want_keyframe(now);
    if (!unit.contents.parameters) return false;
    if (unit.contents.picture) {
        unit.data = parameter_sets_of(unit.data.data(), unit.size);
        unit.size = unit.data.size();
        unit.data.resize(unit.size + kDecoderPadding, 0);
        unit.contents.picture = false;
    }
    return true;
}

void Source::decode_one() {
    std::unique_lock lock(mutex_);
    if (queue_.empty()) return;
    Unit unit = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= unit.size;
    if (retired_ || !seen_) {
        ++stats_.frames_dropped;
        return;
    }
    lock.unlock();
    decode(unit);
}

void Source::decode(Unit &unit) {
    const uint64_t start = thread_cpu_ns();
    bool desperate;
    {
        const std::lock_guard lock(mutex_);
        desperate = desperate_;
    }
    bool good = false;
    std::vector<std::shared_ptr<const Picture>> pictures;
    try {
        if (!decoder_)
            decoder_ = std::make_unique<Decoder>(stats_.codec);
        else if (unit.flush)
            decoder_->reset();
        if (unit.contents.entry == Entry::refresh)
            entered_intra_ = false;
        else if (unit.flush)
            entered_intra_ = unit.contents.entry == Entry::intra;
        decoder_->show_broken(desperate || entered_intra_);
        good = decoder_->decode(unit.data.data(), unit.size, [&](auto picture) { pictures.push_back(std::move(picture)); });
    } catch (const std::exception &) {   // no codec, no memory: this source stays without a picture
        decoder_.reset();
    }
    const auto now = SteadyClock::now();
    const std::lock_guard lock(mutex_);
    stats_.decode_ns += thread_cpu_ns() - start;
    for (auto &picture : pictures) {
        stats_.width = picture->width;
        stats_.height = picture->height;
        ++stats_.frames_decoded;
        decoded_times_.push_back(now);
        pictures_.push_back({std::move(picture), ++number_, unit.pushed, now});
        if (pictures_.size() > kMaxPictures) pictures_.pop_front();
    }
    while (!decoded_times_.empty() && decoded_times_.front() < now - 1s) decoded_times_.pop_front();
    if (!unit.contents.picture) return;   // libavcodec calls that an error
    clean_ = good && !unit.loss ? clean_ + 1 : 0;
    if (!good) {
        ++stats_.errors;
        want_keyframe(now);
    } else if (unit.contents.entry != Entry::none && !unit.loss && !pictures.empty()) {
        wanting_ = desperate_ = false;
        asks_ = 0;
    } else if (desperate && !pictures.empty()) {
        wanting_ = false;   // refreshed by and by
    } else if (stats_.codec != Codec::H264 && clean_ >= kIntraWithin && !gated_) {
        wanting_ = false;   // as well
    }
}

void Source::rest() {
    {
        const std::lock_guard lock(mutex_);
        if (seen_) return;
    }
    decoder_.reset();   // 200 hidden sources would hold a gigabyte of reference pictures
}

Source::Shown Source::next(Cursor &cursor, TimePoint now) {
    const std::lock_guard lock(mutex_);
    if (pictures_.empty()) return {};
    const SourceState s = state(now);
    const uint64_t newest = pictures_.back().number, oldest = pictures_.front().number;
    uint64_t take = newest;
    if (cursor.shown == 0 || cursor.shown > newest) {
        cursor = {};
    } else if (cursor.shown < newest) {
        take = std::max(cursor.shown + 1, oldest);
        if (newest - take > 1) take = newest - 1;   // far behind: a burst, or a source faster than the view
    }
    const int waiting = static_cast<int>(newest - take);
    cursor.dry += waiting == 0;
    if (++cursor.ticks >= kDrainTicks) {
        if (cursor.dry <= kDryTicks) take = newest;
        cursor.ticks = cursor.dry = 0;
    }
    const bool fresh = take != cursor.shown;
    cursor.shown = take;
    const Decoded &d = pictures_[take - oldest];
    return {d.picture, fresh, s != SourceState::live, d.pushed, d.decoded};
}

void Source::set_seen(bool seen) {
    const std::lock_guard lock(mutex_);
    if (seen_ == seen || retired_) return;
    seen_ = seen;
    gated_ = true;
    desperate_ = false;
    if (seen) {
        seen_since_ = SteadyClock::now();
        wanting_ = false;
        want_keyframe(seen_since_);
    } else {
        wanting_ = false;
        stats_.frames_dropped += queue_.size();
        queue_.clear();
        queued_bytes_ = 0;
        decoded_times_.clear();
        while (pictures_.size() > 1) pictures_.pop_front();
        strand_->post([self = shared_from_this()] { self->rest(); });
    }
}

void Source::housekeeping(TimePoint now) {
    const std::lock_guard lock(mutex_);
    if (retired_ || !seen_) return;
    if (state(now) == SourceState::stalled) want_keyframe(now);   // when it comes back it will be needed
    if (!wanting_) return;
    // Not gated, either, when parameter sets without a keyframe opened the gate and the decoder gives nothing.
    if (now - wanting_since_ > kDesperateAfter && (gated_ || state(now) == SourceState::waiting)) desperate_ = true;
    if (now - asked_ >= (asks_ < kAsksBeforeSlow ? kAskEvery : kAskSlow)) post_ask();
}

void Source::retire() {
    const std::lock_guard lock(mutex_);
    retired_ = true;
    wanting_ = false;
    queue_.clear();
    pictures_.clear();
}

void Source::want_keyframe(TimePoint now) {
    if (wanting_) return;
    wanting_ = true;
    wanting_since_ = now;
    asks_ = clean_ = 0;
    if (now - asked_ >= kAskEvery) post_ask();   // otherwise housekeeping does, when it is time
}

void Source::post_ask() {
    asked_ = SteadyClock::now();
    ++asks_;
    ++stats_.keyframes_asked;
    if (!ask_keyframe_) return;
    strand_->post([self = shared_from_this()] {
        {
            const std::lock_guard lock(self->mutex_);
            if (self->retired_) return;
        }
        self->ask_keyframe_();
    });
}

bool Source::within_rate(TimePoint now) {
    const double elapsed = std::chrono::duration<double>(now - tokens_at_).count();
    tokens_at_ = now;
    tokens_ = std::min(kUnitsAtOnce, tokens_ + elapsed * kUnitsPerSecond);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

SourceState Source::state(TimePoint now) const {
    if (!seen_) return SourceState::hidden;
    const bool had = !pictures_.empty();
    // A picture of before it was hidden doesn't count: it is waiting until a new one came.
    if (had && pictures_.back().decoded >= seen_since_)
        return now - pictures_.back().decoded > kStalledAfter ? SourceState::stalled : SourceState::live;
    return stats_.frames_decoded == 0 && stats_.frames_in == stats_.frames_hidden ? SourceState::none : SourceState::waiting;
}

SourceStats Source::stats() const {
    const auto now = SteadyClock::now();
    const std::lock_guard lock(mutex_);
    SourceStats out = stats_;
    out.state = state(now);
    const auto recent = std::ranges::count_if(decoded_times_, [&](TimePoint t) { return t > now - 1s; });
    out.fps = static_cast<double>(recent);
    return out;
}

}  // namespace mcu
