// SPDX-License-Identifier: GPL-2.0-or-later
// Puts packets in order of their sequence numbers. In order they pass through at once, without any delay; a gap is
// waited for, but only so many packets and milliseconds.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "packet.h"

namespace mcu::rtp {

class ReorderBuffer {
public:
    struct Ordered {
        Packet packet;
        bool loss_before = false;
    };

    // max_wait_packets: 1..512, bounded to that.
    explicit ReorderBuffer(int max_wait_packets = 32, int64_t max_wait_ms = 40);

    // now_ms: any monotonic clock. False if the packet was a duplicate or too late. After a jump of the sequence
    // numbers by more than 3000 (RFC 3550 A.1, MAX_DROPOUT) seen in two consecutive packets it starts anew.
    bool push(Packet &&packet, int64_t now_ms);

    // The next packet if it is there or the wait for those in front of it is over. Call it until it gives nothing.
    std::optional<Ordered> pop(int64_t now_ms);

    // When pop() might give something although nothing was pushed; nothing if no gap is being waited for.
    std::optional<int64_t> deadline_ms() const;

    void reset();

    uint64_t lost() const { return lost_; }             // sequence numbers given up
    uint64_t late() const { return late_; }             // packets that came too late or twice
    uint64_t reordered() const { return reordered_; }   // packets that came out of order and in time

private:
    struct Held {
        int64_t seq;          // extended: never wraps
        int64_t arrived_ms;
        Packet packet;
    };

    bool wait_is_over(int64_t now_ms) const;
    int64_t oldest_arrival() const;

    std::deque<Held> held_;   // by sequence number; empty most of the time
    int max_wait_packets_;
    int64_t max_wait_ms_;
    bool started_ = false;
    bool loss_ = false;             // packets in front of next_ were given up
    int64_t next_ = 0;              // wanted next
    std::optional<uint16_t> jump_;  // what would follow a packet that came from far away
    uint64_t lost_ = 0, late_ = 0, reordered_ = 0;
};

}  // namespace mcu::rtp
