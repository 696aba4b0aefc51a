// SPDX-License-Identifier: GPL-2.0-or-later
// Rate control for coders that have none to speak of: which quantizer a picture gets, and which is left out. libavcodec's own sends
// busy CIF at 618 kbit/s where 384 are allowed, and coding again overruns its list of places to cut (RFC 2190). Values in, decisions out.
#pragma once

#include <cstdint>
#include <optional>

namespace mcu {

class QuantizerControl {
public:
    static constexpr int kFinest = 3;     // no bits are spent on what nobody sees
    static constexpr int kCoarsest = 31;  // H.263 5.1.4, H.261 4.2.2.3

    // largest: bits that a picture may have (H.261 5.2, H.263 3.6: 65,536 of QCIF, 262,144 of CIF).
    QuantizerControl(int kbps, int fps, int largest);

    // For the picture of this time. Nothing: it isn't to be coded, so that what has been sent can drain; never of an intra picture.
    std::optional<int> plan(bool intra, int64_t ts90k);
    // What the picture of the plan came to. Nothing: it is good. Else it is to be coded again, intra, with this quantizer.
    std::optional<int> judge(bool intra, int quantizer, int bits);

    // What is on its way at kbps, in bits, when the last picture has been sent; over buffer() only where the coarsest wasn't enough.
    double level() const { return level_; }
    double buffer() const { return buffer_; }

private:
    double target(bool intra) const;
    int for_target(bool intra) const;

    const double bits_per_second_, bits_per_picture_, largest_, buffer_;
    double level_ = 0;
    double weight_[2];   // bits times quantizer of pictures like the last ones; of P pictures, of intra pictures
    std::optional<int64_t> ts_;
    int again_ = 0;      // of this picture
};

}  // namespace mcu
