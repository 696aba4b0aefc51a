// SPDX-License-Identifier: GPL-2.0-or-later
// Where decoding can begin, told from the first bits of each NAL unit.
#include "entry_point.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "streams.h"

using namespace mcu;

namespace {

Contents contents(std::initializer_list<uint8_t> unit) { return contents_of(Codec::H264, unit.begin(), unit.size()); }
Entry entry(std::initializer_list<uint8_t> unit) { return contents(unit).entry; }
Entry h263(std::initializer_list<uint8_t> unit) { return contents_of(Codec::H263, unit.begin(), unit.size()).entry; }

}  // namespace

TEST_CASE("IDR and recovery point, whatever comes in front") {
    CHECK(entry({0, 0, 1, 0x65, 0x88, 2}) == Entry::refresh);
    CHECK(entry({0, 0, 1, 9, 0x10, 0, 0, 0, 1, 0x65, 0x88}) == Entry::refresh);
    CHECK(entry({0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 1, 0, 0, 1, 0x65, 0x88}) == Entry::refresh);
    CHECK(entry({0, 0, 1, 6, 6, 1, 0xc4, 0x80, 0, 0, 1, 0x41, 0x9a}) == Entry::recovery);
    // After a buffering period (type 0) and 3 octets of a message of 256 + 1: types and sizes may take several octets.
    CHECK(entry({0, 0, 1, 6, 0, 2, 7, 7, 6, 1, 0xc4, 0x80, 0, 0, 1, 0x41, 0x9a}) == Entry::recovery);
    CHECK(entry({0, 0, 1, 6, 0xff, 1, 1, 7, 6, 1, 0xc4, 0x80, 0, 0, 1, 0x41, 0x9a}) == Entry::recovery);
    CHECK(entry({0, 0, 1, 6, 5, 1, 0xc4, 0x80, 0, 0, 1, 0x41, 0x9a}) == Entry::none);
    CHECK(entry({0, 0, 1, 6, 5, 0xff, 0xff, 6, 1, 0x80, 0, 0, 1, 0x41, 0x9a}) == Entry::none);
}

TEST_CASE("a repeated SPS in front of a P picture makes it no keyframe") {
    const auto repeated = contents({0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 1, 0, 0, 1, 0x41, 0x9a, 0});
    CHECK(repeated.entry == Entry::none);
    CHECK(repeated.parameters);
    CHECK(repeated.picture);
    const auto alone = contents({0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 1});
    CHECK(alone.entry == Entry::none);
    CHECK(alone.parameters);
    CHECK_FALSE(alone.picture);
}

TEST_CASE("a picture of I slices alone is one, with parameter sets or without") {
    // first_mb_in_slice 0 is the bit 1; slice_type 2 is 011, 7 is 0001000, 0 is 1, 5 is 00110 (H.264 9.1, table 7-6).
    CHECK(entry({0, 0, 1, 0x41, 0x88}) == Entry::intra);
    CHECK(entry({0, 0, 1, 0x61, 0xb0}) == Entry::intra);
    CHECK(entry({0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 1, 0, 0, 1, 0x61, 0xb0, 0xff}) == Entry::intra);
    // Two slices; the second begins at macroblock 99: 100 in binary after 6 zeros. Its type is 2, then 0.
    CHECK(entry({0, 0, 1, 0x61, 0xb0, 0, 0, 1, 0x61, 0x03, 0x23, 0x80}) == Entry::intra);
    CHECK(entry({0, 0, 1, 0x61, 0xb0, 0, 0, 1, 0x61, 0x03, 0x24, 0x80}) == Entry::none);
    CHECK(entry({0, 0, 1, 0x61, 0xc0}) == Entry::none);
    CHECK(entry({0, 0, 1, 0x41, 0x9a, 2, 0, 0, 1, 0x65, 0x88}) == Entry::none);
    CHECK(entry({0, 0, 1, 0x42, 0xb0}) == Entry::none);   // a partition: the others may be missing
}

