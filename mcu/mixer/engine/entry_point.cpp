// SPDX-License-Identifier: GPL-2.0-or-later
#include "entry_point.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <span>

#include "h261_walk.h"

namespace mcu {
namespace {

using Octets = std::span<const uint8_t>;

enum NalType { kSlice = 1, kIdr = 5, kSei = 6, kSps = 7, kPps = 8 };   // H.264, table 7-1; 2 to 4 are partitions of a slice

// The NAL units of an Annex B stream, one after the other, without start codes.
class Nals {
public:
    explicit Nals(Octets rest) : rest_(rest) { skip_to_start(); }

    std::optional<Octets> next() {
        if (rest_.empty()) return std::nullopt;
        Octets nal = rest_;
        skip_to_start();
        nal = nal.first(nal.size() - rest_.size() - (found_ ? 3 : 0));
        while (!nal.empty() && nal.back() == 0) nal = nal.first(nal.size() - 1);   // the next start code's, B.1.1
        return nal;
    }

private:
    void skip_to_start() {
        for (size_t i = 0; i + 3 < rest_.size(); ++i) {
            if (rest_[i + 2] > 1) {
                i += 2;   // no start code can begin at i, i+1 or i+2
                continue;
            }
            if (rest_[i] != 0 || rest_[i + 1] != 0 || rest_[i + 2] != 1) continue;
            rest_ = rest_.subspan(i + 3);
            found_ = true;
            return;
        }
        rest_ = {};
        found_ = false;
    }

    Octets rest_;
    bool found_ = false;
};

// ue(v), H.264 9.1. The fields wanted here are short: 64 bits hold them, and no emulation prevention octet can be among them,
// as a code of 16 zero bits would be a macroblock's address over 65534.
class Bits {
public:
    explicit Bits(Octets from) {
        for (size_t i = 0; i < 8; ++i) bits_ = bits_ << 8 | (i < from.size() ? from[i] : 0);
    }
    unsigned ue() {
        const int zeros = std::countl_zero(bits_);
        if (zeros > 15) return ~0u;
        bits_ <<= zeros;
        const auto value = static_cast<unsigned>(bits_ >> (63 - zeros)) - 1;
        bits_ <<= zeros + 1;
        return value;
    }

private:
    uint64_t bits_ = 0;
};

bool is_intra(Octets slice) {
    Bits bits(slice.subspan(1));
    bits.ue();   // first_mb_in_slice
    const unsigned type = bits.ue();   // table 7-6: 2, 7 are I; 4, 9 are SI
    return type == 2 || type == 7 || type == 4 || type == 9;
}

// D.1.8, wherever it stands among the messages of the NAL unit (7.3.2.3.1).
bool has_recovery_point(Octets sei) {
    const auto number = [&](size_t &at) {
        size_t value = 0;
        for (; at < sei.size() && sei[at] == 0xff; ++at) value += 255;
        return at < sei.size() ? value + sei[at++] : value;
    };
    for (size_t at = 1; at + 2 < sei.size();) {
        const size_t type = number(at);
        const size_t length = number(at);
        if (type == 6 && length > 0 && at < sei.size()) return true;
        at += length;
    }
    return false;
}

Contents contents_of_h264(Octets data) {
    Contents found;
    bool intra = true;
    Nals nals(data);
    while (const auto nal = nals.next()) {
        if (nal->empty()) continue;
        const int type = nal->front() & 0x1f;
        if (type == kSps || type == kPps) found.parameters = true;
        if (type == kSei && has_recovery_point(*nal)) found.entry = Entry::recovery;
        if (type < kSlice || type > kIdr) continue;
        found.picture = true;
        if (type == kIdr) found.entry = Entry::refresh;
        intra = intra && type == kSlice && is_intra(*nal);
        // All else comes in front of the slices, and none of these becomes another entry by those that follow.
        if (found.entry != Entry::none || !intra) return found;
    }
    found.entry = found.picture ? Entry::intra : Entry::none;
    return found;
}

// H.263 5.1: PSC (22 bits), TR (8), PTYPE; its bit 9 is 0 for an intra picture, or bits 6-8 are 111 and PLUSPTYPE follows.
bool is_intra_h263(Octets data) {
    if (data.size() < 8 || data[0] != 0 || data[1] != 0 || (data[2] & 0xfc) != 0x80) return false;
    const int format = data[4] >> 2 & 7;
    if (format != 7) return (data[4] & 2) == 0;
    const uint64_t bits = uint64_t{data[4]} << 32 | uint64_t{data[5]} << 24 | uint64_t{data[6]} << 16 | uint64_t{data[7]} << 8;
    const int ufep = static_cast<int>(bits >> 31 & 7);
    const int type_shift = ufep == 1 ? 31 - 18 - 3 : 31 - 3;   // MPPTYPE comes after OPPTYPE's 18 bits
    return (bits >> type_shift & 7) == 0;
}

// H.261 has no intra pictures by name. A coder that answers a keyframe request says so by "freeze picture release" (4.2.1.3); others
// make all macroblocks intra, as at the beginning, and only they tell. Most pictures are known by their first macroblock.
bool is_refresh_h261(Octets data) {
    H261Walk walk(data.data(), data.size());
    int left = 0;
    for (;;) {
        switch (walk.next()) {
            case H261Walk::Item::picture:
                if (walk.freeze_release()) return true;
                left = 33 * (walk.is_cif() ? 12 : 3);
                break;
            case H261Walk::Item::gob: break;
            case H261Walk::Item::macroblock:
                if (!walk.intra() || left-- <= 0) return false;
                break;
            case H261Walk::Item::end: return left == 0 && walk.gob() > 0;
            case H261Walk::Item::broken: return false;
        }
    }
}

}  // namespace

Contents contents_of(Codec codec, const uint8_t *data, size_t size) {
    switch (codec) {
        case Codec::H264: return contents_of_h264({data, size});
        case Codec::H263: return {.entry = is_intra_h263({data, size}) ? Entry::refresh : Entry::none, .picture = true};
        case Codec::H261: return {.entry = is_refresh_h261({data, size}) ? Entry::refresh : Entry::none, .picture = true};
    }
    return {};
}

std::vector<uint8_t> parameter_sets_of(const uint8_t *data, size_t size) {
    std::vector<uint8_t> out;
    Nals nals({data, size});
    while (const auto nal = nals.next()) {
        if (nal->empty()) continue;
        const int type = nal->front() & 0x1f;
        if (type != kSps && type != kPps) continue;
        out.insert(out.end(), {0, 0, 0, 1});
        out.insert(out.end(), nal->begin(), nal->end());
    }
    return out;
}

}  // namespace mcu
