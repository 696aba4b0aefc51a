// SPDX-License-Identifier: GPL-2.0-or-later
#include "decoder.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
}
#include <libyuv.h>

#include <stdexcept>

namespace mcu {
namespace {

static_assert(kDecoderPadding >= AV_INPUT_BUFFER_PADDING_SIZE);

AVCodecID id_of(Codec codec) {
    switch (codec) {
        case Codec::H264: return AV_CODEC_ID_H264;
        case Codec::H263: return AV_CODEC_ID_H263;
        case Codec::H261: return AV_CODEC_ID_H261;
    }
    throw std::invalid_argument("unknown codec");
}

// Full range (0 to 255, H.264 E.2.1 video_full_range_flag) to the limited one of all else here: 16 to 235 and 16 to 240. Left as it is
// black and white are lost in the terminals' own clipping. to may be what from is.
void copy_limited(const uint8_t *const *from, const int *stride, Picture &to) {
    for (int i = 0; i < 3; ++i) {
        const int w = i ? to.chroma_width() : to.width, h = i ? to.chroma_height() : to.height;
        // 219 / 255 and 224 / 255 in 256ths; the middle of chroma stays 128.
        const int factor = i ? 225 : 220, offset = i ? 128 * 256 - 128 * 225 + 128 : 16 * 256 + 128;
        for (int y = 0; y < h; ++y) {
            const uint8_t *in = from[i] + static_cast<ptrdiff_t>(y) * stride[i];
            uint8_t *out = to.plane[i] + static_cast<ptrdiff_t>(y) * to.stride[i];
            for (int x = 0; x < w; ++x) out[x] = static_cast<uint8_t>((in[x] * factor + offset) >> 8);
        }
    }
}

}  // namespace

void quiet_libavcodec() {
    // Broken streams are daily bread here and are counted; a line on stderr for each would drown the log.
    static const bool once = (av_log_set_level(AV_LOG_QUIET), true);
    (void)once;
}

void Decoder::Free::operator()(AVCodecContext *p) const { avcodec_free_context(&p); }
void Decoder::Free::operator()(AVFrame *p) const { av_frame_free(&p); }
void Decoder::Free::operator()(AVPacket *p) const { av_packet_free(&p); }

Decoder::Decoder(Codec codec) : codec_(codec), frame_(av_frame_alloc()), packet_(av_packet_alloc()) {
    quiet_libavcodec();
    const AVCodec *decoder = avcodec_find_decoder(id_of(codec));
    if (!decoder) throw std::runtime_error("libavcodec has no decoder for this codec");
    context_.reset(avcodec_alloc_context3(decoder));
    if (!context_ || !frame_ || !packet_) throw std::bad_alloc();
    context_->thread_count = 1;   // the pool spreads sources over the cores; frame threads would add delay
    context_->flags |= AV_CODEC_FLAG_LOW_DELAY;
    // Some room for padding to whole macroblocks; picture_of() has the exact bound.
    context_->max_pixels = (kMaxWidth + 64) * (kMaxHeight + 64);
    if (avcodec_open2(context_.get(), decoder, nullptr) < 0) throw std::runtime_error("libavcodec can't open the decoder");
}

Decoder::~Decoder() = default;

bool Decoder::decode(const uint8_t *data, size_t size, const Take &take) {
    packet_->data = const_cast<uint8_t *>(data);   // not reference-counted: libavcodec copies what it keeps
    packet_->size = static_cast<int>(size);
    bool good = avcodec_send_packet(context_.get(), packet_.get()) >= 0;
    for (;;) {
        const int result = avcodec_receive_frame(context_.get(), frame_.get());
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) break;
        if (result < 0) {
            good = false;
            break;
        }
        if (frame_->decode_error_flags || (frame_->flags & AV_FRAME_FLAG_CORRUPT)) good = false;
        if (auto picture = picture_of(*frame_))
            take(std::move(picture));
        else
            good = false;
        av_frame_unref(frame_.get());
    }
    return good;
}

void Decoder::reset() { avcodec_flush_buffers(context_.get()); }

void Decoder::show_broken(bool on) {
    if (on)
        context_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
    else
        context_->flags &= ~AV_CODEC_FLAG_OUTPUT_CORRUPT;
}

std::shared_ptr<const Picture> Decoder::picture_of(const AVFrame &frame) const {
    const int w = frame.width, h = frame.height;
    if (w < 2 || h < 2 || static_cast<int64_t>(w) * h > static_cast<int64_t>(kMaxWidth) * kMaxHeight) return nullptr;
    double aspect = av_q2d(frame.sample_aspect_ratio);
    if (!(aspect > 0.4 && aspect < 2.5)) aspect = usual_pixel_aspect(w, h);

    const auto finish = [&](std::shared_ptr<Picture> p) {
        p->pixel_aspect = aspect;
        return p;
    };
    const uint8_t *const *d = frame.data;
    const int *s = frame.linesize;
    switch (frame.format) {
        case AV_PIX_FMT_YUVJ420P: {
            auto p = make_picture(w, h);
            copy_limited(d, s, *p);
            return finish(p);
        }
        case AV_PIX_FMT_YUV420P: {
            auto p = std::make_shared<Picture>();
            p->width = w;
            p->height = h;
            for (int i = 0; i < 3; ++i) {
                p->plane[i] = frame.data[i];
                p->stride[i] = s[i];
            }
            AVFrame *held = av_frame_clone(&frame);
            if (!held) throw std::bad_alloc();
            p->owner = {held, [](AVFrame *f) { av_frame_free(&f); }};
            return finish(p);
        }
        case AV_PIX_FMT_YUV422P:
        case AV_PIX_FMT_YUVJ422P: {
            auto p = make_picture(w, h);
            libyuv::I422ToI420(d[0], s[0], d[1], s[1], d[2], s[2], p->plane[0], p->stride[0], p->plane[1], p->stride[1],
                               p->plane[2], p->stride[2], w, h);
            if (frame.format == AV_PIX_FMT_YUVJ422P) copy_limited(p->plane.data(), p->stride.data(), *p);
            return finish(p);
        }
        case AV_PIX_FMT_YUV444P:
        case AV_PIX_FMT_YUVJ444P: {
            auto p = make_picture(w, h);
            libyuv::I444ToI420(d[0], s[0], d[1], s[1], d[2], s[2], p->plane[0], p->stride[0], p->plane[1], p->stride[1],
                               p->plane[2], p->stride[2], w, h);
            if (frame.format == AV_PIX_FMT_YUVJ444P) copy_limited(p->plane.data(), p->stride.data(), *p);
            return finish(p);
        }
        case AV_PIX_FMT_GRAY8: {
            auto p = make_picture(w, h);
            libyuv::I400ToI420(d[0], s[0], p->plane[0], p->stride[0], p->plane[1], p->stride[1], p->plane[2], p->stride[2],
                               w, h);
            return finish(p);
        }
        default: return nullptr;   // 10 bit and the like: no terminal may send what wasn't agreed on
    }
}

}  // namespace mcu
