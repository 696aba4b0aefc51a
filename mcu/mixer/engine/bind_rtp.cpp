// SPDX-License-Identifier: GPL-2.0-or-later
// The RTP classes for Python: for tests, and for tools that read captures.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "bind.h"
#include "rtp/h264_depacketizer.h"
#include "rtp/payload.h"
#include "rtp/reorder.h"
#include "rtp/rtcp_feedback.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace mcu {
namespace {

nb::bytes to_bytes(const std::vector<uint8_t> &v) { return nb::bytes(v.data(), v.size()); }
const uint8_t *octets(const nb::bytes &b) { return static_cast<const uint8_t *>(b.data()); }

}  // namespace

void bind_rtp(nb::module_ &m) {
    using namespace rtp;
    nb::class_<ReorderBuffer>(m, "ReorderBuffer")
        .def(nb::init<int, int64_t>(), "max_wait_packets"_a = 32, "max_wait_ms"_a = 40)
        .def("push", [](ReorderBuffer &b, uint16_t seq, uint32_t ts, bool marker, nb::bytes payload, int64_t now_ms) {
            return b.push({seq, ts, marker, {octets(payload), octets(payload) + payload.size()}}, now_ms);
        }, "seq"_a, "ts"_a, "marker"_a, "payload"_a, "now_ms"_a)
        .def("pop", [](ReorderBuffer &b, int64_t now_ms) -> nb::object {
            const auto out = b.pop(now_ms);
            if (!out) return nb::none();
            const Packet &p = out->packet;
            return nb::make_tuple(p.seq, p.ts, p.marker, to_bytes(p.payload), out->loss_before);
        }, "now_ms"_a)
        .def("deadline_ms", &ReorderBuffer::deadline_ms)
        .def("reset", &ReorderBuffer::reset)
        .def_prop_ro("lost", &ReorderBuffer::lost)
        .def_prop_ro("late", &ReorderBuffer::late)
        .def_prop_ro("reordered", &ReorderBuffer::reordered);

    nb::class_<Depacketizer>(m, "Depacketizer")
        .def("push", [](Depacketizer &d, nb::bytes payload, uint32_t ts, bool marker, bool loss_before) {
            nb::list out;
            d.push(octets(payload), payload.size(), ts, marker, loss_before, [&](Unit &&u) {
                out.append(nb::make_tuple(to_bytes(u.data), u.ts, u.loss_before));
            });
            return out;
        }, "payload"_a, "ts"_a, "marker"_a, "loss_before"_a = false)
        .def("reset", &Depacketizer::reset);
    nb::class_<H264Depacketizer, Depacketizer>(m, "H264Depacketizer")
        .def(nb::init<size_t>(), "max_unit"_a = kMaxUnit);
    m.def("make_depacketizer", [](const std::string &format, size_t max_unit) { return make_depacketizer(format_named(format), max_unit); },
          "format"_a, "max_unit"_a = kMaxUnit);

    m.def("packetize", [](const AccessUnit &unit, const std::string &format, int mode, size_t max_payload) {
        nb::list out;
        for (const Payload &p : make_packetizer(format_named(format), mode, max_payload)->packetize(unit)) {
            std::vector<uint8_t> whole(p.head.begin(), p.head.begin() + static_cast<ptrdiff_t>(p.head_size));
            whole.insert(whole.end(), p.body, p.body + p.body_size);
            out.append(nb::make_tuple(to_bytes(whole), p.marker));
        }
        return out;
    }, "unit"_a, "format"_a = "h264", "packetization_mode"_a = 0, "max_payload"_a = kMaxPayload);

    m.def("parse_keyframe_requests", [](nb::bytes packet) {
        nb::list out;
        for (const KeyframeRequest &r : parse_keyframe_requests(octets(packet), packet.size()))
            out.append(nb::make_tuple(r.kind == KeyframeRequest::Kind::pli ? "pli" : "fir", r.sender_ssrc, r.media_ssrc, r.fir_seq));
        return out;
    }, "packet"_a);
    m.def("build_pli", [](uint32_t sender, uint32_t media) { return to_bytes(build_pli(sender, media)); }, "sender_ssrc"_a, "media_ssrc"_a);
    m.def("build_fir", [](uint32_t sender, uint32_t media, uint8_t seq) { return to_bytes(build_fir(sender, media, seq)); },
          "sender_ssrc"_a, "media_ssrc"_a, "seq"_a);
}

}  // namespace mcu
