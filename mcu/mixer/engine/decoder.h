// SPDX-License-Identifier: GPL-2.0-or-later
// Access units to pictures, through libavcodec. Not thread-safe: its source's strand uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "picture.h"
#include "types.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

namespace mcu {

class Decoder {
public:
    using Take = std::function<void(std::shared_ptr<const Picture>)>;

    explicit Decoder(Codec codec);   // std::runtime_error if libavcodec lacks the codec
    ~Decoder();
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    // data is followed by 64 readable zero octets (AV_INPUT_BUFFER_PADDING_SIZE). Gives 0 or more pictures to take.
    // False if something in the unit couldn't be decoded; a concealed picture may have been given all the same.
    bool decode(const uint8_t *data, size_t size, const Take &take);
    void reset();                    // before a keyframe that follows a pause
    void show_broken(bool on);       // give pictures, too, that depend on ones never received

private:
    std::shared_ptr<const Picture> picture_of(const AVFrame &frame) const;

    struct Free {
        void operator()(AVCodecContext *p) const;
        void operator()(AVFrame *p) const;
        void operator()(AVPacket *p) const;
    };
    Codec codec_;
    std::unique_ptr<AVCodecContext, Free> context_;
    std::unique_ptr<AVFrame, Free> frame_;
    std::unique_ptr<AVPacket, Free> packet_;
};

constexpr size_t kDecoderPadding = 64;

void quiet_libavcodec();

}  // namespace mcu
