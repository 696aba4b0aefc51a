// SPDX-License-Identifier: GPL-2.0-or-later
#include "video_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "../engine/rtp/rtcp_feedback.h"
#include "sdp_codec.h"

namespace mcu::pj {
namespace {

constexpr int kSocketBuffer = 1 << 20;        // an IDR of 1080p comes as a burst of some 200 packets
constexpr int64_t kReportEvery = 2'500'000;   // µs, on average (RFC 3550, 6.2 allows less than 5 s above 72 kbit/s)
constexpr size_t kBatch = 64;                 // messages in one sendmmsg
constexpr size_t kRtpHeader = 12;
constexpr int64_t kUnreadMs = 160;            // what lies in the socket is waited for so long beyond the usual
constexpr int64_t kStandstill = 40'000;       // µs without a tick; they come every 20 ms

int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch()).count();
}

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

VideoStream::VideoStream(pjmedia_transport *transport, const pjmedia_vid_stream_info &info, const RtpContinuity &before,
                         Use use, Timer &timer)
    : transport_(transport), use_(std::move(use)), receive_pt_(uint8_t(info.rx_pt)), send_pt_(uint8_t(info.tx_pt)),
      format_(format_in_sdp(info.codec_info.encoding_name)), packetizer_(packetizer_of(format_, info)),
      depacketizer_(rtp::make_depacketizer(format_)), own_ssrc_(info.ssrc), going_(before), timer_(timer),
      reports_(info.ssrc, std::string(info.cname.ptr, size_t(info.cname.slen))) {
    if (transport->type != PJMEDIA_TRANSPORT_TYPE_UDP) throw std::invalid_argument("transport");
}

std::shared_ptr<VideoStream> VideoStream::start(pjmedia_transport *transport, const pjmedia_vid_stream_info &info,
                                                const RtpContinuity &before, Use use, Timer &timer) {
    std::shared_ptr<VideoStream> stream(new VideoStream(transport, info, before, std::move(use), timer));
    stream->attach(info);
    return stream;
}

