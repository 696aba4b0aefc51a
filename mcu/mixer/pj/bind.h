// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nanobind/nanobind.h>

namespace mcu {

// Adds class Legs to the module; class Engine must be bound already.
void bind_streams(nanobind::module_ &module);

}  // namespace mcu
