// SPDX-License-Identifier: GPL-2.0-or-later
#include "h263_depacketizer.h"

#include "../bits.h"

namespace mcu::rtp {

H263Rfc2190Depacketizer::Part H263Rfc2190Depacketizer::parse(const uint8_t *payload, size_t size) const {
    // RFC 2190, 5: F and P of the first octet tell the mode, and SBIT and EBIT follow in all of them.
    const size_t header = !(payload[0] & 0x80) ? 4 : !(payload[0] & 0x40) ? 8 : 12;
    Part part;
    part.skip_first = payload[0] >> 3 & 7;
    part.skip_last = payload[0] & 7;
    part.data = payload + header;
    if (size <= header || (size - header) * 8 <= static_cast<size_t>(part.skip_first + part.skip_last)) return {.whole = false};
    part.size = size - header;
    const auto from = static_cast<size_t>(part.skip_first);
    const bool start_code = bits_at(part.data, part.size, from, 17) == 1;   // H.263 5.1.1, 5.2.2: 16 zeros and a one
    part.begins_picture = start_code && bits_at(part.data, part.size, from + 17, 5) == 0;
    // Mode A begins at a GOB (5.1), whatever stuffing is in front of it.
    part.at_start_code = start_code || header == 4;
    return part;
}

H263Rfc4629Depacketizer::Part H263Rfc4629Depacketizer::parse(const uint8_t *payload, size_t size) const {
    // RFC 4629, 5.1: five reserved bits, P, V, PLEN (6), PEBIT (3). What V and PLEN announce helps those who lost more than we can
    // mend: video redundancy (5.2) is dropped, and a repeated picture header (6.1.1) as well.
    if (size < 3) return {.whole = false};
    const bool start_code = payload[0] & 4, redundancy = payload[0] & 2;
    const size_t header = 2 + (redundancy ? 1 : 0) + (size_t{payload[0]} << 5 & 0x20) + (payload[1] >> 3);
    if (size <= header) return {.whole = false};
    Part part;
    part.data = payload + header;
    part.size = size - header;
    part.zeros_first = part.at_start_code = start_code;
    part.begins_picture = start_code && (part.data[0] & 0xfc) == 0x80;
    return part;
}

}  // namespace mcu::rtp
