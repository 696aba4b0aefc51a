// SPDX-License-Identifier: GPL-2.0-or-later
#include "h261_walk.h"

#include <bit>

#include "bits.h"

namespace mcu {
namespace {

constexpr int kStuffing = -1, kNone = 0;
constexpr int kMacroblocks = 33;   // of a GOB, 4.2.3

// The number of zeros in front of the first one, in a code of so many bits.
int zeros(uint32_t code, int bits) { return std::countl_zero(code << (32 - bits)); }

// Table 1, "VLC table for macroblock addressing"; the vectors of table 3 have the same codes, 1 to 33. 0: none of them.
int table_1(uint32_t eleven, int &length) {
    struct Code {
        int length, first, count, value;   // of so many bits, from first down, with values from value up
    };
    constexpr Code kCodes[] = {{1, 1, 1, 1}, {3, 3, 2, 2}, {4, 3, 2, 4}, {5, 3, 2, 6}, {7, 7, 2, 8}, {8, 11, 6, 10},
                               {10, 23, 6, 16}, {11, 35, 12, 22}};
    for (const Code &code : kCodes) {
        const int value = code.first - static_cast<int>(eleven >> (11 - code.length));
        if (value < 0 || value >= code.count) continue;
        length = code.length;
        return code.value + value;
    }
    return kNone;
}

}  // namespace

uint32_t H261Walk::peek(int count) const { return bits_at(data_, size_, at_, count); }

H261Walk::Item H261Walk::next() {
    from_ = at_;
    if (lost_ || peek(15) == 0) return find_start() ? start() : Item::end;
    int step;
    while ((step = address_step()) == kStuffing) from_ = at_;   // stuffing belongs to what comes in front of it
    if (step == kNone && peek(15) == 0) return next();
    if (step != kNone && macroblock(step)) return Item::macroblock;
    lost_ = true;
    return Item::broken;
}

// To the next start code: 15 zeros and a one.
bool H261Walk::find_start() {
    const size_t end = size_ * 8;
    size_t run = 0;
    for (; at_ < end; ++at_) {
        if (at_ % 8 == 0 && data_[at_ / 8] == 0) {
            run += 8;
            at_ += 7;
        } else if (!(data_[at_ / 8] >> (7 - at_ % 8) & 1)) {
            ++run;
        } else if (run >= 15) {
            at_ -= 15;
            from_ = at_;
            return true;
        } else {
            run = 0;
        }
    }
    return false;
}

H261Walk::Item H261Walk::start() {
    skip(16);
    gob_ = static_cast<int>(peek(4));
    skip(4);
    lost_ = gob_ < 1 || gob_ > 12;
    if (gob_ == 0) {   // a picture: TR (5), PTYPE (6), spare information
        skip(5);
        freeze_release_ = peek(3) & 1;
        cif_ = peek(4) & 1;
        skip(6);
        skip_spare();
        return Item::picture;
    }
    quantizer_ = static_cast<int>(peek(5));
    skip(5);
    skip_spare();
    address_ = x_ = y_ = 0;
    moved_ = false;
    return lost_ ? Item::broken : Item::gob;
}

// PEI and PSPARE, GEI and GSPARE: a one in front of each octet.
void H261Walk::skip_spare() {
    while (peek(1) && at_ < size_ * 8) skip(9);
    skip(1);
}

int H261Walk::address_step() {
    const uint32_t code = peek(11);
    if (code == 0xf) {
        skip(11);
        return kStuffing;
    }
    int length = 0;
    const int step = table_1(code, length);
    skip(length);
    return step;
}

bool H261Walk::macroblock(int step) {
    address_ += step;
    if (address_ > kMacroblocks) return false;
    // Table 2, by the number of zeros in front of the one.
    struct Type {
        bool intra, quantizer, vector, blocks;
    };
    constexpr Type kTypes[] = {{false, false, false, true}, {false, false, true, true}, {false, false, true, false},
                               {true, false, false, true},  {false, true, false, true}, {false, true, true, true},
                               {true, true, false, true},   {false, false, true, true}, {false, false, true, false},
                               {false, true, true, true}};
    const int number = zeros(peek(10), 10);
    if (number > 9) return false;
    const Type &type = kTypes[number];
    skip(number + 1);
    if (type.quantizer) {
        quantizer_ = static_cast<int>(peek(5));
        skip(5);
    }
    // 4.2.3.4: the vector of the macroblock before counts as 0 at the left edge, after one that is skipped, and after one without.
    const bool follows = moved_ && step == 1 && address_ != 1 && address_ != 12 && address_ != 23;
    const int before_x = follows ? x_ : 0, before_y = follows ? y_ : 0;
    x_ = y_ = 0;
    if (type.vector && !(vector(x_, before_x) && vector(y_, before_y))) return false;
    moved_ = type.vector;
    intra_ = type.intra;
    int blocks = !type.blocks ? 0 : type.intra ? 6 : blocks_of_pattern();
    if (blocks < 0) return false;
    for (; blocks > 0; --blocks)
        if (!block(type.intra)) return false;
    return at_ <= size_ * 8;
}

// Table 3: two values that are 32 apart share a code, and only one of them gives a vector of -15..15. No sign for 0.
bool H261Walk::vector(int &value, int predicted) {
    int length = 0;
    const int code = table_1(peek(11), length);
    if (code == kNone) return false;
    skip(length);
    value = predicted + (code % 2 ? code / 2 : -(code / 2));
    if (value < -16) value += 32;
    if (value > 15) value -= 32;
    return true;
}

// Table 4: how many blocks follow; -1 if it is none of its codes.
int H261Walk::blocks_of_pattern() {
    // By the codes' lengths, from the highest code down: how many ones the pattern has.
    struct Codes {
        int length;
        uint32_t lowest, highest;
        const char *ones;
    };
    constexpr Codes kCodes[] = {{3, 7, 7, "4"},
                                {4, 10, 13, "1111"},
                                {5, 8, 19, "222233331515"},
                                {6, 12, 15, "2226"},
                                {7, 16, 23, "22222222"},
                                {8, 4, 31, "3333333333334444333344444444"},
                                {9, 2, 7, "555544"}};
    const uint32_t nine = peek(9);
    for (const Codes &codes : kCodes) {
        const uint32_t code = nine >> (9 - codes.length);
        if (code < codes.lowest || code > codes.highest) continue;
        skip(codes.length);
        return codes.ones[codes.highest - code] - '0';
    }
    return -1;
}

// Table 5, where only lengths matter: by the zeros in front of the first one.
bool H261Walk::block(bool intra) {
    bool first = !intra;
    if (intra) skip(8);   // the DC coefficient
    for (const size_t end = size_ * 8; at_ < end; first = false) {
        const uint32_t code = peek(9);
        switch (zeros(code, 9)) {
            case 0:
                if (!first && !(code & 0x80)) {
                    skip(2);   // end of block
                    return true;
                }
                skip(first ? 2 : 3);
                break;
            case 1: skip(code & 0x40 ? 4 : 5); break;
            case 2: skip(code & 0x20 || code & 0x10 ? 6 : 9); break;
            case 3: skip(7); break;
            case 4: skip(8); break;
            case 5: skip(20); break;   // escape: run and level
            case 6: skip(11); break;
            case 7: skip(13); break;
            case 8: skip(14); break;
            default: return false;
        }
    }
    return false;
}

}  // namespace mcu