void VideoStream::attach(const pjmedia_vid_stream_info &info) {
    pjmedia_transport_info about;
    pjmedia_transport_info_init(&about);
    if (pjmedia_transport_get_info(transport_, &about) != PJ_SUCCESS) throw std::invalid_argument("transport");
    rtp_socket_ = int(about.sock_info.rtp_sock);
    rtcp_socket_ = int(about.sock_info.rtcp_sock);
    pj_sockaddr_cp(&remote_rtp_, &info.rem_addr);
    pj_sockaddr_cp(&remote_rtcp_, &info.rem_rtcp);
    sending_ = use_.may_send && (info.dir & PJMEDIA_DIR_ENCODING);
    if (!(info.dir & PJMEDIA_DIR_DECODING)) use_.on_unit = nullptr;   // on hold: what still comes is no picture of ours
    next_report_us_ = now_us() + kReportEvery / 5;   // the first one soon: Asterisk learns our SSRC from it

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
            stream->take_rtp(static_cast<const uint8_t *>(got->pkt), size_t(got->size), got->src_addr);
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
    setsockopt(rtp_socket_, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof kSocketBuffer);
    setsockopt(rtp_socket_, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
}

void VideoStream::stop() {
    {
        std::lock_guard lock(send_mutex_);   // packets that are being sent go out first
        if (rtp_socket_ < 0) return;
        sending_ = false;
        outgoing_.clear();
        rtp_socket_ = rtcp_socket_ = -1;     // pjsua closes them soon, and their numbers will be others'
    }
    pjmedia_transport_detach(transport_, reinterpret_cast<void *>(handle_));   // waits for a callback under way
    leave(handle_);
    std::lock_guard lock(receive_mutex_);    // waits for tick()
    use_ = {};
}

// The address in SDP is Asterisk's own and it sends from there. Another port of its host will do until that one is heard:
// what a mixer that was killed had been sent may still come to the ports of the next one.
VideoStream::Sender VideoStream::sender_of(const pj_sockaddr *from) const {
    if (!from || from->addr.sa_family != remote_rtp_.addr.sa_family) return Sender::other;
    if (pj_sockaddr_cmp(from, &remote_rtp_) == 0) return Sender::described;
    const bool same_host = std::memcmp(pj_sockaddr_get_addr(from), pj_sockaddr_get_addr(&remote_rtp_),
                                       pj_sockaddr_get_addr_len(from)) == 0;
    return same_host ? Sender::neighbour : Sender::other;
}

void VideoStream::take_rtp(const uint8_t *data, size_t size, const pj_sockaddr *from) {
    const pjmedia_rtp_hdr *header = nullptr;
    pjmedia_rtp_dec_hdr rest;
    const void *payload = nullptr;
    unsigned payload_size = 0;
    const Sender sender = sender_of(from);
    if (sender == Sender::other || size < kRtpHeader ||
        pjmedia_rtp_decode_rtp2(nullptr, data, int(size), &header, &rest, &payload, &payload_size) != PJ_SUCCESS ||
        header->pt != receive_pt_) {   // one with nothing but padding has its number in the sequence, too
        std::lock_guard lock(stats_mutex_);
        ++stats_.refused;
        return;
    }
    rtp::Packet packet;
    packet.seq = pj_ntohs(header->seq);
    packet.ts = pj_ntohl(header->ts);
    packet.marker = header->m;
    packet.payload.assign(static_cast<const uint8_t *>(payload), static_cast<const uint8_t *>(payload) + payload_size);
    const int64_t now = now_us();

    std::lock_guard lock(receive_mutex_);
    if (sender == Sender::described && !heard_described_) {
        heard_described_ = true;
        has_ssrc_ = false;
    }
    if ((heard_described_ && sender != Sender::described) || !accept_ssrc(pj_ntohl(header->ssrc), packet.seq)) {
        std::lock_guard stats_lock(stats_mutex_);
        ++stats_.refused;
        return;
    }
    {
        std::lock_guard report_lock(report_mutex_);
        reports_.received(ssrc_, packet.seq, packet.ts, now);
    }
    {
        std::lock_guard stats_lock(stats_mutex_);
        ++stats_.packets_in;
        stats_.bytes_in += size;
    }
    reorder_.push(std::move(packet), now / 1000);
    drain(now / 1000);
}

// A new source is believed at its second packet in a row (RFC 3550, A.1 has the like), so that a stray packet does not
// throw away the stream that runs.
bool VideoStream::accept_ssrc(uint32_t ssrc, uint16_t seq) {
    if (has_ssrc_ && ssrc == ssrc_) return true;
    const bool follows = ssrc == candidate_ssrc_ && seq == uint16_t(candidate_seq_ + 1);
    if (has_ssrc_ && !follows) {
        candidate_ssrc_ = ssrc;
        candidate_seq_ = seq;
        return false;
    }
    has_ssrc_ = true;
    ssrc_ = ssrc;
    candidate_ssrc_ = 0;
    reorder_.reset();
    depacketizer_->reset();
    return true;
}

void VideoStream::drain(int64_t now_ms) {
    const rtp::Depacketizer::Take take = [this](rtp::Unit &&unit) {
        {
            std::lock_guard lock(stats_mutex_);
            ++stats_.units_in;
        }
        if (use_.on_unit) use_.on_unit(std::move(unit));
    };
    // A crowded machine lets the I/O thread read late: what lies in the socket is not lost, and no keyframe is worth it.
    if (const auto deadline = reorder_.deadline_ms();
        deadline && now_ms >= *deadline && now_ms < *deadline + kUnreadMs && has_unread())
        now_ms = *deadline - 1;
    while (const auto next = reorder_.pop(now_ms)) {
        const rtp::Packet &packet = next->packet;
        depacketizer_->push(packet.payload.data(), packet.payload.size(), packet.ts, packet.marker, next->loss_before, take);
    }
    gap_ = reorder_.deadline_ms().has_value();
}

bool VideoStream::has_unread() {
    std::lock_guard lock(send_mutex_);
    pollfd socket{rtp_socket_, POLLIN, 0};
    return rtp_socket_ >= 0 && poll(&socket, 1, 0) > 0 && (socket.revents & POLLIN);
}

void VideoStream::take_rtcp(const uint8_t *data, size_t size) {
    bool good;
    {
        std::lock_guard lock(report_mutex_);
        good = reports_.take(data, size, now_us());
    }
    const auto requests = good ? rtp::parse_keyframe_requests(data, size) : std::vector<rtp::KeyframeRequest>{};
    {
        std::lock_guard lock(stats_mutex_);
        if (!good) ++stats_.refused;
        stats_.keyframes_wanted += requests.size();
    }
    if (requests.empty()) return;
    std::function<void()> wanted;
    {
        std::lock_guard lock(receive_mutex_);
        wanted = use_.on_keyframe_wanted;
    }
    if (wanted) wanted();
}

void VideoStream::on_access_unit(std::shared_ptr<const AccessUnit> unit) {
    auto payloads = packetizer_->packetize(*unit);   // none if the class is of another codec than the call
    std::lock_guard lock(send_mutex_);
    if (!sending_ || payloads.empty()) return;
    outgoing_.push_back({std::move(unit), std::move(payloads)});
    if (outgoing_.size() == 1) send_waiting();   // otherwise the timer does, in order
}

void VideoStream::send_waiting() {
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
                    std::lock_guard lock(self->send_mutex_);
                    if (self->sending_) self->send_waiting();
                }
            });
            return;
        }
        outgoing_.pop_front();
        std::lock_guard stats_lock(stats_mutex_);
        ++stats_.units_out;
    }
}

