// SPDX-License-Identifier: GPL-2.0-or-later
#include "rtp_receiver.h"

#include <poll.h>

#include <cstring>
#include <utility>

namespace mcu::pj {
namespace {

constexpr size_t kRtpHeader = 12;
constexpr int64_t kUnreadMs = 160;        // what lies in the socket is waited for so long beyond the usual
constexpr int64_t kStandstill = 40'000;   // µs without a tick; they come every 20 ms

}  // namespace

RtpReceiver::RtpReceiver(const pjmedia_transport_info &about, const pjmedia_vid_stream_info &info,
                         rtp::PayloadFormat format, OnUnit on_unit, SharedReports &reports)
    : payload_type_(uint8_t(info.rx_pt)), reports_(reports), socket_(int(about.sock_info.rtp_sock)),
      on_unit_(std::move(on_unit)), depacketizer_(rtp::make_depacketizer(format)) {
    pj_sockaddr_cp(&remote_, &info.rem_addr);
    if (!(info.dir & PJMEDIA_DIR_DECODING)) on_unit_ = nullptr;   // on hold: what still comes is no picture of ours
}

// The address in SDP is Asterisk's own and it sends from there. Another port of its host will do until that one is heard:
// what a mixer that was killed had been sent may still come to the ports of the next one.
RtpReceiver::Sender RtpReceiver::sender_of(const pj_sockaddr *from) const {
    if (!from || from->addr.sa_family != remote_.addr.sa_family) return Sender::other;
    if (pj_sockaddr_cmp(from, &remote_) == 0) return Sender::described;
    const bool same_host = std::memcmp(pj_sockaddr_get_addr(from), pj_sockaddr_get_addr(&remote_),
                                       pj_sockaddr_get_addr_len(from)) == 0;
    return same_host ? Sender::neighbour : Sender::other;
}

void RtpReceiver::take(const uint8_t *data, size_t size, const pj_sockaddr *from) {
    const pjmedia_rtp_hdr *header = nullptr;
    pjmedia_rtp_dec_hdr rest;
    const void *payload = nullptr;
    unsigned payload_size = 0;
    const Sender sender = sender_of(from);
    if (sender == Sender::other || size < kRtpHeader ||
        pjmedia_rtp_decode_rtp2(nullptr, data, int(size), &header, &rest, &payload, &payload_size) != PJ_SUCCESS ||
        header->pt != payload_type_) {   // one with nothing but padding has its number in the sequence, too
        std::lock_guard lock(mutex_);
        ++stats_.refused;
        return;
    }
    rtp::Packet packet;
    packet.seq = pj_ntohs(header->seq);
    packet.ts = pj_ntohl(header->ts);
    packet.marker = header->m;
    packet.payload.assign(static_cast<const uint8_t *>(payload), static_cast<const uint8_t *>(payload) + payload_size);
    const int64_t now = now_us();

    std::lock_guard lock(mutex_);
    if (sender == Sender::described && !heard_described_) {
        heard_described_ = true;
        has_ssrc_ = false;
    }
    if ((heard_described_ && sender != Sender::described) || !accept_ssrc(pj_ntohl(header->ssrc), packet.seq)) {
        ++stats_.refused;
        return;
    }
    {
        std::lock_guard report_lock(reports_.mutex);
        reports_.reports.received(ssrc_, packet.seq, packet.ts, now);
    }
    ++stats_.packets;
    stats_.bytes += size;
    reorder_.push(std::move(packet), now / 1000);
    drain(now / 1000);
}

// A new source is believed at its second packet in a row (RFC 3550, A.1 has the like), so that a stray packet does not
// throw away the stream that runs.
bool RtpReceiver::accept_ssrc(uint32_t ssrc, uint16_t seq) {
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

void RtpReceiver::drain(int64_t now_ms) {
    const rtp::Depacketizer::Take take = [this](rtp::Unit &&unit) {
        ++stats_.units;
        if (on_unit_) on_unit_(std::move(unit));
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

bool RtpReceiver::has_unread() const {
    pollfd socket{socket_, POLLIN, 0};
    return socket_ >= 0 && poll(&socket, 1, 0) > 0 && (socket.revents & POLLIN);
}

void RtpReceiver::tick(int64_t now) {
    // After a standstill of the whole process the I/O thread reads first: it may hold what is waited for.
    const bool stood_still = now - std::exchange(ticked_us_, now) > kStandstill;
    if (!gap_ || stood_still) return;
    std::lock_guard lock(mutex_);
    drain(now / 1000);
}

void RtpReceiver::stop() {
    std::lock_guard lock(mutex_);   // waits for tick()
    socket_ = -1;                   // pjsua closes it soon, and its number will be another's
    on_unit_ = nullptr;
}

RtpReceiver::Stats RtpReceiver::stats() {
    std::lock_guard lock(mutex_);
    Stats now = stats_;
    now.lost = reorder_.lost();
    now.late = reorder_.late();
    return now;
}

}  // namespace mcu::pj
