// SPDX-License-Identifier: GPL-2.0-or-later
#include "rtcp_reports.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace mcu::pj {
namespace {

constexpr uint8_t kSr = 200, kRr = 201, kSdes = 202;
constexpr int64_t kMaxDropout = 3000;   // RFC 3550, A.1

uint32_t get32(const uint8_t *at) {
    return uint32_t(at[0]) << 24 | uint32_t(at[1]) << 16 | uint32_t(at[2]) << 8 | at[3];
}

void put32(std::vector<uint8_t> &to, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(uint8_t(value >> shift));
}

void put_header(std::vector<uint8_t> &to, uint8_t count, uint8_t type, size_t words) {
    to.push_back(uint8_t(0x80 | count));
    to.push_back(type);
    to.push_back(uint8_t(words >> 8));
    to.push_back(uint8_t(words));
}

// Duration in units of 1/65536 s, as LSR and DLSR have it.
uint32_t short_ntp(int64_t us) { return uint32_t(us * 65536 / 1000000); }

}  // namespace

RtcpReports::RtcpReports(uint32_t ssrc, std::string cname) : ssrc_(ssrc), cname_(std::move(cname)) {
    if (cname_.size() > 255) cname_.resize(255);   // SDES items have a length of 8 bits
}

void RtcpReports::received(uint32_t ssrc, uint16_t seq, uint32_t ts, int64_t now_us) {
    const int64_t arrival = now_us * 9 / 100;   // 90 kHz
    const int64_t transit = arrival - int64_t(ts);
    const uint16_t ahead = uint16_t(seq - max_seq_);
    // A jump is a new start of the other side's numbers: the reorder buffer has confirmed it by then.
    const bool jumped = ahead > kMaxDropout && uint16_t(max_seq_ - seq) > kMaxDropout;
    if (!receiving_ || ssrc != remote_ssrc_ || jumped) {
        receiving_ = true;
        remote_ssrc_ = ssrc;
        base_seq_ = max_seq_ = seq;
        cycles_ = 0;
        received_ = 1;
        expected_prior_ = received_prior_ = 0;
        jitter_ = 0;
        transit_ = transit;
        return;
    }
    ++received_;
    if (ahead != 0 && ahead < 0x8000) {
        if (seq < max_seq_) cycles_ += 0x10000;
        max_seq_ = seq;
    }
    // The timestamp wraps after 13 hours: the difference counts in 32 bits.
    const int64_t change = std::abs(int64_t(int32_t(uint32_t(transit - transit_))));
    transit_ = transit;
    jitter_ += change - ((jitter_ + 8) >> 4);
}

void RtcpReports::sent(uint32_t ts, size_t packets, size_t octets, int64_t now_us) {
    sent_packets_ += uint32_t(packets);
    sent_octets_ += uint32_t(octets);
    sent_ts_ = ts;
    sent_us_ = now_us;
}

bool RtcpReports::take(const uint8_t *data, size_t size, int64_t now_us) {
    for (size_t at = 0; at < size;) {   // the whole of it first: half a compound packet is none
        if (size - at < 4 || data[at] >> 6 != 2 || data[at + 1] < 192) return false;
        const size_t part = (size_t(data[at + 2]) << 8 | data[at + 3]) * 4 + 4;
        if (part > size - at) return false;
        at += part;
    }
    for (size_t at = 0; at < size;) {
        const uint8_t *part = data + at;
        const size_t length = (size_t(part[2]) << 8 | part[3]) * 4 + 4;
        const size_t blocks = part[0] & 0x1f;
        size_t first = 0;
        if (part[1] == kSr && length >= 28) {
            last_sr_ = get32(part + 8) << 16 | get32(part + 12) >> 16;
            last_sr_us_ = now_us;
            first = 28;
        } else if (part[1] == kRr && length >= 8) {
            first = 8;
        }
        for (size_t i = 0; first && i < blocks && first + (i + 1) * 24 <= length; ++i)
            take_block(part + first + i * 24, now_us);
        at += length;
    }
    return true;
}

void RtcpReports::take_block(const uint8_t *block, int64_t now_us) {
    if (get32(block) != ssrc_) return;
    remote_fraction_ = block[4];
    const uint32_t last = get32(block + 16), since = get32(block + 20);
    if (last == 0 || last != our_sr_) return;
    const int64_t trip = int64_t(short_ntp(now_us - our_sr_us_)) - int64_t(since);
    if (trip >= 0) round_trip_ms_ = double(trip) * 1000 / 65536;
}

uint64_t RtcpReports::expected() const { return uint64_t(cycles_) + max_seq_ - base_seq_ + 1; }

int64_t RtcpReports::packets_lost() const { return receiving_ ? int64_t(expected()) - int64_t(received_) : 0; }

std::vector<uint8_t> RtcpReports::report(int64_t now_us, uint64_t now_ntp) {
    std::vector<uint8_t> out;
    const bool sender = sent_packets_ != reported_packets_;
    const size_t blocks = receiving_ ? 1 : 0;
    put_header(out, uint8_t(blocks), sender ? kSr : kRr, (sender ? 6 : 1) + blocks * 6);
    put32(out, ssrc_);
    if (sender) {
        reported_packets_ = sent_packets_;
        our_sr_ = uint32_t(now_ntp >> 16);
        our_sr_us_ = now_us;
        put32(out, uint32_t(now_ntp >> 32));
        put32(out, uint32_t(now_ntp));
        put32(out, sent_ts_ + uint32_t((now_us - sent_us_) * 9 / 100));
        put32(out, sent_packets_);
        put32(out, sent_octets_);
    }
    if (receiving_) {
        const uint64_t interval = expected() - expected_prior_;
        const int64_t lost = int64_t(interval) - int64_t(received_ - received_prior_);
        expected_prior_ = expected();
        received_prior_ = received_;
        const auto fraction = interval && lost > 0 ? uint32_t(std::min<int64_t>(255, lost * 256 / int64_t(interval))) : 0u;
        const int64_t total = std::clamp<int64_t>(packets_lost(), -0x800000, 0x7fffff);   // 24 bits, signed
        put32(out, remote_ssrc_);
        put32(out, fraction << 24 | (uint32_t(total) & 0xffffff));
        put32(out, cycles_ + max_seq_);
        put32(out, uint32_t(jitter_ >> 4));
        put32(out, last_sr_);
        put32(out, last_sr_ ? short_ntp(now_us - last_sr_us_) : 0);
    }
    const size_t item = 2 + cname_.size();
    const size_t padded = (item / 4 + 1) * 4;   // at least one null octet ends the list of items
    put_header(out, 1, kSdes, 1 + padded / 4);
    put32(out, ssrc_);
    out.push_back(1);   // CNAME
    out.push_back(uint8_t(cname_.size()));
    out.insert(out.end(), cname_.begin(), cname_.end());
    out.insert(out.end(), padded - item, 0);
    return out;
}

int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch()).count();
}

uint64_t ntp_now() {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch()).count();
    const uint64_t seconds = uint64_t(now / 1000000) + 2208988800u;   // 1900 to 1970
    return seconds << 32 | (uint64_t(now % 1000000) << 32) / 1000000;
}

}  // namespace mcu::pj
