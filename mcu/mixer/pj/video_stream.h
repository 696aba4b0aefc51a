// SPDX-License-Identifier: GPL-2.0-or-later
// The RTP and RTCP of one video m-line, on the media transport that pjsua opened for the call: access units in, access
// units out, keyframe requests both ways. It stands where a pjmedia_vid_stream would, without its jitter buffer,
// decoder and ports.
//
// Packets come on pjmedia's one I/O thread and go on at once, in that thread, to the engine. Pictures to send come on
// the engine's threads and go out there with one sendmmsg (large ones in several, the later ones on a timer's thread), past pjmedia's ioqueue: pjlib asserts on threads that it
// does not know, and the transport is a plain UDP one (the mixer talks to Asterisk on loopback, never SRTP).
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "../engine/rtp/pacer.h"
#include "../engine/rtp/packet.h"
#include "../engine/rtp/payload.h"
#include "../engine/rtp/reorder.h"
#include "../engine/timer.h"
#include "../engine/types.h"
#include "pjsip.h"
#include "rtcp_reports.h"

namespace mcu::pj {

// What must go on when a re-INVITE ends a stream and starts another: receivers see one RTP stream (RFC 3264, 8).
struct RtpContinuity {
    uint16_t seq = 0;
    uint32_t ts_offset = 0;
    uint8_t fir_seq = 0;
};

struct StreamStats {
    uint64_t packets_in = 0, bytes_in = 0, units_in = 0, lost = 0, late = 0;
    uint64_t refused = 0;        // no RTP or RTCP, another sender, another payload type, another SSRC
    uint64_t packets_out = 0, bytes_out = 0, units_out = 0, unsent = 0;
    uint64_t keyframes_wanted = 0, keyframes_asked = 0;   // by the other side; of the other side
    double jitter_ms = 0, round_trip_ms = 0, remote_fraction_lost = 0;
};

class VideoStream final : public Sink, public std::enable_shared_from_this<VideoStream> {
public:
    struct Use {
        std::function<void(rtp::Unit &&)> on_unit;     // null: what comes is counted and dropped
        std::function<void()> on_keyframe_wanted;      // null: requests are counted and ignored
        bool may_send = false;
    };

    // Raises std::invalid_argument if the transport or the codec is none that we can use.
    static std::shared_ptr<VideoStream> start(pjmedia_transport *transport, const pjmedia_vid_stream_info &info,
                                              const RtpContinuity &before, Use use, Timer &timer);   // outlives it
    ~VideoStream() override = default;

    // After stop() no callback of Use runs any more, and the transport is left alone.
    void stop();

    void on_access_unit(std::shared_ptr<const AccessUnit> unit) override;

    // PLI and FIR to the other side, at once. Nothing goes out before its SSRC is known: Asterisk drops requests until
    // it has seen the terminal's SSRC, and asks are repeated.
    void ask_keyframe();

    // Reports when they are due; packets that waited too long for one that is lost. From any one thread, often.
    void tick(int64_t now_us);

    rtp::PayloadFormat format() const { return format_; }
    RtpContinuity continuity();
    StreamStats stats();

private:
    enum class Sender { described, neighbour, other };

    struct Outgoing {   // a picture whose packets haven't all been sent
        std::shared_ptr<const AccessUnit> unit;
        std::vector<rtp::Payload> payloads;
        size_t next = 0;
    };

    VideoStream(pjmedia_transport *transport, const pjmedia_vid_stream_info &info, const RtpContinuity &before, Use use,
                Timer &timer);
    Sender sender_of(const pj_sockaddr *from) const;
    void attach(const pjmedia_vid_stream_info &info);
    void take_rtp(const uint8_t *data, size_t size, const pj_sockaddr *from);
    void take_rtcp(const uint8_t *data, size_t size);
    bool accept_ssrc(uint32_t ssrc, uint16_t seq);
    void drain(int64_t now_ms);
    bool has_unread();                               // packets in the RTP socket; takes send_mutex_
    void send_waiting();                             // send_mutex_ is held, as for the next two
    bool send(Outgoing &picture, size_t count);      // false if the socket takes no more
    void send_rtcp(const std::vector<uint8_t> &packet);

    pjmedia_transport *transport_;
    Use use_;
    uintptr_t handle_ = 0;                 // what pjmedia knows us by
    pj_sockaddr remote_rtp_{}, remote_rtcp_{};
    int rtp_socket_ = -1, rtcp_socket_ = -1;
    uint8_t receive_pt_, send_pt_;
    const rtp::PayloadFormat format_;
    const std::unique_ptr<rtp::Packetizer> packetizer_;

    std::mutex receive_mutex_;             // of what follows, taken by the I/O thread and by tick(); send_mutex_ may follow
    rtp::ReorderBuffer reorder_;
    std::unique_ptr<rtp::Depacketizer> depacketizer_;
    bool has_ssrc_ = false, heard_described_ = false;
    uint32_t ssrc_ = 0, candidate_ssrc_ = 0;
    uint16_t candidate_seq_ = 0;
    std::atomic<bool> gap_{false};
    int64_t ticked_us_ = 0;                // of tick() alone

    std::mutex send_mutex_;                // of the sockets' use for sending, and of what follows
    bool sending_ = false;
    uint32_t own_ssrc_;
    RtpContinuity going_;
    rtp::Pacer pacer_;
    std::deque<Outgoing> outgoing_;
    Timer &timer_;

    std::mutex report_mutex_;
    RtcpReports reports_;
    std::atomic<int64_t> next_report_us_{0};

    std::mutex stats_mutex_;
    StreamStats stats_;
};

}  // namespace mcu::pj
