// SPDX-License-Identifier: GPL-2.0-or-later
#include "encoder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

extern "C" {
#include <x264.h>
}

namespace mcu {
namespace {

// A packet in each way of packetizing (RFC 6184, 5.4), and 1350 octets with RTP, SRTP, UDP and IP around it: that passes PPPoE and
// the tunnels of the field. At 1180 a class of 1500 kbit/s had 9 % more packets, and sending them is what viewers cost.
constexpr int kSliceOctets = 1280;
constexpr int kBestQp = 18;           // no bits are spent on what nobody sees; still pictures cost next to nothing
constexpr double kBufferSeconds = 0.5;   // an IDR takes about half of it, 7 times a P picture at 1500 kbit/s
constexpr int kSmall = 30'000;        // macroblocks a second: 640x360 at 30 has 27600

}  // namespace

void H264Encoder::Free::operator()(x264_t *p) const { x264_encoder_close(p); }

H264Encoder::H264Encoder(const RateClass &c) {
    x264_param_t p;
    // Measured at 1280x720, 30 pictures/s and 1500 kbit/s of busy panes: ultrafast costs 1.00 and gives 24.3 dB, with
    // deblocking 1.04 and 26.4, superfast 1.40 and 27.3, veryfast 2.25 and 28.7. Small classes can afford superfast.
    const bool small = (c.width + 15) / 16 * ((c.height + 15) / 16) * c.fps <= kSmall;
    if (x264_param_default_preset(&p, small ? "superfast" : "ultrafast", "zerolatency") < 0)
        throw std::runtime_error("x264 preset");
    p.b_deblocking_filter = 1;
    // x264 takes AVX-512 where there is some. The same pictures cost 8 to 18 % less without: an encoder that works 4 ms and then
    // rests 29 never gets the registers' upper halves warm (measured on Sapphire Rapids, the least of ten runs of each picture).
    p.cpu &= ~static_cast<uint32_t>(X264_CPU_AVX512);
    p.i_threads = 1;   // the pool spreads classes and views over the cores
    p.b_sliced_threads = 0;
    p.i_log_level = X264_LOG_NONE;
    p.i_csp = X264_CSP_I420;
    p.i_width = c.width;
    p.i_height = c.height;
    p.i_fps_num = static_cast<uint32_t>(c.fps);
    p.i_fps_den = 1;
    p.i_timebase_num = 1;
    p.i_timebase_den = static_cast<uint32_t>(c.fps);
    p.b_vfr_input = 0;
    p.i_level_idc = c.level_idc;
    if (usual_pixel_aspect(c.width, c.height) != 1) {
        p.vui.i_sar_width = 12;
        p.vui.i_sar_height = 11;
    }
    p.i_keyint_max = X264_KEYINT_MAX_INFINITE;   // KeyframePolicy decides
    p.i_scenecut_threshold = 0;
    p.b_intra_refresh = 0;
    p.i_bframe = 0;
    p.i_frame_reference = 1;
    p.i_slice_max_size = kSliceOctets;
    p.b_repeat_headers = 1;   // SPS and PPS in front of every IDR: a view has no other way to tell them
    p.b_annexb = 1;
    p.b_aud = 0;
    // Constant quality would leave the buffer empty at full load, and every IDR a visibly poor picture.
    p.rc.i_rc_method = X264_RC_ABR;
    p.rc.i_bitrate = c.kbps * 95 / 100;
    p.rc.i_qp_min = kBestQp;
    p.rc.i_vbv_max_bitrate = c.kbps;
    p.rc.i_vbv_buffer_size = static_cast<int>(std::lround(c.kbps * kBufferSeconds));
    // Constrained Baseline: no CABAC, no 8x8 transform, no weighted prediction, no interlacing; every terminal knows it.
    if (x264_param_apply_profile(&p, "baseline") < 0) throw std::runtime_error("x264 profile");
    x264_.reset(x264_encoder_open(&p));
    if (!x264_) throw std::runtime_error("x264 refuses " + std::to_string(c.width) + "x" + std::to_string(c.height));
}

H264Encoder::~H264Encoder() = default;

std::shared_ptr<AccessUnit> H264Encoder::encode(const Picture &picture, int64_t ts90k, bool idr) {
    x264_picture_t in, out;
    x264_picture_init(&in);
    in.img.i_csp = X264_CSP_I420;
    in.img.i_plane = 3;
    for (int i = 0; i < 3; ++i) {
        in.img.plane[i] = picture.plane[i];
        in.img.i_stride[i] = picture.stride[i];
    }
    in.i_type = idr ? X264_TYPE_IDR : X264_TYPE_P;
    in.i_pts = ts90k;
    x264_nal_t *nals = nullptr;
    int count = 0;
    if (x264_encoder_encode(x264_.get(), &nals, &count, &in, &out) <= 0 || count == 0) return nullptr;
    auto unit = std::make_shared<AccessUnit>();
    unit->keyframe = out.b_keyframe != 0;
    unit->ts90k = ts90k;
    unit->nals.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
        if (nals[i].i_type == NAL_SEI) continue;   // x264's settings in 600 octets of text
        const size_t start = nals[i].b_long_startcode ? 4 : 3;
        unit->nals.emplace_back(nals[i].p_payload + start, nals[i].p_payload + nals[i].i_payload);
    }
    return unit;
}

}  // namespace mcu
