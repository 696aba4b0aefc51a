// SPDX-License-Identifier: GPL-2.0-or-later
// The video codecs as SDP has them, for pjmedia's negotiation. Coding is the engine's: the factory makes no codec.
#pragma once

#include "../engine/rtp/payload.h"
#include "pjsip.h"

namespace mcu::pj {

// Registers with pjmedia's codec manager, which pjsua_init() makes. std::runtime_error if pjmedia refuses.
void register_codecs();
void unregister_codecs();

// By the name in rtpmap, or that of the static payload type. std::invalid_argument for one that isn't ours.
rtp::PayloadFormat format_in_sdp(const pj_str_t &encoding_name);

}  // namespace mcu::pj
