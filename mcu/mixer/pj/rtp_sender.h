// SPDX-License-Identifier: GPL-2.0-or-later
// What goes out of one video m-line: coded pictures as paced RTP packets, and RTCP that others have made.
//
// Pictures come on the engine's threads and go out there with one sendmmsg (large ones in several, the later ones on a
// timer's thread), past pjmedia's ioqueue: pjlib asserts on threads that it does not know, and the transport is a plain
// UDP one (the mixer talks to Asterisk on loopback, never SRTP).
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "../engine/rtp/pacer.h"
#include "../engine/rtp/payload.h"
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

class RtpSender final : public std::enable_shared_from_this<RtpSender> {
public:
    struct Stats {
        uint64_t packets = 0, bytes = 0, units = 0;
        uint64_t unsent = 0;   // packets that the socket did not take
    };

    // The sockets of about are the transport's own and used until stop(); reports and timer outlive that. Without
    // may_send no picture goes out, RTCP does.
    RtpSender(const pjmedia_transport_info &about, const pjmedia_vid_stream_info &info, rtp::PayloadFormat format,
              const RtpContinuity &before, bool may_send, SharedReports &reports, Timer &timer);

    void send_picture(std::shared_ptr<const AccessUnit> unit);
    void send_rtcp(const std::vector<uint8_t> &packet);
    void ask_keyframe(std::vector<uint8_t> report, uint32_t remote_ssrc);   // PLI and FIR, after the report

    // Packets that are being sent go out first, and then none. False if it was stopped before.
    bool stop();

    RtpContinuity continuity();
    Stats stats();

private:
    struct Outgoing {   // a picture whose packets haven't all been sent
        std::shared_ptr<const AccessUnit> unit;
        std::vector<rtp::Payload> payloads;
        size_t next = 0;
    };

    void send_waiting();                                         // mutex_ is held, as for the next two
    bool send(Outgoing &picture, size_t count);                  // false if the socket takes no more
    void send_control(const std::vector<uint8_t> &packet);

    const std::unique_ptr<rtp::Packetizer> packetizer_;
    const uint8_t payload_type_;
    const uint32_t ssrc_;
    pj_sockaddr remote_rtp_{}, remote_rtcp_{};
    SharedReports &reports_;
    Timer &timer_;

    std::mutex mutex_;   // of the sockets' use for sending, and of what follows; the reports' may follow
    int rtp_socket_, rtcp_socket_;
    bool sending_;
    RtpContinuity going_;
    rtp::Pacer pacer_;
    std::deque<Outgoing> outgoing_;
    Stats stats_;
};

}  // namespace mcu::pj