bool VideoStream::send(Outgoing &picture, size_t count) {
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
        header[1] = uint8_t((payload.marker ? 0x80 : 0) | send_pt_);
        put16(header + 2, going_.seq++);
        put32(header + 4, ts);
        put32(header + 8, own_ssrc_);
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
        std::lock_guard report_lock(report_mutex_);
        reports_.sent(ts, sent, octets, now_us());
    }
    std::lock_guard stats_lock(stats_mutex_);
    stats_.packets_out += sent;
    stats_.bytes_out += octets;
    stats_.unsent += lost;
    return whole;
}

void VideoStream::ask_keyframe() {
    uint32_t remote;
    std::vector<uint8_t> packet;
    {
        std::lock_guard lock(report_mutex_);
        remote = reports_.remote_ssrc();
        if (!remote) return;
        packet = reports_.report(now_us(), ntp_now());   // RFC 4585, 3.1: feedback comes after a report
    }
    std::lock_guard lock(send_mutex_);
    for (const auto &part : {rtp::build_pli(own_ssrc_, remote), rtp::build_fir(own_ssrc_, remote, going_.fir_seq++)})
        packet.insert(packet.end(), part.begin(), part.end());
    send_rtcp(packet);
    std::lock_guard stats_lock(stats_mutex_);
    ++stats_.keyframes_asked;
}

// With send_mutex_ held.
void VideoStream::send_rtcp(const std::vector<uint8_t> &packet) {
    if (rtcp_socket_ < 0) return;
    sendto(rtcp_socket_, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr *>(&remote_rtcp_), socklen_t(pj_sockaddr_get_len(&remote_rtcp_)));
}

void VideoStream::tick(int64_t now) {
    // After a standstill of the whole process the I/O thread reads first: it may hold what is waited for.
    const bool stood_still = now - std::exchange(ticked_us_, now) > kStandstill;
    if (gap_ && !stood_still) {
        std::lock_guard lock(receive_mutex_);
        drain(now / 1000);
    }
    if (now < next_report_us_) return;
    // Spread over half to one and a half of the interval, so that reports of many legs don't fall together (6.3.5).
    next_report_us_ = now + kReportEvery / 2 + int64_t(uint32_t(pj_rand()) % uint32_t(kReportEvery));
    std::vector<uint8_t> packet;
    {
        std::lock_guard lock(report_mutex_);
        packet = reports_.report(now, ntp_now());
    }
    std::lock_guard lock(send_mutex_);
    send_rtcp(packet);
}

RtpContinuity VideoStream::continuity() {
    std::lock_guard lock(send_mutex_);
    return going_;
}

StreamStats VideoStream::stats() {
    StreamStats now;
    {
        std::lock_guard lock(receive_mutex_);
        now.lost = reorder_.lost();
        now.late = reorder_.late();
    }
    {
        std::lock_guard lock(report_mutex_);
        now.jitter_ms = reports_.jitter_ms();
        now.round_trip_ms = reports_.round_trip_ms();
        now.remote_fraction_lost = reports_.remote_fraction_lost();
    }
    std::lock_guard lock(stats_mutex_);
    const StreamStats reports = now;
    now = stats_;
    now.lost = reports.lost;
    now.late = reports.late;
    now.jitter_ms = reports.jitter_ms;
    now.round_trip_ms = reports.round_trip_ms;
    now.remote_fraction_lost = reports.remote_fraction_lost;
    return now;
}

}  // namespace mcu::pj
