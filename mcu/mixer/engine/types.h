// SPDX-License-Identifier: GPL-2.0-or-later
// The values that go into the video engine and come out of it. No codec, no PJSIP, no Python in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mcu {

enum class Codec { H264, H263, H261 };   // the bitstream; RTP carries H.263 in two ways (rtp/payload.h)

// Where an H.263 picture may be cut between macroblocks, and what its decoder has to know to begin there (RFC 2190, 5.2).
struct Cut {
    uint32_t bit = 0;               // from the picture's beginning
    uint8_t quant = 0, gob = 0;     // QUANT in effect, number of the GOB
    uint16_t macroblock = 0;        // its address within the GOB, from 0
    int8_t x = 0, y = 0;            // the motion vector's predictor, in half pixels
};

// One coded picture of a view. Immutable and shared: every leg of a class sends the same octets.
struct AccessUnit {
    // NAL units without start codes, in decoding order; SPS and PPS come first in front of an IDR. Slices are
    // bound to about 1280 octets, so each NAL fits one packet in packetization-mode 0 and 1 (RFC 6184, 5.4).
    // H.263 and H.261: one, the picture as it is. H.261: its last octet is filled up with zeros.
    std::vector<std::vector<uint8_t>> nals;
    bool keyframe = false;
    int64_t ts90k = 0;   // 90 kHz, steady, the same for all classes of one view; wrap it to 32 bits for RTP
    uint64_t seq = 0;    // counts the access units of this encoder from 0; a gap never occurs
    Codec codec = Codec::H264;
    std::vector<Cut> cuts{};   // H.263, ascending
};

// Whoever takes the pictures of a (view, class). Called on an engine thread: copy or queue, never block, and take
// no lock under which Engine methods are called.
struct Sink {
    virtual ~Sink() = default;
    virtual void on_access_unit(std::shared_ptr<const AccessUnit> unit) = 0;
};

// A pane of the picture. x, y, w, h are fractions of the canvas; what lies outside 0..1 is cut off.
struct Tile {
    std::string source;      // name of the source; empty for a blank pane (its card, if it has one)
    float x = 0, y = 0, w = 0, h = 0;
    bool crop = false;       // fill the pane and cut what is too much, instead of fitting with black bars
    bool speaking = false;   // border
    bool muted = false;      // sign
    std::string label{};     // bitmap key: the name plate, at the pane's lower left corner
    std::string card{};      // bitmap key: what is seen while there is no picture; scaled to cover the pane
};

// A bitmap laid over the finished panes: banner, clock, logo. w or h of 0 keeps the bitmap's own size in pixels.
struct Overlay {
    std::string bitmap;
    float x = 0, y = 0, w = 0, h = 0;
    // Canvas widths a second. Above 0 the bitmap, in its own size, comes in at the canvas's right edge, goes out at the
    // left one, and comes again; x and w are not looked at.
    float scroll = 0;
};

struct Scene {
    int width = 1280, height = 720, fps = 30;
    std::vector<Tile> tiles{};        // drawn in this order
    std::vector<Overlay> overlays{};  // then these
    std::string background{};         // bitmap key, scaled to cover the canvas; empty: the plain colour below
    uint32_t background_rgb = 0x101418;
    uint32_t speaking_rgb = 0x3ddc84;
};

// What a kind of receiver can take. The engine bounds size, rate and bit rate by the level (H.264 table A-1); H.263 and H.261
// are coded as CIF or QCIF.
struct RateClass {
    std::string name;
    int width = 1280, height = 720, fps = 30, kbps = 1500;
    int level_idc = 31;   // 9 means level 1b; of H.264 only
    Codec codec = Codec::H264;
};

enum class SourceState {
    none,      // never had a picture
    waiting,   // seen, but its keyframe hasn't come yet
    live,
    stalled,   // no picture for over 2 s although it is seen
    hidden,    // in no pane that anybody looks at: not decoded
};

struct SourceStats {
    std::string name;
    Codec codec = Codec::H264;
    SourceState state = SourceState::none;
    uint64_t frames_in = 0, frames_decoded = 0, frames_dropped = 0;   // dropped: on overflow or before a keyframe
    uint64_t frames_hidden = 0;   // came while nobody looked
    uint64_t bytes_in = 0, losses = 0, errors = 0, keyframes_asked = 0;
    int width = 0, height = 0;
    double fps = 0;               // decoded, over about the last second
    uint64_t decode_ns = 0;       // thread CPU time, as all the _ns below
};

struct ClassStats {
    std::string name;
    int width = 0, height = 0, fps = 0, kbps = 0;   // as encoded, after the level's bounds
    uint64_t sinks = 0, frames = 0, bytes = 0, idrs = 0, keyframes_asked = 0, skipped = 0;
    uint64_t failed = 0;      // pictures that the encoder refused
    std::string fault{};      // why there is no encoder, while there is none though pictures come
    uint64_t encode_ns = 0;   // scaling to the class's size included
};

struct ViewStats {
    std::string name;
    int width = 0, height = 0, fps = 0;
    uint64_t frames = 0, ticks_missed = 0, compose_ns = 0;
    uint64_t pictures_shown = 0, pictures_repeated = 0;   // over all panes: new ones and repeated ones
    double wait_ms = 0;       // from push() of a picture to the canvas that shows it, median since the view began
    std::vector<ClassStats> classes;
};

struct Stats {
    std::vector<SourceStats> sources;
    std::vector<ViewStats> views;
    uint64_t faults = 0;   // of the engine's tasks, ended by an exception (memory)
};

// A picture to look at. jpeg is empty if the view doesn't exist.
struct Still {
    int width = 0, height = 0;
    std::vector<uint8_t> jpeg;
};

}  // namespace mcu
