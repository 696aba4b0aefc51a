// SPDX-License-Identifier: GPL-2.0-or-later
#include "h26x_encoder.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "decoder.h"

namespace mcu {
namespace {

// H.261 3.4, H.263 4.4: each macroblock is intra coded at least once in 132 times that it is sent, as the inverse transforms of two
// makers differ a little. libavcodec can't refresh macroblocks in turn, so that is a whole picture.
constexpr int kIntraEvery = 132;
constexpr int kGobOctets = 400;      // H.263: a GOB header where so much has been written since the last one; see rtp/h263_packetizer
constexpr int kCutOctets = 200;      // and a place to cut between macroblocks

// The octets of a P picture in which no macroblock is sent: its header, and of H.263 a bit for each macroblock, of H.261 the GOBs' headers
// (H.263 5.1 and 5.3.1, H.261 4.2.1 and 4.2.2).
size_t empty_picture(Codec codec, int width, int height) {
    const int macroblocks = (width / 16) * (height / 16);
    const int bits = codec == Codec::H263 ? 50 + macroblocks : 32 + macroblocks / 33 * 26;
    return static_cast<size_t>(bits + 7) / 8;
}

}  // namespace

void H26xEncoder::Free::operator()(AVCodecContext *p) const { avcodec_free_context(&p); }
void H26xEncoder::Free::operator()(AVFrame *p) const { av_frame_free(&p); }
void H26xEncoder::Free::operator()(AVPacket *p) const { av_packet_free(&p); }

H26xEncoder::H26xEncoder(const RateClass &c)
    : codec_(c.codec), control_(c.kbps, c.fps, c.width > 176 ? 256 * 1024 : 64 * 1024), frame_(av_frame_alloc()),
      packet_(av_packet_alloc()) {
    quiet_libavcodec();
    const AVCodec *encoder = avcodec_find_encoder(c.codec == Codec::H261 ? AV_CODEC_ID_H261 : AV_CODEC_ID_H263);
    if (!encoder) throw std::runtime_error("libavcodec has no encoder for this codec");
    context_.reset(avcodec_alloc_context3(encoder));
    if (!context_ || !frame_ || !packet_) throw std::bad_alloc();
    AVCodecContext &x = *context_;
    x.width = c.width;
    x.height = c.height;
    x.pix_fmt = AV_PIX_FMT_YUV420P;
    x.time_base = {1, c.fps};
    x.framerate = {c.fps, 1};
    x.sample_aspect_ratio = {12, 11};
    x.thread_count = 1;   // the pool spreads classes and views over the cores
    x.max_b_frames = 0;
    x.gop_size = 600;     // libavcodec's most; KeyframePolicy and kIntraEvery decide
    x.qmin = QuantizerControl::kFinest;
    x.qmax = QuantizerControl::kCoarsest;
    x.flags |= AV_CODEC_FLAG_QSCALE;   // each picture says its own
    if (c.codec == Codec::H263) {
        av_opt_set_int(x.priv_data, "ps", kGobOctets, 0);
        av_opt_set_int(x.priv_data, "mb_info", kCutOctets, 0);
    }
    if (avcodec_open2(&x, encoder, nullptr) < 0)
        throw std::runtime_error("libavcodec refuses " + std::to_string(c.width) + "x" + std::to_string(c.height));
}

H26xEncoder::~H26xEncoder() = default;

bool H26xEncoder::code(const Picture &picture, bool intra, int quantizer) {
    AVFrame &f = *frame_;
    f.format = AV_PIX_FMT_YUV420P;
    f.width = picture.width;
    f.height = picture.height;
    for (int i = 0; i < 3; ++i) {
        f.data[i] = picture.plane[static_cast<size_t>(i)];   // not reference-counted: libavcodec copies it
        f.linesize[i] = picture.stride[static_cast<size_t>(i)];
    }
    f.pts = count_++;
    f.pict_type = intra ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    f.quality = quantizer * FF_QP2LAMBDA;
    av_packet_unref(packet_.get());
    return avcodec_send_frame(context_.get(), &f) >= 0 && avcodec_receive_packet(context_.get(), packet_.get()) >= 0;
}

std::shared_ptr<AccessUnit> H26xEncoder::encode(const Picture &picture, int64_t ts90k, bool idr) {
    bool intra = idr || since_intra_ + 1 >= kIntraEvery;
    auto quantizer = control_.plan(intra, ts90k);
    if (!quantizer) return std::make_shared<AccessUnit>(AccessUnit{.nals = {}, .ts90k = ts90k, .codec = codec_});
    while (quantizer) {
        if (!code(picture, intra, *quantizer)) return nullptr;
        intra = packet_->flags & AV_PKT_FLAG_KEY;
        quantizer = control_.judge(intra, *quantizer, packet_->size * 8);
        if (quantizer) intra = true;
    }
    auto unit = std::make_shared<AccessUnit>();
    unit->keyframe = intra;
    unit->ts90k = ts90k;
    unit->codec = codec_;
    unit->nals.emplace_back(packet_->data, packet_->data + packet_->size);
    set_temporal_reference(unit->nals.front(), ts90k);
    size_t size = 0;
    const uint8_t *info = av_packet_get_side_data(packet_.get(), AV_PKT_DATA_H263_MB_INFO, &size);
    for (size_t at = 0; info && at + 12 <= size; at += 12) {   // libavcodec/packet.h: two motion vectors of 12 octets in all
        const uint8_t *p = info + at;
        unit->cuts.push_back({.bit = uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24,
                              .quant = p[4],
                              .gob = p[5],
                              .macroblock = static_cast<uint16_t>(p[6] | p[7] << 8),
                              .x = static_cast<int8_t>(p[8]),
                              .y = static_cast<int8_t>(p[9])});
    }
    av_packet_unref(packet_.get());
    if (unit->keyframe)
        since_intra_ = 0;
    else if (unit->nals.front().size() > empty_picture(codec_, picture.width, picture.height))
        ++since_intra_;
    return unit;
}

// When the picture was taken, in units of 1001 / 30000 s (H.263 5.1.2; H.261 4.2.1.2, where it has 5 bits). libavcodec counts the
// pictures it was given, and those that were left out aren't among them.
void H26xEncoder::set_temporal_reference(std::vector<uint8_t> &data, int64_t ts90k) {
    reference_ = std::max(reference_ + 1, ts90k / 3003);
    if (data.size() < 4) return;
    const auto value = static_cast<uint8_t>(reference_);
    if (codec_ == Codec::H263) {   // behind 22 bits
        data[2] = static_cast<uint8_t>((data[2] & 0xfc) | value >> 6);
        data[3] = static_cast<uint8_t>((data[3] & 0x03) | value << 2);
    } else {                       // behind 20 bits
        data[2] = static_cast<uint8_t>((data[2] & 0xf0) | (value >> 1 & 0x0f));
        data[3] = static_cast<uint8_t>((data[3] & 0x7f) | value << 7);
    }
}

}  // namespace mcu
