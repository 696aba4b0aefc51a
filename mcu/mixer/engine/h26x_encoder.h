// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures to H.263 (baseline: no annex, so that every terminal takes it) and H.261, through libavcodec.
#pragma once

#include <memory>

#include "encoder.h"
#include "quantizer.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

namespace mcu {

class H26xEncoder final : public PictureEncoder {
public:
    explicit H26xEncoder(const RateClass &bounded);   // after bound_by_level(); std::runtime_error if libavcodec refuses
    ~H26xEncoder() override;
    H26xEncoder(const H26xEncoder &) = delete;
    H26xEncoder &operator=(const H26xEncoder &) = delete;

    std::shared_ptr<AccessUnit> encode(const Picture &picture, int64_t ts90k, bool idr) override;

private:
    bool code(const Picture &picture, bool intra, int quantizer);   // to packet_
    void set_temporal_reference(std::vector<uint8_t> &data, int64_t ts90k);

    struct Free {
        void operator()(AVCodecContext *p) const;
        void operator()(AVFrame *p) const;
        void operator()(AVPacket *p) const;
    };
    const Codec codec_;
    QuantizerControl control_;
    std::unique_ptr<AVCodecContext, Free> context_;
    std::unique_ptr<AVFrame, Free> frame_;
    std::unique_ptr<AVPacket, Free> packet_;
    int64_t count_ = 0;        // pictures so far
    int since_intra_ = 0;      // pictures in which macroblocks were sent
    int64_t reference_ = -1;   // TR of the last picture, before it is cut to its bits
};

}  // namespace mcu
