// SPDX-License-Identifier: GPL-2.0-or-later
#include "video_stream.h"

#include <sys/socket.h>

#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "../engine/rtp/rtcp_feedback.h"
#include "sdp_codec.h"

namespace mcu::pj {
namespace {

constexpr int kSocketBuffer = 1 << 20;        // an IDR of 1080p comes as a burst of some 200 packets
constexpr int64_t kReportEvery = 2'500'000;   // µs, on average (RFC 3550, 6.2 allows less than 5 s above 72 kbit/s)

// pjmedia calls back with a void pointer, possibly while the stream goes away. A number that is looked up can't dangle.
std::mutex streams_mutex;
std::unordered_map<uintptr_t, std::shared_ptr<VideoStream>> streams;

uintptr_t enter(std::shared_ptr<VideoStream> stream) {
    static uintptr_t last = 0;
    std::lock_guard lock(streams_mutex);
    streams.emplace(++last, std::move(stream));
    return last;
}

void leave(uintptr_t handle) {
    std::lock_guard lock(streams_mutex);
    streams.erase(handle);
}

std::shared_ptr<VideoStream> find(void *handle) {
    std::lock_guard lock(streams_mutex);
    const auto found = streams.find(reinterpret_cast<uintptr_t>(handle));
    return found == streams.end() ? nullptr : found->second;
}

}  // namespace

VideoStream::VideoStream(pjmedia_transport *transport, const pjmedia_transport_info &about,
                         const pjmedia_vid_stream_info &info, const RtpContinuity &before, Use use, Timer &timer)
    : transport_(transport), format_(format_in_sdp(info.codec_info.encoding_name)),
      reports_(info.ssrc, std::string(info.cname.ptr, size_t(info.cname.slen))),
      next_report_us_(now_us() + kReportEvery / 5),   // the first one soon: Asterisk learns our SSRC from it
      receiver_(about, info, format_, std::move(use.on_unit), reports_),
      sender_(std::make_shared<RtpSender>(about, info, format_, before, use.may_send, reports_, timer)),
      on_keyframe_wanted_(std::move(use.on_keyframe_wanted)) {}

std::shared_ptr<VideoStream> VideoStream::start(pjmedia_transport *transport, const pjmedia_vid_stream_info &info,
                                                const RtpContinuity &before, Use use, Timer &timer) {
    if (transport->type != PJMEDIA_TRANSPORT_TYPE_UDP) throw std::invalid_argument("transport");
    pjmedia_transport_info about;
    pjmedia_transport_info_init(&about);
    if (pjmedia_transport_get_info(transport, &about) != PJ_SUCCESS) throw std::invalid_argument("transport");
    std::shared_ptr<VideoStream> stream(new VideoStream(transport, about, info, before, std::move(use), timer));
    stream->attach(info, int(about.sock_info.rtp_sock));
    return stream;
}

void VideoStream::attach(const pjmedia_vid_stream_info &info, int rtp_socket) {
    handle_ = enter(shared_from_this());
    pjmedia_transport_attach_param param{};
    param.stream = reinterpret_cast<void *>(handle_);
    param.media_type = PJMEDIA_TYPE_VIDEO;
    param.user_data = param.stream;
    pj_sockaddr_cp(&param.rem_addr, &info.rem_addr);
    pj_sockaddr_cp(&param.rem_rtcp, &info.rem_rtcp);
    param.addr_len = pj_sockaddr_get_len(&info.rem_addr);
    param.rtp_cb2 = [](pjmedia_tp_cb_param *got) {
        got->rem_switch = PJ_FALSE;   // where to send is what SDP said
        if (const auto stream = find(got->user_data); stream && got->size > 0)
            stream->receiver_.take(static_cast<const uint8_t *>(got->pkt), size_t(got->size), got->src_addr);
    };
    param.rtcp_cb = [](void *user_data, void *data, pj_ssize_t size) {
        if (const auto stream = find(user_data); stream && size > 0)
            stream->take_rtcp(static_cast<const uint8_t *>(data), size_t(size));
    };
    if (pjmedia_transport_attach2(transport_, &param) != PJ_SUCCESS) {
        leave(handle_);
        throw std::invalid_argument("transport");
    }
    // After attaching, which sets its own size. The kernel takes as much of it as net.core.[rw]mem_max allows.
    setsockopt(rtp_socket, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof kSocketBuffer);
    setsockopt(rtp_socket, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
}

void VideoStream::stop() {
    if (!sender_->stop()) return;
    pjmedia_transport_detach(transport_, reinterpret_cast<void *>(handle_));   // waits for a callback under way
    leave(handle_);
    receiver_.stop();
    std::lock_guard lock(wanted_mutex_);
    on_keyframe_wanted_ = nullptr;
}

void VideoStream::take_rtcp(const uint8_t *data, size_t size) {
    bool good;
    {
        std::lock_guard lock(reports_.mutex);
        good = reports_.reports.take(data, size, now_us());
    }
    if (!good) {
        ++refused_;
        return;
    }
    const auto requests = rtp::parse_keyframe_requests(data, size);
    keyframes_wanted_ += requests.size();
    if (requests.empty()) return;
    std::function<void()> wanted;
    {
        std::lock_guard lock(wanted_mutex_);
        wanted = on_keyframe_wanted_;
    }
    if (wanted) wanted();
}

void VideoStream::on_access_unit(std::shared_ptr<const AccessUnit> unit) { sender_->send_picture(std::move(unit)); }

void VideoStream::ask_keyframe() {
    uint32_t remote;
    std::vector<uint8_t> report;
    {
        std::lock_guard lock(reports_.mutex);
        remote = reports_.reports.remote_ssrc();
        if (!remote) return;
        report = reports_.reports.report(now_us(), ntp_now());   // RFC 4585, 3.1: feedback comes after a report
    }
    sender_->ask_keyframe(std::move(report), remote);
    ++keyframes_asked_;
}

void VideoStream::tick(int64_t now) {
    receiver_.tick(now);
    if (now < next_report_us_) return;
    // Spread over half to one and a half of the interval, so that reports of many legs don't fall together (6.3.5).
    next_report_us_ = now + kReportEvery / 2 + int64_t(uint32_t(pj_rand()) % uint32_t(kReportEvery));
    std::vector<uint8_t> packet;
    {
        std::lock_guard lock(reports_.mutex);
        packet = reports_.reports.report(now, ntp_now());
    }
    sender_->send_rtcp(packet);
}

RtpContinuity VideoStream::continuity() { return sender_->continuity(); }

StreamStats VideoStream::stats() {
    const RtpReceiver::Stats in = receiver_.stats();
    const RtpSender::Stats out = sender_->stats();
    StreamStats now;
    now.packets_in = in.packets;
    now.bytes_in = in.bytes;
    now.units_in = in.units;
    now.lost = in.lost;
    now.late = in.late;
    now.refused = in.refused + refused_;
    now.packets_out = out.packets;
    now.bytes_out = out.bytes;
    now.units_out = out.units;
    now.unsent = out.unsent;
    now.keyframes_wanted = keyframes_wanted_;
    now.keyframes_asked = keyframes_asked_;
    std::lock_guard lock(reports_.mutex);
    now.jitter_ms = reports_.reports.jitter_ms();
    now.round_trip_ms = reports_.reports.round_trip_ms();
    now.remote_fraction_lost = reports_.reports.remote_fraction_lost();
    return now;
}

}  // namespace mcu::pj
