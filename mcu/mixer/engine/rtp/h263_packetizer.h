// SPDX-License-Identifier: GPL-2.0-or-later
// H.263 pictures to payloads. Start codes have to stand at octets, as the engine's encoder sets them.
#pragma once

#include "payload.h"

namespace mcu::rtp {

// RFC 2190: mode A from GOB to GOB, as many as fit; mode B from one of the unit's cuts on where a GOB is too long. What is longer than
// max_payload though there is no cut in it is sent whole (the IP layer fragments it).
class H263Rfc2190Packetizer final : public Packetizer {
public:
    explicit H263Rfc2190Packetizer(size_t max_payload = kMaxPayload);
    std::vector<Payload> packetize(const AccessUnit &unit) const override;

private:
    size_t max_payload_;
};

// RFC 4629: cut in front of GOBs where one begins, and anywhere else where none does.
class H263Rfc4629Packetizer final : public Packetizer {
public:
    explicit H263Rfc4629Packetizer(size_t max_payload = kMaxPayload);
    std::vector<Payload> packetize(const AccessUnit &unit) const override;

private:
    size_t max_payload_;
};

}  // namespace mcu::rtp
