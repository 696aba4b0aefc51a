// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures to H.264 access units, through libx264. Not thread-safe: its class's strand uses it.
#pragma once

#include <memory>

#include "picture.h"
#include "types.h"

struct x264_t;

namespace mcu {

class PictureEncoder {
public:
    virtual ~PictureEncoder() = default;
    // The picture has the class's size. Gives one access unit for each picture, with seq 0; one without nals if the rate allows no
    // picture now, which never is the answer to idr; null if it fails.
    virtual std::shared_ptr<AccessUnit> encode(const Picture &picture, int64_t ts90k, bool idr) = 0;
};

class H264Encoder final : public PictureEncoder {
public:
    explicit H264Encoder(const RateClass &bounded);   // after bound_by_level(); std::runtime_error if x264 refuses
    ~H264Encoder() override;
    H264Encoder(const H264Encoder &) = delete;
    H264Encoder &operator=(const H264Encoder &) = delete;

    std::shared_ptr<AccessUnit> encode(const Picture &picture, int64_t ts90k, bool idr) override;

private:
    struct Free {
        void operator()(x264_t *p) const;
    };
    std::unique_ptr<x264_t, Free> x264_;
};

}  // namespace mcu
