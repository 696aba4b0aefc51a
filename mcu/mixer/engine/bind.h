// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nanobind/nanobind.h>

namespace mcu {

void bind_engine(nanobind::module_ &m);
void bind_rtp(nanobind::module_ &m);

}  // namespace mcu
