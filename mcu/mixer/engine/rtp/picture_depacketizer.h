// SPDX-License-Identifier: GPL-2.0-or-later
// What H.263 and H.261 have in common: a picture is one string of bits, cut anywhere, and packets share an octet at the cut.
#pragma once

#include "payload.h"

namespace mcu::rtp {

class PictureDepacketizer : public Depacketizer {
public:
    explicit PictureDepacketizer(size_t max_unit) : max_unit_(max_unit) {}

    // A picture ends at the marker bit or where the timestamp changes, as some senders forget the marker.
    void push(const uint8_t *payload, size_t size, uint32_t ts, bool marker, bool loss_before, const Take &take) final;
    void reset() final;

protected:
    // What a payload is, once its header has been read.
    struct Part {
        const uint8_t *data = nullptr;
        size_t size = 0;
        int skip_first = 0, skip_last = 0;   // SBIT, EBIT: bits that aren't its own, 0..7
        bool zeros_first = false;            // RFC 4629, 5.1: the start code's first two octets are left out
        bool at_start_code = false;          // a picture or a GOB begins here: decoding can go on after a loss
        bool begins_picture = false;
        bool whole = true;                   // false: the header makes no sense
    };

private:
    // Takes the payload's header off. size is at least 1.
    virtual Part parse(const uint8_t *payload, size_t size) const = 0;

    void append(const Part &part);
    void finish(const Take &take);

    const size_t max_unit_;
    std::vector<uint8_t> unit_;
    int spare_ = 0;            // bits at the end of the last octet that are still to come
    uint32_t ts_ = 0;
    bool open_ = false;        // a picture is being collected
    bool loss_ = false;
    bool overflow_ = false;
    bool lost_place_ = false;  // something is missing: nothing fits before the next start code
};

}  // namespace mcu::rtp
