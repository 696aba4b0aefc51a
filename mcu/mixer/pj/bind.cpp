// SPDX-License-Identifier: GPL-2.0-or-later
#include "bind.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "legs.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace mcu {
namespace {

nb::dict as_dict(const pj::LegStatus &leg) {
    nb::dict out;
    out["call_id"] = leg.call_id;
    out["kind"] = leg.is_view ? "view" : "leg";
    if (leg.is_view) {
        out["view"] = leg.view;
        out["cls"] = leg.rate_class;
        out["attached"] = leg.attached;
    } else {
        out["participant"] = leg.participant;
    }
    out["started"] = leg.started;
    out["codec"] = leg.codec;
    const pj::StreamStats &stats = leg.stats;
    out["packets_in"] = stats.packets_in;
    out["bytes_in"] = stats.bytes_in;
    out["units_in"] = stats.units_in;
    out["lost"] = stats.lost;
    out["late"] = stats.late;
    out["refused"] = stats.refused;
    out["packets_out"] = stats.packets_out;
    out["bytes_out"] = stats.bytes_out;
    out["units_out"] = stats.units_out;
    out["unsent"] = stats.unsent;
    out["keyframes_wanted"] = stats.keyframes_wanted;
    out["keyframes_asked"] = stats.keyframes_asked;
    out["jitter_ms"] = stats.jitter_ms;
    out["round_trip_ms"] = stats.round_trip_ms;
    out["remote_fraction_lost"] = stats.remote_fraction_lost;
    return out;
}

void bind_reports(nb::module_ &module) {
    using pj::RtcpReports;
    nb::class_<RtcpReports>(module, "RtcpReports", "Sender and receiver reports of one RTP stream (RFC 3550, 6.4).")
        .def(nb::init<uint32_t, std::string>(), "ssrc"_a, "cname"_a)
        .def("received", &RtcpReports::received, "ssrc"_a, "seq"_a, "ts"_a, "now_us"_a)
        .def("sent", &RtcpReports::sent, "ts"_a, "packets"_a, "octets"_a, "now_us"_a)
        .def("take", [](RtcpReports &reports, nb::bytes data, int64_t now_us) {
                 return reports.take(static_cast<const uint8_t *>(data.data()), data.size(), now_us);
             }, "data"_a, "now_us"_a, "False if it is no well formed compound packet.")
        .def("report", [](RtcpReports &reports, int64_t now_us, uint64_t now_ntp) {
                 const auto packet = reports.report(now_us, now_ntp);
                 return nb::bytes(packet.data(), packet.size());
             }, "now_us"_a, "now_ntp"_a)
        .def_prop_ro("remote_ssrc", &RtcpReports::remote_ssrc)
        .def_prop_ro("packets_lost", &RtcpReports::packets_lost)
        .def_prop_ro("jitter_ms", &RtcpReports::jitter_ms)
        .def_prop_ro("remote_fraction_lost", &RtcpReports::remote_fraction_lost)
        .def_prop_ro("round_trip_ms", &RtcpReports::round_trip_ms);
}

}  // namespace

void bind_streams(nb::module_ &module) {
    using pj::Legs;
    bind_reports(module);
    module.def("set_pjlib_log_level", &pj_log_set_level, "level"_a,
               "pjlib's own, 0 to 6, for what it says before pjsua2 has its configuration.");
    // The lock of Legs is taken by pjsua's callbacks, which may wait for Python's: never hold both the other way round.
    const nb::call_guard<nb::gil_scoped_release> unlocked;
    nb::class_<Legs>(module, "Legs", "The mixer's calls: what each is for, and what its RTP does.")
        .def(nb::init<Engine &>(), "engine"_a, nb::keep_alive<1, 2>(),
             "To be made after pjsua2's Endpoint.libInit(). RuntimeError if there is one already.")
        .def("expect_leg", &Legs::expect_leg, "call_id"_a, "participant"_a, unlocked,
             "The call brings this participant's picture; to be said before it is answered.")
        .def("expect_view", &Legs::expect_view, "call_id"_a, "view"_a, "cls"_a, unlocked,
             "The call takes this class of the view; to be said before it is answered.")
        .def("end", &Legs::end, "call_id"_a, unlocked, "The call has ended; unknown ones are no error.")
        .def("view_changed", &Legs::view_changed, "view"_a, "classes"_a, unlocked,
             "The engine's view has these classes from now on; none if it was dropped.")
        .def("has_video", &Legs::has_video, "call_id"_a, unlocked, "Whether the call's video stream runs.")
        .def("take_failures", [](Legs &legs) {
                 std::vector<pj::LegFailure> failures;
                 {
                     nb::gil_scoped_release release;
                     failures = legs.take_failures();
                 }
                 nb::list out;
                 for (const auto &failure : failures) out.append(nb::make_tuple(failure.call_id, failure.reason));
                 return out;
             }, "(call_id, reason) of calls whose video could not be started, since the last call.")
        .def("status", [](Legs &legs) {
                 std::vector<pj::LegStatus> all;
                 {
                     nb::gil_scoped_release release;
                     all = legs.status();
                 }
                 nb::list out;
                 for (const auto &leg : all) out.append(as_dict(leg));
                 return out;
             }, "A dict a call: kind, its names, started, packets and octets each way, losses, keyframe requests.")
        .def("picture_changes", [](Legs &legs) {
                 std::vector<pj::PictureChange> changes;
                 {
                     nb::gil_scoped_release release;
                     changes = legs.picture_changes();
                 }
                 nb::list out;
                 for (const auto &change : changes)
                     out.append(nb::make_tuple(change.participant, change.state, change.width, change.height));
                 return out;
             }, "(participant, state, width, height) of those that changed since the last call.")
        .def("close", &Legs::close, unlocked, "End all; to be called before pjsua2's Endpoint.libDestroy().");
}

}  // namespace mcu
