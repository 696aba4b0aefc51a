// SPDX-License-Identifier: GPL-2.0-or-later
#include "rtp_sender.h"

#include <sys/socket.h>

#include <array>
#include <utility>

#include "../engine/rtp/rtcp_feedback.h"

namespace mcu::pj {
namespace {

constexpr size_t kBatch = 64;   // messages in one sendmmsg
constexpr size_t kRtpHeader = 12;

int mode_of(const pjmedia_codec_fmtp &fmtp) {
    for (unsigned i = 0; i < fmtp.cnt; ++i)
        if (pj_stricmp2(&fmtp.param[i].name, "packetization-mode") == 0) return pj_strtol(&fmtp.param[i].val) == 1;
    return 0;   // RFC 6184, 8.1: absent means 0
}

std::unique_ptr<rtp::Packetizer> packetizer_of(rtp::PayloadFormat format, const pjmedia_vid_stream_info &info) {
    return rtp::make_packetizer(format, info.codec_param ? mode_of(info.codec_param->enc_fmtp) : 0);
}

void put16(uint8_t *at, uint16_t value) {
    at[0] = uint8_t(value >> 8);
    at[1] = uint8_t(value);
}

void put32(uint8_t *at, uint32_t value) {
    put16(at, uint16_t(value >> 16));
    put16(at + 2, uint16_t(value));
}

}  // namespace

RtpSender::RtpSender(const pjmedia_transport_info &about, const pjmedia_vid_stream_info &info, rtp::PayloadFormat format,
                     const RtpContinuity &before, bool may_send, SharedReports &reports, Timer &timer)
    : packetizer_(packetizer_of(format, info)), payload_type_(uint8_t(info.tx_pt)), ssrc_(info.ssrc), reports_(reports),
      timer_(timer), rtp_socket_(int(about.sock_info.rtp_sock)), rtcp_socket_(int(about.sock_info.rtcp_sock)),
      sending_(may_send && (info.dir & PJMEDIA_DIR_ENCODING)), going_(before) {
    pj_sockaddr_cp(&remote_rtp_, &info.rem_addr);
    pj_sockaddr_cp(&remote_rtcp_, &info.rem_rtcp);
}

void RtpSender::send_picture(std::shared_ptr<const AccessUnit> unit) {
    auto payloads = packetizer_->packetize(*unit);   // none if the class is of another codec than the call
    std::lock_guard lock(mutex_);
    if (!sending_ || payloads.empty()) return;
    outgoing_.push_back({std::move(unit), std::move(payloads)});
    if (outgoing_.size() == 1) send_waiting();   // otherwise the timer does, in order
}

void RtpSender::send_waiting() {
    while (!outgoing_.empty()) {
        Outgoing &picture = outgoing_.front();
        const auto now = SteadyClock::now();
        const size_t left = picture.payloads.size() - picture.next;
        const size_t count = pacer_.take(left, now);
        // A full buffer loses the rest: the engine's thread must not wait, and the receiver asks for a keyframe.
        if (count > 0 && !send(picture, count)) picture.next = picture.payloads.size();
        if (picture.next < picture.payloads.size()) {
            timer_.at(pacer_.next(now), [weak = weak_from_this()] {
                if (const auto self = weak.lock()) {
                    std::lock_guard lock(self->mutex_);
                    if (self->sending_) self->send_waiting();
                }
            });
            return;
        }
        outgoing_.pop_front();
        ++stats_.units;
    }
}

bool RtpSender::send(Outgoing &picture, size_t count) {
    static_assert(rtp::Pacer::kAtOnce <= kBatch);
    const uint32_t ts = uint32_t(picture.unit->ts90k) + going_.ts_offset;
    std::array<std::array<uint8_t, kRtpHeader>, kBatch> headers;
    std::array<std::array<iovec, 3>, kBatch> parts;
    std::array<mmsghdr, kBatch> messages;
    size_t octets = 0;
    for (size_t i = 0; i < count; ++i) {
        const rtp::Payload &payload = picture.payloads[picture.next + i];
        uint8_t *header = headers[i].data();
        header[0] = 0x80;
        header[1] = uint8_t((payload.marker ? 0x80 : 0) | payload_type_);
        put16(header + 2, going_.seq++);
        put32(header + 4, ts);
        put32(header + 8, ssrc_);
        parts[i][0] = {header, kRtpHeader};
        parts[i][1] = {const_cast<uint8_t *>(payload.head.data()), payload.head_size};
        parts[i][2] = {const_cast<uint8_t *>(payload.body), payload.body_size};
        messages[i] = {};
        messages[i].msg_hdr.msg_name = &remote_rtp_;
        messages[i].msg_hdr.msg_namelen = socklen_t(pj_sockaddr_get_len(&remote_rtp_));
        messages[i].msg_hdr.msg_iov = parts[i].data();
        messages[i].msg_hdr.msg_iovlen = parts[i].size();
        octets += payload.size();
    }
    size_t sent = 0;
    while (sent < count) {
        const int went = sendmmsg(rtp_socket_, &messages[sent], unsigned(count - sent), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (went <= 0) break;
        sent += size_t(went);
    }
    picture.next += count;
    const bool whole = sent == count;
    // What isn't sent has its numbers in the sequence, so that the receiver knows.
    const size_t lost = whole ? 0 : count - sent + picture.payloads.size() - picture.next;
    if (!whole) going_.seq = uint16_t(going_.seq + picture.payloads.size() - picture.next);
    {
        std::lock_guard report_lock(reports_.mutex);
        reports_.reports.sent(ts, sent, octets, now_us());
    }
    stats_.packets += sent;
    stats_.bytes += octets;
    stats_.unsent += lost;
    return whole;
}

void RtpSender::send_rtcp(const std::vector<uint8_t> &packet) {
    std::lock_guard lock(mutex_);
    send_control(packet);
}

void RtpSender::ask_keyframe(std::vector<uint8_t> report, uint32_t remote_ssrc) {
    std::lock_guard lock(mutex_);
    for (const auto &part : {rtp::build_pli(ssrc_, remote_ssrc), rtp::build_fir(ssrc_, remote_ssrc, going_.fir_seq++)})
        report.insert(report.end(), part.begin(), part.end());
    send_control(report);
}

void RtpSender::send_control(const std::vector<uint8_t> &packet) {
    if (rtcp_socket_ < 0) return;
    sendto(rtcp_socket_, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr *>(&remote_rtcp_), socklen_t(pj_sockaddr_get_len(&remote_rtcp_)));
}

bool RtpSender::stop() {
    std::lock_guard lock(mutex_);
    if (rtp_socket_ < 0) return false;
    sending_ = false;
    outgoing_.clear();
    rtp_socket_ = rtcp_socket_ = -1;   // pjsua closes them soon, and their numbers will be others'
    return true;
}

RtpContinuity RtpSender::continuity() {
    std::lock_guard lock(mutex_);
    return going_;
}

RtpSender::Stats RtpSender::stats() {
    std::lock_guard lock(mutex_);
    return stats_;
}

}  // namespace mcu::pj
