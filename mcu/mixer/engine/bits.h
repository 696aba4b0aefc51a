// SPDX-License-Identifier: GPL-2.0-or-later
// Octets as a string of bits, from the highest of each on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcu {

// count: 1..32; zeros beyond the end.
inline uint32_t bits_at(const uint8_t *data, size_t size, size_t at, int count) {
    uint64_t bits = 0;
    for (size_t i = at / 8; i < at / 8 + 5; ++i) bits = bits << 8 | (i < size ? data[i] : 0);
    return static_cast<uint32_t>(bits >> (40 - static_cast<int>(at % 8) - count) & (~uint64_t{0} >> (64 - count)));
}

}  // namespace mcu
