// SPDX-License-Identifier: GPL-2.0-or-later
#include "still.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace mcu {
namespace {

template <auto free>
struct Freeing {
    template <typename T>
    void operator()(T *p) const { free(&p); }
};

// JFIF wants full range: Y 16..235 and colours 16..240 are stretched to 0..255.
void to_full_range(Picture &p) {
    for (int i = 0; i < 3; ++i) {
        const double scale = i ? 255.0 / 224 : 255.0 / 219;
        const int zero_in = i ? 128 : 16, zero_out = i ? 128 : 0;
        uint8_t table[256];
        for (int v = 0; v < 256; ++v)
            table[v] = static_cast<uint8_t>(std::clamp(std::lround((v - zero_in) * scale) + zero_out, 0L, 255L));
        const int w = i ? p.chroma_width() : p.width, h = i ? p.chroma_height() : p.height;
        for (int y = 0; y < h; ++y) {
            uint8_t *row = p.plane[i] + static_cast<ptrdiff_t>(y) * p.stride[i];
            std::transform(row, row + w, row, [&](uint8_t v) { return table[v]; });
        }
    }
}

}  // namespace

Still encode_jpeg(const Picture &picture, int max_width) {
    const double full = picture.width * picture.pixel_aspect;
    const double factor = max_width > 0 ? std::min(1.0, max_width / full) : 1.0;
    const int w = std::max(2, static_cast<int>(full * factor) & ~1), h = std::max(2, static_cast<int>(picture.height * factor) & ~1);
    const auto scaled = make_picture(w, h);
    draw(*scaled, picture, {{0, 0, picture.width, picture.height}, {0, 0, w, h}});
    to_full_range(*scaled);

    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    const std::unique_ptr<AVCodecContext, Freeing<avcodec_free_context>> context(avcodec_alloc_context3(codec));
    const std::unique_ptr<AVFrame, Freeing<av_frame_free>> frame(av_frame_alloc());
    const std::unique_ptr<AVPacket, Freeing<av_packet_free>> packet(av_packet_alloc());
    if (!codec || !context || !frame || !packet) throw std::runtime_error("libavcodec has no mjpeg encoder");
    context->width = frame->width = w;
    context->height = frame->height = h;
    context->pix_fmt = AV_PIX_FMT_YUVJ420P;
    context->color_range = frame->color_range = AVCOL_RANGE_JPEG;
    context->time_base = {1, 25};
    context->thread_count = 1;
    context->flags |= AV_CODEC_FLAG_QSCALE;
    context->global_quality = 4 * FF_QP2LAMBDA;   // 2 is best, 31 worst
    if (avcodec_open2(context.get(), codec, nullptr) < 0) throw std::runtime_error("libavcodec can't open mjpeg");
    frame->format = AV_PIX_FMT_YUVJ420P;
    frame->quality = context->global_quality;
    for (int i = 0; i < 3; ++i) {
        frame->data[i] = scaled->plane[i];
        frame->linesize[i] = scaled->stride[i];
    }
    if (avcodec_send_frame(context.get(), frame.get()) < 0 || avcodec_receive_packet(context.get(), packet.get()) < 0)
        throw std::runtime_error("libavcodec can't encode mjpeg");
    return {w, h, {packet->data, packet->data + packet->size}};
}

}  // namespace mcu
