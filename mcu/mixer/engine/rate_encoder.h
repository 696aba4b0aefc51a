// SPDX-License-Identifier: GPL-2.0-or-later
// The encoder of one rate class of a view, and those who take its pictures.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "encoder.h"
#include "keyframes.h"
#include "picture.h"
#include "pool.h"
#include "types.h"

namespace mcu {

class RateEncoder : public std::enable_shared_from_this<RateEncoder> {
public:
    using MakeEncoder = std::function<std::unique_ptr<PictureEncoder>(const RateClass &bounded)>;   // std::exception: it can't

    RateEncoder(Pool &pool, const RateClass &wanted, int view_fps, MakeEncoder make = make_encoder);

    void configure(const RateClass &wanted, int view_fps);   // another encoder, and an IDR, only if something changed
    void attach(std::shared_ptr<Sink> sink);
    void detach(const Sink *sink);
    void end();   // forgets the sinks
    bool has_sinks() const;
    Codec codec() const;
    void request_keyframe();
    // A canvas to encode. If the last one hasn't been begun yet, it is left out: late is worse than skipped.
    void offer(std::shared_ptr<const Picture> canvas, int64_t ts90k, int view_fps);
    ClassStats stats() const;

    static std::unique_ptr<PictureEncoder> make_encoder(const RateClass &bounded);

private:
    using Sinks = std::vector<std::shared_ptr<Sink>>;
    struct Job {
        std::shared_ptr<const Picture> canvas;
        int64_t ts90k;
    };

    void encode_pending();
    std::shared_ptr<AccessUnit> encode(const Job &job, const RateClass &config, bool idr);
    const Picture *fit(const Picture &canvas, const RateClass &config);

    const std::shared_ptr<Strand> strand_;
    const MakeEncoder make_;

    mutable std::mutex mutex_;   // guards all down to stats_
    RateClass config_;
    uint64_t config_number_ = 1;
    std::shared_ptr<const Sinks> sinks_ = std::make_shared<Sinks>();
    KeyframePolicy keyframes_;
    std::optional<Job> pending_;
    std::optional<int64_t> due_ts_;
    std::string fault_;   // of the present configuration
    ClassStats stats_;

    // Only on the strand.
    std::unique_ptr<PictureEncoder> encoder_;
    uint64_t encoder_number_ = 0;   // the config_number_ it was made for
    bool refused_ = false;          // x264 doesn't take this configuration
    bool proven_ = false;           // the encoder has made a picture
    std::shared_ptr<Picture> scaled_;
    Placement scaled_placement_{};
    uint64_t seq_ = 0;
};

}  // namespace mcu
