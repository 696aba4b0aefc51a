// SPDX-License-Identifier: GPL-2.0-or-later
// The RTP and RTCP of one video m-line, on the media transport that pjsua opened for the call: access units in, access
// units out, keyframe requests both ways. It stands where a pjmedia_vid_stream would, without its jitter buffer,
// decoder and ports. This is the stream's place on the transport and its RTCP; rtp_receiver.h has what comes in and
// rtp_sender.h what goes out.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "../engine/rtp/payload.h"
#include "../engine/timer.h"
#include "../engine/types.h"
#include "pjsip.h"
#include "rtcp_reports.h"
#include "rtp_receiver.h"
#include "rtp_sender.h"

namespace mcu::pj {

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
        RtpReceiver::OnUnit on_unit;                   // null: what comes is counted and dropped
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
    VideoStream(pjmedia_transport *transport, const pjmedia_transport_info &about, const pjmedia_vid_stream_info &info,
                const RtpContinuity &before, Use use, Timer &timer);
    void attach(const pjmedia_vid_stream_info &info, int rtp_socket);
    void take_rtcp(const uint8_t *data, size_t size);

    pjmedia_transport *transport_;
    uintptr_t handle_ = 0;                 // what pjmedia knows us by
    const rtp::PayloadFormat format_;
    SharedReports reports_;
    std::atomic<int64_t> next_report_us_;
    RtpReceiver receiver_;
    const std::shared_ptr<RtpSender> sender_;
    std::atomic<uint64_t> refused_{0}, keyframes_wanted_{0}, keyframes_asked_{0};   // refused: of RTCP

    std::mutex wanted_mutex_;
    std::function<void()> on_keyframe_wanted_;
};

}  // namespace mcu::pj
