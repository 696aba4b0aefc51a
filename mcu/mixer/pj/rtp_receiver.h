// SPDX-License-Identifier: GPL-2.0-or-later
// What comes in on one video m-line: RTP packets of the one source that SDP described, put in order and made access
// units. Packets come on pjmedia's one I/O thread and go on at once, in that thread, to the engine.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "../engine/rtp/payload.h"
#include "../engine/rtp/reorder.h"
#include "pjsip.h"
#include "rtcp_reports.h"

namespace mcu::pj {

class RtpReceiver final {
public:
    using OnUnit = std::function<void(rtp::Unit &&)>;

    struct Stats {
        uint64_t packets = 0, bytes = 0, units = 0, lost = 0, late = 0;
        uint64_t refused = 0;   // no RTP, another sender, another payload type, another SSRC
    };

    // The socket is the transport's own and only looked at, until stop(); reports outlives that. on_unit may be null:
    // what comes is counted and dropped.
    RtpReceiver(const pjmedia_transport_info &about, const pjmedia_vid_stream_info &info, rtp::PayloadFormat format,
                OnUnit on_unit, SharedReports &reports);

    void take(const uint8_t *data, size_t size, const pj_sockaddr *from);

    // Gives up packets that waited too long for one that is lost. From any one thread, often.
    void tick(int64_t now_us);

    void stop();   // on_unit is not called any more

    Stats stats();

private:
    enum class Sender { described, neighbour, other };

    Sender sender_of(const pj_sockaddr *from) const;
    bool accept_ssrc(uint32_t ssrc, uint16_t seq);   // mutex_ is held, as for the next two
    void drain(int64_t now_ms);
    bool has_unread() const;                         // packets in the socket

    const uint8_t payload_type_;
    pj_sockaddr remote_{};
    SharedReports &reports_;
    std::atomic<bool> gap_{false};
    int64_t ticked_us_ = 0;   // of tick() alone

    std::mutex mutex_;        // of what follows, taken by the I/O thread and by tick(); the reports' may follow
    int socket_;
    OnUnit on_unit_;
    rtp::ReorderBuffer reorder_;
    const std::unique_ptr<rtp::Depacketizer> depacketizer_;
    bool has_ssrc_ = false, heard_described_ = false;
    uint32_t ssrc_ = 0, candidate_ssrc_ = 0;
    uint16_t candidate_seq_ = 0;
    Stats stats_;
};

}  // namespace mcu::pj
