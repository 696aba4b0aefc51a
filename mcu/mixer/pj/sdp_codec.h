// SPDX-License-Identifier: GPL-2.0-or-later
// The video codecs as SDP has them, for pjmedia's negotiation. Coding is the engine's: the factory makes no codec.
#pragma once

namespace mcu::pj {

// Registers with pjmedia's codec manager, which pjsua_init() makes. std::runtime_error if pjmedia refuses.
void register_codecs();
void unregister_codecs();

}  // namespace mcu::pj