TEST_CASE("rubbish is no keyframe") {
    CHECK(entry({}) == Entry::none);
    CHECK(entry({0, 0, 1}) == Entry::none);
    CHECK(entry({0, 0, 1, 0x41}) == Entry::none);
    CHECK(entry({0, 0, 1, 0x41, 0, 0}) == Entry::none);
    CHECK(entry({0, 0, 1, 6}) == Entry::none);
    CHECK(entry({0, 0, 1, 6, 0xff, 0xff, 0xff}) == Entry::none);
    CHECK(entry({1, 2, 3, 4, 5, 6, 7}) == Entry::none);
}

TEST_CASE("H.263 tells by its picture header, H.261 has no keyframes") {
    CHECK(h263({0, 0, 0x80, 2, 0x0c, 0, 0, 0}) == Entry::refresh);
    CHECK(h263({0, 0, 0x80, 2, 0x0e, 0, 0, 0}) == Entry::none);
    CHECK(h263({0, 0, 0x80}) == Entry::none);
    CHECK(contents_of(Codec::H261, nullptr, 0).entry == Entry::none);
}

TEST_CASE("the encoder's own pictures, and their parameter sets") {
    const auto stream = test::h264_stream(352, 288, 10, 5, 0xc02020);
    for (size_t n = 0; n < stream.size(); ++n) {
        const auto found = contents_of(Codec::H264, stream[n].data(), stream[n].size());
        CHECK(found.entry == (n % 5 == 0 ? Entry::refresh : Entry::none));
        CHECK(found.picture);
        CHECK(parameter_sets_of(stream[n].data(), stream[n].size()).empty() == (n % 5 != 0));
    }
    const auto sets = parameter_sets_of(stream[0].data(), stream[0].size());
    CHECK(contents_of(Codec::H264, sets.data(), sets.size()).parameters);
    CHECK_FALSE(contents_of(Codec::H264, sets.data(), sets.size()).picture);
    CHECK(std::equal(sets.begin(), sets.end(), stream[0].begin()));
}

TEST_CASE("H.261: what answers a request, or is intra macroblock by macroblock") {
    const auto h261 = [](const std::vector<uint8_t> &unit) { return contents_of(Codec::H261, unit.data(), unit.size()).entry; };
    const auto octets = [](const std::string &bits) {
        std::vector<uint8_t> out((bits.size() + 7) / 8);
        for (size_t i = 0; i < bits.size(); ++i)
            if (bits[i] == '1') out[i / 8] |= static_cast<uint8_t>(0x80 >> i % 8);
        return out;
    };
    const std::string start(15, '0'), tr = "00000", gquant = "01000", no_more = "0";
    // PTYPE (4.2.1.3): split screen, document camera, freeze picture release, CIF, and two that are ones.
    const auto picture = [&](const char *ptype) { return start + "1" "0000" + tr + ptype + no_more; };
    const auto gob = [&](const char *number) { return start + "1" + number + gquant + no_more; };
    std::string intra = "1" "0001";   // the next macroblock, intra; six blocks of DC and end of block
    for (int block = 0; block < 6; ++block) intra += "10000000" "10";
    const std::string inter = "1" "1" "111" "10" "10" "10" "10";   // four blocks of one coefficient, "1s" at first, then end of block
    std::string thirty_three, broken;
    for (int n = 0; n < 33; ++n) thirty_three += intra;
    for (int n = 0; n < 32; ++n) broken += intra;

    CHECK(h261(octets(picture("001111"))) == Entry::refresh);
    CHECK(h261(octets("000" + picture("001111"))) == Entry::refresh);   // it may begin at any bit
    CHECK(h261(octets(picture("000111"))) == Entry::none);
    const std::string qcif = picture("000011"), first = qcif + gob("0001") + thirty_three + gob("0011") + thirty_three;
    CHECK(h261(octets(first + gob("0101") + thirty_three)) == Entry::refresh);
    CHECK(h261(octets(first + gob("0101") + broken)) == Entry::none);              // one is skipped
    CHECK(h261(octets(first + gob("0101") + broken + inter)) == Entry::none);
    CHECK(h261(octets(first + gob("0101") + thirty_three + intra)) == Entry::none);   // there is no 34th
    CHECK(h261(octets(first)) == Entry::none);
    CHECK(h261(octets(picture("000111") + gob("0001") + thirty_three)) == Entry::none);   // of 12
    CHECK(h261(octets(gob("0001") + thirty_three)) == Entry::none);
}
