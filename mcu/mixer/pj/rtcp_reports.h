// SPDX-License-Identifier: GPL-2.0-or-later
// Sender and receiver reports of one RTP stream (RFC 3550, 6.4 and appendix A), without I/O. pjmedia has this too, but
// it derives the timestamp of a sender report from the start of the session, and its calls want threads that pjlib
// knows; ours come from the engine, and the picture's clock is the engine's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace mcu::pj {

class RtcpReports {
public:
    RtcpReports(uint32_t ssrc, std::string cname);

    // A packet of the remote stream came; a new ssrc starts the counts anew. now_us: a monotonic clock.
    void received(uint32_t ssrc, uint16_t seq, uint32_t ts, int64_t now_us);
    void sent(uint32_t ts, size_t packets, size_t octets, int64_t now_us);

    // A compound packet from the other side. False if it isn't well formed (RFC 3550, A.2); nothing is kept then.
    bool take(const uint8_t *data, size_t size, int64_t now_us);

    // SR, if packets were sent since the last report, or RR; with SDES CNAME. now_ntp: 64 bits, RFC 3550, 4.
    std::vector<uint8_t> report(int64_t now_us, uint64_t now_ntp);

    uint32_t ssrc() const { return ssrc_; }
    uint32_t remote_ssrc() const { return remote_ssrc_; }
    uint64_t packets_received() const { return received_; }
    int64_t packets_lost() const;                      // expected less received; below 0 with duplicates
    double jitter_ms() const { return jitter_ / 16.0 / 90.0; }
    double remote_fraction_lost() const { return remote_fraction_ / 256.0; }   // what the other side misses of ours
    double round_trip_ms() const { return round_trip_ms_; }                    // 0: not known

private:
    void take_block(const uint8_t *block, int64_t now_us);
    uint64_t expected() const;

    uint32_t ssrc_;
    std::string cname_;

    // of the remote stream (A.1, A.3, A.8)
    uint32_t remote_ssrc_ = 0;
    bool receiving_ = false;
    uint16_t base_seq_ = 0, max_seq_ = 0;
    uint32_t cycles_ = 0;
    uint64_t received_ = 0, expected_prior_ = 0, received_prior_ = 0;
    int64_t transit_ = 0;
    int64_t jitter_ = 0;             // 1/16 of a timestamp unit
    uint32_t last_sr_ = 0;           // middle 32 bits of the other side's NTP time
    int64_t last_sr_us_ = 0;

    // of our own
    uint32_t sent_packets_ = 0, sent_octets_ = 0, sent_ts_ = 0, reported_packets_ = 0;
    int64_t sent_us_ = 0;
    uint8_t remote_fraction_ = 0;
    double round_trip_ms_ = 0;
    uint32_t our_sr_ = 0;
    int64_t our_sr_us_ = 0;
};

// The reports of a stream that runs: packets come, go and are reported on threads of their own.
struct SharedReports {
    SharedReports(uint32_t ssrc, std::string cname) : reports(ssrc, std::move(cname)) {}

    std::mutex mutex;
    RtcpReports reports;
};

// The clock that packets are told by: monotonic, µs.
int64_t now_us();

// Wall clock as RFC 3550 wants it: seconds since 1900 and their fraction, 32 bits each.
uint64_t ntp_now();

}  // namespace mcu::pj
