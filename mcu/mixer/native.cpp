// SPDX-License-Identifier: GPL-2.0-or-later
// mcu.mixer._native: everything native in one shared object. Two objects with types of the same name would mix them up.
#include <nanobind/nanobind.h>

#include "engine/bind.h"
#ifdef MCU_WITH_PJSIP
#include "pj/bind.h"
#endif

NB_MODULE(_native, m) {
    // At its end the interpreter lets go of modules in any order and names what others still hold. Engine::stop() is tested
    // to let go of everything; for users these lines would only be noise on stderr.
    nanobind::set_leak_warnings(false);
    mcu::bind_engine(m);
    mcu::bind_rtp(m);
#ifdef MCU_WITH_PJSIP
    mcu::bind_streams(m);
#endif
    m.attr("with_pjsip") =
#ifdef MCU_WITH_PJSIP
        true;
#else
        false;
#endif
}
