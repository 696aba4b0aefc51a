// SPDX-License-Identifier: GPL-2.0-or-later
#include "streams.h"

#include <chrono>
#include <thread>

extern "C" {
#include <x264.h>
}

#include "encoder.h"
#include "picture.h"

namespace mcu::test {

namespace {

void draw_scene(Picture &picture, int n, uint32_t rgb) {
    const int width = picture.width, height = picture.height;
    fill(picture, {0, 0, width, height}, yuv_of_rgb(rgb));
    for (int i = 0; i < 12; ++i)   // something to predict, so that flipped bits find motion vectors, too
        fill(picture, {(i * 53 + n * 4) % width & ~1, (i * 37 + n * 2) % height & ~1, 24, 16},
             yuv_of_rgb(0x203040u * static_cast<uint32_t>(i + 1)));
}

}  // namespace

std::vector<Unit> h264_stream(int width, int height, int frames, int keyint, uint32_t rgb) {
    H264Encoder encoder({"test", width, height, 30, 800, 40});
    const auto picture = make_picture(width, height);
    std::vector<Unit> out;
    for (int n = 0; n < frames; ++n) {
        draw_scene(*picture, n, rgb);
        out.push_back(annexb(*encoder.encode(*picture, n * 3000, n % keyint == 0)));
    }
    return out;
}

std::vector<Unit> intra_stream(int width, int height, int frames, int keyint, uint32_t rgb, bool full_range) {
    x264_param_t p;
    x264_param_default_preset(&p, "ultrafast", "zerolatency");
    p.i_log_level = X264_LOG_NONE;
    p.i_threads = 1;
    p.i_width = width;
    p.i_height = height;
    p.i_keyint_max = X264_KEYINT_MAX_INFINITE;
    p.i_keyint_min = X264_KEYINT_MAX_INFINITE / 2;   // or an I picture that long after the IDR becomes one itself
    p.i_scenecut_threshold = 0;
    p.b_annexb = 1;
    p.vui.b_fullrange = full_range;
    p.b_repeat_headers = 0;
    x264_param_apply_profile(&p, "baseline");
    x264_t *const encoder = x264_encoder_open(&p);
    x264_nal_t *nals = nullptr;
    int count = 0;
    const auto take = [&](Unit &unit) {
        for (int i = 0; i < count; ++i)
            if (nals[i].i_type != NAL_SEI) unit.insert(unit.end(), nals[i].p_payload, nals[i].p_payload + nals[i].i_payload);
    };
    Unit headers;
    x264_encoder_headers(encoder, &nals, &count);
    take(headers);
    const auto picture = make_picture(width, height);
    std::vector<Unit> out;
    for (int n = 0; n < frames; ++n) {
        draw_scene(*picture, n, rgb);
        x264_picture_t in, coded;
        x264_picture_init(&in);
        in.img.i_csp = X264_CSP_I420;
        in.img.i_plane = 3;
        for (int i = 0; i < 3; ++i) {
            in.img.plane[i] = picture->plane[i];
            in.img.i_stride[i] = picture->stride[i];
        }
        in.i_type = n == 0 ? X264_TYPE_IDR : n % keyint == 0 ? X264_TYPE_I : X264_TYPE_P;
        in.i_pts = n;
        x264_encoder_encode(encoder, &nals, &count, &in, &coded);
        Unit unit = n % keyint == 0 ? headers : Unit{};
        take(unit);
        out.push_back(std::move(unit));
    }
    x264_encoder_close(encoder);
    return out;
}

Unit annexb(const AccessUnit &unit) {
    Unit out;
    for (const auto &nal : unit.nals) {
        out.insert(out.end(), {0, 0, 0, 1});
        out.insert(out.end(), nal.begin(), nal.end());
    }
    return out;
}

void CountingSink::on_access_unit(std::shared_ptr<const AccessUnit> unit) {
    const std::lock_guard lock(mutex_);
    units_.push_back(std::move(unit));
    wake_.notify_all();
}

bool CountingSink::wait_for(const std::function<bool(const std::vector<std::shared_ptr<const AccessUnit>> &)> &done, int seconds) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(seconds), [&] { return done(units_); });
}

std::vector<std::shared_ptr<const AccessUnit>> CountingSink::units() const {
    const std::lock_guard lock(mutex_);
    return units_;
}

bool eventually(const std::function<bool()> &condition, int seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace mcu::test
