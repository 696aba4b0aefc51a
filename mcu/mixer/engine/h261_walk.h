// SPDX-License-Identifier: GPL-2.0-or-later
// Through an H.261 picture, macroblock by macroblock, without decoding it: its GOBs stand at any bit, and where a macroblock
// begins only those in front of it tell.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcu {

class H261Walk {
public:
    // at: a bit of it, from which on the next start code is looked for.
    H261Walk(const uint8_t *picture, size_t size, size_t at = 0) : data_(picture), size_(size), at_(at) {}

    enum class Item {
        picture,      // its header, 4.2.1
        gob,          // its header, 4.2.2
        macroblock,
        end,          // nothing but zeros is left
        broken,       // no code that there is; the next item is the next start code, if there is one
    };
    // The next item; what the functions below say is of it.
    Item next();
    void skip_gob() { lost_ = true; }   // the next item is the next start code

    size_t from() const { return from_; }     // bit where it begins (a macroblock: with its address)
    size_t to() const { return at_; }         // and ends
    bool freeze_release() const { return freeze_release_; }   // of the picture, 4.2.1.3: the sender has answered a keyframe request
    bool is_cif() const { return cif_; }
    int gob() const { return gob_; }          // 1..12
    // Of a macroblock: its address, 1..33; if it is intra; the quantizer that counts after it; its motion vector, 0 without.
    int address() const { return address_; }
    bool intra() const { return intra_; }
    int quantizer() const { return quantizer_; }
    int x() const { return x_; }
    int y() const { return y_; }

private:
    uint32_t peek(int count) const;
    void skip(int count) { at_ += static_cast<size_t>(count); }
    bool find_start();
    Item start();
    void skip_spare();
    bool macroblock(int step);
    bool vector(int &value, int predicted);
    bool block(bool intra);
    int blocks_of_pattern();
    int address_step();

    const uint8_t *data_;
    size_t size_, at_, from_ = 0;
    bool freeze_release_ = false, cif_ = false, intra_ = false, moved_ = false, lost_ = true;
    int gob_ = 0, address_ = 0, quantizer_ = 0, x_ = 0, y_ = 0;
};

}  // namespace mcu
